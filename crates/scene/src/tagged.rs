//! Deserializes internally tagged enums (`"type"`, `"op"`) in one pass.
//!
//! serde copies the whole object before it looks at the tag, even if the tag comes first, as in all messages that our
//! programs write. The code here copies an object only if its tag comes later. [`tagged_enum!`] defines an enum with
//! this `Deserialize`. [`ExtractField`] takes one field out of an object while the rest is deserialized as something
//! else.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{CowStrDeserializer, MapAccessDeserializer, MapDeserializer};
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, IntoDeserializer,
    MapAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::Value;

/// Defines an internally tagged enum that is deserialized without a copy. Its JSON and its schema are those of serde
/// and schemars.
///
/// `tagged_enum! { "op"; /** ... */ pub enum Change { ... } }` refuses unknown fields. With `"op", tolerant;` it skips them,
/// except in a variant without fields.
#[macro_export]
macro_rules! tagged_enum {
    ($tag:literal; $($enum:tt)*) => {
        $crate::tagged_enum! { @ $tag [deny_unknown_fields]; $($enum)* }
    };
    ($tag:literal, tolerant; $($enum:tt)*) => {
        $crate::tagged_enum! { @ $tag []; $($enum)* }
    };
    (@ $tag:literal [$($unknown:ident)?]; $(#[$meta:meta])* $vis:vis enum $name:ident { $($body:tt)* }) => {
        $(#[$meta])*
        #[derive(::serde::Serialize, ::schemars::JsonSchema)]
        #[serde(tag = $tag, rename_all = "snake_case" $(, $unknown)?)]
        $vis enum $name { $($body)* }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                type Inside = $name;
                /// The same enum, externally tagged: the form that [`Tagged`]($crate::Tagged) presents to serde.
                #[derive(::serde::Deserialize)]
                #[serde(remote = "Inside", rename_all = "snake_case" $(, $unknown)?)]
                #[allow(dead_code, clippy::large_enum_variant, reason = "only its `deserialize` is used")]
                enum Outside { $($body)* }
                Outside::deserialize($crate::Tagged { deserializer, tag: $tag })
            }
        }
    };
}

/// Presents an internally tagged object to serde as an externally tagged enum.
#[derive(Debug)]
pub struct Tagged<D> {
    /// The source of the object.
    pub deserializer: D,
    /// The field with the variant's name.
    pub tag: &'static str,
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Tagged<D> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        let tag = self.tag;
        self.deserializer
            .deserialize_map(TagVisitor { tag, visitor })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

struct TagVisitor<V> {
    tag: &'static str,
    visitor: V,
}

impl<'de, V: Visitor<'de>> Visitor<'de> for TagVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an object with `{}`", self.tag)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V::Value, A::Error> {
        match map.next_key_seed(Key)? {
            Some(key) if key == self.tag => self.visitor.visit_enum(TagFirst(map)),
            first => self.visit_late(first, map),
        }
    }
}

impl<'de, V: Visitor<'de>> TagVisitor<V> {
    /// Reads an object whose tag is not its first field: keeps the fields before the tag until it is known.
    fn visit_late<A: MapAccess<'de>>(
        self,
        first: Option<Cow<'de, str>>,
        mut map: A,
    ) -> Result<V::Value, A::Error> {
        let (mut tag, mut fields) = (None, Vec::new());
        let mut next = first;
        while let Some(key) = next {
            if key != self.tag {
                fields.push((key.into_owned(), map.next_value::<Value>()?));
            } else if tag.replace(map.next_value::<Value>()?).is_some() {
                return Err(A::Error::duplicate_field(self.tag));
            }
            next = map.next_key_seed(Key)?;
        }
        let tag = tag.ok_or_else(|| A::Error::missing_field(self.tag))?;
        let tag = (self.tag.to_owned(), tag);
        let mut map = MapDeserializer::new(std::iter::once(tag).chain(fields));
        let first: Result<Option<String>, serde_json::Error> = map.next_key();
        let read = first.and_then(|_| self.visitor.visit_enum(TagFirst(map)));
        read.map_err(A::Error::custom)
    }
}

/// The rest of an object, after the name of its tag was read.
struct TagFirst<A>(A);

impl<'de, A: MapAccess<'de>> EnumAccess<'de> for TagFirst<A> {
    type Error = A::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(
        mut self,
        seed: S,
    ) -> Result<(S::Value, Self), A::Error> {
        Ok((self.0.next_value_seed(seed)?, self))
    }
}

impl<'de, A: MapAccess<'de>> VariantAccess<'de> for TagFirst<A> {
    type Error = A::Error;

    fn unit_variant(mut self) -> Result<(), A::Error> {
        match self.0.next_key_seed(Key)? {
            None => Ok(()),
            Some(key) => Err(A::Error::unknown_field(&key, &[])),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        seed.deserialize(MapAccessDeserializer::new(self.0))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        visitor.visit_map(self.0)
    }
}

/// A key of an object; borrowed if possible.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// Reads an object without one of its fields, and stores that field's value.
#[derive(Debug)]
pub struct ExtractField<'a, D, T> {
    /// The source of the object, or the rest of it.
    pub from: D,
    /// The field's name.
    pub field: &'static str,
    /// Receives its value, if the object has the field.
    pub value: &'a mut Option<T>,
}

impl<'de, D: Deserializer<'de>, T: DeserializeOwned> Deserializer<'de> for ExtractField<'_, D, T> {
    type Error = D::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.from.deserialize_map(ExtractField {
            from: visitor,
            field: self.field,
            value: self.value,
        })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de, V: Visitor<'de>, T: DeserializeOwned> Visitor<'de> for ExtractField<'_, V, T> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.from.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.from.visit_map(ExtractField {
            from: map,
            field: self.field,
            value: self.value,
        })
    }
}

impl<'de, A: MapAccess<'de>, T: DeserializeOwned> MapAccess<'de> for ExtractField<'_, A, T> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.from.next_key_seed(Key)? {
            if key != self.field {
                let key: CowStrDeserializer<'_, A::Error> = key.into_deserializer();
                return seed.deserialize(key).map(Some);
            }
            if self.value.replace(self.from.next_value()?).is_some() {
                return Err(A::Error::duplicate_field(self.field));
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.from.next_value_seed(seed)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    tagged_enum! {
        "kind";
        /// An example of each form.
        #[derive(Debug, PartialEq)]
        enum Example {
            Empty,
            Point { x: f64, #[serde(default)] y: Option<f64> },
            Inner(Inner),
        }
    }

    tagged_enum! {
        "kind", tolerant;
        /// An example that skips unknown fields.
        #[derive(Debug, PartialEq)]
        enum Tolerant {
            Point { x: f64 },
        }
    }

    #[test]
    fn tolerant_enum_skips_unknown_fields() {
        for json in [
            r#"{"kind":"point","z":[1],"x":1.5}"#,
            r#"{"z":[1],"x":1.5,"kind":"point"}"#,
        ] {
            let read: Tolerant = serde_json::from_str(json).unwrap();
            assert_eq!(read, Tolerant::Point { x: 1.5 }, "{json}");
        }
    }

    #[derive(Debug, PartialEq, Deserialize, serde::Serialize, schemars::JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        name: String,
    }

    fn read(json: &str) -> Result<Example, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn tag_is_accepted_at_any_position() {
        let point = || Example::Point { x: 1.5, y: None };
        for json in [
            r#"{"kind":"point","x":1.5}"#,
            r#"{"x":1.5,"kind":"point"}"#,
            r#"{"x":1.5,"k\u0069nd":"point"}"#,
            r#"{"y":null,"kind":"point","x":1.5}"#,
        ] {
            assert_eq!(read(json), Ok(point()), "{json}");
        }
        let name = "a".to_owned();
        let inner = Example::Inner(Inner { name });
        assert_eq!(read(r#"{"kind":"inner","name":"a"}"#).as_ref(), Ok(&inner));
        assert_eq!(read(r#"{"name":"a","kind":"inner"}"#), Ok(inner));
        assert_eq!(read(r#"{"kind":"empty"}"#), Ok(Example::Empty));
    }

    #[test]
    fn malformed_objects_are_refused() {
        for (json, why) in [
            (r#"{"kind":"line"}"#, "unknown variant `line`"),
            (r#"{"kind":7}"#, "invalid type: integer `7`"),
            (r#"{"x":1.5}"#, "missing field `kind`"),
            (r#"{}"#, "missing field `kind`"),
            (r#"[]"#, "expected an object with `kind`"),
            (r#"{"kind":"point"}"#, "missing field `x`"),
            (r#"{"kind":"point","x":1,"z":2}"#, "unknown field `z`"),
            (r#"{"z":2,"kind":"point","x":1}"#, "unknown field `z`"),
            (r#"{"kind":"point","x":1,"x":2}"#, "duplicate field `x`"),
            (r#"{"x":1,"kind":"point","x":2}"#, "duplicate field `x`"),
            (
                r#"{"kind":"point","kind":"point","x":1}"#,
                "unknown field `kind`",
            ),
            (
                r#"{"x":1,"kind":"point","kind":"point"}"#,
                "duplicate field `kind`",
            ),
            (r#"{"kind":"empty","x":1}"#, "unknown field `x`"),
            (r#"{"kind":"inner","name":"a","x":1}"#, "unknown field `x`"),
        ] {
            let error = read(json).unwrap_err();
            assert!(error.contains(why), "{json}: {error}");
        }
    }

    #[test]
    fn extracted_field_is_stored_and_refused_twice() {
        let read = |json: &str| {
            let mut version: Option<u64> = None;
            let mut from = serde_json::Deserializer::from_str(json);
            let example = Example::deserialize(ExtractField {
                from: &mut from,
                field: "version",
                value: &mut version,
            });
            example
                .map(|example| (example, version))
                .map_err(|error| error.to_string())
        };
        let point = || Example::Point { x: 1.0, y: None };
        for json in [
            r#"{"version":3,"kind":"point","x":1}"#,
            r#"{"kind":"point","version":3,"x":1}"#,
            r#"{"x":1,"version":3,"kind":"point"}"#,
        ] {
            assert_eq!(read(json), Ok((point(), Some(3))), "{json}");
        }
        assert_eq!(read(r#"{"kind":"empty"}"#), Ok((Example::Empty, None)));
        let twice = read(r#"{"kind":"empty","version":3,"version":3}"#).unwrap_err();
        assert!(twice.contains("duplicate field `version`"), "{twice}");
        assert!(read(r#"{"kind":"empty","version":-3}"#).is_err());
    }
}
