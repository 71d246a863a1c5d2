//! Each input has at most one link, except inputs that accept several.

use std::collections::HashMap;

use super::violations::Violations;
use crate::idnames::GEOMETRY;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let mut first = HashMap::new();
    for (index, (link, wire)) in wiring.links().enumerate() {
        let Some((from, to)) = wire.ends() else {
            continue;
        };
        let Some(input) = wiring.input(to).filter(|input| !input.multi_input) else {
            continue;
        };
        match first.get(&to) {
            None => {
                first.insert(to, (index, from));
            }
            // The rule `duplicates` reports the same link twice.
            Some((_, known)) if *known == from => {}
            Some((index_of_first, _)) => {
                let message = format!("link {index_of_first} leads to this input already");
                violations.add(link.location(index), message);
                violations.suggest(match input.idname == GEOMETRY {
                    true => "put GeometryNodeJoinGeometry before it",
                    false => "remove one of them",
                });
            }
        }
    }
}
