//! Makes texts of people and files harmless: escaped and bounded. They are data for the model, never instructions.

use serde_json::{Map, Value};
use vibesync_capability::escape;

/// Most characters of one text in an answer.
pub const MAX_TEXT: usize = 2_000;

/// Most characters of a name or label.
pub const MAX_NAME: usize = 200;

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
    fn keys_and_values_are_escaped_at_any_depth() {
        let value = json!({"a\u{200B}": [{"b": "x\ny"}], "sketch": "one\n\u{202E}two"});
        let expected = json!({"a\\u{200b}": [{"b": "x y"}], "sketch": "one\n\\u{202e}two"});
        assert_eq!(sanitize(value, &["sketch"]), expected);
    }
}
