//! Finds the properties and inputs that a value in a title can be for.

use super::convert_value::items_named;
use super::words::words;
use crate::catalogue::{NodeType, Property, PropertyKind};
use crate::draft::DrawnValue;
use crate::model::Value;
use crate::names::normalize;
use crate::value_type::ValueKind;
use crate::wiring::{ResolvedNode, SettingTarget, socket_reference};

/// Returns whether a type has a property or an input for each of these values.
pub(super) fn recognizes(node_type: &NodeType, values: &[DrawnValue]) -> bool {
    let is_known = |value: &DrawnValue| match (&value.key, &value.value) {
        (Some(key), _) => {
            property_named(node_type, key).is_some()
                || node_type
                    .inputs
                    .iter()
                    .any(|it| normalize(&it.name) == normalize(key))
        }
        (None, Value::Text(word)) => !properties_with_item(node_type, word).is_empty(),
        (None, _) => false,
    };
    !values.is_empty() && values.iter().all(is_known)
}

/// Finds a property by its name, else the only one whose last words are the name: `method` of `distribute_method`.
pub(super) fn property_named<'c>(node_type: &'c NodeType, name: &str) -> Option<&'c Property> {
    let key = normalize(name);
    let properties = &node_type.properties;
    let exact = properties
        .iter()
        .find(|it| normalize(&it.identifier) == key);
    let last = words(name);
    let mut ending = properties
        .iter()
        .filter(|it| !last.is_empty() && words(&it.identifier).ends_with(&last));
    exact.or_else(|| match (ending.next(), ending.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    })
}

/// Returns the properties with an item that a word means, and the item.
pub(super) fn properties_with_item<'c>(
    node_type: &'c NodeType,
    word: &str,
) -> Vec<(&'c Property, &'c String)> {
    let enums = node_type
        .properties
        .iter()
        .filter(|it| it.kind == PropertyKind::Enum);
    let found = enums.flat_map(|property| {
        let items = items_named(&property.items, word).into_iter();
        items.map(move |item| (property, item))
    });
    found.collect()
}

/// Returns the keys of the properties, inputs and outputs that a value without a name can be for: those that take such
/// a value, and are not linked.
pub(super) fn targets_of(
    value: &Value,
    resolved: &ResolvedNode,
    is_linked: impl Fn(usize) -> bool,
) -> Vec<String> {
    let fits = |target: SettingTarget| {
        let Some(value_type) = resolved.value_type(target) else {
            return false;
        };
        match (value, value_type.kind, value_type.count) {
            (Value::Int(_) | Value::Float(_), ValueKind::Int | ValueKind::Float, None)
            | (Value::Bool(_), ValueKind::Bool, None)
            | (Value::Text(_), ValueKind::Text, None) => true,
            (Value::List(parts), ValueKind::Float, Some(count)) => parts.len() == count,
            _ => false,
        }
    };
    let properties = resolved
        .node_type
        .map(|it| it.properties.as_slice())
        .unwrap_or_default();
    let properties = properties.iter().enumerate();
    let properties = properties.filter(|(index, _)| fits(SettingTarget::Property(*index)));
    let mut keys: Vec<String> = properties.map(|(_, it)| it.identifier.clone()).collect();
    let inputs =
        (0..resolved.inputs.len()).filter(|it| !is_linked(*it) && fits(SettingTarget::Input(*it)));
    keys.extend(
        inputs
            .filter_map(|it| socket_reference(&resolved.inputs, it))
            .map(str::to_owned),
    );
    let outputs = resolved
        .outputs
        .iter()
        .enumerate()
        .filter(|(_, it)| it.default.is_some());
    let outputs = outputs.filter(|(index, _)| fits(SettingTarget::Output(*index)));
    keys.extend(outputs.map(|(_, it)| it.name.clone()));
    keys
}
