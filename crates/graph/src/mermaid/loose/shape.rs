//! Reads ids and titles of nodes in any shape that Mermaid has.

use super::super::line::{Line, Parsed, error};
use super::super::text::unescape;

/// Brackets around a title, longest first.
const SHAPES: &[(&str, &str)] = &[
    ("(((", ")))"),
    ("([", "])"),
    ("[[", "]]"),
    ("[(", ")]"),
    ("((", "))"),
    ("{{", "}}"),
    ("[/", "/]"),
    ("[\\", "\\]"),
    ("[", "]"),
    ("(", ")"),
    ("{", "}"),
    (">", "]"),
];

/// Reads an id: letters, digits and `_`, and between them `-` and `.`.
pub(super) fn read_id<'a>(line: &mut Line<'a>) -> Parsed<&'a str> {
    let rest = line.rest();
    let mut chars = rest.char_indices().peekable();
    let mut length = 0;
    while let Some((at, c)) = chars.next() {
        let is_plain = |c: char| c.is_alphanumeric() || c == '_';
        let joins = matches!(c, '-' | '.') && at > 0;
        let is_joined = joins && chars.peek().is_some_and(|(_, next)| is_plain(*next));
        if !is_plain(c) && !is_joined {
            break;
        }
        length = at + c.len_utf8();
    }
    match line.take_bytes(length) {
        "" => Err(error(
            line.at(),
            "expected the id of a node",
            "letters, digits and _: n1",
        )),
        id => Ok(id),
    }
}

/// Reads a title in brackets of any shape, if there is one, and a class after it.
pub(super) fn read_title(line: &mut Line) -> Parsed<Option<String>> {
    let shape = SHAPES
        .iter()
        .find(|(open, _)| line.rest().starts_with(open));
    let title = match shape {
        None => None,
        Some((open, close)) => {
            line.take(open);
            Some(read_until(line, close)?)
        }
    };
    if line.take(":::") {
        line.take_identifier();
    }
    Ok(title)
}

fn read_until(line: &mut Line, close: &str) -> Parsed<String> {
    let unclosed = |line: &Line| line.error("the title has no end", "close it as n1[\"MeshCone\"]");
    let text = match line.take("\"") {
        true => {
            let text = line.take_until("\"").ok_or_else(|| unclosed(line))?;
            match line.take(close) {
                true => text,
                false => return Err(unclosed(line)),
            }
        }
        false => line.take_until(close).ok_or_else(|| unclosed(line))?,
    };
    Ok(clean_title(text))
}

/// Decodes a title: line breaks are `<br>`, `<br/>` and `\n`; backticks mark bold and such.
fn clean_title(text: &str) -> String {
    let breaks = ["<br/>", "<br />", "<br>", "\\n"];
    let text = breaks
        .iter()
        .fold(text.to_owned(), |text, it| text.replace(it, "\n"));
    unescape(text.trim_matches(['`', ' ', '\t']))
}
