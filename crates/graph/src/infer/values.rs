//! Infers the inputs that values in titles and loosely written settings mean: `size 2`, `Value: 3`, `Multiply (0.5)`.

use super::convert_value::{Converted, convert};
use super::operands::operand_for_value;
use super::plan::{Change, Plan};
use super::socket_names::sockets_named;
use super::value_targets::targets_of;
use crate::draft::{Draft, DrawnValue};
use crate::model::{Node, Value};
use crate::wiring::{Port, ResolvedNode, Wiring, socket_reference};

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    for (index, ((node, resolved), title)) in wiring.nodes().zip(&draft.titles).enumerate() {
        if resolved.node_type.is_none() {
            continue;
        }
        // One value of a node at a time: assigning it moves the others.
        let mut values = title.values.iter().enumerate();
        let found = values.find_map(|(number, value)| {
            let key = key_for(value, index, node, resolved, wiring, &mut plan)?;
            Some((number, converted(value, key, node, resolved, &mut plan)?))
        });
        if let Some((number, (key, value, done))) = found {
            plan.step(
                node.location(),
                done,
                Change::Assign(index, number, key, value),
            );
        }
    }
    plan
}

/// Returns the key that a value is for; asks if it can be for several.
fn key_for(
    value: &DrawnValue,
    index: usize,
    node: &Node,
    resolved: &ResolvedNode,
    wiring: &Wiring,
    plan: &mut Plan,
) -> Option<String> {
    let reference = |input: usize| socket_reference(&resolved.inputs, input).map(str::to_owned);
    let keys: Vec<String> = match &value.key {
        Some(key) => match sockets_named(&resolved.inputs, key) {
            inputs if inputs.is_empty() => {
                let outputs = sockets_named(&resolved.outputs, key).into_iter();
                let held = outputs
                    .filter_map(|it| resolved.outputs.get(it))
                    .filter(|it| it.default.is_some());
                held.map(|it| it.name.clone()).collect()
            }
            inputs => {
                let operand = operand_for_value(index, wiring);
                let operand = operand.filter(|it| inputs.len() > 1 && inputs.contains(it));
                let inputs = operand.map_or(inputs, |operand| vec![operand]);
                inputs.into_iter().filter_map(reference).collect()
            }
        },
        None => match operand_for_value(index, wiring).filter(|_| value.value.number().is_some()) {
            Some(operand) => reference(operand).into_iter().collect(),
            None => {
                let is_linked = |socket: usize| {
                    let port = Port {
                        node: index,
                        socket,
                    };
                    wiring.wires.iter().any(|wire| wire.to == Some(port))
                };
                targets_of(&value.value, resolved, is_linked)
            }
        },
    };
    match keys.as_slice() {
        [only] => Some(only.clone()),
        [] => None,
        _ => {
            let message = format!("{} can be for several inputs", value.value.token());
            plan.ask(node.location(), message, keys);
            None
        }
    }
}

/// Converts a value for a key; asks if it can mean several values.
fn converted(
    value: &DrawnValue,
    key: String,
    node: &Node,
    resolved: &ResolvedNode,
    plan: &mut Plan,
) -> Option<(String, Value, String)> {
    let value_type = resolved.value_type(resolved.setting_target(&key)?)?;
    match convert(&value.value, &value_type, &key) {
        Converted::Value(found) => {
            let name = value
                .key
                .as_deref()
                .map(|key| format!("{key} "))
                .unwrap_or_default();
            let done = format!("{name}{} is {key} {}", value.value.token(), found.token());
            Some((key, found, done))
        }
        Converted::Choices(choices) => {
            let message = format!("{} can mean several values", value.value.token());
            let choices = choices.iter().map(Value::token).collect();
            plan.ask(node.location().with_key(key), message, choices);
            None
        }
        Converted::None => None,
    }
}
