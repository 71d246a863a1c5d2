//! Nothing depends on itself.

use std::collections::HashMap;

use super::{Found, of_link};
use crate::diagnostic::listed;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let edges = wiring.edges();
    let components = edges.components();
    let mut cycle_of = HashMap::new();
    for (cycle, members) in components.iter().enumerate() {
        let alone = members.len() < 2 && !members.iter().any(|node| edges.loops(*node));
        if !alone {
            cycle_of.extend(members.iter().map(|node| (*node, cycle)));
        }
    }
    if cycle_of.is_empty() {
        return;
    }
    // The last link that was written closed it.
    let mut closing = HashMap::new();
    for (index, link) in wiring.graph.links.iter().enumerate() {
        let cycle = |id: &str| cycle_of.get(&wiring.place(id)?);
        let (from, to) = (cycle(&link.from.node), cycle(&link.to.node));
        if from == to
            && let Some(cycle) = from
        {
            closing.insert(*cycle, (index, link));
        }
    }
    let mut closing: Vec<_> = closing.into_iter().collect();
    closing.sort_unstable_by_key(|(_, (index, _))| *index);
    for (cycle, (index, link)) in closing {
        let mut members = components.get(cycle).cloned().unwrap_or_default();
        members.sort_unstable();
        let nodes = members
            .iter()
            .filter_map(|node| wiring.graph.nodes.get(*node));
        let ids = listed(nodes.map(|node| node.id.as_str()));
        found.add(
            of_link(index, link),
            format!("these nodes depend on themselves: {ids}"),
        );
        found.suggest("remove a link of the circle, or repeat in a repeat zone");
    }
}
