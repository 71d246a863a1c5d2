//! Infers the ends of links from the group's input and to its output, where any name makes a socket.

use std::collections::HashSet;

use super::open_link::Open;
use super::plan::Plan;
use super::socket_names::{sockets_named, type_named};
use crate::catalogue::Side;
use crate::draft::Label;
use crate::idnames::GEOMETRY;
use crate::wiring::{Named, Port, Slot, Wiring, socket_reference};

use super::candidates::is_undeclared;

/// The name of the group's socket for a geometry that no label names.
const GEOMETRY_NAME: &str = "Geometry";

pub(super) fn infer(at: &Open, taken: &HashSet<Port>, wiring: &Wiring, plan: &mut Plan) {
    let is_input = is_undeclared(at.nodes.from, Side::Output, wiring);
    match (is_input, is_undeclared(at.nodes.to, Side::Input, wiring)) {
        // A link through the whole group: nothing but its label has a type.
        (true, true) => {
            let name = at
                .label
                .output()
                .or(at.label.input())
                .unwrap_or(GEOMETRY_NAME);
            at.set(
                name,
                at.label.input().unwrap_or(name),
                "the group passes it on",
                plan,
            );
        }
        (true, false) => from_group(at, taken, wiring, plan),
        _ => to_group(at, wiring, plan),
    }
}

/// Infers the input that a value of the group is linked to.
fn from_group(at: &Open, taken: &HashSet<Port>, wiring: &Wiring, plan: &mut Plan) {
    let Some(node) = wiring.resolved.get(at.nodes.to) else {
        return;
    };
    let sockets = &node.inputs;
    let mut inputs = match at.label.input().or(at.label.output()) {
        Some(name) => match (sockets_named(sockets, name), type_named(name)) {
            (named, None) => named,
            (named, Some(_)) if !named.is_empty() => named,
            (_, Some(idname)) => of_type(sockets, |it| it.idname == idname),
        },
        None => of_type(sockets, |it| it.idname == GEOMETRY),
    };
    let is_named = !inputs.is_empty()
        && at
            .label
            .input()
            .is_some_and(|name| !sockets_named(sockets, name).is_empty());
    if inputs.is_empty() {
        inputs = of_type(sockets, |_| true);
    }
    if !is_named {
        let free = |input: &usize| {
            !taken.contains(&Port {
                node: at.nodes.to,
                socket: *input,
            })
        };
        let unlinked: Vec<usize> = inputs.iter().copied().filter(free).collect();
        if !unlinked.is_empty() {
            inputs = unlinked;
        }
    }
    let names = names_of(sockets, &inputs);
    let [input] = names.as_slice() else {
        let choices = names
            .iter()
            .map(|input| format!("{} -> {input}", at.label.output().unwrap_or(input)));
        let message = "several inputs can take this value of the group";
        plan.ask(at.link.location(at.index), message, choices.collect());
        return;
    };
    let is_geometry = inputs
        .first()
        .and_then(|it| sockets.get(*it))
        .is_some_and(|it| it.idname == GEOMETRY);
    let own = if is_geometry { GEOMETRY_NAME } else { input };
    let output = at.label.output().unwrap_or(own);
    at.set(output, input, "the only input that fits", plan);
}

/// Infers the output that is linked to the group's output.
fn to_group(at: &Open, wiring: &Wiring, plan: &mut Plan) {
    let Some(node) = wiring.resolved.get(at.nodes.from) else {
        return;
    };
    let sockets = &node.outputs;
    let named = at
        .label
        .output()
        .map(|name| sockets_named(sockets, name))
        .unwrap_or_default();
    let geometries = || of_type(sockets, |it| it.idname == GEOMETRY);
    let outputs = match (named.is_empty(), geometries()) {
        (false, _) => named,
        (true, geometries) if !geometries.is_empty() => geometries,
        _ => of_type(sockets, |_| true),
    };
    let names = names_of(sockets, &outputs);
    let [output] = names.as_slice() else {
        let message = "several outputs can lead to the group's output";
        plan.ask(
            at.link.location(at.index),
            message,
            names.iter().map(|it| (*it).to_owned()).collect(),
        );
        return;
    };
    let is_geometry = outputs
        .first()
        .and_then(|it| sockets.get(*it))
        .is_some_and(|it| it.idname == GEOMETRY);
    let own = if is_geometry { GEOMETRY_NAME } else { output };
    let input = match at.label {
        Label::Ends(_, input) => input.as_deref().unwrap_or(own),
        Label::Either(name) => name,
        Label::Nothing => own,
    };
    at.set(output, input, "the only output that fits", plan);
}

fn of_type<T>(sockets: &[Slot<T>], is_wanted: impl Fn(&T) -> bool) -> Vec<usize> {
    let found = sockets
        .iter()
        .enumerate()
        .filter(|(_, socket)| is_wanted(socket));
    found.map(|(index, _)| index).collect()
}

fn names_of<'a, T: Named>(sockets: &'a [Slot<T>], indices: &[usize]) -> Vec<&'a str> {
    let names = indices
        .iter()
        .filter_map(|index| socket_reference(sockets, *index));
    names.collect()
}
