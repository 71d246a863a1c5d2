//! Reads notes: comments for data that a sketch does not show, as `%% n1: GeometryNodeMeshCone {"settings":{"Vertices":32}}`.
//!
//! A note begins with `graph`, or with the id of a node or a frame, and a colon. The full type of the node, the word
//! `frame`, or an object follows. All other comments are for people.

use std::collections::HashMap;

use super::line::Line;
use super::sketch::Sketch;
use crate::catalogue::Catalogue;
use crate::json;
use crate::lookup::{Lookup, lookup};

/// A part of all identifiers of node types, and of hardly any word in prose.
const TYPE_MARK: &str = "Node";

/// Sets the types of nodes from titles, and all other data from notes.
pub(super) fn apply(sketch: &mut Sketch, catalogue: &Catalogue) {
    set_types(sketch, catalogue);
    let frames: HashMap<String, usize> = sketch
        .graph
        .frames
        .iter()
        .enumerate()
        .map(|(index, frame)| (frame.id.clone(), index))
        .collect();
    for mut note in std::mem::take(&mut sketch.comments) {
        let id = note.take_identifier();
        if id.is_empty() || !note.take(":") {
            continue;
        }
        if id == "graph" {
            apply_to_graph(sketch, note);
        } else if let Some(index) = sketch.nodes.get(id).copied() {
            apply_to_node(sketch, index, note);
        } else if let Some(index) = frames.get(id).copied() {
            apply_to_frame(sketch, index, note);
        }
    }
}

/// Sets the types from titles. A title that means no type, or several, stays as it is.
fn set_types(sketch: &mut Sketch, catalogue: &Catalogue) {
    for (node, title) in sketch.graph.nodes.iter_mut().zip(&sketch.titles) {
        let title = title.as_deref().unwrap_or_default();
        node.idname = match lookup(catalogue, title) {
            Lookup::One(node_type) => node_type.identifier.clone(),
            _ => title.to_owned(),
        };
    }
}

fn apply_to_graph(sketch: &mut Sketch, note: Line) {
    if let Some(json) = parse_object(sketch, &note) {
        let errors = json::read_graph_note(json, &mut sketch.graph);
        sketch.errors.extend(errors);
    }
}

fn apply_to_node(sketch: &mut Sketch, index: usize, mut note: Line) {
    let at = note.at();
    let idname = note.take_identifier();
    let is_note = idname.is_empty() || idname.contains(TYPE_MARK);
    if !is_note || !(note.is_empty() || note.rest().starts_with('{')) {
        return;
    }
    let json = match note.is_empty() {
        true => None,
        false => parse_object(sketch, &note),
    };
    let Some(node) = sketch.graph.nodes.get_mut(index) else {
        return;
    };
    if !idname.is_empty() {
        node.idname = idname.to_owned();
    }
    match json.map(|json| json::read_node_note(json, node)) {
        Some(Ok(Some(mut settings))) => {
            settings.at = Some(at);
            sketch.graph.settings.push(settings);
        }
        Some(Err(errors)) => sketch.errors.extend(errors),
        Some(Ok(None)) | None => {}
    }
}

fn apply_to_frame(sketch: &mut Sketch, index: usize, mut note: Line) {
    if !note.take_word("frame") {
        return;
    }
    if let Some(json) = parse_object(sketch, &note)
        && let Some(frame) = sketch.graph.frames.get_mut(index)
    {
        let errors = json::read_frame_note(json, frame);
        sketch.errors.extend(errors);
    }
}

/// Parses the rest of a note; adds an error if it is no JSON.
fn parse_object<'a>(sketch: &mut Sketch, note: &Line<'a>) -> Option<json::Json<'a>> {
    match json::parse_at(note.rest(), note.at()) {
        Ok(json) => Some(json),
        Err(error) => {
            sketch.errors.push(*error);
            None
        }
    }
}
