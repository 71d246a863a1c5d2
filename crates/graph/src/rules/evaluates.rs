//! Each node can be evaluated in a modifier.

use super::violations::Violations;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        if let Some(error) = resolved
            .node_type
            .and_then(|node_type| node_type.error.as_ref())
        {
            let message = format!("{} fails in a modifier: {error}", node.idname);
            violations.add(node.location(), message);
            violations.suggest("remove the node: its type is for node tools");
        }
    }
}
