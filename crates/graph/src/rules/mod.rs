//! The checklist: each rule looks at the whole graph and tells every place where it does not hold.
//!
//! A rule is silent where another one says already what is wrong: of an unknown type nobody knows the sockets.

mod compatible;
mod cycles;
mod duplicates;
mod ends;
mod evaluates;
mod fields;
mod frames;
mod ids;
mod interface;
mod items;
mod menus;
mod outputs;
mod required;
mod settings;
mod single;
mod sockets;
mod types;
mod variants;
mod version;
mod zones;

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::{Location, Subject};
use crate::model::{Frame, Link, Node, Socket};
use crate::wiring::Wiring;

/// One rule of the checklist.
pub struct Rule {
    /// Its name, in diagnostics and in `docs/graphs.md`.
    pub name: &'static str,
    /// Tells every place where it does not hold.
    pub check: fn(&Wiring, &mut Found),
}

/// All rules, in the order in which they are told.
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

const fn rule(name: &'static str, check: fn(&Wiring, &mut Found)) -> Rule {
    Rule { name, check }
}

/// Runs all rules.
pub fn check(wiring: &Wiring) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    for rule in RULES {
        let mut found = Found {
            rule: rule.name,
            diagnostics: Vec::new(),
        };
        (rule.check)(wiring, &mut found);
        all.append(&mut found.diagnostics);
    }
    all
}

/// Violations of one rule for which near names are looked for: each search goes through all names there are.
const SEARCHED: usize = 50;

/// What one rule has found.
pub struct Found {
    rule: &'static str,
    diagnostics: Vec<Diagnostic>,
}

impl Found {
    /// Tells a violation.
    fn add(&mut self, place: impl Into<Location>, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(self.rule, place, message);
        self.diagnostics.push(diagnostic);
    }

    /// Adds what to do about the one that was told last.
    fn suggest(&mut self, suggestion: impl Into<String>) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.suggestion = suggestion.into();
        }
    }

    /// Whether near names may still be looked for.
    fn may_search(&self) -> bool {
        self.diagnostics.len() < SEARCHED
    }
}

fn of_node(node: &Node) -> Location {
    Location::from(Subject::Node(node.id.clone())).at(node.at)
}

fn of_link(index: usize, link: &Link) -> Location {
    Location::from(Subject::Link(index, link.text())).at(link.at)
}

fn of_frame(frame: &Frame) -> Location {
    Location::from(Subject::Frame(frame.id.clone())).at(frame.at)
}

fn of_input(socket: &Socket) -> Location {
    Location::from(Subject::Input(socket.name.clone())).at(socket.at)
}

fn of_output(socket: &Socket) -> Location {
    Location::from(Subject::Output(socket.name.clone())).at(socket.at)
}

/// Why Blender would not keep the name of a socket as it is.
fn wrong_name(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("a name must not be empty")
    } else if name.len() > limits::NAME {
        Some("Blender keeps no more than 63 bytes of a name")
    } else if name.chars().any(char::is_control) {
        Some("a name must not hold control characters")
    } else {
        None
    }
}
