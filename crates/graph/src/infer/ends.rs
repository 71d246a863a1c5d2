//! Infers the sockets of links: from the label, the types of the sockets, and what is linked already.

use std::collections::{HashMap, HashSet};

use super::candidates::{
    Ends, Pair, alternatives, comes_from_open_reroute, ends_by_label, is_undeclared, nodes_of,
    pairs,
};
use super::group_ends;
use super::open_link::Open;
use super::operands::operand_for_link;
use super::plan::Plan;
use crate::catalogue::Side;
use crate::draft::{Draft, Label};
use crate::wiring::{Port, Wiring};

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
    // Links that name their input leave fewer inputs for the others.
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
