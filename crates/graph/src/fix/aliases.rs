//! Replaces other names of a node type by its identifier.

use super::record::Fix;
use crate::lookup::{Lookup, lookup};
use crate::model::Graph;
use crate::wiring::Wiring;

pub(super) fn fix(wiring: &Wiring, fixes: &mut Vec<Fix>) -> Graph {
    let mut graph = wiring.graph.clone();
    for node in &mut graph.nodes {
        if wiring.catalogue.get(&node.idname).is_some() {
            continue;
        }
        if let Lookup::One(node_type) = lookup(wiring.catalogue, &node.idname) {
            let location = node.location();
            let done = format!("{} is {}", node.idname, node_type.identifier);
            fixes.push(Fix::new(location, done));
            node.idname.clone_from(&node_type.identifier);
        }
    }
    graph
}
