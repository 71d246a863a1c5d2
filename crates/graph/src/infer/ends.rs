//! Infers the sockets of links: from the label, the types of the sockets, and what is linked already.

use std::collections::HashSet;

use super::candidates::{
    Nodes, Pair, comes_from_open_reroute, ends_by_label, is_undeclared, nodes_of, pairs,
};
use super::group_ends;
use super::operands::operand_for_link;
use super::plan::{Change, Plan};
use crate::catalogue::Side;
use crate::draft::{Draft, Label};
use crate::model::Link;
use crate::wiring::{Port, Wiring, socket_reference};

/// Infers the ends of links with a label.
pub(super) fn infer_labeled(draft: &Draft, wiring: &Wiring) -> Plan {
    plan(draft, wiring, |label| *label != Label::Nothing)
}

/// Infers the ends of links without a label.
pub(super) fn infer_unlabeled(draft: &Draft, wiring: &Wiring) -> Plan {
    plan(draft, wiring, |label| *label == Label::Nothing)
}

fn plan(draft: &Draft, wiring: &Wiring, is_wanted: fn(&Label) -> bool) -> Plan {
    let mut plan = Plan::default();
    let single = |port: &Port| wiring.input(*port).is_some_and(|input| !input.multi_input);
    // Links that are inferred together do not take an input from each other.
    let taken: HashSet<Port> = wiring
        .wires
        .iter()
        .filter_map(|wire| wire.to)
        .filter(single)
        .collect();
    let mut operands = taken.clone();
    let links = wiring.graph.links.iter().zip(&draft.labels).enumerate();
    let open = links.filter(|(_, (link, label))| link.to.socket.is_empty() && is_wanted(label));
    for (index, (link, label)) in open {
        let Some(nodes) = nodes_of(index, wiring) else {
            continue;
        };
        let at = Open {
            index,
            link,
            label,
            nodes,
        };
        if is_undeclared(nodes.from, Side::Output, wiring)
            || is_undeclared(nodes.to, Side::Input, wiring)
        {
            group_ends::infer(&at, &taken, wiring, &mut plan);
        } else if !comes_from_open_reroute(nodes, wiring) {
            infer_ends(&at, draft, wiring, &taken, &mut operands, &mut plan);
        }
    }
    plan
}

/// A link with open ends.
pub(super) struct Open<'a> {
    pub index: usize,
    pub link: &'a Link,
    pub label: &'a Label,
    pub nodes: Nodes,
}

fn infer_ends(
    at: &Open,
    draft: &Draft,
    wiring: &Wiring,
    taken: &HashSet<Port>,
    operands: &mut HashSet<Port>,
    plan: &mut Plan,
) {
    let Some(ends) = ends_by_label(at.nodes, at.label, wiring) else {
        return;
    };
    let found = pairs(at.nodes, &ends, taken, wiring);
    if let [pair] = found.as_slice() {
        at.name(*pair, "", wiring, plan);
        return;
    }
    let port = |input: usize| Port {
        node: at.nodes.to,
        socket: input,
    };
    let free = found
        .iter()
        .filter(|(_, input)| !operands.contains(&port(*input)));
    let free: Vec<usize> = free.map(|(_, input)| *input).collect();
    let has_one_output = found
        .windows(2)
        .all(|two| matches!(two, [(a, _), (b, _)] if a == b));
    let operand = operand_for_link(at.nodes.to, &free, draft, wiring).filter(|_| has_one_output);
    match operand.zip(found.first()) {
        Some(((input, reason), (output, _))) => {
            operands.insert(port(input));
            at.name((*output, input), reason, wiring, plan);
        }
        None => at.ask(found, wiring, plan),
    }
}

impl Open<'_> {
    /// Names both ends.
    fn name(&self, pair: Pair, reason: &str, wiring: &Wiring, plan: &mut Plan) {
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
    fn ask(&self, mut found: Vec<Pair>, wiring: &Wiring, plan: &mut Plan) {
        let message = match found.is_empty() {
            true => "no ends of this link fit the label",
            false => "several ends of this link are possible",
        };
        if found.is_empty()
            && let Some(all) = ends_by_label(self.nodes, &Label::Nothing, wiring)
        {
            found = pairs(self.nodes, &all, &HashSet::new(), wiring);
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
