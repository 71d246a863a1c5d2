//! Infers the properties that values in titles and loosely written settings mean: `domain: faces`, `Poisson`.

use super::convert_value::{Converted, convert};
use super::plan::{Change, Plan};
use super::value_targets::{properties_with_item, property_named};
use crate::catalogue::{Catalogue, NodeType};
use crate::draft::{Draft, DrawnValue};
use crate::model::{Node, Settings, Value};
use crate::value_type::ValueType;
use crate::wiring::{ResolvedNode, Wiring};

/// Takes the settings that the catalogue does not have, or not with this value, to the values that are still to be
/// assigned.
pub(super) fn loosen_settings(draft: &mut Draft, catalogue: &Catalogue) {
    let wiring = Wiring::new(&draft.graph, catalogue);
    let is_valid = |resolved: &ResolvedNode, key: &str, value: &Value| {
        let target = resolved.setting_target(key);
        let value_type = target.and_then(|target| resolved.value_type(target));
        value_type.is_some_and(|it| it.check(value).is_ok())
    };
    let mut moved = Vec::new();
    let mut kept: Vec<Settings> = Vec::with_capacity(draft.graph.settings.len());
    for settings in &draft.graph.settings {
        let mut settings = settings.clone();
        let node = wiring.node_index(&settings.node);
        if let Some((node, resolved)) =
            node.and_then(|node| Some((node, wiring.resolved.get(node)?)))
        {
            let (valid, open) = settings
                .values
                .into_iter()
                .partition(|it| is_valid(resolved, &it.key, &it.value));
            settings.values = valid;
            moved.push((node, open));
        }
        kept.push(settings);
    }
    draft.graph.settings = kept;
    for (node, open) in moved {
        if let Some(title) = draft.titles.get_mut(node) {
            let values = open.into_iter();
            title.values.extend(values.map(|it| DrawnValue {
                key: Some(it.key),
                value: it.value,
            }));
        }
    }
}

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    for (index, ((node, resolved), title)) in wiring.nodes().zip(&draft.titles).enumerate() {
        let Some(node_type) = resolved.node_type else {
            continue;
        };
        // One value of a node at a time: assigning it moves the others.
        let mut values = title.values.iter().enumerate();
        let found = values.find_map(|(number, value)| {
            let step = step_for(value, node_type, node, &mut plan)?;
            Some((number, step))
        });
        match found {
            Some((number, Found::Item(key, value, done))) => {
                plan.step(
                    node.location(),
                    done,
                    Change::Assign(index, number, key, value),
                );
            }
            Some((number, Found::Description(done))) => {
                plan.step(node.location(), done, Change::Describe(index, number));
            }
            None => {}
        }
    }
    plan
}

enum Found {
    /// A property, its value, and the correction in words.
    Item(String, Value, String),
    /// The value is prose.
    Description(String),
}

fn step_for(
    value: &DrawnValue,
    node_type: &NodeType,
    node: &Node,
    plan: &mut Plan,
) -> Option<Found> {
    let word = match (&value.key, &value.value) {
        (Some(key), found) => return with_key(key, found, node_type, node, plan),
        (None, Value::Text(word)) => word,
        (None, _) => return None,
    };
    let items = properties_with_item(node_type, word);
    match items.as_slice() {
        [(property, item)] => {
            let done = format!("{word:?} is {} {item}", property.identifier);
            Some(Found::Item(
                property.identifier.clone(),
                Value::Text((*item).clone()),
                done,
            ))
        }
        [] => split_key(word)
            .into_iter()
            .find_map(|(key, rest)| {
                property_named(node_type, key)?;
                with_key(key, &Value::Text(rest.to_owned()), node_type, node, plan)
            })
            .or_else(|| {
                Some(Found::Description(format!(
                    "{word:?} is kept as the label of the node"
                )))
            }),
        several => {
            let choices = several
                .iter()
                .map(|(it, item)| format!("{}: {item}", it.identifier));
            let message = format!("{word:?} is an item of several properties");
            plan.ask(node.location(), message, choices.collect());
            None
        }
    }
}

/// Splits `domain faces` and `face domain` into the name of a property and a word.
fn split_key(text: &str) -> Vec<(&str, &str)> {
    let first = text.split_once(' ');
    let last = text.rsplit_once(' ').map(|(rest, key)| (key, rest));
    first.into_iter().chain(last).collect()
}

fn with_key(
    key: &str,
    found: &Value,
    node_type: &NodeType,
    node: &Node,
    plan: &mut Plan,
) -> Option<Found> {
    let property = property_named(node_type, key)?;
    match convert(found, &ValueType::of_property(property), key) {
        Converted::Value(value) => {
            let done = format!(
                "{key} {} is {} {}",
                found.token(),
                property.identifier,
                value.token()
            );
            Some(Found::Item(property.identifier.clone(), value, done))
        }
        Converted::Choices(choices) => {
            let choices = choices.iter().map(Value::token).collect();
            let location = node.location().with_key(property.identifier.clone());
            plan.ask(
                location,
                format!("{} can mean several values", found.token()),
                choices,
            );
            None
        }
        Converted::None => None,
    }
}
