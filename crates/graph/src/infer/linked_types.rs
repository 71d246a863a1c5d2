//! The types of the values that links bring to a node, and of the inputs that they lead to.

use super::socket_names::sockets_named;
use crate::draft::{Draft, Label};
use crate::model::Link;
use crate::names::normalize;
use crate::wiring::Wiring;

/// Returns the types of the values that are linked to a node; `None` if one is not known.
pub(super) fn source_types(node: usize, draft: &Draft, wiring: &Wiring) -> Option<Vec<String>> {
    let id = &wiring.graph.nodes.get(node)?.id;
    let links = wiring
        .graph
        .links
        .iter()
        .zip(&wiring.wires)
        .zip(&draft.labels);
    let links = links.filter(|((link, _), _)| link.to.node == *id);
    links
        .map(|((link, wire), label)| {
            if let Some(output) = wire.from.and_then(|port| wiring.output(port)) {
                return Some(output.idname.clone());
            }
            source_type(link, label, wiring).map(|(_, idname)| idname)
        })
        .collect()
}

/// Returns name and type of the output of an open link. It is the one in the label, else the one named as its node.
/// Else it is the first one, if all have one type.
pub(super) fn source_type(link: &Link, label: &Label, wiring: &Wiring) -> Option<(String, String)> {
    let node = wiring.node_index(&link.from.node)?;
    let resolved = wiring.resolved.get(node)?;
    let named = label
        .output()
        .map(|name| sockets_named(&resolved.outputs, name));
    let named = named.filter(|found| !found.is_empty());
    let indices = match (named, namesake(node, wiring)) {
        (Some(found), _) => found,
        (None, Some(namesake)) => vec![namesake],
        (None, None) => (0..resolved.outputs.len()).collect(),
    };
    let mut outputs = indices
        .iter()
        .filter_map(|index| resolved.outputs.get(*index));
    let first = outputs.next()?;
    let is_one_type = outputs.all(|output| output.idname == first.idname);
    is_one_type.then(|| (first.name.clone(), first.idname.clone()))
}

/// Returns the types of the inputs that a node is linked to; `None` if one is not known.
pub(super) fn input_types_of_links(
    node: usize,
    draft: &Draft,
    wiring: &Wiring,
) -> Option<Vec<String>> {
    let id = &wiring.graph.nodes.get(node)?.id;
    let links = wiring.graph.links.iter().zip(&draft.labels);
    let links = links.filter(|(link, _)| link.from.node == *id);
    links
        .map(|(link, label)| {
            let resolved = wiring.resolved.get(wiring.node_index(&link.to.node)?)?;
            let name = match link.to.socket.as_str() {
                "" => label.input()?,
                name => name,
            };
            match sockets_named(&resolved.inputs, name).as_slice() {
                [only] => resolved.inputs.get(*only).map(|input| input.idname.clone()),
                _ => None,
            }
        })
        .collect()
}

/// Returns the output that has the name of its node: Normal of Normal, beside True Normal.
pub(super) fn namesake(node: usize, wiring: &Wiring) -> Option<usize> {
    let resolved = wiring.resolved.get(node)?;
    let label = normalize(&resolved.node_type?.label);
    let mut outputs = resolved.outputs.iter();
    outputs.position(|output| normalize(&output.name) == label)
}
