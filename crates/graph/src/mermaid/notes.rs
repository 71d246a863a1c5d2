//! Comments that say what a sketch cannot show: `%% n1: GeometryNodeMeshCone {"settings":{"Vertices":32}}`.
//!
//! A comment is a note when it begins with `graph`, or with the id of a node or a frame, and a colon, and goes on with the
//! node's full type, the word `frame`, or an object. All other comments are for people.

use std::collections::HashMap;

use super::line::Line;
use super::read::Sketch;
use crate::catalogue::Catalogue;
use crate::json;
use crate::lookup::{Lookup, lookup};

/// What all identifiers of node types hold, and hardly a word of prose does.
const NODE: &str = "Node";

/// Takes types from titles, and everything else from notes.
pub(super) fn apply(sketch: &mut Sketch, catalogue: &Catalogue) {
    name(sketch, catalogue);
    let frames: HashMap<String, usize> = sketch
        .graph
        .frames
        .iter()
        .enumerate()
        .map(|(place, frame)| (frame.id.clone(), place))
        .collect();
    for mut note in std::mem::take(&mut sketch.notes) {
        let id = note.word();
        if id.is_empty() || !note.take(":") {
            continue;
        }
        if id == "graph" {
            graph(sketch, note);
        } else if let Some(place) = sketch.nodes.get(id).copied() {
            node(sketch, place, note);
        } else if let Some(place) = frames.get(id).copied() {
            frame(sketch, place, note);
        }
    }
}

/// Types from titles; a title that means no type, or several, stays as it is.
fn name(sketch: &mut Sketch, catalogue: &Catalogue) {
    for (node, title) in sketch.graph.nodes.iter_mut().zip(&sketch.titles) {
        let title = title.as_deref().unwrap_or_default();
        node.idname = match lookup(catalogue, title) {
            Lookup::One(kind) => kind.identifier.clone(),
            _ => title.to_owned(),
        };
    }
}

fn graph(sketch: &mut Sketch, note: Line) {
    if let Some(json) = object(sketch, &note) {
        let faults = json::graph_note(json, &mut sketch.graph);
        sketch.faults.extend(faults);
    }
}

fn node(sketch: &mut Sketch, place: usize, mut note: Line) {
    let at = note.at();
    let idname = note.word();
    let is_note = idname.is_empty() || idname.contains(NODE);
    if !is_note || !(note.is_empty() || note.rest().starts_with('{')) {
        return;
    }
    let json = match note.is_empty() {
        true => None,
        false => object(sketch, &note),
    };
    let Some(node) = sketch.graph.nodes.get_mut(place) else {
        return;
    };
    if !idname.is_empty() {
        node.idname = idname.to_owned();
    }
    match json.map(|json| json::node_note(json, node)) {
        Some(Ok(Some(mut settings))) => {
            settings.at = Some(at);
            sketch.graph.settings.push(settings);
        }
        Some(Err(faults)) => sketch.faults.extend(faults),
        Some(Ok(None)) | None => {}
    }
}

fn frame(sketch: &mut Sketch, place: usize, mut note: Line) {
    if !note.take_word("frame") {
        return;
    }
    if let Some(json) = object(sketch, &note)
        && let Some(frame) = sketch.graph.frames.get_mut(place)
    {
        let faults = json::frame_note(json, frame);
        sketch.faults.extend(faults);
    }
}

/// The object that the rest of a note is.
fn object<'a>(sketch: &mut Sketch, note: &Line<'a>) -> Option<json::Json<'a>> {
    match json::parse_at(note.rest(), note.at()) {
        Ok(json) => Some(json),
        Err(error) => {
            sketch.faults.push(*error);
            None
        }
    }
}
