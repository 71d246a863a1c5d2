//! Ids are plain words, which are the same in sketches, in `graph_json` and as names of nodes in Blender.

use super::violations::Violations;
use crate::diagnostic::quote;
use crate::limits;
use crate::wiring::Wiring;

/// Words with a meaning in Mermaid.
const RESERVED_WORDS: &[&str] = &[
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

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for node in &wiring.graph.nodes {
        if let Some(why) = fault_of(&node.id) {
            violations.add(node.location(), format!("the id {} {why}", quote(&node.id)));
            violations.suggest(SUGGESTION);
        }
    }
    for frame in &wiring.graph.frames {
        if let Some(why) = fault_of(&frame.id) {
            violations.add(
                frame.location(),
                format!("the id {} {why}", quote(&frame.id)),
            );
            violations.suggest(SUGGESTION);
        }
    }
}

const SUGGESTION: &str = "use letters, digits and _, and do not begin with a digit: n1";

/// Returns whether an id is a plain word that can be used.
pub(crate) fn is_plain_id(id: &str) -> bool {
    fault_of(id).is_none()
}

/// Returns what is wrong with an id, to go on after the id in a message.
fn fault_of(id: &str) -> Option<&'static str> {
    if id.len() > limits::NAME {
        return Some("is longer than 63 bytes");
    }
    if RESERVED_WORDS.contains(&id) {
        return Some("is a reserved word of Mermaid");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let has_valid_start = id.starts_with(|c: char| plain(c) && !c.is_ascii_digit());
    (!has_valid_start || !id.chars().all(plain)).then_some("is not a plain word")
}
