//! Each setting is for a property or an input of its node, with a value that Blender stores unchanged.

use std::collections::HashSet;

use super::violations::Violations;
use crate::catalogue::NodeType;
use crate::diagnostic::{name_list, quote};
use crate::location::Location;
use crate::model::{Node, Setting};
use crate::suggest::suggest_names;
use crate::wiring::{ResolvedNode, Wiring};

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        if resolved.node_type.is_none() {
            continue;
        }
        let mut seen = HashSet::new();
        for setting in resolved.settings {
            let location = node.location().with_key(setting.key.clone()).at(setting.at);
            let Some(target) = resolved.setting_target(&setting.key) else {
                report_unknown(node, resolved, setting, location, violations);
                continue;
            };
            if !seen.insert(target) {
                violations.add(location.clone(), "another key already sets this");
                violations.suggest("set it once");
            }
            let value_type = resolved.value_type(target);
            if let Some(Err(error)) = value_type.map(|value_type| value_type.check(&setting.value))
            {
                violations.add(location, error.message);
                violations.suggest(error.suggestion);
            }
        }
    }
}

fn report_unknown(
    node: &Node,
    resolved: &ResolvedNode,
    setting: &Setting,
    location: Location,
    violations: &mut Violations,
) {
    let key = setting.key.as_str();
    let properties = resolved
        .node_type
        .map(|node_type| node_type.properties.iter());
    let properties = properties
        .into_iter()
        .flatten()
        .map(|it| it.identifier.as_str());
    let inputs = || resolved.inputs.iter();
    let same: Vec<&str> = inputs()
        .filter(|it| it.name == key)
        .map(|it| it.identifier.as_str())
        .collect();
    if !same.is_empty() {
        let message = format!("{} has several inputs named {}", node.idname, quote(key));
        violations.add(location, message);
        violations.suggest(format!("use an identifier: {}", name_list(same)));
        return;
    }
    let in_any_variant = |it: &NodeType| it.inputs.iter().any(|it| it.name == key);
    let (idname, name) = (&node.idname, quote(key));
    let message = match resolved.node_type.is_some_and(in_any_variant) {
        true => format!("{idname} has no input {name} with its current properties"),
        false => format!("{idname} has no property or input {name}"),
    };
    violations.add(location, message);
    let known: Vec<&str> = properties
        .chain(inputs().map(|it| it.name.as_str()))
        .collect();
    match suggest_names(key, known.iter().copied()).first() {
        Some(similar) => violations.suggest(format!("{similar}?")),
        None => violations.suggest(format!("available: {}", name_list(known))),
    }
}
