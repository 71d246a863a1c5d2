//! Reads a draft from a `graph_json` in the loose forms that language models and other tools write.
//!
//! Other names of keys get their own ones, `node.socket` is split, and settings inside a node move to `node_settings`.
//! Links may lack sockets, and nodes a type. The strict reader then reads the result.

use std::borrow::Cow;
use std::collections::HashSet;

use super::read::read_json;
use super::tree::{Json, Kind, Member, parse};
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Label, Title};
use crate::fix::Fix;
use crate::location::{Location, Position};
use crate::model::Graph;

/// Keys, and other names of theirs.
type Names = &'static [(&'static str, &'static [&'static str])];

const GRAPH_NAMES: Names = &[
    ("links", &["edges", "connections", "wires"]),
    ("node_settings", &["settings", "values"]),
];
const NODE_NAMES: Names = &[
    ("id", &["name"]),
    ("type", &["node_type", "bl_idname", "idname", "kind"]),
    ("position", &["location"]),
];
const LINK_NAMES: Names = &[
    ("from", &["from_node", "source", "src", "source_node"]),
    ("to", &["to_node", "target", "dst", "dest", "target_node"]),
    (
        "from_socket",
        &["source_socket", "output", "from_output", "sourceHandle"],
    ),
    (
        "to_socket",
        &["target_socket", "input", "to_input", "targetHandle"],
    ),
];
/// Keys of a node that hold settings.
const SETTINGS_IN_NODES: &[&str] = &[
    "settings",
    "inputs",
    "values",
    "params",
    "parameters",
    "properties",
];

/// Reads a `graph_json` in a loose form. Types and sockets that are no names of the catalogue stay open.
pub(crate) fn read_loose(bytes: &[u8]) -> Result<Draft, Vec<Diagnostic>> {
    let mut json = parse(bytes).map_err(|error| vec![*error])?;
    let mut fixes = Vec::new();
    if let Kind::Object(members) = &mut json.kind {
        rewrite_graph(members, &mut fixes);
    }
    let mut graph = read_json(json)?;
    let labels = open_links(&mut graph);
    let titles = graph.nodes.iter().map(|node| Title {
        text: node.idname.clone(),
        is_id: node.idname == node.id,
        ..Title::default()
    });
    Ok(Draft {
        titles: titles.collect(),
        labels,
        fixes,
        graph,
    })
}

fn rewrite_graph(members: &mut Vec<Member>, fixes: &mut Vec<Fix>) {
    rename(members, GRAPH_NAMES, fixes);
    for member in members.iter_mut() {
        match &*member.key {
            "nodes" => list_nodes(&mut member.value),
            "links" => name_ends(&mut member.value),
            _ => {}
        }
    }
    let mut ids = HashSet::new();
    let mut settings = Vec::new();
    for node in elements(members, "nodes") {
        rename(node, NODE_NAMES, fixes);
        let Some(id) = text_of(node, "id").map(str::to_owned) else {
            continue;
        };
        if !node.iter().any(|it| it.key == "type") {
            push_text(node, "type", id.clone());
        }
        let moved = node.extract_if(.., |it| {
            SETTINGS_IN_NODES.contains(&&*it.key) && matches!(it.value.kind, Kind::Object(_))
        });
        settings.extend(moved.map(|member| Member {
            key: Cow::Owned(id.clone()),
            ..member
        }));
        ids.insert(id);
    }
    for link in elements(members, "links") {
        rename(link, LINK_NAMES, fixes);
        split_ends(link, &ids);
        if link.iter().all(|it| it.key != "socket") {
            for key in ["from_socket", "to_socket"] {
                if link.iter().all(|it| it.key != key) {
                    push_text(link, key, String::new());
                }
            }
        }
    }
    add_settings(members, settings, fixes);
}

/// Makes a list of nodes that are an object by id.
fn list_nodes(nodes: &mut Json) {
    let Kind::Object(members) = &mut nodes.kind else {
        return;
    };
    let members = std::mem::take(members).into_iter();
    let values = members.map(|Member { key, mut value, .. }| {
        if let Kind::Object(node) = &mut value.kind
            && node.iter().all(|it| it.key != "id")
        {
            push_text(node, "id", key.into_owned());
        }
        value
    });
    nodes.kind = Kind::List(values.collect());
}

/// Makes objects of links that are lists: two ends, or node and socket of each.
fn name_ends(links: &mut Json) {
    let Kind::List(links) = &mut links.kind else {
        return;
    };
    for link in links {
        let Kind::List(parts) = &link.kind else {
            continue;
        };
        let keys: &[&'static str] = match parts.len() {
            2 => &["from", "to"],
            4 => &["from", "from_socket", "to", "to_socket"],
            _ => continue,
        };
        let texts: Option<Vec<String>> = parts.iter().map(text).collect();
        let Some(texts) = texts else { continue };
        let mut members = Vec::new();
        for (key, text) in keys.iter().zip(texts) {
            push_text(&mut members, key, text);
        }
        link.kind = Kind::Object(members);
    }
}

fn text(json: &Json) -> Option<String> {
    match &json.kind {
        Kind::Text(text) => Some(text.to_string()),
        Kind::Int(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Returns the objects in a list.
fn elements<'m, 'a>(
    members: &'m mut [Member<'a>],
    key: &str,
) -> impl Iterator<Item = &'m mut Vec<Member<'a>>> {
    let lists = members.iter_mut().filter(move |it| it.key == key);
    let values = lists.flat_map(|member| match &mut member.value.kind {
        Kind::List(values) => values.as_mut_slice(),
        _ => &mut [],
    });
    values.filter_map(|value| match &mut value.kind {
        Kind::Object(members) => Some(members),
        _ => None,
    })
}

/// Gives keys their own names, where the object does not have them already.
fn rename(members: &mut [Member], names: Names, fixes: &mut Vec<Fix>) {
    for (name, others) in names {
        if members.iter().any(|it| it.key == *name) {
            continue;
        }
        let other = members.iter_mut().find(|it| others.contains(&&*it.key));
        if let Some(member) = other {
            let done = format!("the key {} is read as {name}", member.key);
            let location = Location::in_text(member.at);
            fixes.push(Fix::new(location, done));
            member.key = Cow::Borrowed(name);
        }
    }
}

/// Splits `"from": "n1.Mesh"` into node and socket, if no node has that whole id.
fn split_ends(link: &mut Vec<Member>, ids: &HashSet<String>) {
    for (key, socket_key) in [("from", "from_socket"), ("to", "to_socket")] {
        if link
            .iter()
            .any(|it| it.key == socket_key || it.key == "socket")
        {
            continue;
        }
        let Some(end) = text_of(link, key).filter(|end| !ids.contains(*end)) else {
            continue;
        };
        let cuts = end.match_indices(['.', ':', '/']);
        let mut parts =
            cuts.filter_map(|(at, sign)| Some((end.get(..at)?, end.get(at + sign.len()..)?)));
        let found = parts.find(|(node, _)| ids.contains(*node));
        if let Some((node, socket)) =
            found.map(|(node, socket)| (node.to_owned(), socket.to_owned()))
        {
            link.retain(|it| it.key != key);
            push_text(link, key, node);
            push_text(link, socket_key, socket);
        }
    }
}

/// Adds settings from inside of nodes to `node_settings`.
fn add_settings<'a>(
    members: &mut Vec<Member<'a>>,
    settings: Vec<Member<'a>>,
    fixes: &mut Vec<Fix>,
) {
    if settings.is_empty() {
        return;
    }
    for member in &settings {
        let done = format!("the settings in {} are read as node_settings", member.key);
        fixes.push(Fix::new(Location::in_text(member.at), done));
    }
    match members.iter_mut().find(|it| it.key == "node_settings") {
        Some(Member {
            value:
                Json {
                    kind: Kind::Object(known),
                    ..
                },
            ..
        }) => known.extend(settings),
        Some(_) => {}
        None => members.push(Member {
            key: Cow::Borrowed("node_settings"),
            at: Position::START,
            value: Json {
                at: Position::START,
                kind: Kind::Object(settings),
            },
        }),
    }
}

fn text_of<'m>(members: &'m [Member], key: &str) -> Option<&'m str> {
    let member = members.iter().find(|it| it.key == key)?;
    match &member.value.kind {
        Kind::Text(text) => Some(text),
        _ => None,
    }
}

fn push_text(members: &mut Vec<Member>, key: &'static str, text: String) {
    let at = members.first().map_or(Position::START, |it| it.at);
    let value = Json {
        at,
        kind: Kind::Text(Cow::Owned(text)),
    };
    members.push(Member {
        key: Cow::Borrowed(key),
        at,
        value,
    });
}

/// Moves the names of sockets into labels: each is still to be found on its node.
fn open_links(graph: &mut Graph) -> Vec<Label> {
    let name = |socket: &mut String| Some(std::mem::take(socket)).filter(|name| !name.is_empty());
    let links = graph.links.iter_mut();
    let labels = links.map(
        |link| match (name(&mut link.from.socket), name(&mut link.to.socket)) {
            (None, None) => Label::Nothing,
            (output, input) => Label::Ends(output, input),
        },
    );
    labels.collect()
}
