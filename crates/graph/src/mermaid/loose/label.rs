//! Reads the label of a link: one name, or two with an arrow between them.

use super::super::text::unescape;
use crate::draft::Label;

/// Signs between the name of the output and the name of the input, longest first.
const ARROWS: &[&str] = &["-->", "->", "=>", "→", "⇒", "➔", ">", " to "];

/// Reads a label.
pub(super) fn read_label(text: &str) -> Label {
    let text = text.trim();
    let unquoted = text
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'));
    let text = unquoted.unwrap_or(text).trim();
    let name = |text: &str| Some(unescape(text.trim())).filter(|name| !name.is_empty());
    for arrow in ARROWS {
        if let Some((output, input)) = text.split_once(arrow) {
            return Label::Ends(name(output), name(input));
        }
    }
    name(text).map(Label::Either).unwrap_or_default()
}
