//! Text for the terminal: without control characters, with the words of the wire.

use std::fmt::{self, Write};

use serde::Serialize;
use vibesync_scene::Uuid;

/// Text from outside, as one line, with every control character replaced.
pub struct Sanitized<'a>(pub &'a str);

impl fmt::Display for Sanitized<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clean = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        self.0.chars().map(clean).try_for_each(|c| f.write_char(c))
    }
}

/// Returns the word that log and wire use for a unit variant.
pub fn wire_name(value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().unwrap_or_default().to_owned()
}

/// Number of digits of a shortened uuid.
const SHORT_UUID: usize = 8;

/// Length of a uuid with hyphens.
const UUID_LENGTH: usize = 36;

/// Cuts a line to so many columns of the terminal. A cut line ends with an ellipsis.
pub fn fit(line: &str, columns: usize) -> String {
    let width = |text: &str| text.chars().map(char_columns).sum::<usize>();
    if width(line) <= columns {
        return line.to_owned();
    }
    let mut left = columns.saturating_sub(1);
    let mut cut: String = line
        .chars()
        .take_while(|c| {
            let fits = char_columns(*c) <= left;
            left = left.saturating_sub(char_columns(*c));
            fits
        })
        .collect();
    cut.push('\u{2026}');
    cut
}

/// Returns the columns that a character takes: two for the ideographs, syllables and pictures of East Asia.
fn char_columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F
        | 0x2E80..=0xA4CF
        | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F
        | 0xFF00..=0xFF60
        | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF
        | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

/// Replaces every uuid by its first digits, which commands understand too.
pub fn shorten_uuids(text: &str) -> String {
    let mut short = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let candidate = rest.get(..UUID_LENGTH);
        let is_uuid = candidate.is_some_and(|it| it.parse::<Uuid>().is_ok());
        let (taken, kept) = match is_uuid {
            true => (UUID_LENGTH, SHORT_UUID),
            false => (first.len_utf8(), first.len_utf8()),
        };
        short.push_str(rest.get(..kept).unwrap_or_default());
        rest = rest.get(taken..).unwrap_or_default();
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_is_cut_by_columns_and_not_by_bytes() {
        assert_eq!(fit("Würfel", 6), "Würfel");
        assert_eq!(fit("Würfel", 5), "Würf\u{2026}");
        assert_eq!(
            fit("\u{7ACB}\u{65B9}\u{4F53}", 6),
            "\u{7ACB}\u{65B9}\u{4F53}"
        );
        assert_eq!(
            fit("\u{7ACB}\u{65B9}\u{4F53}", 5),
            "\u{7ACB}\u{65B9}\u{2026}"
        );
        assert_eq!(fit("\u{7ACB}\u{65B9}\u{4F53}", 4), "\u{7ACB}\u{2026}");
    }

    #[test]
    fn uuids_in_a_text_become_their_first_digits() {
        let text = "update é 379facfc-e781-4865-a943-f50c793123f8: name, 0191";
        assert_eq!(shorten_uuids(text), "update é 379facfc: name, 0191");
    }
}
