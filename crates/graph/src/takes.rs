//! Which values a property or a socket takes, and how Blender keeps them.

use crate::catalogue::{Input, Output, Property, PropertyKind};
use crate::diagnostic::{listed, quoted};
use crate::model::Value;
use crate::suggest::suggest_names;

/// The values that something takes.
#[derive(Clone, Copy, Debug)]
pub struct Takes<'a> {
    /// Of which kind.
    pub kind: Kind<'a>,
    /// So many of them in a list; none for one alone.
    pub count: Option<usize>,
    /// The smallest number.
    pub min: Option<f64>,
    /// The largest number.
    pub max: Option<f64>,
}

/// A kind of value.
#[derive(Clone, Copy, Debug)]
pub enum Kind<'a> {
    /// None at all: geometry, matrices, closures.
    Nothing,
    /// True or false.
    Bool,
    /// A whole number of 32 bits.
    Int,
    /// A number of 32 bits.
    Float,
    /// A text.
    Text,
    /// One of these.
    Item(&'a [String]),
    /// Any of these, in a list.
    Items(&'a [String]),
    /// The name of a datablock, or null.
    Datablock,
}

/// Why a value is refused.
#[derive(Debug)]
pub struct Wrong {
    /// One sentence.
    pub message: String,
    /// What to do.
    pub suggestion: String,
}

impl<'a> Takes<'a> {
    /// What a property takes.
    pub fn property(property: &'a Property) -> Self {
        let kind = match property.kind {
            PropertyKind::Enum => Kind::Item(&property.items),
            PropertyKind::EnumFlag => Kind::Items(&property.items),
            PropertyKind::Boolean => Kind::Bool,
            PropertyKind::Int => Kind::Int,
            PropertyKind::Float => Kind::Float,
            PropertyKind::String => Kind::Text,
            PropertyKind::Pointer => Kind::Datablock,
        };
        let list = property.default.as_ref().and_then(Value::list);
        let count = list.map(<[Value]>::len);
        Self {
            kind,
            count: count.filter(|_| !matches!(kind, Kind::Items(_))),
            min: property.min,
            max: property.max,
        }
    }

    /// What an input takes while nothing is linked to it.
    pub fn input(input: &'a Input) -> Self {
        let takes = Self::socket(&input.idname, input.default.as_ref());
        let kind = match takes.kind {
            Kind::Item(_) => Kind::Item(input.menu.as_deref().unwrap_or_default()),
            kind => kind,
        };
        Self {
            kind,
            min: input.min,
            max: input.max,
            ..takes
        }
    }

    /// What an output takes that holds the value of its node.
    pub fn output(output: &'a Output) -> Self {
        Self {
            min: output.min,
            max: output.max,
            ..Self::socket(&output.idname, output.default.as_ref())
        }
    }

    /// What a socket of a type takes; a default tells how long a vector is.
    pub fn socket(idname: &str, default: Option<&Value>) -> Self {
        let length = default.and_then(Value::list).map(<[Value]>::len);
        let (kind, count) = match idname {
            "NodeSocketBool" => (Kind::Bool, None),
            "NodeSocketInt" => (Kind::Int, None),
            "NodeSocketFloat" => (Kind::Float, None),
            "NodeSocketString" => (Kind::Text, None),
            "NodeSocketVector" => (Kind::Float, Some(length.unwrap_or(3))),
            "NodeSocketRotation" => (Kind::Float, Some(3)),
            "NodeSocketColor" => (Kind::Float, Some(4)),
            "NodeSocketMenu" => (Kind::Item(&[]), None),
            "NodeSocketObject"
            | "NodeSocketCollection"
            | "NodeSocketMaterial"
            | "NodeSocketImage"
            | "NodeSocketTexture" => (Kind::Datablock, None),
            _ => (Kind::Nothing, None),
        };
        Self {
            kind,
            count,
            min: None,
            max: None,
        }
    }

    /// Refuses what Blender would refuse, or keep as another value.
    pub fn check(&self, value: &Value) -> Result<(), Wrong> {
        let Some(count) = self.count else {
            return self.check_one(value);
        };
        let parts = value.list().filter(|parts| parts.len() == count);
        let Some(parts) = parts else {
            let found = match value.list() {
                Some(parts) => format!("a list of {}", parts.len()),
                None => value.kind().to_owned(),
            };
            let wanted = self.wanted();
            return Err(wrong(
                format!("expected a list of {count}, found {found}"),
                wanted,
            ));
        };
        parts.iter().try_for_each(|part| self.check_one(part))
    }

    fn check_one(&self, value: &Value) -> Result<(), Wrong> {
        let fits = match (self.kind, value) {
            (Kind::Nothing, _) => {
                return Err(wrong(
                    "its value comes from a link alone",
                    "link something to it",
                ));
            }
            (Kind::Bool, Value::Bool(_))
            | (Kind::Text, Value::Text(_))
            | (Kind::Datablock, Value::Text(_) | Value::Null) => true,
            (Kind::Int, Value::Int(int)) => {
                return self.in_range(value, i32::try_from(*int).is_ok());
            }
            (Kind::Float, Value::Int(_) | Value::Float(_)) => {
                let kept = value
                    .number()
                    .is_some_and(|number| number.abs() <= f64::from(f32::MAX));
                return self.in_range(value, kept);
            }
            (Kind::Item(items), Value::Text(item)) => return among(items, item),
            (Kind::Items(items), Value::List(chosen)) => {
                let item = |value: &Value| match value {
                    Value::Text(item) => among(items, item),
                    _ => Err(wrong(
                        "expected items",
                        listed(items.iter().map(String::as_str)),
                    )),
                };
                return chosen.iter().try_for_each(item);
            }
            _ => false,
        };
        match fits {
            true => Ok(()),
            false => Err(wrong(
                format!("expected {}, found {}", self.one(), value.kind()),
                self.wanted(),
            )),
        }
    }

    fn in_range(&self, value: &Value, kept: bool) -> Result<(), Wrong> {
        if !kept {
            return Err(wrong("too large for the 32 bits that Blender keeps", ""));
        }
        // Bounds are compared as Blender keeps them.
        #[allow(clippy::cast_possible_truncation, reason = "it was looked at just now")]
        let number = value.number().unwrap_or_default() as f32;
        #[allow(clippy::cast_possible_truncation, reason = "as Blender keeps them")]
        let outside = self.min.is_some_and(|min| number < min as f32)
            || self.max.is_some_and(|max| number > max as f32);
        if !outside {
            return Ok(());
        }
        let nearest = match (self.min, self.max) {
            (Some(min), _) if f64::from(number) < min => min,
            (_, Some(max)) => max,
            _ => return Ok(()),
        };
        let message = format!("{number} is outside of what Blender keeps");
        Err(wrong(
            message,
            format!("{nearest}, the nearest that it does"),
        ))
    }

    /// One value, for messages.
    fn one(&self) -> &'static str {
        match self.kind {
            Kind::Nothing => "nothing",
            Kind::Bool => "true or false",
            Kind::Int => "a whole number without a point",
            Kind::Float => "a number",
            Kind::Text => "a text",
            Kind::Item(_) => "an item",
            Kind::Items(_) => "a list of items",
            Kind::Datablock => "the name of a datablock, or null",
        }
    }

    /// An example, or the items.
    fn wanted(&self) -> String {
        let one = match self.kind {
            Kind::Bool => "true",
            Kind::Int => "1",
            Kind::Float => "1.0",
            Kind::Item(items) | Kind::Items(items) => {
                return listed(items.iter().map(String::as_str));
            }
            Kind::Nothing | Kind::Text | Kind::Datablock => return String::new(),
        };
        match self.count {
            None => format!("for example {one}"),
            Some(count) => format!("for example [{}]", vec![one; count].join(", ")),
        }
    }

    /// A value that is taken, as Blender keeps it: a number with a point where it keeps one, of 32 bits.
    #[must_use]
    pub fn kept(&self, value: &Value) -> Value {
        match (self.kind, value) {
            (Kind::Float, Value::List(parts)) => {
                Value::List(parts.iter().map(|part| self.kept(part)).collect())
            }
            (Kind::Float, _) => value
                .number()
                .map_or_else(|| value.clone(), |number| Value::Float(single(number))),
            _ => value.clone(),
        }
    }
}

/// A number of 32 bits, written with as few digits as tell it from all others.
pub(crate) fn single(number: f64) -> f64 {
    #[allow(clippy::cast_possible_truncation, reason = "it is what Blender keeps")]
    let shortest = (number as f32).to_string();
    shortest.parse().unwrap_or(number)
}

fn among(items: &[String], item: &str) -> Result<(), Wrong> {
    let known = || items.iter().map(String::as_str);
    if known().any(|known| known == item) {
        return Ok(());
    }
    let suggestion = match suggest_names(item, known()).first() {
        Some(near) => format!("{near}?"),
        None => format!("there are: {}", listed(known())),
    };
    Err(wrong(
        format!("there is no item {}", quoted(item)),
        suggestion,
    ))
}

fn wrong(message: impl Into<String>, suggestion: impl Into<String>) -> Wrong {
    Wrong {
        message: message.into(),
        suggestion: suggestion.into(),
    }
}
