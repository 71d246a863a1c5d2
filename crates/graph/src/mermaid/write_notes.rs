//! Writes the notes of a sketch, for all data that the drawing does not show.

use std::collections::HashMap;

use serde::Serialize;

use super::text::write_id;
use crate::catalogue::Catalogue;
use crate::json::{SettingsMap, to_line};
use crate::model::{Graph, Item, Node, Setting, Socket};

#[derive(Serialize)]
struct GraphNote<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    blender: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inputs: Option<&'a [Socket]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outputs: Option<&'a [Socket]>,
}

#[derive(Serialize)]
struct NodeNote<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    items: Option<&'a [Item]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    position: Option<[f64; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settings: Option<SettingsMap<'a>>,
}

#[derive(Serialize)]
struct FrameNote<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<[f64; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

/// An object without data; it needs no note.
const NO_DATA: &str = "{}";

/// Returns a note for each part of the graph with data that the drawing does not show.
pub(super) fn notes(graph: &Graph, catalogue: &Catalogue) -> Vec<String> {
    let of_graph = to_line(&GraphNote {
        blender: graph.blender.as_deref(),
        name: graph.name.as_deref(),
        inputs: graph.inputs.as_deref(),
        outputs: graph.outputs.as_deref(),
    });
    let mut notes = Vec::new();
    if of_graph != NO_DATA {
        notes.push(format!("graph: {of_graph}"));
    }
    let settings: HashMap<&str, &[Setting]> = graph
        .settings
        .iter()
        .map(|it| (it.node.as_str(), it.values.as_slice()))
        .collect();
    for node in &graph.nodes {
        notes.extend(node_note(
            node,
            settings.get(node.id.as_str()).copied(),
            catalogue,
        ));
    }
    for frame in &graph.frames {
        let data = to_line(&FrameNote {
            color: frame.color,
            text: frame.text.as_deref(),
        });
        if data != NO_DATA {
            notes.push(format!("{}: frame {data}", write_id(&frame.id)));
        }
    }
    notes
}

/// Returns the note of a node, if it has data. The note also has the full type, of which the title is a part.
fn node_note(node: &Node, settings: Option<&[Setting]>, catalogue: &Catalogue) -> Option<String> {
    let data = to_line(&NodeNote {
        label: node.label.as_deref(),
        items: node.items.as_deref(),
        pair: node.pair.as_deref(),
        position: node.position,
        settings: settings.map(SettingsMap),
    });
    if data == NO_DATA {
        return None;
    }
    let idname = catalogue
        .get(&node.idname)
        .map(|_| format!("{} ", node.idname));
    Some(format!(
        "{}: {}{data}",
        write_id(&node.id),
        idname.unwrap_or_default()
    ))
}
