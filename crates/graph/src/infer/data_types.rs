//! Infers the type of values that a node works on (Mix, Switch, Compare, ...) from the values that are linked to it.

use super::plan::{Change, Plan};
use crate::catalogue::{NodeType, VariantSet, Variants, ZoneHalf};
use crate::draft::Draft;
use crate::model::{Setting, Value};
use crate::value_type::ValueType;
use crate::wiring::{Port, ResolvedNode, Wiring};

/// The properties that hold such a type.
const PROPERTIES: &[&str] = &["data_type", "input_type"];

/// Types of numbers, each with all that the ones before it can express.
const WIDENING: &[&str] = &[
    "NodeSocketBool",
    "NodeSocketInt",
    "NodeSocketFloat",
    "NodeSocketVector",
];

pub(super) fn infer(_: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    for (index, (node, resolved)) in wiring.nodes().enumerate() {
        let Some((property, item, idname)) = wanted_type(index, resolved, wiring) else {
            continue;
        };
        let done = format!("{property} is {item}: a {idname} is linked");
        let change = Change::Setting(index, property, Value::Text(item));
        plan.step(node.location(), done, change);
    }
    plan
}

/// Returns the property, the item that the links need, and the type of the linked values; `None` if the node has the
/// type already, or if the property is set.
fn wanted_type(
    node: usize,
    resolved: &ResolvedNode,
    wiring: &Wiring,
) -> Option<(String, String, String)> {
    let node_type = resolved.node_type?;
    let variants = node_type
        .variants
        .as_ref()
        .filter(|it| it.of == ZoneHalf::Own)?;
    let property = variants
        .by
        .iter()
        .find(|it| PROPERTIES.contains(&it.as_str()))?;
    if resolved.settings.iter().any(|it| it.key == *property) {
        return None;
    }
    let shared = |input: usize| variants.sets.iter().all(|set| set.inputs.contains(&input));
    let fixed = |identifier: &str| {
        let index = node_type
            .inputs
            .iter()
            .position(|it| it.identifier == identifier);
        index.is_some_and(shared)
    };
    let incoming = wiring.wires.iter().filter_map(|wire| {
        let (from, to) = wire.ends().filter(|(_, to)| to.node == node)?;
        let input = wiring.input(to).filter(|it| !fixed(&it.identifier))?;
        Some((&*input.name, &*wiring.output(from)?.idname, &*input.idname))
    });
    let incoming: Vec<(&str, &str, &str)> = incoming.collect();
    let (side, name, idname, present) = match widest(&incoming) {
        Some((name, idname, present)) => (Side::Input, name, idname, present),
        None if incoming.is_empty() => from_output(node, wiring)?,
        None => return None,
    };
    if idname == present {
        return None;
    }
    let item = item_for(
        node_type,
        variants,
        property,
        resolved,
        (side, name, idname),
    )?;
    let setting = Setting {
        key: property.clone(),
        value: Value::Text(item.clone()),
        at: None,
    };
    keeps_settings(node_type, resolved, setting)
        .then(|| (property.clone(), item, idname.to_owned()))
}

/// The side of a socket; that of the catalogue is for zones too.
#[derive(Clone, Copy)]
enum Side {
    Input,
    Output,
}

/// Returns the incoming value whose type can express all others.
fn widest<'a>(incoming: &[(&'a str, &'a str, &'a str)]) -> Option<(&'a str, &'a str, &'a str)> {
    let first = *incoming.first()?;
    if incoming.iter().all(|(_, idname, _)| *idname == first.1) {
        return Some(first);
    }
    let rank = |idname: &str| WIDENING.iter().position(|it| *it == idname);
    let ranked: Option<Vec<_>> = incoming.iter().map(|it| Some((rank(it.1)?, *it))).collect();
    ranked?
        .into_iter()
        .max_by_key(|(rank, _)| *rank)
        .map(|(_, it)| it)
}

/// Returns the type that the first output is linked to, if the present type cannot be linked there.
fn from_output<'a>(node: usize, wiring: &'a Wiring) -> Option<(Side, &'a str, &'a str, &'a str)> {
    let mut ends = wiring.wires.iter().filter_map(|wire| wire.ends());
    let (from, to) = ends.find(|(from, _)| *from == Port { node, socket: 0 })?;
    let (output, input) = (wiring.output(from)?, wiring.input(to)?);
    let fits = wiring
        .catalogue
        .compat
        .allows(&output.idname, &input.idname);
    (!fits).then_some((Side::Output, &*output.name, &*input.idname, &*output.idname))
}

/// Returns the only item of a property with which the socket of that name has the wanted type.
fn item_for(
    node_type: &NodeType,
    variants: &Variants,
    property: &str,
    resolved: &ResolvedNode,
    (side, name, idname): (Side, &str, &str),
) -> Option<String> {
    let place = variants.by.iter().position(|it| it == property)?;
    let present = |by: &String| resolved.property(by).map(Value::token).unwrap_or_default();
    let mut values: Vec<String> = variants.by.iter().map(present).collect();
    let has_socket = |set: &VariantSet| match side {
        Side::Input => set
            .inputs
            .iter()
            .filter_map(|it| node_type.inputs.get(*it))
            .any(|it| it.name == name && it.idname == idname),
        Side::Output => set
            .outputs
            .iter()
            .filter_map(|it| node_type.outputs.get(*it))
            .any(|it| it.name == name && it.idname == idname),
    };
    let items = &node_type
        .properties
        .iter()
        .find(|it| it.identifier == property)?
        .items;
    let mut found = items.iter().filter(|item| {
        if let Some(value) = values.get_mut(place) {
            value.clone_from(item);
        }
        variants.set(&values).is_some_and(has_socket)
    });
    match (found.next(), found.next()) {
        (Some(only), None) => Some(only.clone()),
        _ => None,
    }
}

/// Returns whether the other settings of a node are valid with a new one.
fn keeps_settings(node_type: &NodeType, resolved: &ResolvedNode, setting: Setting) -> bool {
    let mut settings = resolved.settings.to_vec();
    settings.push(setting);
    let changed = ResolvedNode::with_settings(node_type, &settings);
    resolved.settings.iter().all(|setting| {
        let value_type = |node: &ResolvedNode| -> Option<bool> {
            let target = node.setting_target(&setting.key)?;
            let value_type: ValueType = node.value_type(target)?;
            Some(value_type.check(&setting.value).is_ok())
        };
        value_type(resolved) != Some(true) || value_type(&changed) == Some(true)
    })
}
