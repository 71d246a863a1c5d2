//! Writes a graph as a sketch. The same graph gives the same text, and the text gives the same graph again.

use std::collections::HashMap;

use super::text::{escape, escape_name, push_line, write_id};
use super::write_frames::FrameTree;
use super::write_notes::notes;
use crate::catalogue::Catalogue;
use crate::color::to_hex;
use crate::lookup::{Lookup, lookup};
use crate::model::{Graph, Link};
use crate::names::short_name;

/// Writes a sketch.
pub fn write(graph: &Graph, catalogue: &Catalogue) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut titles: HashMap<&str, &str> = HashMap::new();
    for node in &graph.nodes {
        let idname = node.idname.as_str();
        let title = *titles
            .entry(idname)
            .or_insert_with(|| title(idname, catalogue));
        push_line(
            &mut out,
            1,
            &format!("{}[\"{}\"]", write_id(&node.id), escape(title)),
        );
    }
    FrameTree::new(graph).write(&mut out);
    for link in &graph.links {
        let (from, to) = (write_id(&link.from.node), write_id(&link.to.node));
        push_line(&mut out, 1, &format!("{from} --> |{}| {to}", label(link)));
    }
    for note in notes(graph, catalogue) {
        push_line(&mut out, 1, &format!("%% {note}"));
    }
    for frame in &graph.frames {
        if let Some(color) = frame.color {
            push_line(
                &mut out,
                1,
                &format!("style {} fill:{}", write_id(&frame.id), to_hex(color)),
            );
        }
    }
    out
}

/// Returns the short name of a type, if it means only that type, else the identifier.
fn title<'a>(idname: &'a str, catalogue: &Catalogue) -> &'a str {
    let short = short_name(idname);
    match lookup(catalogue, short) {
        Lookup::One(node_type) if node_type.identifier == idname => short,
        _ => idname,
    }
}

/// Returns the label of a link, in quotes if it has special characters.
fn label(link: &Link) -> String {
    let (from, to) = (&link.from.socket, &link.to.socket);
    let text = match from == to {
        true => escape_name(from),
        false => format!("{} > {}", escape_name(from), escape_name(to)),
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '_' | '>' | '.' | '-');
    match text.chars().all(plain) {
        true => text,
        false => format!("\"{text}\""),
    }
}
