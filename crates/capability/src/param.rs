//! The twelve types of parameters, and the check of one value: of a default in a manifest, and of an argument in a call.
//!
//! The addon's `core/arguments.py` has the same rules; `tests/golden/capability-arguments.json` keeps both equal.

use serde_json::{Map, Number, Value};

use crate::finding::Rule;
use crate::limits;
use crate::path;

/// Words of the types as a manifest writes them, and what an agent gives.
pub const TYPES: [(&str, &str); 12] = [
    ("string", "text of at most 10,000 characters, without NUL"),
    (
        "integer",
        "number without a fraction, within 2^53 in both directions",
    ),
    ("float", "finite number of at most float32's size"),
    ("boolean", "`true` or `false`"),
    (
        "object_name",
        "uuid of an entity, or a name that exactly one entity has",
    ),
    ("material_name", "name of a material"),
    ("collection_name", "name of a collection"),
    ("enum", "one of the options, letter by letter"),
    ("vector3", "list of three finite numbers"),
    (
        "color",
        "`#RRGGBB`, `#RRGGBBAA`, or a list of three or four numbers from 0 to 1; sRGB",
    ),
    (
        "file_path",
        "path below the project's folder, or `//` and a path beside the .blend file",
    ),
    ("dict", "object of at most 64 KiB, 8 levels and 1,000 keys"),
];

/// The type of a parameter with its limits.
#[derive(Clone, Debug, PartialEq)]
pub enum ParameterType {
    /// Any text.
    String,
    /// A whole number.
    Integer {
        /// Smallest value.
        min: Option<i64>,
        /// Largest value.
        max: Option<i64>,
    },
    /// A number.
    Float {
        /// Smallest value.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
    },
    /// True or false.
    Boolean,
    /// An entity, by uuid or name.
    ObjectName,
    /// A material, by name.
    MaterialName,
    /// A collection, by name.
    CollectionName,
    /// One of some texts.
    Enum {
        /// The texts.
        options: Vec<String>,
    },
    /// Three numbers.
    Vector3 {
        /// Smallest value of each number.
        min: Option<f64>,
        /// Largest value of each number.
        max: Option<f64>,
    },
    /// A color in sRGB.
    Color,
    /// A path.
    FilePath,
    /// An object.
    Dict,
}

/// The reason why a value is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The rule that it breaks.
    pub rule: Rule,
    /// One sentence.
    pub message: String,
}

type Checked = Result<Value, Mismatch>;

fn mismatch<T>(rule: Rule, message: impl Into<String>) -> Result<T, Mismatch> {
    let message = message.into();
    Err(Mismatch { rule, message })
}

impl ParameterType {
    /// Returns the word of the type.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer { .. } => "integer",
            Self::Float { .. } => "float",
            Self::Boolean => "boolean",
            Self::ObjectName => "object_name",
            Self::MaterialName => "material_name",
            Self::CollectionName => "collection_name",
            Self::Enum { .. } => "enum",
            Self::Vector3 { .. } => "vector3",
            Self::Color => "color",
            Self::FilePath => "file_path",
            Self::Dict => "dict",
        }
    }

    /// Checks a value, and returns it in the form that a handler gets.
    ///
    /// `default` is the parameter's default, whose form a color takes. `roots` are the folders in which absolute paths
    /// are allowed.
    ///
    /// # Errors
    ///
    /// Returns the rule that the value breaks.
    pub fn check(&self, value: &Value, default: Option<&Value>, roots: &[String]) -> Checked {
        match self {
            Self::String => text(value, 0, limits::TEXT),
            Self::Integer { min, max } => integer(value, *min, *max),
            Self::Float { min, max } => float(value, *min, *max).map(Value::from),
            Self::Boolean => match value {
                Value::Bool(_) => Ok(value.clone()),
                _ => wrong_type("true or false", value),
            },
            Self::ObjectName | Self::MaterialName | Self::CollectionName => name(value),
            Self::Enum { options } => option(value, options),
            Self::Vector3 { min, max } => vector(value, *min, *max),
            Self::Color => color(value, default),
            Self::FilePath => match value {
                Value::String(given) => match path::normalize(given, roots) {
                    Ok(path) => Ok(Value::String(path)),
                    Err(reason) => mismatch(Rule::Path, reason),
                },
                _ => wrong_type("a text", value),
            },
            Self::Dict => dict(value),
        }
    }
}

fn wrong_type<T>(wanted: &str, value: &Value) -> Result<T, Mismatch> {
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    mismatch(Rule::ValueType, format!("expected {wanted}, found {found}"))
}

fn text(value: &Value, least: usize, most: usize) -> Checked {
    let Value::String(text) = value else {
        return wrong_type("a text", value);
    };
    let length = text.chars().count();
    if length < least || length > most {
        let message = format!("the text has {length} characters, allowed are {least} to {most}");
        return mismatch(Rule::ValueText, message);
    }
    match text.contains('\0') {
        true => mismatch(Rule::ValueText, "the text has a NUL"),
        false => Ok(value.clone()),
    }
}

fn name(value: &Value) -> Checked {
    let checked = text(value, 1, limits::OBJECT_NAME)?;
    match value.as_str() {
        Some(name) if name.chars().any(char::is_control) => {
            mismatch(Rule::ValueText, "the name has a control character")
        }
        _ => Ok(checked),
    }
}

/// Converts a number without fraction. JSON does not tell `3.0` from `3`.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the number has no fraction, and its size is compared before"
)]
fn integer(value: &Value, min: Option<i64>, max: Option<i64>) -> Checked {
    let Value::Number(number) = value else {
        return wrong_type("a whole number", value);
    };
    let limit = limits::INTEGER;
    let found = match (number.as_i64(), number.as_f64()) {
        (Some(int), _) => int,
        (None, Some(float)) if float.abs() > limit as f64 => i64::MAX,
        (None, Some(float)) if float.fract() == 0.0 => float as i64,
        _ => return mismatch(Rule::ValueType, "expected a whole number, found a fraction"),
    };
    let (min, max) = (min.unwrap_or(-limit), max.unwrap_or(limit));
    match (min..=max).contains(&found) {
        true => Ok(found.into()),
        false => mismatch(
            Rule::ValueRange,
            format!("the number is not within {min} to {max}"),
        ),
    }
}

fn float(value: &Value, min: Option<f64>, max: Option<f64>) -> Result<f64, Mismatch> {
    let Value::Number(number) = value else {
        return wrong_type("a number", value);
    };
    let largest = f64::from(f32::MAX);
    let found = number.as_f64().unwrap_or(f64::INFINITY);
    let (min, max) = (min.unwrap_or(-largest), max.unwrap_or(largest));
    // NaN is in no range.
    match (min..=max).contains(&found) {
        true => Ok(found),
        false => mismatch(
            Rule::ValueRange,
            format!("the number is not within {min} to {max}"),
        ),
    }
}

fn vector(value: &Value, min: Option<f64>, max: Option<f64>) -> Checked {
    let wanted = "a list of three numbers";
    let Value::Array(values) = value else {
        return wrong_type(wanted, value);
    };
    if values.len() != 3 {
        let message = format!("expected {wanted}, found {} values", values.len());
        return mismatch(Rule::ValueType, message);
    }
    let numbers: Result<Vec<Value>, Mismatch> = values
        .iter()
        .map(|each| float(each, min, max).map(Value::from))
        .collect();
    numbers.map(Value::Array)
}

fn option(value: &Value, options: &[String]) -> Checked {
    let Value::String(text) = value else {
        return wrong_type("a text", value);
    };
    match options.contains(text) {
        true => Ok(value.clone()),
        false => {
            let shown: Vec<&str> = options.iter().take(20).map(String::as_str).collect();
            let message = format!("allowed are {}", shown.join(", "));
            mismatch(Rule::ValueOption, message)
        }
    }
}

/// Returns a color in the form of the default: `#RRGGBB[AA]` or a list of numbers.
fn color(value: &Value, default: Option<&Value>) -> Checked {
    let channels = match value {
        Value::String(text) => match hex_channels(text) {
            Some(channels) => channels,
            None => return mismatch(Rule::ValueText, "expected #RRGGBB or #RRGGBBAA"),
        },
        Value::Array(values) if matches!(values.len(), 3 | 4) => values
            .iter()
            .map(|each| float(each, Some(0.0), Some(1.0)))
            .collect::<Result<Vec<f64>, Mismatch>>()?,
        _ => return wrong_type("#RRGGBB or a list of three or four numbers", value),
    };
    Ok(match default {
        Some(Value::Array(_)) => channels.into(),
        _ => Value::String(hex_text(&channels)),
    })
}

fn hex_channels(text: &str) -> Option<Vec<f64>> {
    let digits = text.strip_prefix('#')?;
    if !matches!(digits.len(), 6 | 8) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let channel = |start: usize| u8::from_str_radix(digits.get(start..start + 2)?, 16).ok();
    (0..digits.len())
        .step_by(2)
        .map(|start| channel(start).map(|byte| f64::from(byte) / 255.0))
        .collect()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "each channel is from 0 to 1"
)]
fn hex_text(channels: &[f64]) -> String {
    let digits = channels
        .iter()
        .map(|channel| format!("{:02X}", (channel * 255.0 + 0.5).floor() as u8));
    std::iter::once("#".to_owned()).chain(digits).collect()
}

/// The size of a dict while it is walked.
#[derive(Default)]
struct Size {
    bytes: usize,
    keys: usize,
}

fn dict(value: &Value) -> Checked {
    let Value::Object(members) = value else {
        return wrong_type("an object", value);
    };
    let mut size = Size::default();
    size.members(members, 1)?;
    Ok(value.clone())
}

impl Size {
    fn members(&mut self, members: &Map<String, Value>, depth: usize) -> Result<(), Mismatch> {
        self.keys += members.len();
        if self.keys > limits::DICT_KEYS {
            let message = format!("the dict has more than {} keys", limits::DICT_KEYS);
            return mismatch(Rule::ValueSize, message);
        }
        for (key, value) in members {
            self.text(key)?;
            self.value(value, depth)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Value, depth: usize) -> Result<(), Mismatch> {
        self.add(8)?;
        match value {
            Value::Null | Value::Bool(_) => Ok(()),
            Value::Number(number) => finite(number),
            Value::String(text) => self.text(text),
            Value::Array(_) | Value::Object(_) if depth >= limits::DICT_DEPTH => {
                let message = format!("the dict has more than {} levels", limits::DICT_DEPTH);
                mismatch(Rule::ValueSize, message)
            }
            Value::Array(values) => values
                .iter()
                .try_for_each(|each| self.value(each, depth + 1)),
            Value::Object(members) => self.members(members, depth + 1),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Mismatch> {
        match text.contains('\0') {
            true => mismatch(Rule::ValueText, "a text of the dict has a NUL"),
            false => self.add(text.len()),
        }
    }

    fn add(&mut self, bytes: usize) -> Result<(), Mismatch> {
        self.bytes += bytes;
        match self.bytes > limits::DICT_BYTES {
            true => {
                let message = format!("the dict has more than {} bytes", limits::DICT_BYTES);
                mismatch(Rule::ValueSize, message)
            }
            false => Ok(()),
        }
    }
}

/// Refuses numbers that are not exact in every language: whole ones beyond 2^53, and those that are not finite.
fn finite(number: &Number) -> Result<(), Mismatch> {
    let whole = number.as_i64().map(i64::unsigned_abs).or(number.as_u64());
    let exact = match whole {
        Some(size) => size <= limits::INTEGER.unsigned_abs(),
        None => number.as_f64().is_some_and(f64::is_finite),
    };
    match exact {
        true => Ok(()),
        false => mismatch(Rule::ValueRange, "a number of the dict is too large"),
    }
}
