//! Inputs without which a node does nothing have a link or a value.

use std::collections::HashSet;

use super::{Found, of_node};
use crate::diagnostic::quoted;
use crate::wiring::{Port, Wiring, find};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let linked: HashSet<_> = wiring.wires.iter().filter_map(|wire| wire.to).collect();
    for (place, (node, shape)) in wiring.nodes().enumerate() {
        let required = shape
            .inputs
            .iter()
            .enumerate()
            .filter(|(_, input)| input.required);
        for (socket, input) in required {
            let port = Port {
                node: place,
                socket,
            };
            let is_set = || {
                let mut keys = shape.settings.iter().map(|setting| &setting.key);
                keys.any(|key| find(&shape.inputs, key) == Some(socket))
            };
            if !linked.contains(&port) && !is_set() {
                let message = format!("{} has nothing for {}", node.idname, quoted(&input.name));
                found.add(of_node(node).key(input.name.clone()), message);
                found.suggest(format!("link a {} to it", input.idname));
            }
        }
    }
}
