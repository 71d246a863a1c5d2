//! Converts values as people write them to values that a property or an input accepts.

use super::words::words;
use crate::model::Value;
use crate::names::normalize;
use crate::value_type::{ValueKind, ValueType};

/// The result of a conversion.
pub(super) enum Converted {
    /// The value.
    Value(Value),
    /// The values that can be meant.
    Choices(Vec<Value>),
    /// No value of this type can be meant.
    None,
}

/// Vector inputs for which one number means the same along each axis, as in Blender's transforms.
const UNIFORM: &[&str] = &["size", "scale"];

/// Words for items that Blender names otherwise.
const ITEM_WORDS: &[(&str, &[&str])] = &[
    ("POINT", &["vertex", "vertice", "vert"]),
    ("FACE", &["polygon", "poly"]),
    ("CORNER", &["face corner", "loop"]),
    ("CURVE", &["spline"]),
    ("INT", &["integer"]),
    ("BOOLEAN", &["bool"]),
    ("FLOAT_VECTOR", &["vector"]),
    ("FLOAT_COLOR", &["color"]),
    ("RGBA", &["color"]),
    ("FLOAT", &["number", "value"]),
];

/// Converts a value for the property or input with this name.
pub(super) fn convert(value: &Value, value_type: &ValueType, name: &str) -> Converted {
    if value_type.check(value).is_ok() {
        return Converted::Value(value.clone());
    }
    let converted = match (value, value_type.kind, value_type.count) {
        (Value::Text(word), ValueKind::Item(items), _) => {
            return match items_named(items, word).as_slice() {
                [] => Converted::None,
                [only] => Converted::Value(Value::Text((*only).clone())),
                several => Converted::Choices(
                    several
                        .iter()
                        .map(|it| Value::Text((*it).clone()))
                        .collect(),
                ),
            };
        }
        (Value::Float(number), ValueKind::Int, None) => whole(*number),
        (Value::Int(0), ValueKind::Bool, None) => Some(Value::Bool(false)),
        (Value::Int(1), ValueKind::Bool, None) => Some(Value::Bool(true)),
        (Value::Int(_) | Value::Float(_), ValueKind::Float, Some(count)) => {
            return match UNIFORM.contains(&&*normalize(name)) {
                true => Converted::Value(Value::List(vec![value.clone(); count])),
                false if value.number() == Some(0.0) => {
                    Converted::Value(Value::List(vec![value.clone(); count]))
                }
                false => Converted::Choices(axes(value, count)),
            };
        }
        // A color without alpha is opaque.
        (Value::List(parts), ValueKind::Float, Some(4)) if parts.len() == 3 => {
            let mut parts = parts.clone();
            parts.push(Value::Float(1.0));
            Some(Value::List(parts))
        }
        _ => None,
    };
    let valid = converted.filter(|value| value_type.check(value).is_ok());
    valid.map_or(Converted::None, Converted::Value)
}

fn whole(number: f64) -> Option<Value> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "compared with the number below"
    )]
    let int = number as i64;
    #[allow(clippy::cast_precision_loss, reason = "only equal numbers are taken")]
    let is_whole = int as f64 == number;
    is_whole.then_some(Value::Int(int))
}

/// Returns the number along each axis alone, and along all.
fn axes(value: &Value, count: usize) -> Vec<Value> {
    let along = |axis: usize| {
        let part = |index: usize| {
            if index == axis {
                value.clone()
            } else {
                Value::Int(0)
            }
        };
        Value::List((0..count).map(part).collect())
    };
    let all = Value::List(vec![value.clone(); count]);
    (0..count).map(along).chain([all]).collect()
}

/// Returns the items that a word means: by name, else by another word for it.
pub(super) fn items_named<'a>(items: &'a [String], word: &str) -> Vec<&'a String> {
    let key = words(word).concat();
    if key.is_empty() {
        return Vec::new();
    }
    let exact: Vec<&String> = items
        .iter()
        .filter(|item| normalize(item) == normalize(word))
        .collect();
    if !exact.is_empty() {
        return exact;
    }
    let singular: Vec<&String> = items
        .iter()
        .filter(|item| words(item).concat() == key)
        .collect();
    if !singular.is_empty() {
        return singular;
    }
    let means = |item: &&String| {
        let known = ITEM_WORDS.iter().find(|(name, _)| *name == item.as_str());
        known.is_some_and(|(_, others)| others.iter().any(|other| words(other).concat() == key))
    };
    items.iter().filter(means).collect()
}
