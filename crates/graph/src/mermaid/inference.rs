//! Infers the input of a link whose label names only the output.

use crate::catalogue::{Catalogue, Input};
use crate::idnames::is_same_kind;
use crate::model::Graph;
use crate::wiring::{Slot, Wiring, socket_reference};

/// Completes links without an input name. An input with the name of the output needs no inference. Otherwise it is
/// the only input of the output's type, else the only input that the output can be linked to. Without exactly one the
/// name stays, and the rule `sockets` reports it.
pub(super) fn infer_inputs(graph: &mut Graph, is_open: &[bool], catalogue: &Catalogue) {
    let wiring = Wiring::new(graph, catalogue);
    let names: Vec<Option<String>> = wiring
        .links()
        .zip(is_open)
        .map(|((link, wire), is_open)| {
            let from = wire.from.filter(|_| *is_open && wire.to.is_none())?;
            let output = wiring.output(from)?;
            let (_, node) = wiring.node(&link.to.node)?;
            let is_kind = |input: &Input| is_same_kind(&output.idname, &input.idname);
            let is_compatible =
                |input: &Input| catalogue.compat.allows(&output.idname, &input.idname);
            let index = only_input(&node.inputs, is_kind).or_else(|| {
                let has_kind = node.inputs.iter().any(|it| is_kind(it));
                only_input(&node.inputs, is_compatible).filter(|_| !has_kind)
            })?;
            socket_reference(&node.inputs, index).map(str::to_owned)
        })
        .collect();
    for (link, name) in graph.links.iter_mut().zip(names) {
        if let Some(name) = name {
            link.to.socket = name;
        }
    }
}

fn only_input(inputs: &[Slot<Input>], is_wanted: impl Fn(&Input) -> bool) -> Option<usize> {
    let mut wanted = inputs.iter().enumerate().filter(|(_, it)| is_wanted(it));
    match (wanted.next(), wanted.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}
