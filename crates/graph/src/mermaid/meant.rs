//! Which input a label means that names the output alone.

use crate::catalogue::{Catalogue, Input};
use crate::model::Graph;
use crate::wiring::{Slot, Wiring, reference};

/// Completes the links whose input is not named: the input of the output's name; else the only one of the output's type;
/// else the only one that the output can be linked to. Where there is none, or several, the name stays for the checklist.
pub(super) fn sockets(graph: &mut Graph, open: &[bool], catalogue: &Catalogue) {
    let wiring = Wiring::new(graph, catalogue);
    let found: Vec<Option<String>> = wiring
        .links()
        .zip(open)
        .map(|((link, wire), open)| {
            let from = wire.from.filter(|_| *open && wire.to.is_none())?;
            let output = wiring.output(from)?;
            let (_, shape) = wiring.node(&link.to.node)?;
            let compat = &catalogue.compat;
            let place = only(&shape.inputs, |it| it.idname == output.idname).or_else(|| {
                only(&shape.inputs, |it| {
                    compat.allows(&output.idname, &it.idname)
                })
            })?;
            reference(&shape.inputs, place).map(str::to_owned)
        })
        .collect();
    for (link, found) in graph.links.iter_mut().zip(found) {
        if let Some(name) = found {
            link.to.socket = name;
        }
    }
}

fn only(inputs: &[Slot<Input>], wanted: impl Fn(&Input) -> bool) -> Option<usize> {
    let mut found = inputs.iter().enumerate().filter(|(_, input)| wanted(input));
    match (found.next(), found.next()) {
        (Some((place, _)), None) => Some(place),
        _ => None,
    }
}
