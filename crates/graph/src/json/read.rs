//! Reads a graph from `graph_json`. Reports all errors in the form of the text, not only the first.

use super::fields::{Fields, SyntaxErrors, expect_numbers, expect_text};
use super::parts::{read_ends, read_item, read_setting, read_socket};
use super::tree::{Json, parse};
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::Position;
use crate::model::{Frame, Graph, Link, Node, Settings};

const GRAPH_KEYS: &[&str] = &[
    "blender",
    "name",
    "inputs",
    "outputs",
    "nodes",
    "links",
    "node_settings",
    "frames",
];
const NODE_KEYS: &[&str] = &["id", "type", "label", "items", "pair", "position"];
const FRAME_KEYS: &[&str] = &["id", "label", "color", "nodes", "text", "parent"];
/// Keys of notes in a sketch, for the parts of a graph, node or frame that the sketch itself does not show.
const GRAPH_NOTE_KEYS: &[&str] = &["blender", "name", "inputs", "outputs"];
const NODE_NOTE_KEYS: &[&str] = &["label", "items", "pair", "position", "settings"];
const FRAME_NOTE_KEYS: &[&str] = &["color", "text"];

/// Reads a graph. The errors are complete, each with line and column.
pub fn read(bytes: &[u8]) -> Result<Graph, Vec<Diagnostic>> {
    read_json(parse(bytes).map_err(|error| vec![*error])?)
}

/// Reads a graph from a parsed text.
pub(super) fn read_json(json: Json) -> Result<Graph, Vec<Diagnostic>> {
    let mut errors = SyntaxErrors::default();
    let graph = Fields::new(json, "", &mut errors).map(|fields| read_graph(fields, &mut errors));
    match graph {
        Some(graph) if errors.0.is_empty() => Ok(graph),
        _ => Err(errors.0),
    }
}

fn read_graph(mut fields: Fields, errors: &mut SyntaxErrors) -> Graph {
    let mut graph = Graph::default();
    read_header(&mut fields, &mut graph, errors);
    match read_list(&mut fields, "nodes", limits::NODES, errors, read_node) {
        Some(nodes) => graph.nodes = nodes,
        None if errors.0.is_empty() => errors.add(fields.at, "", "\"nodes\" is missing"),
        None => {}
    }
    let links = read_list(&mut fields, "links", limits::LINKS, errors, read_link);
    graph.links = links.unwrap_or_default();
    if let Some(json) = fields.take("node_settings", errors) {
        graph.settings = read_node_settings(json, errors);
    }
    let frames = read_list(&mut fields, "frames", limits::FRAMES, errors, read_frame);
    graph.frames = frames.unwrap_or_default();
    fields.reject_rest(GRAPH_KEYS, errors);
    graph
}

/// Reads the members for the graph as a whole.
fn read_header(fields: &mut Fields, graph: &mut Graph, errors: &mut SyntaxErrors) {
    graph.blender = fields.take_text("blender", errors);
    graph.name = fields.take_text("name", errors);
    graph.inputs = read_list(fields, "inputs", limits::SOCKETS, errors, read_socket);
    graph.outputs = read_list(fields, "outputs", limits::SOCKETS, errors, read_socket);
}

/// Reads a list of objects; `None` if there is no list.
fn read_list<'a, T>(
    fields: &mut Fields<'a>,
    key: &str,
    max: usize,
    errors: &mut SyntaxErrors,
    read: impl Fn(Fields<'a>, &mut SyntaxErrors) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = fields.take_list(key, max, errors)?.into_iter();
    let found = elements.filter_map(|(json, path)| {
        let fields = Fields::new(json, path, errors)?;
        read(fields, errors)
    });
    Some(found.collect())
}

fn read_node(mut fields: Fields, errors: &mut SyntaxErrors) -> Option<Node> {
    let id = fields.require_text("id", errors);
    let idname = fields.require_text("type", errors);
    let mut node = Node {
        at: Some(fields.at),
        ..Node::default()
    };
    read_node_details(&mut fields, &mut node, errors);
    fields.reject_rest(NODE_KEYS, errors);
    (node.id, node.idname) = (id?, idname?);
    Some(node)
}

/// Reads the members of a node other than id and type.
fn read_node_details(fields: &mut Fields, node: &mut Node, errors: &mut SyntaxErrors) {
    node.label = fields.take_text("label", errors);
    node.items = read_list(fields, "items", limits::SOCKETS, errors, read_item);
    node.pair = fields.take_text("pair", errors);
    if let Some(json) = fields.take("position", errors) {
        node.position = expect_numbers(&json, &fields.child_path("position"), errors);
    }
}

fn read_link(mut fields: Fields, errors: &mut SyntaxErrors) -> Option<Link> {
    let at = Some(fields.at);
    let (from, to) = read_ends(&mut fields, errors);
    let ends = &["from", "from_socket", "to", "to_socket"];
    fields.reject_rest(ends, errors);
    Some(Link {
        from: from?,
        to: to?,
        at,
    })
}

fn read_node_settings(json: Json, errors: &mut SyntaxErrors) -> Vec<Settings> {
    let Some(fields) = Fields::new(json, "node_settings", errors) else {
        return Vec::new();
    };
    let members = fields.take_rest(errors).into_iter();
    let read = |(node, at, json): (String, Position, Json)| {
        let path = format!("node_settings.{node}");
        let values = Fields::new(json, path, errors)?;
        Some(read_settings(node, at, values, errors))
    };
    members
        .map(|member| (member.key.into_owned(), member.at, member.value))
        .filter_map(read)
        .collect()
}

fn read_settings(
    node: String,
    at: Position,
    fields: Fields,
    errors: &mut SyntaxErrors,
) -> Settings {
    let path = fields.path.clone();
    let members = fields.take_rest(errors).into_iter();
    let values = members.filter_map(|member| read_setting(member, &path, errors));
    Settings {
        values: values.collect(),
        node,
        at: Some(at),
    }
}

fn read_frame(mut fields: Fields, errors: &mut SyntaxErrors) -> Option<Frame> {
    let id = fields.require_text("id", errors);
    let mut frame = Frame {
        label: fields.take_text("label", errors).unwrap_or_default(),
        parent: fields.take_text("parent", errors),
        at: Some(fields.at),
        ..Frame::default()
    };
    let nodes = fields.take_list("nodes", limits::NODES, errors);
    for (json, path) in nodes.unwrap_or_default() {
        frame.nodes.extend(expect_text(json, || path, errors));
    }
    read_frame_details(&mut fields, &mut frame, errors);
    fields.reject_rest(FRAME_KEYS, errors);
    frame.id = id?;
    Some(frame)
}

/// Reads the members of a frame that a sketch does not show.
fn read_frame_details(fields: &mut Fields, frame: &mut Frame, errors: &mut SyntaxErrors) {
    frame.text = fields.take_text("text", errors);
    if let Some(json) = fields.take("color", errors) {
        let path = fields.child_path("color");
        frame.color = expect_numbers(&json, &path, errors);
        let is_valid = frame
            .color
            .is_none_or(|color| color.iter().all(|part| (0.0..=1.0).contains(part)));
        if !is_valid {
            errors.add(
                json.at,
                &path,
                "red, green, blue and alpha must be from 0 to 1",
            );
        }
    }
}

/// Reads a note about the graph in a sketch.
pub(crate) fn read_graph_note(json: Json, graph: &mut Graph) -> Vec<Diagnostic> {
    read_note(json, GRAPH_NOTE_KEYS, |fields, errors| {
        read_header(fields, graph, errors)
    })
}

/// Reads a note about a node in a sketch; returns the settings in it.
pub(crate) fn read_node_note(
    json: Json,
    node: &mut Node,
) -> Result<Option<Settings>, Vec<Diagnostic>> {
    let mut found = None;
    let errors = read_note(json, NODE_NOTE_KEYS, |fields, errors| {
        read_node_details(fields, node, errors);
        if let Some(json) = fields.take("settings", errors) {
            let at = json.at;
            let values = Fields::new(json, "settings", errors);
            found = values.map(|values| read_settings(node.id.clone(), at, values, errors));
        }
    });
    match errors.is_empty() {
        true => Ok(found),
        false => Err(errors),
    }
}

/// Reads a note about a frame in a sketch.
pub(crate) fn read_frame_note(json: Json, frame: &mut Frame) -> Vec<Diagnostic> {
    read_note(json, FRAME_NOTE_KEYS, |fields, errors| {
        read_frame_details(fields, frame, errors)
    })
}

fn read_note<'a>(
    json: Json<'a>,
    keys: &[&str],
    read: impl FnOnce(&mut Fields<'a>, &mut SyntaxErrors),
) -> Vec<Diagnostic> {
    let mut errors = SyntaxErrors::default();
    if let Some(mut fields) = Fields::new(json, "", &mut errors) {
        read(&mut fields, &mut errors);
        fields.reject_rest(keys, &mut errors);
    }
    errors.0
}
