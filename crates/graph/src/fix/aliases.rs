//! Types that are called otherwise in this Blender.

use super::Fix;
use crate::location::{Location, Subject};
use crate::lookup::{Lookup, lookup};
use crate::model::Graph;
use crate::wiring::Wiring;

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    let mut graph = wiring.graph.clone();
    for node in &mut graph.nodes {
        if wiring.catalogue.get(&node.idname).is_some() {
            continue;
        }
        if let Lookup::One(kind) = lookup(wiring.catalogue, &node.idname) {
            let place = Location::from(Subject::Node(node.id.clone())).at(node.at);
            let done = format!("{} is {}", node.idname, kind.identifier);
            fixes.push(Fix::new(place, done));
            node.idname.clone_from(&kind.identifier);
        }
    }
    graph
}
