//! Reads the values in a title: `size 2`, `Offset: (0, 0, 1)`, `min 0.5, max 1.5`.

use super::numbers::parse_value;
use crate::model::Value;

/// A value in a title.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct DrawnValue {
    /// The name of the property or input; `None` if the title gives the value alone.
    pub key: Option<String>,
    /// The value; a text for a word.
    pub value: Value,
}

/// Most values of a title.
const MAX_VALUES: usize = 64;

/// Reads what follows the name in a title.
pub(crate) fn parse_values(rest: &str) -> Vec<DrawnValue> {
    let rest = rest.trim().trim_start_matches([':', '=', '-', '\n']).trim();
    if let Some(value) = parse_value(rest) {
        return vec![DrawnValue { key: None, value }];
    }
    let text = without_brackets(rest);
    let parts = split_outside_brackets(text).into_iter().take(MAX_VALUES);
    let mut values: Vec<DrawnValue> = Vec::new();
    for value in parts.filter_map(parse_part) {
        let is_number = value.key.is_none() && value.value.number().is_some();
        match values
            .last_mut()
            .filter(|last| is_number && last.key.is_some())
        {
            Some(last) => append(&mut last.value, value.value),
            None => values.push(value),
        }
    }
    values
}

/// Adds a number to a list without brackets: `offset: 0, 0, 1`.
fn append(list: &mut Value, number: Value) {
    match list {
        Value::List(parts) => parts.push(number),
        _ => *list = Value::List(vec![list.clone(), number]),
    }
}

/// Removes brackets around the whole text.
fn without_brackets(text: &str) -> &str {
    let within = |open: char, close: char| {
        let inner = text.strip_prefix(open)?.strip_suffix(close)?;
        let mut depth = 0_i32;
        let is_whole = inner.chars().all(|c| {
            depth += i32::from(c == open) - i32::from(c == close);
            depth >= 0
        });
        is_whole.then_some(inner)
    };
    within('(', ')')
        .or_else(|| within('[', ']'))
        .unwrap_or(text)
}

/// Splits at commas, semicolons, bars and line ends that are in no brackets.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let parts = text.split(move |c: char| {
        depth += i32::from(matches!(c, '(' | '[')) - i32::from(matches!(c, ')' | ']'));
        depth <= 0 && matches!(c, ',' | ';' | '|' | '\n')
    });
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect()
}

fn parse_part(part: &str) -> Option<DrawnValue> {
    let with_key = |key: &str, value: Value| DrawnValue {
        key: Some(key.trim().to_owned()),
        value,
    };
    if let Some((key, text)) = part
        .split_once([':', '='])
        .filter(|(key, _)| !key.trim().is_empty())
    {
        let text = text.trim();
        let value = parse_value(text).unwrap_or_else(|| Value::Text(text.to_owned()));
        return (!text.is_empty()).then(|| with_key(key, value));
    }
    if let Some(value) = parse_value(part) {
        return Some(DrawnValue { key: None, value });
    }
    // `size 2` and `translation (0, 0, 1)`: the value stands at the end.
    let cut = match part.ends_with([')', ']']) {
        true => part.find(['(', '[']),
        false => part.rfind(char::is_whitespace),
    };
    let found = cut.and_then(|cut| part.split_at_checked(cut));
    let found = found.and_then(|(key, text)| Some((key, parse_value(text)?)));
    Some(match found {
        Some((key, value)) if !key.trim().is_empty() => with_key(key, value),
        _ => DrawnValue {
            key: None,
            value: Value::Text(part.to_owned()),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(rest: &str) -> Vec<(String, String)> {
        let values = parse_values(rest).into_iter();
        let shown = values.map(|it| (it.key.unwrap_or_default(), it.value.token()));
        shown.collect()
    }

    #[test]
    fn values_are_read_with_and_without_keys() {
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(parsed("(size 2)"), [pair("size", "2")]);
        assert_eq!(parsed(": 3"), [pair("", "3")]);
        assert_eq!(parsed("(0, 0, 1)"), [pair("", "[0, 0, 1]")]);
        assert_eq!(
            parsed("\nOffset: (0, 0, 1.5)"),
            [pair("Offset", "[0, 0, 1.5]")]
        );
        assert_eq!(
            parsed("(translation (0, 0, 1))"),
            [pair("translation", "[0, 0, 1]")]
        );
        assert_eq!(
            parsed("(Greater Than, B = 2)"),
            [pair("", "Greater Than"), pair("B", "2")]
        );
        assert_eq!(
            parsed(": vertices x = 6, fill: ngon"),
            [pair("vertices x", "6"), pair("fill", "ngon")]
        );
        assert_eq!(parsed("(selected))"), [pair("", "(selected))")]);
        assert_eq!(
            parsed("(offset: 0, 0, 0.1, selected)"),
            [pair("offset", "[0, 0, 0.1]"), pair("", "selected")]
        );
        assert!(parsed("( , )").is_empty());
    }
}
