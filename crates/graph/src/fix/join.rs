//! Joins several geometries before an input that accepts one.

use std::collections::HashMap;

use super::edit::{Edit, make_link};
use super::record::Fix;
use crate::idnames::GEOMETRY;
use crate::model::{Graph, Link};
use crate::wiring::{Port, Wiring};

const JOIN: &str = "GeometryNodeJoinGeometry";

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    if wiring.catalogue.get(JOIN).is_none() {
        return wiring.graph.clone();
    }
    let mut edit = Edit::new(wiring.graph);
    let shared = shared_inputs(wiring);
    // From an input to the node that joins the geometries before it.
    let mut joins: HashMap<Port, String> = HashMap::new();
    let mut links = Vec::with_capacity(wiring.graph.links.len());
    for (old, wire) in wiring.links() {
        let port = wire
            .to
            .filter(|to| shared.get(to).is_some_and(|links| links.len() > 1));
        let Some(port) = port else {
            links.push(old.clone());
            continue;
        };
        let is_known = joins.contains_key(&port);
        let id = joins
            .entry(port)
            .or_insert_with(|| edit.add(JOIN, "join", &old.to.node));
        links.push(make_link(
            (&old.from.node, &old.from.socket),
            (id, "Geometry"),
        ));
        if !is_known {
            links.push(make_link((id, "Geometry"), (&old.to.node, &old.to.socket)));
            fixes.push(record(id, old, shared.get(&port)));
        }
    }
    edit.finish(links)
}

/// Returns for each input for a single geometry the indices of the links that lead to it.
fn shared_inputs(wiring: &Wiring) -> HashMap<Port, Vec<usize>> {
    let mut shared: HashMap<Port, Vec<usize>> = HashMap::new();
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
            shared.entry(to).or_default().push(index);
        }
    }
    shared
}

fn record(id: &str, first: &Link, links: Option<&Vec<usize>>) -> Fix {
    let count = links.map_or(0, Vec::len);
    let index = links
        .and_then(|links| links.first())
        .copied()
        .unwrap_or_default();
    let location = first.location(index);
    Fix::new(
        location,
        format!(
            "{id} ({JOIN}) joins {count} geometries before {}",
            first.to.node
        ),
    )
}
