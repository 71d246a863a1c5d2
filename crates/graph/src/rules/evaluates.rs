//! Nodes that Blender refuses to evaluate in a modifier, whatever is linked to them.

use super::{Found, of_node};
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (node, shape) in wiring.nodes() {
        if let Some(error) = shape.kind.and_then(|kind| kind.error.as_ref()) {
            let message = format!("{} fails in a modifier: {error}", node.idname);
            found.add(of_node(node), message);
            found.suggest("leave it out: it is for node tools");
        }
    }
}
