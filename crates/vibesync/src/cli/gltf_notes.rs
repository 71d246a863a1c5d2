//! The notes of an export or an import, as text and as JSON.

use std::fmt::Display;
use std::io::{self, Write};

use serde_json::{Value, json};
use vibesync_gltf::Notes;

use super::text::Sanitized;

/// Maximum number of names in a note.
const NAMED: usize = 5;

/// Writes one line a note: its sentence, how often, and the first names.
pub(super) fn write_notes<N: Ord + Display>(
    notes: &Notes<N>,
    out: &mut impl Write,
) -> io::Result<()> {
    for (note, names) in notes.iter() {
        let shown = names.iter().take(NAMED);
        let shown: Vec<String> = shown.map(|name| Sanitized(name).to_string()).collect();
        let shown = shown.join(", ");
        let more = match names.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let note = note.to_string();
        let note = Sanitized(&note);
        writeln!(out, "note: {note} ({}): {shown}{more}", names.len())?;
    }
    Ok(())
}

/// Returns all notes with all names.
pub(super) fn notes_json<N: Ord + Display>(notes: &Notes<N>) -> Vec<Value> {
    let notes = notes.iter();
    let notes = notes.map(|(note, names)| json!({"note": note.to_string(), "names": names}));
    notes.collect()
}
