//! A link with open ends: names them, or asks for them.

use std::collections::HashSet;

use super::candidates::{Nodes, Pair, can_be_linked, ends_by_label, pairs};
use super::plan::{Change, Plan};
use crate::draft::Label;
use crate::model::Link;
use crate::wiring::{Wiring, socket_reference};

/// A link with open ends.
pub(super) struct Open<'a> {
    pub index: usize,
    pub link: &'a Link,
    pub label: &'a Label,
    pub nodes: Nodes,
}

impl Open<'_> {
    /// Names both ends.
    pub(super) fn name(&self, pair: Pair, reason: &str, wiring: &Wiring, plan: &mut Plan) {
        let Some((output, input)) = references(self.nodes, pair, wiring) else {
            return;
        };
        let reason = match (reason, self.label) {
            ("", Label::Nothing) => "no other ends fit",
            ("", _) => "no other ends fit the label",
            (reason, _) => reason,
        };
        self.set(output, input, reason, plan);
    }

    /// Sets the names of both ends. Ends that the label names exactly are no correction.
    pub(super) fn set(&self, output: &str, input: &str, reason: &str, plan: &mut Plan) {
        let is_written = match self.label {
            Label::Nothing => false,
            Label::Either(name) => name == output && name == input,
            Label::Ends(from, to) => {
                from.as_deref() == Some(output) && to.as_deref() == Some(input)
            }
        };
        let done = match is_written {
            true => String::new(),
            false => format!("{output} to {input}: {reason}"),
        };
        let change = Change::Ends(self.index, output.to_owned(), input.to_owned());
        plan.step(self.link.location(self.index), done, change);
    }

    /// Asks which ends are meant.
    pub(super) fn ask(&self, mut found: Vec<Pair>, wiring: &Wiring, plan: &mut Plan) {
        let message = match found.is_empty() {
            true => "no ends of this link fit the label",
            false => "several ends of this link are possible",
        };
        if found.is_empty()
            && let Some(all) = ends_by_label(self.nodes, &Label::Nothing, wiring)
        {
            found = pairs(self.nodes, &all, &HashSet::new(), wiring);
            found.retain(|pair| can_be_linked(self.nodes, *pair, wiring));
        }
        if found.is_empty() {
            // The rule `sockets` lists what there is.
            return;
        }
        let choices = found.into_iter().filter_map(|pair| {
            let (output, input) = references(self.nodes, pair, wiring)?;
            Some(format!("{output} -> {input}"))
        });
        plan.ask(self.link.location(self.index), message, choices.collect());
    }
}

/// Returns the names of the sockets of a pair.
fn references<'a>(
    nodes: Nodes,
    (output, input): Pair,
    wiring: &'a Wiring,
) -> Option<(&'a str, &'a str)> {
    let from = socket_reference(&wiring.resolved.get(nodes.from)?.outputs, output)?;
    let to = socket_reference(&wiring.resolved.get(nodes.to)?.inputs, input)?;
    Some((from, to))
}
