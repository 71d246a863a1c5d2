//! Ids are plain words, so that they are the same in sketches, in `graph_json` and as names of nodes.

use super::{Found, of_frame, of_node};
use crate::diagnostic::quoted;
use crate::limits;
use crate::wiring::Wiring;

/// Words that mean something else in Mermaid.
const RESERVED: &[&str] = &[
    "end",
    "graph",
    "subgraph",
    "flowchart",
    "style",
    "class",
    "classDef",
    "click",
    "linkStyle",
    "direction",
    "default",
];

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for node in &wiring.graph.nodes {
        if let Some(why) = wrong(&node.id) {
            found.add(of_node(node), format!("the id {} {why}", quoted(&node.id)));
            found.suggest(SUGGESTION);
        }
    }
    for frame in &wiring.graph.frames {
        if let Some(why) = wrong(&frame.id) {
            found.add(
                of_frame(frame),
                format!("the id {} {why}", quoted(&frame.id)),
            );
            found.suggest(SUGGESTION);
        }
    }
}

const SUGGESTION: &str = "letters, digits and _, not beginning with a digit: n1";

fn wrong(id: &str) -> Option<&'static str> {
    if id.len() > limits::NAME {
        return Some("is longer than 63 bytes");
    }
    if RESERVED.contains(&id) {
        return Some("is a word of Mermaid");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = id.starts_with(|c: char| plain(c) && !c.is_ascii_digit());
    (!begins || !id.chars().all(plain)).then_some("is no plain word")
}
