//! Infers the sockets of links: from the label, the types of the sockets, and what is linked already.

use std::collections::{HashMap, HashSet};

use super::candidates::{
    Ends, Nodes, Pair, alternatives, can_be_linked, comes_from_open_reroute, ends_by_label,
    is_undeclared, nodes_of, pairs,
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
    let wired = wiring.wires.iter().filter_map(|wire| wire.to);
    // Links that are inferred together do not take an input from each other.
    let taken: HashSet<Port> = wired.filter(single).collect();
    let mut open: Vec<(Open, Ends, Vec<Pair>)> = Vec::new();
    let links = wiring.graph.links.iter().zip(&draft.labels).enumerate();
    let links = links.filter(|(_, (link, label))| link.to.socket.is_empty() && is_wanted(label));
    for (index, (link, label)) in links {
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
        } else if let Some(ends) = ends_by_label(nodes, label, wiring)
            && !comes_from_open_reroute(nodes, wiring)
        {
            let found = pairs(nodes, &ends, &taken, wiring);
            open.push((at, ends, found));
        }
    }
    // What links name exactly leaves fewer inputs for the others.
    let is_sure = |(_, ends, found): &(Open, Ends, Vec<Pair>)| ends.is_explicit && found.len() == 1;
    let (sure, others): (Vec<_>, Vec<_>) = open.into_iter().partition(is_sure);
    if sure.is_empty() {
        infer_others(others, &taken, draft, wiring, &mut plan);
    }
    for (at, _, found) in sure {
        found
            .first()
            .into_iter()
            .for_each(|pair| at.name(*pair, "", wiring, &mut plan));
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

/// Infers the ends of links whose input is not named.
fn infer_others(
    open: Vec<(Open, Ends, Vec<Pair>)>,
    taken: &HashSet<Port>,
    draft: &Draft,
    wiring: &Wiring,
    plan: &mut Plan,
) {
    let port = |at: &Open, input: usize| Port {
        node: at.nodes.to,
        socket: input,
    };
    let mut claims: HashMap<Port, usize> = taken.iter().map(|port| (*port, 1)).collect();
    for (at, _, found) in &open {
        if let [(_, input)] = found.as_slice() {
            *claims.entry(port(at, *input)).or_default() += 1;
        }
    }
    let mut operands = taken.clone();
    for (at, ends, found) in open {
        if let [pair] = found.as_slice() {
            let is_shared = claims
                .get(&port(&at, pair.1))
                .is_some_and(|count| *count > 1);
            let others = match is_shared && !ends.is_explicit {
                true => alternatives(at.nodes, *pair, taken, wiring),
                false => Vec::new(),
            };
            match others.is_empty() {
                true => at.name(*pair, "", wiring, plan),
                false => at.ask([*pair].into_iter().chain(others).collect(), wiring, plan),
            }
            continue;
        }
        let free = found
            .iter()
            .filter(|(_, input)| !operands.contains(&port(&at, *input)));
        let free: Vec<usize> = free.map(|(_, input)| *input).collect();
        let has_one_output = found
            .windows(2)
            .all(|two| matches!(two, [(a, _), (b, _)] if a == b));
        let operand =
            operand_for_link(at.nodes.to, &free, draft, wiring).filter(|_| has_one_output);
        match operand.zip(found.first()) {
            Some(((input, reason), (output, _))) => {
                operands.insert(port(&at, input));
                at.name((*output, input), reason, wiring, plan);
            }
            None => at.ask(found, wiring, plan),
        }
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
