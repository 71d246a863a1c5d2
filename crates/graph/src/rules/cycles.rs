//! No node depends on itself.

use std::collections::HashMap;

use super::violations::Violations;
use crate::diagnostic::name_list;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let edges = wiring.edges();
    let components = edges.components();
    let mut cycle_of = HashMap::new();
    for (cycle, members) in components.iter().enumerate() {
        let is_acyclic =
            members.len() < 2 && !members.iter().any(|node| edges.has_self_loop(*node));
        if !is_acyclic {
            cycle_of.extend(members.iter().map(|node| (*node, cycle)));
        }
    }
    if cycle_of.is_empty() {
        return;
    }
    // The last link of a cycle in the text counts as the one that closed it.
    let mut closing = HashMap::new();
    for (index, link) in wiring.graph.links.iter().enumerate() {
        let cycle = |id: &str| cycle_of.get(&wiring.node_index(id)?);
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
        let ids = name_list(nodes.map(|node| node.id.as_str()));
        violations.add(
            link.location(index),
            format!("these nodes depend on themselves: {ids}"),
        );
        violations.suggest("remove a link of the cycle, or use a repeat zone");
    }
}
