//! Reads numbers, lists of numbers and truth values in titles.

use crate::model::Value;

/// Most numbers in a list: a matrix has 16.
const MAX_NUMBERS: usize = 16;

/// Returns the value that a text writes: a number, `true`, `false`, a text in quotes, or a list of numbers in brackets.
pub(super) fn parse_value(text: &str) -> Option<Value> {
    let text = text.trim();
    if let Some(inner) = quoted(text) {
        return Some(Value::Text(inner.to_owned()));
    }
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => return Some(Value::Bool(true)),
        "false" | "no" | "off" => return Some(Value::Bool(false)),
        _ => {}
    }
    parse_number(text).or_else(|| parse_list(text))
}

fn quoted(text: &str) -> Option<&str> {
    let within = |quote: char| text.strip_prefix(quote)?.strip_suffix(quote);
    within('"').or_else(|| within('\''))
}

fn parse_number(text: &str) -> Option<Value> {
    // Words such as `inf` and `nan` are numbers for Rust.
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    if !is_number {
        return None;
    }
    if let Ok(int) = text.parse::<i64>() {
        return Some(Value::Int(int));
    }
    let number = text.parse::<f64>().ok()?;
    number.is_finite().then_some(Value::Float(number))
}

/// Reads `(0, 0, 1)`, `[0, 0, 1]` and `0, 0, 1`.
fn parse_list(text: &str) -> Option<Value> {
    let within = |open: char, close: char| text.strip_prefix(open)?.strip_suffix(close);
    let inner = within('(', ')')
        .or_else(|| within('[', ']'))
        .unwrap_or(text);
    let parts: Vec<&str> = inner.split(',').take(MAX_NUMBERS + 1).collect();
    if parts.len() < 2 || parts.len() > MAX_NUMBERS {
        return None;
    }
    let numbers: Option<Vec<Value>> = parts.iter().map(|part| parse_number(part.trim())).collect();
    numbers.map(Value::List)
}
