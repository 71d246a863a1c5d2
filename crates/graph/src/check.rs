//! Reads and checks texts of either form.

use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::model::Graph;
use crate::report::Report;
use crate::{json, mermaid};

/// Most bytes of a text. A caller that reads from a file needs to read only one byte more.
pub const MAX_TEXT_BYTES: usize = limits::BYTES;

/// Reads a graph: `graph_json` if the text begins with a brace, else a sketch. The errors are all errors in the form of
/// the text.
pub fn read(bytes: &[u8], catalogue: &Catalogue) -> Result<Graph, Vec<Diagnostic>> {
    match is_graph_json(bytes) {
        true => json::read(bytes),
        false => mermaid::read(bytes, catalogue),
    }
}

/// Returns whether a text is `graph_json` and no sketch.
pub(crate) fn is_graph_json(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().first() == Some(&b'{')
}

/// Reads a text and runs the whole checklist once.
pub fn check(bytes: &[u8], catalogue: &Catalogue) -> Report {
    match read(bytes, catalogue) {
        Ok(graph) => Report::for_graph(&graph, catalogue),
        Err(errors) => Report::unreadable(errors),
    }
}
