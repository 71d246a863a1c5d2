//! `graph_json` to a graph. All that is wrong with the form of the text is told, not only the first.

use super::fields::{Faults, Fields, numbers, text};
use super::parts::{item, pair_of_ends, setting, socket};
use super::tree::{Json, parse};
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::Position;
use crate::model::{Frame, Graph, Link, Node, Settings};

const GRAPH: &[&str] = &[
    "blender",
    "name",
    "inputs",
    "outputs",
    "nodes",
    "links",
    "node_settings",
    "frames",
];
const NODE: &[&str] = &["id", "type", "label", "items", "pair", "position"];
const FRAME: &[&str] = &["id", "label", "color", "nodes", "text", "parent"];
/// What a note in a sketch can say of the graph, of a node and of a frame, beside what the sketch shows.
const GRAPH_NOTE: &[&str] = &["blender", "name", "inputs", "outputs"];
const NODE_NOTE: &[&str] = &["label", "items", "pair", "position", "settings"];
const FRAME_NOTE: &[&str] = &["color", "text"];

/// Reads a graph. The error is everything that is wrong with the text, each with its line and column.
pub fn read(bytes: &[u8]) -> Result<Graph, Vec<Diagnostic>> {
    let json = parse(bytes).map_err(|error| vec![*error])?;
    let mut faults = Faults::default();
    let graph = Fields::of(json, "", &mut faults).map(|fields| graph(fields, &mut faults));
    match graph {
        Some(graph) if faults.0.is_empty() => Ok(graph),
        _ => Err(faults.0),
    }
}

fn graph(mut fields: Fields, faults: &mut Faults) -> Graph {
    let mut graph = Graph::default();
    head(&mut fields, &mut graph, faults);
    match each(&mut fields, "nodes", limits::NODES, faults, node) {
        Some(nodes) => graph.nodes = nodes,
        None if faults.0.is_empty() => faults.add(fields.at, "", "\"nodes\" is missing"),
        None => {}
    }
    let links = each(&mut fields, "links", limits::LINKS, faults, link);
    graph.links = links.unwrap_or_default();
    if let Some(json) = fields.take("node_settings", faults) {
        graph.settings = node_settings(json, faults);
    }
    let frames = each(&mut fields, "frames", limits::FRAMES, faults, frame);
    graph.frames = frames.unwrap_or_default();
    fields.end(GRAPH, faults);
    graph
}

/// What is said of the graph as a whole.
fn head(fields: &mut Fields, graph: &mut Graph, faults: &mut Faults) {
    graph.blender = fields.text("blender", faults);
    graph.name = fields.text("name", faults);
    graph.inputs = each(fields, "inputs", limits::SOCKETS, faults, socket);
    graph.outputs = each(fields, "outputs", limits::SOCKETS, faults, socket);
}

/// Reads each element of a list, which must be an object; none where there is no list.
fn each<'a, T>(
    fields: &mut Fields<'a>,
    key: &str,
    most: usize,
    faults: &mut Faults,
    read: impl Fn(Fields<'a>, &mut Faults) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = fields.list(key, most, faults)?.into_iter();
    let found = elements.filter_map(|(json, path)| {
        let fields = Fields::of(json, path, faults)?;
        read(fields, faults)
    });
    Some(found.collect())
}

fn node(mut fields: Fields, faults: &mut Faults) -> Option<Node> {
    let id = fields.need_text("id", faults);
    let idname = fields.need_text("type", faults);
    let mut node = Node {
        at: Some(fields.at),
        ..Node::default()
    };
    details(&mut fields, &mut node, faults);
    fields.end(NODE, faults);
    (node.id, node.idname) = (id?, idname?);
    Some(node)
}

/// What a node may have beside id and type.
fn details(fields: &mut Fields, node: &mut Node, faults: &mut Faults) {
    node.label = fields.text("label", faults);
    node.items = each(fields, "items", limits::SOCKETS, faults, item);
    node.pair = fields.text("pair", faults);
    if let Some(json) = fields.take("position", faults) {
        node.position = numbers(&json, &fields.below("position"), faults);
    }
}

fn link(mut fields: Fields, faults: &mut Faults) -> Option<Link> {
    let at = Some(fields.at);
    let (from, to) = pair_of_ends(&mut fields, faults);
    let ends = &["from", "from_socket", "to", "to_socket"];
    fields.end(ends, faults);
    Some(Link {
        from: from?,
        to: to?,
        at,
    })
}

fn node_settings(json: Json, faults: &mut Faults) -> Vec<Settings> {
    let Some(fields) = Fields::of(json, "node_settings", faults) else {
        return Vec::new();
    };
    let members = fields.rest(faults).into_iter();
    let read = |(node, at, json): (String, Position, Json)| {
        let path = format!("node_settings.{node}");
        let values = Fields::of(json, path, faults)?;
        Some(settings(node, at, values, faults))
    };
    members
        .map(|member| (member.key.into_owned(), member.at, member.value))
        .filter_map(read)
        .collect()
}

fn settings(node: String, at: Position, fields: Fields, faults: &mut Faults) -> Settings {
    let path = fields.path.clone();
    let members = fields.rest(faults).into_iter();
    let values = members.filter_map(|member| setting(member, &path, faults));
    Settings {
        values: values.collect(),
        node,
        at: Some(at),
    }
}

fn frame(mut fields: Fields, faults: &mut Faults) -> Option<Frame> {
    let id = fields.need_text("id", faults);
    let mut frame = Frame {
        label: fields.text("label", faults).unwrap_or_default(),
        parent: fields.text("parent", faults),
        at: Some(fields.at),
        ..Frame::default()
    };
    let nodes = fields.list("nodes", limits::NODES, faults);
    for (json, path) in nodes.unwrap_or_default() {
        frame.nodes.extend(text(json, || path, faults));
    }
    looks(&mut fields, &mut frame, faults);
    fields.end(FRAME, faults);
    frame.id = id?;
    Some(frame)
}

/// What a sketch cannot show of a frame.
fn looks(fields: &mut Fields, frame: &mut Frame, faults: &mut Faults) {
    frame.text = fields.text("text", faults);
    if let Some(json) = fields.take("color", faults) {
        let path = fields.below("color");
        frame.color = numbers(&json, &path, faults);
        let known = frame
            .color
            .is_none_or(|color| color.iter().all(|part| (0.0..=1.0).contains(part)));
        if !known {
            faults.add(json.at, &path, "red, green, blue and alpha are from 0 to 1");
        }
    }
}

/// Reads a note of a sketch about the graph.
pub(crate) fn graph_note(json: Json, graph: &mut Graph) -> Vec<Diagnostic> {
    note(json, GRAPH_NOTE, |fields, faults| {
        head(fields, graph, faults)
    })
}

/// Reads a note of a sketch about a node, and what it says is set on it.
pub(crate) fn node_note(json: Json, node: &mut Node) -> Result<Option<Settings>, Vec<Diagnostic>> {
    let mut found = None;
    let faults = note(json, NODE_NOTE, |fields, faults| {
        details(fields, node, faults);
        if let Some(json) = fields.take("settings", faults) {
            let at = json.at;
            let values = Fields::of(json, "settings", faults);
            found = values.map(|values| settings(node.id.clone(), at, values, faults));
        }
    });
    match faults.is_empty() {
        true => Ok(found),
        false => Err(faults),
    }
}

/// Reads a note of a sketch about a frame.
pub(crate) fn frame_note(json: Json, frame: &mut Frame) -> Vec<Diagnostic> {
    note(json, FRAME_NOTE, |fields, faults| {
        looks(fields, frame, faults)
    })
}

fn note<'a>(
    json: Json<'a>,
    known: &[&str],
    read: impl FnOnce(&mut Fields<'a>, &mut Faults),
) -> Vec<Diagnostic> {
    let mut faults = Faults::default();
    if let Some(mut fields) = Fields::of(json, "", &mut faults) {
        read(&mut fields, &mut faults);
        fields.end(known, &mut faults);
    }
    faults.0
}
