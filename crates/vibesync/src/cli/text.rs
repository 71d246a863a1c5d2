//! Text for the terminal: without control characters, with the words of the wire.

use std::fmt::{self, Write};

use serde::Serialize;

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
