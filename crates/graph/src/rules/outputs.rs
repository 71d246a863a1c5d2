//! The group returns a geometry to the modifier: it has a Group Output, and the first output is Geometry.

use super::violations::Violations;
use crate::idnames::{GEOMETRY, GROUP_OUTPUT};
use crate::location::Location;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let mut nodes = wiring.nodes();
    if !nodes.any(|(_, resolved)| resolved.has_type(GROUP_OUTPUT)) {
        violations.add(Location::default(), "the graph has no Group Output");
        violations.suggest(format!("add a {GROUP_OUTPUT} and link the result to it"));
        return;
    }
    match wiring.outputs.first() {
        // Other rules report the links from which no output could be inferred.
        None if wiring.graph.outputs.is_none() && is_linked(wiring) => {}
        None => {
            violations.add(Location::default(), "the group has no outputs");
            violations.suggest("link the result to the Group Output");
        }
        Some(first) if first.idname != GEOMETRY => {
            let message = format!("the first output is a {}", first.idname);
            violations.add(first.output_location(), message);
            violations.suggest("make a Geometry the first output: a modifier needs it");
        }
        Some(_) => {}
    }
}

/// Returns whether a link leads to a Group Output.
fn is_linked(wiring: &Wiring) -> bool {
    let mut ends = wiring
        .graph
        .links
        .iter()
        .filter_map(|link| wiring.node(&link.to.node));
    ends.any(|(_, resolved)| resolved.has_type(GROUP_OUTPUT))
}
