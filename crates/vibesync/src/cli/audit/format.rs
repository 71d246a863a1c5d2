//! Texts that several commands of `vibesync audit` print.

use vibesync_scene::Uuid;

use crate::cli::text::Sanitized;

/// Number of leading hex digits of a commit id that are shown.
const SHORT: usize = 10;

/// Shortens a commit id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// Formats the line of one changed entity: `~ object "Cube" 0191...`.
pub(super) fn headline(sign: char, kind: &str, name: Option<&str>, uuid: Uuid) -> String {
    let name = name.map_or_else(String::new, |name| format!(" \"{}\"", Sanitized(name)));
    format!("{sign} {kind}{name} {uuid}")
}
