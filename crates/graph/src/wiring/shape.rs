//! What a node looks like: its type, and the sockets that it has with its properties as they are set.

use std::ops::Deref;

use crate::catalogue::{
    Catalogue, Input, MadeOn, NodeType, Output, Property, PropertyKind, Variants,
};
use crate::model::{Node, Setting, Value};

/// A socket: the catalogue's, or one that an item, the group's interface or a reroute makes.
#[derive(Debug)]
pub enum Slot<'c, T> {
    /// The catalogue's.
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

/// What a node looks like.
#[derive(Debug, Default)]
pub struct Shape<'c> {
    /// Its type; none where the catalogue has none.
    pub kind: Option<&'c NodeType>,
    /// The inputs that it has.
    pub inputs: Vec<Slot<'c, Input>>,
    /// The outputs that it has.
    pub outputs: Vec<Slot<'c, Output>>,
    /// What is set on it.
    pub settings: &'c [Setting],
    /// The values of deciding properties that Blender refuses together.
    pub refused: Option<Vec<String>>,
}

impl<'c> Shape<'c> {
    pub(super) fn of(node: &Node, settings: &'c [Setting], catalogue: &'c Catalogue) -> Self {
        let Some(kind) = catalogue.get(&node.idname) else {
            return Self {
                settings,
                ..Self::default()
            };
        };
        let mut shape = Self {
            kind: Some(kind),
            settings,
            ..Self::default()
        };
        let own = kind.variants.as_ref().filter(|it| it.of == MadeOn::Own);
        let values = own.map(|variants| deciding(kind, variants, settings));
        shape.choose(values);
        shape
    }

    /// Takes the sockets that there are with these values of the deciding properties; all, where nothing decides.
    pub(super) fn choose(&mut self, values: Option<Vec<String>>) {
        let Some(kind) = self.kind else {
            return;
        };
        let variants = kind.variants.as_ref().zip(values.as_deref());
        let set = variants.map(|(variants, values)| variants.set(values));
        (self.inputs, self.outputs) = match set.flatten() {
            Some(set) => (
                chosen(&kind.inputs, &set.inputs),
                chosen(&kind.outputs, &set.outputs),
            ),
            // Of a combination that Blender refuses nobody knows the sockets: with all of them one mistake is told once.
            None => (all(&kind.inputs), all(&kind.outputs)),
        };
        self.refused = values.filter(|_| set == Some(None));
    }

    /// The values by which the other half of a zone decides about its sockets, where it does.
    pub(super) fn decided_by(&self, partner: &Shape) -> Option<Vec<String>> {
        let variants = self.kind?.variants.as_ref();
        let variants = variants.filter(|it| it.of == MadeOn::Partner)?;
        Some(deciding(partner.kind?, variants, partner.settings))
    }

    /// Whether it is of a type.
    pub fn is(&self, identifier: &str) -> bool {
        self.kind.is_some_and(|kind| kind.identifier == identifier)
    }

    /// The value that a property has: what it is set to, if it can be, else what it is on a new node.
    pub fn property(&self, identifier: &str) -> Option<&'c Value> {
        value(self.kind?, identifier, self.settings)
    }
}

fn all<T>(sockets: &[T]) -> Vec<Slot<'_, T>> {
    sockets.iter().map(Slot::Fixed).collect()
}

fn chosen<'c, T>(sockets: &'c [T], places: &[usize]) -> Vec<Slot<'c, T>> {
    let sockets = places.iter().filter_map(|place| sockets.get(*place));
    sockets.map(Slot::Fixed).collect()
}

/// The values of the properties that decide about sockets.
fn deciding(kind: &NodeType, variants: &Variants, settings: &[Setting]) -> Vec<String> {
    let word = |name: &String| value(kind, name, settings).map(Value::word);
    variants
        .by
        .iter()
        .map(|name| word(name).unwrap_or_default())
        .collect()
}

fn value<'c>(kind: &'c NodeType, name: &str, settings: &'c [Setting]) -> Option<&'c Value> {
    let property = kind.properties.iter().find(|it| it.identifier == name)?;
    let set = settings
        .iter()
        .find(|it| it.key == name)
        .map(|it| &it.value);
    set.filter(|value| takes(property, value))
        .or(property.default.as_ref())
}

/// Whether a deciding property can have a value: one that it cannot is told by the rule of settings, and counts as not set.
fn takes(property: &Property, value: &Value) -> bool {
    match (property.kind, value) {
        (PropertyKind::Enum, Value::Text(item)) => property.items.contains(item),
        (PropertyKind::Boolean, Value::Bool(_)) | (PropertyKind::Int, Value::Int(_)) => true,
        _ => false,
    }
}
