//! An input takes one link, unless Blender made it for several.

use std::collections::HashMap;

use super::{Found, of_link};
use crate::wiring::{GEOMETRY, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
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
            // The same link twice is told as that.
            Some((_, known)) if *known == from => {}
            Some((index_of_first, _)) => {
                let message = format!("link {index_of_first} leads to this input already");
                found.add(of_link(index, link), message);
                found.suggest(match input.idname == GEOMETRY {
                    true => "put GeometryNodeJoinGeometry before it",
                    false => "remove one of them",
                });
            }
        }
    }
}
