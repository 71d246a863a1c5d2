//! Each link connects two socket types that Blender's own table lists as a pair.

use super::violations::Violations;
use crate::convert::find_converter;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
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
        violations.add(
            link.location(index),
            format!("{from} cannot be linked to {to}"),
        );
        match find_converter(wiring.catalogue, from, to) {
            Some(helper) => {
                violations.suggest(format!("put {} between the two nodes", helper.idname))
            }
            None => violations.suggest("no node converts between these types"),
        }
    }
}
