//! Answers of bounded size, and the objects that describe errors.

use serde_json::{Value, json};
use vibesync_scene::Code;

use crate::daemon::Fault;
use crate::text::{escape_lines, sanitize};

/// Most bytes of an answer as JSON: at most 8,000 tokens, even if it is nothing but uuids (0.6 tokens a byte in o200k).
pub const MAX_BYTES: usize = 13_000;

/// Bytes of the answer beside its rows.
const FRAME: usize = 600;

/// Keys of texts that keep their line ends.
const LINES: [&str; 1] = ["mermaid_code"];

/// Escapes rows and takes as many as fit into an answer. Returns the rows and whether all fit.
pub fn take_rows(rows: impl IntoIterator<Item = Value>) -> (Vec<Value>, bool) {
    take_rows_beside(0, rows)
}

/// Does the same for an answer that holds other fields of this many bytes.
pub fn take_rows_beside(bytes: usize, rows: impl IntoIterator<Item = Value>) -> (Vec<Value>, bool) {
    let (mut taken, mut left) = (Vec::new(), (MAX_BYTES - FRAME).saturating_sub(bytes));
    for row in rows {
        let row = sanitize(row, &LINES);
        let size = size(&row) + 1;
        // A single row always goes: the caller must be able to go on behind it.
        if size > left && !taken.is_empty() {
            return (taken, false);
        }
        left = left.saturating_sub(size);
        taken.push(row);
    }
    (taken, true)
}

/// Returns the size of a value as compact JSON.
pub fn size(value: &Value) -> usize {
    let mut counter = Counter(0);
    // Nothing in a value fails to be written.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

/// Counts bytes, and keeps none.
struct Counter(usize);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Escapes an answer and checks its size. Returns it with its text.
pub fn finish(answer: Value) -> Result<(Value, String), Fault> {
    let answer = sanitize(without_nulls(answer), &LINES);
    let text = answer.to_string();
    match text.len() <= MAX_BYTES + FRAME {
        true => Ok((answer, text)),
        false => {
            let message = "the answer is too large for a conversation";
            Err(Fault::new(Code::FrameTooLong, "", message)
                .with_help("Ask for less: fewer entities, or a summary."))
        }
    }
}

/// Removes null fields: schemas with one type for each field allow none, and they cost tokens.
pub fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.into()
        }
        other => other,
    }
}

/// Returns the answer that describes an error.
pub fn error(fault: &Fault) -> Value {
    json!({"error": error_fields(fault)})
}

/// Returns the fields of an error.
pub fn error_fields(fault: &Fault) -> Value {
    let mut error = json!({
        "code": fault.code.as_str(),
        "message": escape_lines(&fault.message),
        "help": fault.help,
    });
    if let Some(fields) = error.as_object_mut() {
        if !fault.location.is_empty() {
            fields.insert("place".into(), fault.location.clone().into());
        }
        if let Some(after) = fault.retry_after_ms {
            fields.insert("retry_after_ms".into(), after.into());
        }
    }
    sanitize(error, &[])
}

/// Rounds to micrometers. The log has more digits than an agent needs.
pub fn rounded<const N: usize>(numbers: [f64; N]) -> [f64; N] {
    // Adding 0 makes -0 to 0.
    numbers.map(|number| (number * 1e6).round() / 1e6 + 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_at_the_size_of_an_answer() {
        let row = json!({"name": "x".repeat(1_000)});
        let (rows, is_all) = take_rows(vec![row.clone(); 100]);
        assert!(!is_all && rows.len() == 12, "{}", rows.len());
        let (rows, is_all) = take_rows(vec![row; 3]);
        assert!(is_all && rows.len() == 3);
    }

    #[test]
    fn row_that_is_too_large_alone_is_no_endless_loop() {
        let huge = json!({"names": vec!["x".repeat(1_000); 40]});
        let (rows, is_all) = take_rows(vec![huge.clone(), huge]);
        assert_eq!((rows.len(), is_all), (1, false));
        let fault = finish(json!({"rows": rows})).unwrap_err();
        assert_eq!(fault.code, Code::FrameTooLong);
    }

    #[test]
    fn escapes_count_before_rows_are_cut() {
        let row = json!({"name": "\u{202E}".repeat(200)});
        let (rows, _) = take_rows(vec![row; 100]);
        assert!(size(&Value::from(rows)) <= MAX_BYTES);
    }
}
