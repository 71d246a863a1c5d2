//! What needs one value gets no field, which is a value for each point, face or instance.

use std::collections::HashSet;

use super::{Found, of_link};
use crate::catalogue::FieldOf;
use crate::wiring::{Port, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    let fields = fields(wiring);
    for (index, (link, wire)) in wiring.links().enumerate() {
        let Some((from, to)) = wire.ends() else {
            continue;
        };
        let single = wiring.input(to).is_some_and(|input| !input.supports_field);
        if single && fields.contains(&from) {
            let message = format!("{} needs one value, and this is a field", link.to.socket);
            found.add(of_link(index, link), message);
            found.suggest(
                "take the value from a Group Input, a Value node or an Attribute Statistic",
            );
        }
    }
}

/// The outputs that are fields.
fn fields(wiring: &Wiring) -> HashSet<Port> {
    let mut coming: Vec<Vec<(usize, Port)>> = vec![Vec::new(); wiring.shapes.len()];
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        if let Some(coming) = coming.get_mut(to.node) {
            coming.push((to.socket, from));
        }
    }
    let order: Vec<usize> = wiring.edges().components().into_iter().flatten().collect();
    let mut fields = HashSet::new();
    // Once from sources to results, and again while a zone's end makes something at its beginning a field.
    loop {
        let before = fields.len();
        for node in &order {
            spread(wiring, &coming, *node, &mut fields);
        }
        for (input, output) in &wiring.feeds {
            if receives(wiring, &coming, *input, &fields) {
                fields.insert(*output);
            }
        }
        if fields.len() == before {
            return fields;
        }
    }
}

/// Whether a field comes into an input, or it is one by itself.
fn receives(
    wiring: &Wiring,
    coming: &[Vec<(usize, Port)>],
    input: Port,
    fields: &HashSet<Port>,
) -> bool {
    let links = coming
        .get(input.node)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut linked = links
        .iter()
        .filter(|(to, _)| *to == input.socket)
        .peekable();
    match linked.peek() {
        Some(_) => linked.any(|(_, from)| fields.contains(from)),
        None => wiring
            .input(input)
            .is_some_and(|input| input.implicit_field),
    }
}

/// Adds the outputs of one node that are fields.
fn spread(wiring: &Wiring, coming: &[Vec<(usize, Port)>], node: usize, fields: &mut HashSet<Port>) {
    let Some(shape) = wiring.shapes.get(node) else {
        return;
    };
    let is_field = |identifiers: &[String]| {
        let inputs = shape.inputs.iter().enumerate();
        let mut named = inputs.filter(|(_, input)| identifiers.contains(&input.identifier));
        named.any(|(socket, _)| receives(wiring, coming, Port { node, socket }, fields))
    };
    let outputs = shape.outputs.iter().enumerate();
    let found: Vec<Port> = outputs
        .filter(|(_, output)| match &output.field {
            FieldOf::Known(known) => *known,
            FieldOf::Inputs(identifiers) => is_field(identifiers),
        })
        .map(|(socket, _)| Port { node, socket })
        .collect();
    fields.extend(found);
}
