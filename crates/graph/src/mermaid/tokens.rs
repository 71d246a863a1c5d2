//! The parts of a line of a sketch: ids, titles, labels.

use super::line::{Line, Parsed, error};
use super::text::unescape;
use crate::diagnostic::{Diagnostic, quote};
use crate::location::Position;

/// Reads the id of a node or a frame.
pub(super) fn read_id<'a>(line: &mut Line<'a>) -> Parsed<&'a str> {
    let at = line.at();
    match line.take_identifier() {
        "" => Err(error(
            at,
            "expected the id of a node",
            "letters, digits and _: n1",
        )),
        id => Ok(id),
    }
}

/// Reads the title between `["` and `"]`, if there is one.
pub(super) fn read_title(line: &mut Line) -> Parsed<Option<String>> {
    let example = "write it as n1[\"MeshCone\"]";
    if line.take("[\"") {
        let text = line.take_until("\"]");
        let text = text.ok_or_else(|| line.error("the title has no end", "close it with \"]"))?;
        return Ok(Some(unescape(text.trim())));
    }
    match line.rest().starts_with(['[', '(', '{', '>']) {
        true => Err(line.error(
            "a title needs square brackets and double quotes around it",
            example,
        )),
        false => Ok(None),
    }
}

/// Splits a label into the output and, if it names one, the input: `Mesh > Geometry`.
pub(super) fn split_label(label: &str, at: Position) -> Parsed<(String, Option<String>)> {
    let label = label.trim();
    let unquoted = label
        .strip_prefix('"')
        .and_then(|label| label.strip_suffix('"'))
        .unwrap_or(label);
    let (output, input) = match unquoted.split_once('>') {
        Some((output, input)) => (output, Some(input)),
        None => (unquoted, None),
    };
    let name = |text: &str| unescape(text.trim());
    let (output, input) = (name(output), input.map(name));
    if output.is_empty() || input.as_ref().is_some_and(String::is_empty) {
        return Err(error(
            at,
            "the label does not name a socket",
            "|Mesh| or |Mesh > Geometry|",
        ));
    }
    Ok((output, input))
}

/// Makes the error for text after the end of a statement.
pub(super) fn unexpected_text(line: &Line) -> Box<Diagnostic> {
    let rest = line.rest();
    let suggestion = match rest.chars().next() {
        Some('-' | '=' | '.' | '<') => "write a link as n1 --> |Mesh| n2",
        Some('&') => "write each link in its own line",
        Some('`') => "leave out the fence",
        _ => "write each node and each link in its own line",
    };
    line.error(format!("unexpected {}", quote(rest)), suggestion)
}
