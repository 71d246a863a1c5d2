//! The group gives a modifier its geometry: there is a Group Output, and the first output is Geometry.

use super::{Found, of_output};
use crate::location::Location;
use crate::wiring::{GEOMETRY, GROUP_OUTPUT, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let mut nodes = wiring.nodes();
    if !nodes.any(|(_, shape)| shape.is(GROUP_OUTPUT)) {
        found.add(Location::default(), "there is no Group Output");
        found.suggest(format!("add a {GROUP_OUTPUT}, and link the result to it"));
        return;
    }
    match wiring.outputs.first() {
        // What a link to the Group Output could not be concluded from is told by other rules.
        None if wiring.graph.outputs.is_none() && is_linked(wiring) => {}
        None => {
            found.add(Location::default(), "the group has no outputs");
            found.suggest("link the result to the Group Output");
        }
        Some(first) if first.idname != GEOMETRY => {
            let message = format!("the first output is a {}", first.idname);
            found.add(of_output(first), message);
            found.suggest("a modifier needs a geometry first");
        }
        Some(_) => {}
    }
}

/// Whether a link leads to a Group Output.
fn is_linked(wiring: &Wiring) -> bool {
    let mut ends = wiring
        .graph
        .links
        .iter()
        .filter_map(|link| wiring.node(&link.to.node));
    ends.any(|(_, shape)| shape.is(GROUP_OUTPUT))
}
