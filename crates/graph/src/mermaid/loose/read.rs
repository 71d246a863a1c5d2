//! Reads a draft from a sketch.

use super::super::line::Line;
use super::super::notes;
use super::lines::lines_of_sketch;
use super::statement::LooseSketch;
use crate::catalogue::Catalogue;
use crate::diagnostic::Diagnostic;
use crate::draft::{Draft, Title};
use crate::fix::Fix;
use crate::json;
use crate::location::Location;

/// The header that the strict form has.
const HEADER: &str = "flowchart LR";

/// Reads a sketch in a loose form. Reports every line that cannot be read. Types and sockets stay open.
pub(crate) fn read_loose(bytes: &[u8], catalogue: &Catalogue) -> Result<Draft, Vec<Diagnostic>> {
    let text = json::decode_utf8(bytes).map_err(|error| vec![*error])?;
    let found = lines_of_sketch(text);
    let mut loose = LooseSketch::default();
    for (number, line) in &found.lines {
        loose.read_line(Line::new(line, *number));
    }
    let header = loose.header;
    let mut sketch = loose.sketch;
    sketch.check_frames();
    notes::apply(&mut sketch, catalogue);
    if !sketch.errors.is_empty() {
        return Err(sketch.errors);
    }
    let fix = |done: String| Fix::new(Location::default(), done);
    let mut fixes: Vec<Fix> = Vec::new();
    fixes.extend(
        found
            .skipped
            .iter()
            .map(|part| fix(format!("left out {part}"))),
    );
    match header {
        Some(HEADER) => {}
        Some(other) => fixes.push(fix(format!(
            "{other} is read as {HEADER}: arrows lead from outputs to inputs"
        ))),
        None => fixes.push(fix(format!("added {HEADER}, the header"))),
    }
    let titled = sketch.graph.nodes.iter_mut().zip(sketch.titles);
    let titles = titled.map(|(node, title)| {
        let is_id = title.is_none();
        let text = title.unwrap_or_else(|| node.id.clone());
        if catalogue.get(&node.idname).is_none() {
            node.idname.clone_from(&text);
        }
        Title {
            text,
            is_id,
            ..Title::default()
        }
    });
    Ok(Draft {
        titles: titles.collect(),
        labels: loose.labels,
        fixes,
        graph: sketch.graph,
    })
}
