//! A resolved node: its type, and the sockets that it has with its properties as they are set.

use std::ops::Deref;

use crate::catalogue::{
    Catalogue, Input, NodeType, Output, Property, PropertyKind, Variants, ZoneHalf,
};
use crate::model::{Node, Setting, Value};

/// A socket: from the catalogue, or made for this graph by an item, the group's interface or a reroute.
#[derive(Debug)]
pub enum Slot<'c, T> {
    /// From the catalogue.
    Fixed(&'c T),
    /// Made for this graph.
    Made(Box<T>),
}

impl<T> Deref for Slot<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Slot::Fixed(socket) => socket,
            Slot::Made(socket) => socket,
        }
    }
}

/// Type and sockets of a node.
#[derive(Debug, Default)]
pub struct ResolvedNode<'c> {
    /// The type; `None` if the catalogue does not have it.
    pub node_type: Option<&'c NodeType>,
    /// The inputs that the node has.
    pub inputs: Vec<Slot<'c, Input>>,
    /// The outputs that the node has.
    pub outputs: Vec<Slot<'c, Output>>,
    /// The settings of the node.
    pub settings: &'c [Setting],
    /// The values of the deciding properties, if Blender refuses this combination.
    pub refused: Option<Vec<String>>,
}

impl<'c> ResolvedNode<'c> {
    pub(super) fn new(node: &Node, settings: &'c [Setting], catalogue: &'c Catalogue) -> Self {
        let Some(node_type) = catalogue.get(&node.idname) else {
            return Self {
                settings,
                ..Self::default()
            };
        };
        Self::with_settings(node_type, settings)
    }

    /// Returns a node of this type with these settings.
    pub(crate) fn with_settings(node_type: &'c NodeType, settings: &'c [Setting]) -> Self {
        let mut resolved = Self {
            node_type: Some(node_type),
            settings,
            ..Self::default()
        };
        let own = node_type
            .variants
            .as_ref()
            .filter(|it| it.of == ZoneHalf::Own);
        let values = own.map(|variants| deciding_values(node_type, variants, settings));
        resolved.select_sockets(values);
        resolved
    }

    /// Takes the sockets for these values of the deciding properties; all sockets if no property decides.
    pub(super) fn select_sockets(&mut self, values: Option<Vec<String>>) {
        let Some(node_type) = self.node_type else {
            return;
        };
        let variants = node_type.variants.as_ref().zip(values.as_deref());
        let set = variants.map(|(variants, values)| variants.set(values));
        (self.inputs, self.outputs) = match set.flatten() {
            Some(set) => (
                fixed_at(&node_type.inputs, &set.inputs),
                fixed_at(&node_type.outputs, &set.outputs),
            ),
            // The sockets of a refused combination are unknown. With all sockets the mistake is reported only once.
            None => (fixed(&node_type.inputs), fixed(&node_type.outputs)),
        };
        self.refused = values.filter(|_| set == Some(None));
    }

    /// Returns the values by which the other half of a zone decides about the sockets of this one, if it does.
    pub(super) fn values_from_partner(&self, partner: &ResolvedNode) -> Option<Vec<String>> {
        let variants = self.node_type?.variants.as_ref();
        let variants = variants.filter(|it| it.of == ZoneHalf::Partner)?;
        Some(deciding_values(
            partner.node_type?,
            variants,
            partner.settings,
        ))
    }

    /// Returns whether the node has this type.
    pub fn has_type(&self, identifier: &str) -> bool {
        self.node_type.is_some_and(|it| it.identifier == identifier)
    }

    /// Returns the value of a property: the one that is set, if it is valid, else the default.
    pub fn property(&self, identifier: &str) -> Option<&'c Value> {
        property_value(self.node_type?, identifier, self.settings)
    }
}

fn fixed<T>(sockets: &[T]) -> Vec<Slot<'_, T>> {
    sockets.iter().map(Slot::Fixed).collect()
}

fn fixed_at<'c, T>(sockets: &'c [T], indices: &[usize]) -> Vec<Slot<'c, T>> {
    let sockets = indices.iter().filter_map(|index| sockets.get(*index));
    sockets.map(Slot::Fixed).collect()
}

/// Returns the values of the properties that decide about sockets.
fn deciding_values(node_type: &NodeType, variants: &Variants, settings: &[Setting]) -> Vec<String> {
    let token = |name: &String| property_value(node_type, name, settings).map(Value::token);
    variants
        .by
        .iter()
        .map(|name| token(name).unwrap_or_default())
        .collect()
}

fn property_value<'c>(
    node_type: &'c NodeType,
    name: &str,
    settings: &'c [Setting],
) -> Option<&'c Value> {
    let property = node_type
        .properties
        .iter()
        .find(|it| it.identifier == name)?;
    let setting = settings.iter().find(|it| it.key == name);
    let value = setting.map(|it| &it.value);
    value
        .filter(|value| can_decide(property, value))
        .or(property.default.as_ref())
}

/// Returns whether a deciding property can have a value. The rule `settings` reports the others, which count as not
/// set.
fn can_decide(property: &Property, value: &Value) -> bool {
    match (property.kind, value) {
        (PropertyKind::Enum, Value::Text(item)) => property.items.contains(item),
        (PropertyKind::Boolean, Value::Bool(_)) | (PropertyKind::Int, Value::Int(_)) => true,
        _ => false,
    }
}
