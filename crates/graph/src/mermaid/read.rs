//! Reads a graph from a sketch. Reports every line that cannot be read, not only the first.

use super::line::Line;
use super::sketch::Sketch;
use super::{inference, notes};
use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::json;
use crate::model::Graph;

/// Reads a sketch. The catalogue completes short names of types and missing names of inputs (`docs/graphs.md`). Unknown
/// names stay as they are written, and the rules report them.
pub fn read(bytes: &[u8], catalogue: &Catalogue) -> Result<Graph, Vec<Diagnostic>> {
    let text = json::decode_utf8(bytes).map_err(|error| vec![*error])?;
    let mut sketch = Sketch::default();
    for (number, line) in (1..).zip(text.lines()) {
        sketch.read_line(Line::new(line, number));
    }
    sketch.finish();
    notes::apply(&mut sketch, catalogue);
    if !sketch.errors.is_empty() {
        return Err(sketch.errors);
    }
    inference::infer_inputs(&mut sketch.graph, &sketch.is_open, catalogue);
    Ok(sketch.graph)
}
