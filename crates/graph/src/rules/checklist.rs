//! All rules, and the run of them.

use super::violations::Violations;
use super::{
    compatible, cycles, duplicates, ends, evaluates, fields, frames, ids, interface, items, menus,
    outputs, required, settings, single, sockets, types, variants, version, zones,
};
use crate::diagnostic::Diagnostic;
use crate::wiring::Wiring;

/// A rule of the checklist.
pub struct Rule {
    /// Name, in diagnostics and in `docs/graphs.md`.
    pub name: &'static str,
    /// Reports every violation of the rule.
    pub check: fn(&Wiring, &mut Violations),
}

/// All rules, in the order of the report.
pub const RULES: &[Rule] = &[
    rule("version", version::check),
    rule("ids", ids::check),
    rule("duplicates", duplicates::check),
    rule("types", types::check),
    rule("evaluates", evaluates::check),
    rule("variants", variants::check),
    rule("items", items::check),
    rule("settings", settings::check),
    rule("interface", interface::check),
    rule("outputs", outputs::check),
    rule("ends", ends::check),
    rule("sockets", sockets::check),
    rule("compatible", compatible::check),
    rule("single", single::check),
    rule("required", required::check),
    rule("cycles", cycles::check),
    rule("zones", zones::check),
    rule("menus", menus::check),
    rule("fields", fields::check),
    rule("frames", frames::check),
];

const fn rule(name: &'static str, check: fn(&Wiring, &mut Violations)) -> Rule {
    Rule { name, check }
}

/// Runs all rules and returns all violations.
pub fn check(wiring: &Wiring) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    for rule in RULES {
        let mut violations = Violations::new(rule.name);
        (rule.check)(wiring, &mut violations);
        diagnostics.extend(violations.into_diagnostics());
    }
    diagnostics
}
