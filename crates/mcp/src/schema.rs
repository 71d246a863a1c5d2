//! Arguments and answers of tools. One table gives the listed schema and the check of the arguments.
//!
//! Clients differ in the JSON Schema that they understand, so the schemas are flat: each property has one type, and there
//! are no references and no alternatives.

use serde_json::{Map, Value, json};
use vibesync_scene::Uuid;

use crate::daemon::Fault;

/// The type of an argument.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A text of at most so many bytes.
    Text(usize),
    /// A uuid as text.
    Uuid,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number in this range.
    Integer(u64, u64),
    /// A finite number above 0.
    Positive,
    /// True or false.
    Boolean,
    /// At most so many uuids.
    Uuids(usize),
    /// Three finite numbers.
    Vector,
    /// Four finite numbers.
    Quaternion,
    /// At most so many finite numbers.
    Numbers(usize),
    /// At most so many whole numbers from 0 to 2^32 - 1.
    Indices(usize),
    /// At most so many objects with these fields. The tool checks each with [`Arguments::check`].
    Items(&'static [Field], usize),
    /// An object, which the tool checks.
    Object,
}

/// An argument of a tool. No argument is required: a tool checks combinations itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Its meaning, for the model; empty if the name says it.
    pub about: &'static str,
}

/// The type of a field of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// A whole number.
    Integer,
    /// True or false.
    Boolean,
    /// An object.
    Object,
    /// A list of objects.
    Objects,
    /// A list of texts.
    Texts,
}

/// Returns the schema of arguments.
pub fn input(fields: &[Field]) -> Map<String, Value> {
    let properties: Map<String, Value> = fields.iter().map(property).collect();
    object(properties)
}

fn property(field: &Field) -> (String, Value) {
    let mut schema = match field.kind {
        Kind::Text(_) | Kind::Uuid => json!({"type": "string"}),
        Kind::Word(words) => json!({"type": "string", "enum": words}),
        Kind::Integer(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Kind::Positive => json!({"type": "number"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Uuids(most) => {
            json!({"type": "array", "items": {"type": "string"}, "maxItems": most})
        }
        Kind::Vector | Kind::Quaternion => json!({"type": "array", "items": {"type": "number"}}),
        Kind::Numbers(most) => {
            json!({"type": "array", "items": {"type": "number"}, "maxItems": most})
        }
        Kind::Indices(most) => {
            json!({"type": "array", "items": {"type": "integer"}, "maxItems": most})
        }
        Kind::Items(fields, most) => {
            json!({"type": "array", "items": input(fields), "maxItems": most})
        }
        Kind::Object => json!({"type": "object"}),
    };
    // A limit that no caller reaches only costs tokens.
    if let (Kind::Integer(_, u64::MAX), Some(schema)) = (field.kind, schema.as_object_mut()) {
        schema.remove("maximum");
    }
    if let (false, Some(schema)) = (field.about.is_empty(), schema.as_object_mut()) {
        schema.insert("description".into(), field.about.into());
    }
    (field.name.into(), schema)
}

/// Returns the schema of answers. Every answer may be an error instead.
pub fn output(fields: &[(&str, Shape)]) -> Map<String, Value> {
    let mut properties: Map<String, Value> = fields
        .iter()
        .map(|(name, shape)| {
            let schema = match shape {
                Shape::Text => json!({"type": "string"}),
                Shape::Integer => json!({"type": "integer"}),
                Shape::Boolean => json!({"type": "boolean"}),
                Shape::Object => json!({"type": "object"}),
                Shape::Objects => json!({"type": "array", "items": {"type": "object"}}),
                Shape::Texts => json!({"type": "array", "items": {"type": "string"}}),
            };
            ((*name).to_owned(), schema)
        })
        .collect();
    properties.insert("error".into(), json!({"type": "object"}));
    object(properties)
}

fn object(properties: Map<String, Value>) -> Map<String, Value> {
    let fields = [
        ("type".to_owned(), "object".into()),
        ("properties".to_owned(), properties.into()),
    ];
    fields.into_iter().collect()
}

/// Arguments that have passed the check. A null counts as missing, since models write it for what they leave out.
#[derive(Clone, Debug, Default)]
pub struct Arguments(Map<String, Value>);

impl Arguments {
    /// Checks names, types and ranges.
    pub fn check(fields: &[Field], mut given: Map<String, Value>) -> Result<Self, Fault> {
        given.retain(|_, value| !value.is_null());
        for (name, value) in &given {
            let Some(field) = fields.iter().find(|field| field.name == name) else {
                let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                let message = match known.is_empty() {
                    true => "the tool has no arguments".to_owned(),
                    false => format!("unknown argument; known are {}", known.join(", ")),
                };
                return Err(Fault::argument(&crate::escape(name, 64), message));
            };
            if let Some(expected) = field.kind.expected(value) {
                return Err(Fault::argument(field.name, format!("must be {expected}")));
            }
        }
        Ok(Self(given))
    }

    /// Returns a text or word.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// Returns a uuid.
    pub fn uuid(&self, name: &str) -> Option<Uuid> {
        self.text(name)?.parse().ok()
    }

    /// Returns the uuids of a list; none if it is missing.
    pub fn uuids(&self, name: &str) -> Vec<Uuid> {
        let list = self.0.get(name).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.filter_map(|text| text.parse().ok()).collect()
    }

    /// Returns a whole number.
    pub fn integer(&self, name: &str) -> Option<u64> {
        whole(self.0.get(name)?)
    }

    /// Returns a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.0.get(name)?.as_f64()
    }

    /// Returns true or false.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// Returns three numbers.
    pub fn vector(&self, name: &str) -> Option<[f64; 3]> {
        match self.0.get(name)?.as_array()?.as_slice() {
            [x, y, z] => Some([x.as_f64()?, y.as_f64()?, z.as_f64()?]),
            _ => None,
        }
    }

    /// Returns the numbers of a list; none if it is missing.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let list = self.0.get(name)?.as_array()?;
        Some(list.iter().filter_map(Value::as_f64).collect())
    }

    /// Returns four numbers.
    pub fn quaternion(&self, name: &str) -> Option<[f64; 4]> {
        self.numbers(name)?.try_into().ok()
    }

    /// Returns the whole numbers of a list; none if it is missing.
    pub fn indices(&self, name: &str) -> Option<Vec<u32>> {
        let list = self.0.get(name)?.as_array()?;
        Some(list.iter().filter_map(index).collect())
    }

    /// Returns the objects of a list.
    pub fn items(&self, name: &str) -> Vec<Map<String, Value>> {
        let list = self.0.get(name).and_then(Value::as_array);
        let items = list.into_iter().flatten().filter_map(Value::as_object);
        items.cloned().collect()
    }

    /// Returns an argument as it was given.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns true if the argument was given.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns an object.
    pub fn object(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| value.is_object())
    }

    /// Parses a word as a value of a type that serde knows by these words.
    pub fn parse<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(self.0.get(name)?.clone()).ok()
    }
}

impl Kind {
    /// Returns what the value should have been; none if it fits.
    fn expected(self, value: &Value) -> Option<String> {
        (!self.fits(value)).then(|| self.name())
    }

    fn fits(self, value: &Value) -> bool {
        let is_uuid = |value: &Value| value.as_str().is_some_and(|it| it.parse::<Uuid>().is_ok());
        match self {
            Kind::Text(most) => value.as_str().is_some_and(|text| text.len() <= most),
            Kind::Uuid => is_uuid(value),
            Kind::Word(words) => value.as_str().is_some_and(|text| words.contains(&text)),
            Kind::Integer(least, most) => {
                whole(value).is_some_and(|it| (least..=most).contains(&it))
            }
            Kind::Positive => value.as_f64().is_some_and(|it| it > 0.0 && it.is_finite()),
            Kind::Boolean => value.is_boolean(),
            Kind::Uuids(most) => has_items(value, 0..=most, is_uuid),
            Kind::Vector => has_numbers(value, 3..=3),
            Kind::Quaternion => has_numbers(value, 4..=4),
            Kind::Numbers(most) => has_numbers(value, 0..=most),
            Kind::Indices(most) => has_items(value, 0..=most, |it| index(it).is_some()),
            Kind::Items(_, most) => has_items(value, 1..=most, Value::is_object),
            Kind::Object => value.is_object(),
        }
    }

    /// Returns the values that fit, in words.
    fn name(self) -> String {
        match self {
            Kind::Text(most) => format!("a text of at most {most} bytes"),
            Kind::Uuid => "a whole uuid".to_owned(),
            Kind::Word(words) => format!("one of {}", words.join(", ")),
            Kind::Integer(least, most) => format!("a whole number from {least} to {most}"),
            Kind::Positive => "a number above 0".to_owned(),
            Kind::Boolean => "true or false".to_owned(),
            Kind::Uuids(most) => format!("a list of at most {most} whole uuids"),
            Kind::Vector => "three numbers".to_owned(),
            Kind::Quaternion => "four numbers".to_owned(),
            Kind::Numbers(most) => format!("a list of at most {most} numbers"),
            Kind::Indices(most) => format!("a list of at most {most} whole numbers from 0"),
            Kind::Items(_, most) => format!("a list of 1 to {most} objects"),
            Kind::Object => "an object".to_owned(),
        }
    }
}

fn has_items(
    value: &Value,
    count: std::ops::RangeInclusive<usize>,
    fits: impl Fn(&Value) -> bool,
) -> bool {
    let list = value.as_array();
    list.is_some_and(|list| count.contains(&list.len()) && list.iter().all(fits))
}

fn has_numbers(value: &Value, count: std::ops::RangeInclusive<usize>) -> bool {
    has_items(value, count, Value::is_number)
}

fn index(value: &Value) -> Option<u32> {
    whole(value).and_then(|number| u32::try_from(number).ok())
}

/// The largest number up to which a float can hold every whole number.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a whole number, also in the form 3.0.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let number = value.as_f64()?;
        let is_whole = (0.0..=MOST_EXACT).contains(&number) && number.fract() == 0.0;
        is_whole.then_some(number as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[
        field("text", Kind::Text(5)),
        field("id", Kind::Uuid),
        field("word", Kind::Word(&["a", "b"])),
        field("count", Kind::Integer(1, 9)),
        field("radius", Kind::Positive),
        field("point", Kind::Vector),
        field("ids", Kind::Uuids(1)),
    ];

    const fn field(name: &'static str, kind: Kind) -> Field {
        let about = "";
        Field { name, kind, about }
    }

    fn check(given: Value) -> Result<Arguments, String> {
        let given = given.as_object().unwrap().clone();
        Arguments::check(FIELDS, given)
            .map_err(|fault| format!("{}: {}", fault.location, fault.message))
    }

    #[test]
    fn wrong_argument_is_named_with_what_it_must_be() {
        let id = "00000000-0000-0000-0000-000000000001";
        for (given, expected) in [
            (
                json!({"nope": 1}),
                "nope: unknown argument; known are text, id",
            ),
            (
                json!({"text": "sixsix"}),
                "text: must be a text of at most 5 bytes",
            ),
            (json!({"text": 5}), "text: must be a text"),
            (json!({"id": "1"}), "id: must be a whole uuid"),
            (json!({"word": "c"}), "word: must be one of a, b"),
            (
                json!({"count": 0}),
                "count: must be a whole number from 1 to 9",
            ),
            (json!({"count": 1.5}), "count: must be"),
            (json!({"count": "3"}), "count: must be"),
            (json!({"count": true}), "count: must be"),
            (json!({"count": 1e300}), "count: must be"),
            (json!({"radius": 0}), "radius: must be a number above 0"),
            (json!({"point": [1, 2]}), "point: must be three numbers"),
            (json!({"ids": [id, id]}), "ids: must be a list of at most 1"),
        ] {
            let error = check(given.clone()).unwrap_err();
            assert!(error.starts_with(expected), "{given}: {error}");
        }
    }

    #[test]
    fn null_counts_as_a_missing_argument() {
        let arguments = check(json!({"text": null, "count": 3.0, "point": [1, 2.5, 3]})).unwrap();
        assert_eq!(arguments.text("text"), None);
        assert_eq!(arguments.integer("count"), Some(3));
        assert_eq!(arguments.vector("point"), Some([1.0, 2.5, 3.0]));
    }
}
