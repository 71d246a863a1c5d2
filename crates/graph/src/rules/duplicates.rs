//! Ids are unique among nodes and frames, and each link exists once.

use std::collections::{HashMap, HashSet};

use super::violations::Violations;
use crate::location::Position;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let mut ids: HashMap<&str, Option<Position>> = HashMap::new();
    for node in &wiring.graph.nodes {
        if let Some(first) = ids.get(node.id.as_str()) {
            violations.add(node.location(), duplicate_message("another node", *first));
            violations.suggest("give each node an id of its own");
        } else {
            ids.insert(&node.id, node.at);
        }
    }
    for frame in &wiring.graph.frames {
        if let Some(first) = ids.get(frame.id.as_str()) {
            violations.add(
                frame.location(),
                duplicate_message("another frame or node", *first),
            );
            violations.suggest("give each frame an id of its own");
        } else {
            ids.insert(&frame.id, frame.at);
        }
    }
    check_links(wiring, violations);
}

fn duplicate_message(what: &str, first: Option<Position>) -> String {
    match first {
        Some(position) => format!("{what} already has this id, at {position}"),
        None => format!("{what} already has this id"),
    }
}

fn check_links(wiring: &Wiring, violations: &mut Violations) {
    let mut ports = HashSet::new();
    let mut written = HashSet::new();
    for (index, (link, wire)) in wiring.links().enumerate() {
        // Two names can mean the same socket. Names of unknown sockets are compared as text.
        let is_new = match wire.ends() {
            Some(ends) => ports.insert(ends),
            None => written.insert((&link.from, &link.to)),
        };
        if !is_new {
            violations.add(link.location(index), "this link already exists");
            violations.suggest("leave out one of them");
        }
    }
}
