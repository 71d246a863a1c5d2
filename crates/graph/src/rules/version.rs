//! A graph that says which Blender it is for is checked against that Blender.

use super::Found;
use crate::diagnostic::quoted;
use crate::location::Location;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let Some(wanted) = &wiring.graph.blender else {
        return;
    };
    let known = wiring.catalogue.version();
    let same = wanted.strip_prefix(known);
    if !same.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
        let message = format!(
            "it is for Blender {}, and is checked for {known}",
            quoted(wanted)
        );
        found.add(Location::default().key("blender"), message);
        found.suggest(format!(
            "check it for {}, or make it for {known}",
            quoted(wanted)
        ));
    }
}
