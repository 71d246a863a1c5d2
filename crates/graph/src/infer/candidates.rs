//! The ends that a link can have: pairs of an output and an input, narrowed by the label, by the types of the sockets,
//! and by what is linked already.

use std::collections::HashSet;

use super::linked_types::namesake;
use super::socket_names::{sockets_named, type_named};
use crate::catalogue::Side;
use crate::convert::find_converter;
use crate::draft::Label;
use crate::idnames::{GEOMETRY, GROUP_INPUT, GROUP_OUTPUT, REROUTE, is_same_kind};
use crate::names::normalize;
use crate::wiring::{Port, Wiring};

/// An output and an input, by index on their nodes.
pub(super) type Pair = (usize, usize);

/// Tells whether an output of a type fits an input of a type.
type Fits<'a> = &'a dyn Fn(&str, &str) -> bool;

/// Most sockets of a node that are tried in pairs.
const MAX_SOCKETS: usize = 64;

/// The known nodes at the ends of a link, by index.
#[derive(Clone, Copy)]
pub(super) struct Nodes {
    pub from: usize,
    pub to: usize,
}

/// Returns the nodes of a link, if the types of both are known.
pub(super) fn nodes_of(link: usize, wiring: &Wiring) -> Option<Nodes> {
    let link = wiring.graph.links.get(link)?;
    let (from, to) = wiring
        .node_index(&link.from.node)
        .zip(wiring.node_index(&link.to.node))?;
    let is_known = |node: usize| {
        wiring
            .resolved
            .get(node)
            .is_some_and(|it| it.node_type.is_some())
    };
    (is_known(from) && is_known(to)).then_some(Nodes { from, to })
}

/// Returns whether any name is a socket there: on the group's input or output, if the graph does not declare them.
pub(super) fn is_undeclared(node: usize, side: Side, wiring: &Wiring) -> bool {
    let Some(resolved) = wiring.resolved.get(node) else {
        return false;
    };
    match side {
        Side::Output => resolved.has_type(GROUP_INPUT) && wiring.graph.inputs.is_none(),
        Side::Input => resolved.has_type(GROUP_OUTPUT) && wiring.graph.outputs.is_none(),
    }
}

/// The sockets on either side of a link, each with its type.
pub(super) struct Ends {
    pub outputs: Vec<usize>,
    pub inputs: Vec<usize>,
    /// Whether the label names the output, and the input.
    is_output_named: bool,
    is_input_named: bool,
    /// Whether only the input can have the name in the label.
    pub is_explicit: bool,
}

/// Returns the sockets that the label leaves; none on a side if the label names something else.
pub(super) fn ends_by_label(nodes: Nodes, label: &Label, wiring: &Wiring) -> Option<Ends> {
    let (from, to) = (
        wiring.resolved.get(nodes.from)?,
        wiring.resolved.get(nodes.to)?,
    );
    let all_outputs = || (0..from.outputs.len().min(MAX_SOCKETS)).collect::<Vec<_>>();
    let all_inputs = || (0..to.inputs.len().min(MAX_SOCKETS)).collect::<Vec<_>>();
    let of_type = |idname: &str| {
        let has_type = |index: &usize| {
            from.outputs
                .get(*index)
                .is_some_and(|it| it.idname == idname)
        };
        all_outputs()
            .into_iter()
            .filter(has_type)
            .collect::<Vec<_>>()
    };
    let output_named = |name: &str| {
        let named = sockets_named(&from.outputs, name);
        match (named.is_empty(), type_named(name)) {
            (true, Some(idname)) => of_type(idname),
            _ => named,
        }
    };
    let is_output_named = label
        .output()
        .is_some_and(|name| !sockets_named(&from.outputs, name).is_empty());
    let (outputs, inputs, is_input_named) = match label {
        Label::Nothing => (all_outputs(), all_inputs(), false),
        Label::Ends(output, input) => (
            output.as_deref().map_or_else(all_outputs, output_named),
            input
                .as_deref()
                .map_or_else(all_inputs, |name| sockets_named(&to.inputs, name)),
            input.is_some(),
        ),
        Label::Either(name) => {
            let outputs = sockets_named(&from.outputs, name);
            let inputs = sockets_named(&to.inputs, name);
            match (outputs.is_empty(), inputs.is_empty()) {
                (false, false) if pairs_fit(nodes, &outputs, &inputs, wiring) => {
                    (outputs, inputs, true)
                }
                (true, false) => (all_outputs(), inputs, true),
                (false, _) => (outputs, all_inputs(), false),
                (true, true) => (output_named(name), all_inputs(), false),
            }
        }
    };
    Some(Ends {
        outputs,
        inputs,
        is_output_named,
        is_input_named,
        is_explicit: is_input_named && (matches!(label, Label::Ends(..)) || !is_output_named),
    })
}

/// Returns the pairs that remain of the sockets by the first of these that leaves any: equal types, types that Blender
/// converts, types that a node converts, all.
pub(super) fn pairs(
    nodes: Nodes,
    ends: &Ends,
    taken: &HashSet<Port>,
    wiring: &Wiring,
) -> Vec<Pair> {
    let (outputs, inputs) = prefer_geometry(nodes, ends, wiring);
    let free = |input: &usize| {
        !taken.contains(&Port {
            node: nodes.to,
            socket: *input,
        })
    };
    let by_type = |inputs: &[usize]| {
        let fits: [Fits; 3] = [
            &is_same_kind,
            &|from, to| wiring.catalogue.compat.allows(from, to),
            &|from, to| find_converter(wiring.catalogue, from, to).is_some(),
        ];
        let step =
            |fits: &dyn Fn(&str, &str) -> bool| fitting(nodes, &outputs, inputs, wiring, fits);
        fits.into_iter()
            .map(step)
            .find(|pairs| !pairs.is_empty())
            .unwrap_or_default()
    };
    let mut found = by_type(&inputs);
    if !ends.is_input_named {
        let unlinked: Vec<Pair> = found
            .iter()
            .copied()
            .filter(|(_, input)| free(input))
            .collect();
        if !unlinked.is_empty() {
            found = unlinked;
        }
        let same_name = found
            .iter()
            .copied()
            .filter(|pair| has_same_name(nodes, *pair, wiring));
        let same_name: Vec<Pair> = same_name.collect();
        if !same_name.is_empty() {
            found = same_name;
        }
    }
    if !ends.is_output_named
        && let Some(output) = namesake(nodes.from, wiring)
        && found.iter().any(|pair| pair.0 == output)
    {
        found.retain(|pair| pair.0 == output);
    }
    let is_single = outputs.len() == 1 && inputs.len() == 1;
    match found.is_empty() && is_single {
        // The types follow later, from the links.
        true => outputs.into_iter().zip(inputs).collect(),
        false => found,
    }
}

/// Returns the pairs with other inputs of the same type that are not linked. Several links whose labels name only the
/// output can compete for one input. Each of them can as well be meant for one of these.
pub(super) fn alternatives(
    nodes: Nodes,
    (output, input): Pair,
    taken: &HashSet<Port>,
    wiring: &Wiring,
) -> Vec<Pair> {
    let socket = |socket: usize| {
        wiring.input(Port {
            node: nodes.to,
            socket,
        })
    };
    let (Some(to), Some(resolved)) = (socket(input), wiring.resolved.get(nodes.to)) else {
        return Vec::new();
    };
    let others = (0..resolved.inputs.len().min(MAX_SOCKETS)).filter(|other| {
        let port = Port {
            node: nodes.to,
            socket: *other,
        };
        let is_kind = socket(*other).is_some_and(|it| it.idname == to.idname);
        *other != input && is_kind && !taken.contains(&port)
    });
    others.map(|other| (output, other)).collect()
}

/// Leaves the geometries if no side is named and both have some: an arrow alone means the flow of geometry.
fn prefer_geometry(nodes: Nodes, ends: &Ends, wiring: &Wiring) -> (Vec<usize>, Vec<usize>) {
    let is_output = |it: &usize| {
        wiring
            .output(Port {
                node: nodes.from,
                socket: *it,
            })
            .is_some_and(|it| it.idname == GEOMETRY)
    };
    let is_input = |it: &usize| {
        wiring
            .input(Port {
                node: nodes.to,
                socket: *it,
            })
            .is_some_and(|it| it.idname == GEOMETRY)
    };
    let outputs: Vec<usize> = ends.outputs.iter().copied().filter(is_output).collect();
    let inputs: Vec<usize> = ends.inputs.iter().copied().filter(is_input).collect();
    match outputs.is_empty() || inputs.is_empty() {
        true => (ends.outputs.clone(), ends.inputs.clone()),
        false => (outputs, inputs),
    }
}

fn fitting(
    nodes: Nodes,
    outputs: &[usize],
    inputs: &[usize],
    wiring: &Wiring,
    fits: Fits,
) -> Vec<Pair> {
    let all = outputs
        .iter()
        .flat_map(|output| inputs.iter().map(|input| (*output, *input)));
    let found = all.filter(|(output, input)| {
        let from = wiring.output(Port {
            node: nodes.from,
            socket: *output,
        });
        let to = wiring.input(Port {
            node: nodes.to,
            socket: *input,
        });
        from.zip(to)
            .is_some_and(|(from, to)| fits(&from.idname, &to.idname))
    });
    found.collect()
}

/// Returns whether Blender links the two sockets of a pair.
pub(super) fn can_be_linked(nodes: Nodes, (output, input): Pair, wiring: &Wiring) -> bool {
    pairs_fit(nodes, &[output], &[input], wiring)
}

fn pairs_fit(nodes: Nodes, outputs: &[usize], inputs: &[usize], wiring: &Wiring) -> bool {
    let allows = |from: &str, to: &str| wiring.catalogue.compat.allows(from, to);
    !fitting(nodes, outputs, inputs, wiring, &allows).is_empty()
}

fn has_same_name(nodes: Nodes, (output, input): Pair, wiring: &Wiring) -> bool {
    let from = wiring.output(Port {
        node: nodes.from,
        socket: output,
    });
    let to = wiring.input(Port {
        node: nodes.to,
        socket: input,
    });
    from.zip(to)
        .is_some_and(|(from, to)| normalize(&from.name) == normalize(&to.name))
}

/// Returns whether the type of the values at the beginning of a link is still open, because a reroute passes them on.
pub(super) fn comes_from_open_reroute(nodes: Nodes, wiring: &Wiring) -> bool {
    let is_reroute = wiring
        .resolved
        .get(nodes.from)
        .is_some_and(|it| it.has_type(REROUTE));
    let port = Port {
        node: nodes.from,
        socket: 0,
    };
    is_reroute && wiring.wires.iter().all(|wire| wire.to != Some(port))
}
