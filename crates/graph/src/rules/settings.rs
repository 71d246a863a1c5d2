//! What is set on a node is a property or an input that it has, with a value that Blender keeps as it is.

use std::collections::HashSet;

use super::{Found, of_node};
use crate::diagnostic::{listed, quoted};
use crate::location::Location;
use crate::model::{Node, Setting};
use crate::suggest::suggest_names;
use crate::wiring::{Shape, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (node, shape) in wiring.nodes() {
        if shape.kind.is_none() {
            continue;
        }
        let mut seen = HashSet::new();
        for setting in shape.settings {
            let place = of_node(node).key(setting.key.clone()).at(setting.at);
            let Some(meant) = shape.meant(&setting.key) else {
                unknown(node, shape, setting, place, found);
                continue;
            };
            if !seen.insert(meant) {
                found.add(place.clone(), "another key has set this already");
                found.suggest("set it once");
            }
            let takes = shape.takes(meant);
            if let Some(Err(wrong)) = takes.map(|takes| takes.check(&setting.value)) {
                found.add(place, wrong.message);
                found.suggest(wrong.suggestion);
            }
        }
    }
}

fn unknown(node: &Node, shape: &Shape, setting: &Setting, place: Location, found: &mut Found) {
    let key = setting.key.as_str();
    let properties = shape.kind.map(|kind| kind.properties.iter());
    let properties = properties
        .into_iter()
        .flatten()
        .map(|it| it.identifier.as_str());
    let inputs = || shape.inputs.iter();
    let same: Vec<&str> = inputs()
        .filter(|it| it.name == key)
        .map(|it| it.identifier.as_str())
        .collect();
    if !same.is_empty() {
        let message = format!("{} has several inputs named {}", node.idname, quoted(key));
        found.add(place, message);
        found.suggest(format!("say which by its identifier: {}", listed(same)));
        return;
    }
    let what = match shape
        .kind
        .is_some_and(|kind| kind.inputs.iter().any(|it| it.name == key))
    {
        true => "as its properties are, no input",
        false => "neither a property nor an input",
    };
    found.add(place, format!("{} has {what} {}", node.idname, quoted(key)));
    let known: Vec<&str> = properties
        .chain(inputs().map(|it| it.name.as_str()))
        .collect();
    match suggest_names(key, known.iter().copied()).first() {
        Some(near) => found.suggest(format!("{near}?")),
        None => found.suggest(format!("there are: {}", listed(known))),
    }
}
