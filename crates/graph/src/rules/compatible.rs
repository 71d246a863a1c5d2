//! Blender converts what an output gives to what the input takes: the pair stands in its own table.

use super::{Found, of_link};
use crate::convert::converter;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (index, (link, wire)) in wiring.links().enumerate() {
        let ends = wire.ends();
        let types = ends.and_then(|(from, to)| wiring.output(from).zip(wiring.input(to)));
        let Some((output, input)) = types else {
            continue;
        };
        let (from, to) = (output.idname.as_str(), input.idname.as_str());
        if wiring.catalogue.compat.allows(from, to) {
            continue;
        }
        found.add(
            of_link(index, link),
            format!("{from} cannot be linked to {to}"),
        );
        match converter(wiring.catalogue, from, to) {
            Some(helper) => found.suggest(format!("put {} between", helper.idname)),
            None => found.suggest("nothing converts between these"),
        }
    }
}
