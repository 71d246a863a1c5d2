//! The values that a property or a socket accepts, and the form in which Blender stores them.

use crate::catalogue::{Input, Output, Property, PropertyKind};
use crate::diagnostic::{name_list, quote};
use crate::model::Value;
use crate::suggest::suggest_names;

/// The values that a property or a socket accepts.
#[derive(Clone, Copy, Debug)]
pub struct ValueType<'a> {
    /// The kind of each value.
    pub kind: ValueKind<'a>,
    /// The length of a list; `None` for a single value.
    pub count: Option<usize>,
    /// Smallest number.
    pub min: Option<f64>,
    /// Largest number.
    pub max: Option<f64>,
}

/// A kind of value.
#[derive(Clone, Copy, Debug)]
pub enum ValueKind<'a> {
    /// No value, only links: geometry, matrices, closures.
    Nothing,
    /// True or false.
    Bool,
    /// A 32-bit integer.
    Int,
    /// A 32-bit floating-point number.
    Float,
    /// A text.
    Text,
    /// One of these items.
    Item(&'a [String]),
    /// Any of these items, in a list.
    Items(&'a [String]),
    /// The name of a datablock, or null.
    Datablock,
}

/// The reason why a value is refused.
#[derive(Debug)]
pub struct TypeError {
    /// The problem, in one sentence.
    pub message: String,
    /// A possible correction.
    pub suggestion: String,
}

impl<'a> ValueType<'a> {
    /// Returns the values that a property accepts.
    pub fn of_property(property: &'a Property) -> Self {
        let kind = match property.kind {
            PropertyKind::Enum => ValueKind::Item(&property.items),
            PropertyKind::EnumFlag => ValueKind::Items(&property.items),
            PropertyKind::Boolean => ValueKind::Bool,
            PropertyKind::Int => ValueKind::Int,
            PropertyKind::Float => ValueKind::Float,
            PropertyKind::String => ValueKind::Text,
            PropertyKind::Pointer => ValueKind::Datablock,
        };
        let list = property.default.as_ref().and_then(Value::list);
        let count = list.map(<[Value]>::len);
        Self {
            kind,
            count: count.filter(|_| !matches!(kind, ValueKind::Items(_))),
            min: property.min,
            max: property.max,
        }
    }

    /// Returns the values that an input accepts while nothing is linked to it.
    pub fn of_input(input: &'a Input) -> Self {
        let value_type = Self::of_socket(&input.idname, input.default.as_ref());
        let kind = match value_type.kind {
            ValueKind::Item(_) => ValueKind::Item(input.menu.as_deref().unwrap_or_default()),
            kind => kind,
        };
        Self {
            kind,
            min: input.min,
            max: input.max,
            ..value_type
        }
    }

    /// Returns the values that an output accepts if it holds the value of its node.
    pub fn of_output(output: &'a Output) -> Self {
        Self {
            min: output.min,
            max: output.max,
            ..Self::of_socket(&output.idname, output.default.as_ref())
        }
    }

    /// Returns the values that a socket type accepts. The default decides the length of a vector.
    pub fn of_socket(idname: &str, default: Option<&Value>) -> Self {
        let length = default.and_then(Value::list).map(<[Value]>::len);
        let (kind, count) = match idname {
            "NodeSocketBool" => (ValueKind::Bool, None),
            "NodeSocketInt" => (ValueKind::Int, None),
            "NodeSocketFloat" => (ValueKind::Float, None),
            "NodeSocketString" => (ValueKind::Text, None),
            "NodeSocketVector" => (ValueKind::Float, Some(length.unwrap_or(3))),
            "NodeSocketRotation" => (ValueKind::Float, Some(3)),
            "NodeSocketColor" => (ValueKind::Float, Some(4)),
            "NodeSocketMenu" => (ValueKind::Item(&[]), None),
            "NodeSocketObject"
            | "NodeSocketCollection"
            | "NodeSocketMaterial"
            | "NodeSocketImage"
            | "NodeSocketTexture" => (ValueKind::Datablock, None),
            _ => (ValueKind::Nothing, None),
        };
        Self {
            kind,
            count,
            min: None,
            max: None,
        }
    }

    /// Returns an error if Blender would refuse the value, or store another one.
    pub fn check(&self, value: &Value) -> Result<(), TypeError> {
        let Some(count) = self.count else {
            return self.check_one(value);
        };
        let Some(parts) = value.list().filter(|parts| parts.len() == count) else {
            let found = match value.list() {
                Some(parts) => format!("a list of {}", parts.len()),
                None => value.kind().to_owned(),
            };
            let message = format!("expected a list of {count}, found {found}");
            return Err(type_error(message, self.example()));
        };
        parts.iter().try_for_each(|part| self.check_one(part))
    }

    fn check_one(&self, value: &Value) -> Result<(), TypeError> {
        let fits = match (self.kind, value) {
            (ValueKind::Nothing, _) => {
                return Err(type_error(
                    "this socket has no value of its own, only links",
                    "link an output to it",
                ));
            }
            (ValueKind::Bool, Value::Bool(_))
            | (ValueKind::Text, Value::Text(_))
            | (ValueKind::Datablock, Value::Text(_) | Value::Null) => true,
            (ValueKind::Int, Value::Int(int)) => {
                return self.check_range(value, i32::try_from(*int).is_ok());
            }
            (ValueKind::Float, Value::Int(_) | Value::Float(_)) => {
                let fits = |number: f64| number.abs() <= f64::from(f32::MAX);
                return self.check_range(value, value.number().is_some_and(fits));
            }
            (ValueKind::Item(items), Value::Text(item)) => return check_item(items, item),
            (ValueKind::Items(items), Value::List(values)) => {
                let check = |value: &Value| match value {
                    Value::Text(item) => check_item(items, item),
                    _ => Err(type_error(
                        "expected items",
                        name_list(items.iter().map(String::as_str)),
                    )),
                };
                return values.iter().try_for_each(check);
            }
            _ => false,
        };
        match fits {
            true => Ok(()),
            false => Err(type_error(
                format!("expected {}, found {}", self.description(), value.kind()),
                self.example(),
            )),
        }
    }

    fn check_range(&self, value: &Value, fits_32_bits: bool) -> Result<(), TypeError> {
        if !fits_32_bits {
            return Err(type_error(
                "too large for the 32 bits that Blender stores",
                "",
            ));
        }
        // Blender stores bounds with 32 bits too.
        #[allow(clippy::cast_possible_truncation, reason = "it fits, see above")]
        let number = value.number().unwrap_or_default() as f32;
        #[allow(clippy::cast_possible_truncation, reason = "Blender stores 32 bits")]
        let is_outside = self.min.is_some_and(|min| number < min as f32)
            || self.max.is_some_and(|max| number > max as f32);
        if !is_outside {
            return Ok(());
        }
        let nearest = match (self.min, self.max) {
            (Some(min), _) if f64::from(number) < min => min,
            (_, Some(max)) => max,
            _ => return Ok(()),
        };
        let message = format!("{number} is outside of the range that Blender stores");
        Err(type_error(
            message,
            format!("use {nearest}, the nearest value in the range"),
        ))
    }

    /// Describes one value, for messages.
    fn description(&self) -> &'static str {
        match self.kind {
            ValueKind::Nothing => "nothing",
            ValueKind::Bool => "true or false",
            ValueKind::Int => "a whole number without a point",
            ValueKind::Float => "a number",
            ValueKind::Text => "a text",
            ValueKind::Item(_) => "an item",
            ValueKind::Items(_) => "a list of items",
            ValueKind::Datablock => "the name of a datablock, or null",
        }
    }

    /// Returns an example of a valid value, or the list of items.
    fn example(&self) -> String {
        let value = match self.kind {
            ValueKind::Bool => "true",
            ValueKind::Int => "1",
            ValueKind::Float => "1.0",
            ValueKind::Item(items) | ValueKind::Items(items) => {
                return name_list(items.iter().map(String::as_str));
            }
            ValueKind::Nothing | ValueKind::Text | ValueKind::Datablock => return String::new(),
        };
        match self.count {
            None => format!("for example {value}"),
            Some(count) => format!("for example [{}]", vec![value; count].join(", ")),
        }
    }

    /// Returns a valid value as Blender stores it: numbers for a floating-point value are rounded to 32 bits.
    #[must_use]
    pub fn normalized(&self, value: &Value) -> Value {
        match (self.kind, value) {
            (ValueKind::Float, Value::List(parts)) => {
                Value::List(parts.iter().map(|part| self.normalized(part)).collect())
            }
            (ValueKind::Float, _) => value.number().map_or_else(
                || value.clone(),
                |number| Value::Float(round_to_f32(number)),
            ),
            _ => value.clone(),
        }
    }
}

/// Rounds a number to 32 bits, with the fewest decimal digits that distinguish it from all others.
pub(crate) fn round_to_f32(number: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, reason = "Blender stores 32 bits")]
    let shortest = (number as f32).to_string();
    shortest.parse().unwrap_or(number)
}

fn check_item(items: &[String], item: &str) -> Result<(), TypeError> {
    let known = || items.iter().map(String::as_str);
    if known().any(|known| known == item) {
        return Ok(());
    }
    let suggestion = match suggest_names(item, known()).first() {
        Some(similar) => format!("{similar}?"),
        None => format!("available: {}", name_list(known())),
    };
    Err(type_error(
        format!("there is no item {}", quote(item)),
        suggestion,
    ))
}

fn type_error(message: impl Into<String>, suggestion: impl Into<String>) -> TypeError {
    TypeError {
        message: message.into(),
        suggestion: suggestion.into(),
    }
}
