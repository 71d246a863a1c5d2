//! Infers the items of a zone without items: a geometry, and each value that its links name.

use super::candidates::Nodes;
use super::plan::{Change, Plan};
use super::socket_names::{sockets_named, type_named};
use crate::catalogue::{Collection, Output};
use crate::draft::{Draft, Label};
use crate::idnames::GEOMETRY;
use crate::model::{Item, Link};
use crate::names::normalize;
use crate::wiring::{Slot, Wiring};

/// The name of the item that a new zone has.
const GEOMETRY_ITEM: &str = "Geometry";

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    for (input, output) in wiring.zones() {
        let halves = Nodes {
            from: input,
            to: output,
        };
        let Some((node, resolved)) = wiring
            .graph
            .nodes
            .get(output)
            .zip(wiring.resolved.get(output))
        else {
            continue;
        };
        let collections = resolved
            .node_type
            .map(|it| it.items.as_slice())
            .unwrap_or_default();
        let ([collection], None) = (collections, &node.items) else {
            continue;
        };
        let named = named_values(halves, draft, wiring);
        if named.is_empty() {
            continue;
        }
        let items: Option<Vec<Item>> = items(&named, collection);
        let Some(items) = items else {
            continue;
        };
        let names: Vec<&str> = items.iter().map(|it| it.name.as_str()).collect();
        let done = format!("its items are {}: the links name them", names.join(", "));
        plan.step(node.location(), done, Change::Items(output, items));
    }
    plan
}

/// A value that a link of a zone names, and its type if the other end tells it.
struct Named {
    name: String,
    idname: Option<String>,
}

/// Returns the values that links name on the zone's side, without its fixed sockets and without the geometry.
fn named_values(halves: Nodes, draft: &Draft, wiring: &Wiring) -> Vec<Named> {
    let mut named: Vec<Named> = Vec::new();
    for (link, label) in wiring.graph.links.iter().zip(&draft.labels) {
        for (name, idname) in values_of_link(halves, link, label, wiring) {
            let known = named
                .iter_mut()
                .find(|it| normalize(&it.name) == normalize(&name));
            match known {
                Some(known) => known.idname = known.idname.take().or(idname),
                None => named.push(Named { name, idname }),
            }
        }
    }
    named
}

fn values_of_link(
    halves: Nodes,
    link: &Link,
    label: &Label,
    wiring: &Wiring,
) -> Vec<(String, Option<String>)> {
    let node = |id: &str| wiring.node_index(id);
    let is_half = |id: &str| node(id).is_some_and(|it| it == halves.from || it == halves.to);
    let mut values = Vec::new();
    // Into the zone only a name for the input alone counts: a single name can be that of the output.
    if let (true, Label::Ends(output, Some(name))) = (is_half(&link.to.node), label) {
        let from = node(&link.from.node).and_then(|it| wiring.resolved.get(it));
        let idname = from.and_then(|from| type_of(&from.outputs, output.as_deref()));
        values.push((name.clone(), idname));
    }
    if let (true, Some(name)) = (is_half(&link.from.node), label.output()) {
        let to = node(&link.to.node).and_then(|it| wiring.resolved.get(it));
        let named = label
            .input()
            .zip(to)
            .map(|(name, to)| (to, sockets_named(&to.inputs, name)));
        let input = named.and_then(|(to, found)| match found.as_slice() {
            [only] => to.inputs.get(*only),
            _ => None,
        });
        values.push((name.to_owned(), input.map(|it| it.idname.clone())));
    }
    let fixed = |name: &str| {
        let resolved = [halves.from, halves.to]
            .into_iter()
            .filter_map(|it| wiring.resolved.get(it));
        resolved.into_iter().any(|it| {
            !sockets_named(&it.inputs, name).is_empty()
                || !sockets_named(&it.outputs, name).is_empty()
        })
    };
    values.retain(|(name, _)| !fixed(name) && type_named(name) != Some(GEOMETRY));
    values
}

/// Returns the type of the output with this name, or of the only output.
fn type_of(outputs: &[Slot<Output>], name: Option<&str>) -> Option<String> {
    let named = name
        .map(|name| sockets_named(outputs, name))
        .unwrap_or_default();
    let index = match (named.as_slice(), outputs.len()) {
        ([only], _) => *only,
        (_, 1) => 0,
        _ => return None,
    };
    outputs.get(index).map(|it| it.idname.clone())
}

/// Returns the items: the geometry of a new zone, and one for each value; `None` while a type is not known.
fn items(named: &[Named], collection: &Collection) -> Option<Vec<Item>> {
    let item = |name: &str, idname: &str| Item {
        name: name.to_owned(),
        idname: Some(idname.to_owned()),
        ..Item::default()
    };
    let values = named.iter().map(|it| {
        let idname = it
            .idname
            .as_deref()
            .filter(|idname| collection.types.contains_key(*idname));
        Some(item(&it.name, idname?))
    });
    let values: Option<Vec<Item>> = values.collect();
    Some(
        [item(GEOMETRY_ITEM, GEOMETRY)]
            .into_iter()
            .chain(values?)
            .collect(),
    )
}
