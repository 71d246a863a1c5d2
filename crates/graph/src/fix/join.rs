//! Several geometries for an input that takes one: they are joined before it.

use std::collections::HashMap;

use super::Fix;
use super::edit::{Edit, link};
use crate::location::{Location, Subject};
use crate::model::{Graph, Link};
use crate::wiring::{GEOMETRY, Port, Wiring};

const JOIN: &str = "GeometryNodeJoinGeometry";

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    if wiring.catalogue.get(JOIN).is_none() {
        return wiring.graph.clone();
    }
    let mut edit = Edit::new(wiring.graph);
    let counts = meeting(wiring);
    // For each input the node that joins before it, once there is one.
    let mut joins: HashMap<Port, String> = HashMap::new();
    let mut links = Vec::with_capacity(wiring.graph.links.len());
    for (old, wire) in wiring.links() {
        let port = wire
            .to
            .filter(|to| counts.get(to).is_some_and(|meeting| meeting.len() > 1));
        let Some(port) = port else {
            links.push(old.clone());
            continue;
        };
        let known = joins.contains_key(&port);
        let id = joins
            .entry(port)
            .or_insert_with(|| edit.add(JOIN, "join", &old.to.node));
        links.push(link((&old.from.node, &old.from.socket), (id, "Geometry")));
        if !known {
            links.push(link((id, "Geometry"), (&old.to.node, &old.to.socket)));
            fixes.push(told(id, old, counts.get(&port)));
        }
    }
    edit.finish(links)
}

/// For each input that takes a single geometry the links that lead to it, by index.
fn meeting(wiring: &Wiring) -> HashMap<Port, Vec<usize>> {
    let mut meeting: HashMap<Port, Vec<usize>> = HashMap::new();
    for (index, wire) in wiring.wires.iter().enumerate() {
        let Some((from, to)) = wire.ends() else {
            continue;
        };
        let single = wiring
            .input(to)
            .filter(|input| !input.multi_input && input.idname == GEOMETRY);
        let geometry = wiring
            .output(from)
            .filter(|output| output.idname == GEOMETRY);
        if single.is_some() && geometry.is_some() {
            meeting.entry(to).or_default().push(index);
        }
    }
    meeting
}

fn told(id: &str, first: &Link, meeting: Option<&Vec<usize>>) -> Fix {
    let count = meeting.map_or(0, Vec::len);
    let index = meeting
        .and_then(|links| links.first())
        .copied()
        .unwrap_or_default();
    let place = Location::from(Subject::Link(index, first.text())).at(first.at);
    Fix::new(
        place,
        format!(
            "{id} ({JOIN}) joins {count} geometries before {}",
            first.to.node
        ),
    )
}
