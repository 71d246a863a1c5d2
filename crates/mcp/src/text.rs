//! Makes texts of people and files harmless: escaped and bounded. They are data for the model, never instructions.

use serde_json::{Map, Value};

/// Most characters of one text in an answer.
pub const MAX_TEXT: usize = 2_000;

/// Most characters of a name or label.
pub const MAX_NAME: usize = 200;

/// Replaces characters that a reader cannot see or that change the direction of writing by their number, and cuts.
pub fn escape(text: &str, most: usize) -> String {
    let mut escaped = String::with_capacity(text.len().min(most));
    for (count, character) in text.chars().enumerate() {
        if count >= most {
            escaped.push('\u{2026}');
            break;
        }
        match character {
            '\n' | '\r' | '\t' => escaped.push(' '),
            hidden if is_hidden(hidden) => escaped.extend(hidden.escape_unicode()),
            shown => escaped.push(shown),
        }
    }
    escaped
}

/// Returns true for control characters, and for characters that show nothing or turn the text around.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(u32::from(character),
            0x00AD | 0x061C | 0x115F | 0x1160 | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0x3164
            | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Escapes every text in a value, keys included. `lines` names keys whose texts keep their line ends.
pub fn sanitize(value: Value, lines: &[&str]) -> Value {
    match value {
        Value::String(text) => Value::String(escape(&text, MAX_TEXT)),
        Value::Array(items) => items.into_iter().map(|it| sanitize(it, lines)).collect(),
        Value::Object(fields) => {
            let sanitized = fields.into_iter().map(|(key, value)| match value {
                Value::String(text) if lines.contains(&key.as_str()) => {
                    (key, Value::String(escape_lines(&text)))
                }
                value => (escape(&key, MAX_NAME), sanitize(value, lines)),
            });
            Value::Object(sanitized.collect::<Map<_, _>>())
        }
        other => other,
    }
}

/// Escapes a text line by line. The caller bounds its length.
pub fn escape_lines(text: &str) -> String {
    let lines = text.lines().map(|line| escape(line, MAX_TEXT));
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn hidden_characters_are_replaced_by_their_number() {
        let cases = [
            ("a\u{202E}b", r"a\u{202e}b"),
            ("a\u{200B}b\u{FEFF}", r"a\u{200b}b\u{feff}"),
            ("\u{E0041}", r"\u{e0041}"),
            ("\u{1b}[31m", r"\u{1b}[31m"),
            ("one\ntwo\r\nthree", "one two  three"),
            ("W\u{fc}rfel \u{7ACB}", "W\u{fc}rfel \u{7ACB}"),
        ];
        for (text, expected) in cases {
            assert_eq!(escape(text, 100), expected, "{text:?}");
        }
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        assert_eq!(
            escape(&"\u{e9}".repeat(9), 4),
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{2026}"
        );
        assert_eq!(escape("abcd", 4), "abcd");
    }

    #[test]
    fn keys_and_values_are_escaped_at_any_depth() {
        let value = json!({"a\u{200B}": [{"b": "x\ny"}], "sketch": "one\n\u{202E}two"});
        let expected = json!({"a\\u{200b}": [{"b": "x y"}], "sketch": "one\n\\u{202e}two"});
        assert_eq!(sanitize(value, &["sketch"]), expected);
    }
}
