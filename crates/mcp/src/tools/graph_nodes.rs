//! `graph_nodes`: looks up types of geometry nodes.

use serde_json::{Value, json};
use vibesync_graph::catalogue::NodeType;
use vibesync_graph::{Lookup, lookup, search, suggest_types};

use super::graph_check::{BLENDER, node_types};
use super::tool::{Call, Hints, Tool, limit};
use crate::answer::{MAX_BYTES, size, take_rows};
use crate::daemon::Fault;
use crate::schema::Shape::{Objects, Texts};
use crate::schema::{Field, Kind};

pub(super) const TOOL: Tool = Tool {
    name: "graph_nodes",
    title: "Look up geometry-node types",
    about: "name: one node type with sockets, defaults and properties. search: types whose name or description has the \
            words. No match: nodes is empty, similar has names. Needs no daemon.",
    hints: Hints::READ,
    input: &[
        Field {
            name: "name",
            kind: Kind::Text(200),
            about: "Identifier or label, such as GeometryNodeMeshCone",
        },
        Field {
            name: "search",
            kind: Kind::Text(200),
            about: "",
        },
        BLENDER,
        limit(20),
    ],
    output: &[("nodes", Objects), ("similar", Texts)],
    run,
};

fn run(call: &Call<'_>) -> Result<Value, Fault> {
    let catalogue = node_types(call)?;
    let limit = call.limit(10) as usize;
    let arguments = &call.arguments;
    let (term, nodes) = match (arguments.text("name"), arguments.text("search")) {
        (Some(name), None) => match lookup(catalogue, name) {
            Lookup::One(kind) => (name, vec![whole(kind)]),
            Lookup::Several(kinds) => (name, kinds.into_iter().take(limit).map(line).collect()),
            Lookup::None => (name, Vec::new()),
        },
        (None, Some(term)) => {
            let found = search(catalogue, term, limit);
            (term, found.into_iter().map(line).collect())
        }
        _ => return Err(Fault::argument("name", "give either `name` or `search`")),
    };
    let similar = nodes.is_empty().then(|| suggest_types(catalogue, term));
    Ok(json!({"nodes": take_rows(nodes).0, "similar": similar}))
}

/// Describes a type in one line.
fn line(kind: &NodeType) -> Value {
    json!({"identifier": kind.identifier, "label": kind.label, "category": kind.category, "description": kind.description})
}

/// Describes all of a type. The sockets of variants are left out if they are too many for an answer.
fn whole(kind: &NodeType) -> Value {
    let mut value = json!(kind);
    if size(&value) > MAX_BYTES * 3 / 4
        && let Some(fields) = value.as_object_mut()
    {
        fields.remove("variants");
    }
    value
}
