//! Removes repeated links.

use std::collections::HashSet;

use super::record::Fix;
use crate::model::Graph;
use crate::wiring::Wiring;

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    let mut graph = wiring.graph.clone();
    let mut ends = HashSet::new();
    let mut links = Vec::with_capacity(graph.links.len());
    for (index, (link, wire)) in wiring.links().enumerate() {
        if wire.ends().is_none_or(|both| ends.insert(both)) {
            links.push(link.clone());
        } else {
            fixes.push(Fix::new(link.location(index), "removed the repeated link"));
        }
    }
    graph.links = links;
    graph
}
