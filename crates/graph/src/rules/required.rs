//! Required inputs, without which a node does nothing, have a link or a value.

use std::collections::HashSet;

use super::violations::Violations;
use crate::diagnostic::quote;
use crate::wiring::{Port, Wiring, find_socket};

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let linked: HashSet<_> = wiring.wires.iter().filter_map(|wire| wire.to).collect();
    for (index, (node, resolved)) in wiring.nodes().enumerate() {
        let required = resolved
            .inputs
            .iter()
            .enumerate()
            .filter(|(_, input)| input.required);
        for (socket, input) in required {
            let port = Port {
                node: index,
                socket,
            };
            let is_set = || {
                let mut keys = resolved.settings.iter().map(|setting| &setting.key);
                keys.any(|key| find_socket(&resolved.inputs, key) == Some(socket))
            };
            if !linked.contains(&port) && !is_set() {
                let message = format!(
                    "{} needs a link or a value for {}",
                    node.idname,
                    quote(&input.name)
                );
                violations.add(node.location().with_key(input.name.clone()), message);
                violations.suggest(format!("link a {} to it", input.idname));
            }
        }
    }
}
