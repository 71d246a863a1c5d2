//! Makes texts of people and files harmless: escaped and bounded. They are data for the model, never instructions.

use serde_json::{Map, Value};
use vibesync_capability::{escape, is_plain};

/// Most characters of one text in an answer.
pub const MAX_TEXT: usize = 2_000;

/// Most characters of a name or label.
pub const MAX_NAME: usize = 200;

/// Escapes every text in a value, keys included. `lines` names keys whose texts keep their line ends.
pub fn sanitize(mut value: Value, lines: &[&str]) -> Value {
    sanitize_in_place(&mut value, lines);
    value
}

/// Changes nothing about plain texts, which nearly all are: a copy of the answer would cost more than the rest.
fn sanitize_in_place(value: &mut Value, lines: &[&str]) {
    match value {
        Value::String(text) if !is_plain(text, MAX_TEXT) => *text = escape(text, MAX_TEXT),
        Value::Array(items) => items.iter_mut().for_each(|it| sanitize_in_place(it, lines)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                match value {
                    Value::String(text) if lines.contains(&key.as_str()) => {
                        *text = escape_lines(text);
                    }
                    value => sanitize_in_place(value, lines),
                }
            }
            if fields.keys().any(|key| !is_plain(key, MAX_NAME)) {
                let escaped = std::mem::take(fields).into_iter();
                let escaped = escaped.map(|(key, value)| (escape(&key, MAX_NAME), value));
                *fields = escaped.collect::<Map<_, _>>();
            }
        }
        _ => {}
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
    fn keys_and_values_are_escaped_at_any_depth() {
        let value = json!({"a\u{200B}": [{"b": "x\ny"}], "sketch": "one\n\u{202E}two"});
        let expected = json!({"a\\u{200b}": [{"b": "x y"}], "sketch": "one\n\\u{202e}two"});
        assert_eq!(sanitize(value, &["sketch"]), expected);
    }
}
