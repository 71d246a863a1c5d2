//! Reads the beginning of a frame: `subgraph f["Title"]`, `subgraph "Title"`, `subgraph Some title`.

use super::super::line::{Line, Parsed};
use super::super::text::{unescape, write_id};
use super::shape::{read_id, read_title};

/// Reads id and title of a frame. The id of a frame without one is its title as a plain word.
pub(super) fn read_frame(line: &mut Line) -> Parsed<(String, String)> {
    let mut ahead = line.copy();
    if let Ok(id) = read_id(&mut ahead) {
        let title = read_title(&mut ahead)?;
        if ahead.is_empty() || ahead.rest().starts_with(';') {
            *line = ahead;
            return Ok((write_id(id), title.unwrap_or_else(|| id.to_owned())));
        }
    }
    let rest = line.take_bytes(line.rest().len());
    let title = unescape(rest.trim_matches(['"', ';', ' ', '[', ']']));
    if title.is_empty() {
        return Err(line.error("expected the title of a frame", "subgraph f[\"Title\"]"));
    }
    Ok((write_id(&title), title))
}
