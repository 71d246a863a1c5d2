//! A graph for a certain version of Blender is checked for that version.

use super::violations::Violations;
use crate::diagnostic::quote;
use crate::location::Location;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let Some(wanted) = &wiring.graph.blender else {
        return;
    };
    let known = wiring.catalogue.version();
    let rest = wanted.strip_prefix(known);
    if !rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
        let message = format!(
            "the graph is for Blender {}, but is checked for {known}",
            quote(wanted)
        );
        violations.add(Location::default().with_key("blender"), message);
        violations.suggest(format!(
            "check it for {}, or change \"blender\" to {known}",
            quote(wanted)
        ));
    }
}
