//! Links that stand there twice.

use std::collections::HashSet;

use super::Fix;
use crate::location::{Location, Subject};
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
            let place = Location::from(Subject::Link(index, link.text())).at(link.at);
            fixes.push(Fix::new(place, "left out, as it stands there already"));
        }
    }
    graph.links = links;
    graph
}
