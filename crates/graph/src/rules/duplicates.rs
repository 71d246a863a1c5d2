//! No two nodes or frames of one id, no link twice.

use std::collections::{HashMap, HashSet};

use super::{Found, of_frame, of_link, of_node};
use crate::location::Position;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let mut ids: HashMap<&str, Option<Position>> = HashMap::new();
    for node in &wiring.graph.nodes {
        if let Some(first) = ids.get(node.id.as_str()) {
            found.add(of_node(node), again("another node", *first));
            found.suggest("give each node an id of its own");
        } else {
            ids.insert(&node.id, node.at);
        }
    }
    for frame in &wiring.graph.frames {
        if let Some(first) = ids.get(frame.id.as_str()) {
            found.add(of_frame(frame), again("another frame or node", *first));
            found.suggest("give each frame an id of its own");
        } else {
            ids.insert(&frame.id, frame.at);
        }
    }
    links(wiring, found);
}

fn again(what: &str, first: Option<Position>) -> String {
    match first {
        Some(position) => format!("{what} has this id already, at {position}"),
        None => format!("{what} has this id already"),
    }
}

fn links(wiring: &Wiring, found: &mut Found) {
    let mut ports = HashSet::new();
    let mut written = HashSet::new();
    for (index, (link, wire)) in wiring.links().enumerate() {
        // Two names may mean one socket; what means none is compared as it is written.
        let new = match wire.ends() {
            Some(ends) => ports.insert(ends),
            None => written.insert((&link.from, &link.to)),
        };
        if !new {
            found.add(of_link(index, link), "this link stands here already");
            found.suggest("leave it out");
        }
    }
}
