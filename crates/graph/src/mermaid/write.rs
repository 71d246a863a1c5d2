//! A graph as a sketch: the same graph, the same text, and read again the same graph.

use std::collections::{HashMap, HashSet};
use std::fmt::Write;

use serde::Serialize;

use super::text::{escape, escape_name};
use crate::catalogue::Catalogue;
use crate::json::{Values, line};
use crate::lookup::{Lookup, lookup, short_name};
use crate::model::{Frame, Graph, Item, Link, Node, Setting, Socket};

/// Writes a sketch.
pub fn write(graph: &Graph, catalogue: &Catalogue) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut titles: HashMap<&str, &str> = HashMap::new();
    for node in &graph.nodes {
        let idname = node.idname.as_str();
        let title = *titles
            .entry(idname)
            .or_insert_with(|| title(idname, catalogue));
        push(
            &mut out,
            1,
            &format!("{}[\"{}\"]", id(&node.id), escape(title)),
        );
    }
    Frames::of(graph).write(&mut out);
    for link in &graph.links {
        let (from, to) = (id(&link.from.node), id(&link.to.node));
        push(&mut out, 1, &format!("{from} --> |{}| {to}", label(link)));
    }
    for note in notes(graph, catalogue) {
        push(&mut out, 1, &format!("%% {note}"));
    }
    for frame in &graph.frames {
        if let Some(color) = frame.color {
            push(
                &mut out,
                1,
                &format!("style {} fill:{}", id(&frame.id), hex(color)),
            );
        }
    }
    out
}

/// Levels that are indented.
const INDENTED: usize = 8;

fn push(out: &mut String, depth: usize, line: &str) {
    // Deeper ones stand below one another: with frames in frames the text would grow with the square of them.
    out.push_str(&"  ".repeat(depth.min(INDENTED)));
    out.push_str(line);
    out.push('\n');
}

/// The short name of a type where it means that type alone, else the whole one.
fn title<'a>(idname: &'a str, catalogue: &Catalogue) -> &'a str {
    let short = short_name(idname);
    match lookup(catalogue, short) {
        Lookup::One(kind) if kind.identifier == idname => short,
        _ => idname,
    }
}

/// An id; what is no plain word in a graph with mistakes is made one, as it would break every line that it stands in.
fn id(id: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    match id.is_empty() {
        true => "_".to_owned(),
        false => id.chars().map(plain).collect(),
    }
}

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

/// A color of a frame as style sheets write it.
pub(crate) fn hex(color: [f64; 4]) -> String {
    let mut text = String::from("#");
    for part in color.iter().take(3) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "bounded here"
        )]
        let byte = (part.clamp(0.0, 1.0) * 255.0).round() as u8;
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Frames by the one that they are in.
struct Frames<'a> {
    roots: Vec<&'a Frame>,
    below: HashMap<&'a str, Vec<&'a Frame>>,
}

impl<'a> Frames<'a> {
    fn of(graph: &'a Graph) -> Self {
        let ids: HashSet<&str> = graph.frames.iter().map(|frame| frame.id.as_str()).collect();
        let (mut roots, mut below) = (Vec::new(), HashMap::<&str, Vec<&Frame>>::new());
        for frame in &graph.frames {
            match frame
                .parent
                .as_deref()
                .filter(|parent| ids.contains(parent))
            {
                Some(parent) => below.entry(parent).or_default().push(frame),
                None => roots.push(frame),
            }
        }
        Self { roots, below }
    }

    /// Each frame within its parent; not recursive, as they may nest as deep as there are frames.
    fn write(mut self, out: &mut String) {
        let mut open: Vec<Step> = self.roots.iter().rev().map(|it| Step::Begin(it)).collect();
        let mut depth = 1;
        while let Some(step) = open.pop() {
            let Step::Begin(frame) = step else {
                depth -= 1;
                push(out, depth, "end");
                continue;
            };
            let label = escape(&frame.label);
            push(
                out,
                depth,
                &format!("subgraph {}[\"{label}\"]", id(&frame.id)),
            );
            depth += 1;
            for node in &frame.nodes {
                push(out, depth, &id(node));
            }
            open.push(Step::End);
            let inner = self.below.remove(frame.id.as_str()).unwrap_or_default();
            open.extend(inner.into_iter().rev().map(Step::Begin));
        }
    }
}

enum Step<'a> {
    Begin(&'a Frame),
    End,
}

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
    settings: Option<Values<'a>>,
}

#[derive(Serialize)]
struct FrameNote<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<[f64; 4]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

const NOTHING: &str = "{}";

/// What the sketch itself does not show, a line each.
fn notes(graph: &Graph, catalogue: &Catalogue) -> Vec<String> {
    let whole = line(&GraphNote {
        blender: graph.blender.as_deref(),
        name: graph.name.as_deref(),
        inputs: graph.inputs.as_deref(),
        outputs: graph.outputs.as_deref(),
    });
    let mut notes = Vec::new();
    if whole != NOTHING {
        notes.push(format!("graph: {whole}"));
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
        let said = line(&FrameNote {
            color: frame.color,
            text: frame.text.as_deref(),
        });
        if said != NOTHING {
            notes.push(format!("{}: frame {said}", id(&frame.id)));
        }
    }
    notes
}

/// A note where there is something to say; it says the whole type too, which the title cuts short.
fn node_note(node: &Node, settings: Option<&[Setting]>, catalogue: &Catalogue) -> Option<String> {
    let said = line(&NodeNote {
        label: node.label.as_deref(),
        items: node.items.as_deref(),
        pair: node.pair.as_deref(),
        position: node.position,
        settings: settings.map(Values),
    });
    if said == NOTHING {
        return None;
    }
    let idname = catalogue
        .get(&node.idname)
        .map(|_| format!("{} ", node.idname));
    Some(format!(
        "{}: {}{said}",
        id(&node.id),
        idname.unwrap_or_default()
    ))
}
