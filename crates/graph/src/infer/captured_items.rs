//! Infers the items of Capture Attribute: one for each value that is linked to it.
//!
//! Before Blender 4.2 the node had the sockets Value and Attribute instead, which many texts still name.

use super::linked_types::source_type;
use super::plan::{Change, Plan};
use super::socket_names::sockets_named;
use crate::draft::{Draft, Label};
use crate::idnames::GEOMETRY;
use crate::model::Item;
use crate::wiring::Wiring;

const CAPTURE: &str = "GeometryNodeCaptureAttribute";

/// A value that is linked to the node.
struct Captured {
    link: usize,
    output: String,
    item: Item,
}

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    for (index, (node, resolved)) in wiring.nodes().enumerate() {
        if node.items.is_some() || !resolved.has_type(CAPTURE) {
            continue;
        }
        let mut captured = captured_values(index, draft, wiring);
        if let ([only], Some(name)) = (captured.as_mut_slice(), result_name(index, draft, wiring)) {
            only.item.name = name;
        }
        if captured.is_empty() {
            continue;
        }
        let names: Vec<&str> = captured.iter().map(|it| it.item.name.as_str()).collect();
        let done = format!(
            "its items are {}: these values are linked to it",
            names.join(", ")
        );
        let items = captured.iter().map(|it| it.item.clone()).collect();
        plan.step(node.location(), done, Change::Items(index, items));
        for Captured { link, output, item } in captured {
            let label = Label::Ends(Some(output), Some(item.name));
            plan.step(node.location(), "", Change::Label(link, label));
        }
    }
    plan
}

/// Returns the values that open links bring, other than geometry.
fn captured_values(node: usize, draft: &Draft, wiring: &Wiring) -> Vec<Captured> {
    let mut captured: Vec<Captured> = Vec::new();
    let links = wiring.graph.links.iter().zip(&draft.labels).enumerate();
    for (link, (ends, label)) in links {
        if !ends.to.socket.is_empty() || wiring.node_index(&ends.to.node) != Some(node) {
            continue;
        }
        let Some((output, idname)) = source_type(ends, label, wiring) else {
            continue;
        };
        let name = label.input().unwrap_or(&output);
        if idname == GEOMETRY || captured.iter().any(|it| it.item.name == name) {
            continue;
        }
        let item = Item {
            name: name.to_owned(),
            idname: Some(idname),
            ..Item::default()
        };
        captured.push(Captured { link, output, item });
    }
    captured
}

/// Returns the only name other than that of the geometry which links from the node have.
fn result_name(node: usize, draft: &Draft, wiring: &Wiring) -> Option<String> {
    let outputs = &wiring.resolved.get(node)?.outputs;
    let links = wiring.graph.links.iter().zip(&draft.labels);
    let own = links.filter(|(link, _)| wiring.node_index(&link.from.node) == Some(node));
    let open = own.filter(|(link, _)| link.from.socket.is_empty());
    let names = open.filter_map(|(_, label)| label.output());
    let mut names = names.filter(|name| sockets_named(outputs, name).is_empty());
    let first = names.next()?;
    names.all(|name| name == first).then(|| first.to_owned())
}
