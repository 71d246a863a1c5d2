//! Sets of component names, as bits.

use schemars::JsonSchema;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::component_kind::ComponentKind;
use crate::component_table::{COMPONENT_KINDS, NAMES};
use crate::entity_kind::EntityKind;
use crate::path::Path;
use crate::reference::Target;

/// A set of component names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComponentSet(u64);

impl ComponentSet {
    /// All components.
    pub const ALL: Self = Self(u64::MAX >> (64 - NAMES.len()));

    /// The components with buffers. A constant: each change of each message is asked for them.
    pub const BULK: Self = {
        let (mut kinds, mut bits, mut bit) = (COMPONENT_KINDS, 0, 1);
        while let [kind, rest @ ..] = kinds {
            if !kind.buffers.is_empty() {
                bits |= bit;
            }
            bit <<= 1;
            kinds = rest;
        }
        Self(bits)
    };

    /// The set of the components whose bits are set, in the order of [`NAMES`].
    pub(crate) fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// A bit for each component in the set, in the order of [`NAMES`].
    pub(crate) fn bits(self) -> u64 {
        self.0
    }

    /// The components on the fast path: overwriting these breaks nothing else. All other components are structural.
    pub fn cosmetic() -> Self {
        Self::of(|kind| kind.path == Path::Fast)
    }

    /// The components that an entity of this kind may have.
    pub fn allowed_on(kind: EntityKind) -> Self {
        Self::of(|it| it.fits(kind))
    }

    /// The components that an entity of this kind must have.
    pub fn required_on(kind: EntityKind) -> Self {
        Self::of(|it| it.fits(kind) && !it.is_optional)
    }

    /// The components that a preview may carry.
    pub fn previewed() -> Self {
        Self::of(|it| it.can_preview)
    }

    /// The components that name others of these kinds.
    pub fn naming(is_named: impl Fn(Target) -> bool) -> Self {
        Self::of(|kind| kind.target.is_some_and(&is_named))
    }

    fn of(is_member: impl Fn(&ComponentKind) -> bool) -> Self {
        let bits = (0..).zip(COMPONENT_KINDS);
        let bits = bits.map(|(bit, kind)| u64::from(is_member(kind)) << bit);
        Self(bits.fold(0, |all, bit| all | bit))
    }

    /// Adds a component. An unknown name changes nothing.
    pub fn insert(&mut self, name: &str) {
        *self = self.or([name].into_iter().collect());
    }

    /// Whether the set has no component.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the set has a component with buffers.
    pub fn has_bulk(self) -> bool {
        !self.and(Self::BULK).is_empty()
    }

    /// Whether the set has this component.
    pub fn contains(self, name: &str) -> bool {
        !self.and([name].into_iter().collect()).is_empty()
    }

    /// The intersection of both sets.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The union of both sets.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The components that are not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The names, in the order of [`Components::NAMES`](crate::Components::NAMES).
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let bits = (0..).zip(NAMES);
        bits.filter_map(move |(bit, name)| (self.0 >> bit & 1 == 1).then_some(*name))
    }
}

/// Leaves out names that are no component.
impl<'a> FromIterator<&'a str> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let bit_of = |name| NAMES.iter().position(|known| *known == name);
        let bits = names.into_iter().filter_map(bit_of).map(|bit| 1 << bit);
        Self(bits.fold(0, |all, bit: u64| all | bit))
    }
}

impl Serialize for ComponentSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.names())
    }
}

impl<'de> Deserialize<'de> for ComponentSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        match names.iter().find(|name| !NAMES.contains(&name.as_str())) {
            Some(unknown) => Err(D::Error::custom(format!("no component `{unknown}`"))),
            None => Ok(names.iter().map(String::as_str).collect()),
        }
    }
}

impl JsonSchema for ComponentSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ComponentSet".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "array", "items": {"enum": NAMES}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cosmetic_components_have_the_bits_of_their_names() {
        let cosmetic = [
            "name",
            "transform",
            "visibility",
            "light",
            "camera",
            "pbr",
            "emission",
            "shape_values",
            "pose",
            "render_visibility",
            "guard",
            "locks",
        ]
        .into_iter()
        .collect();
        assert_eq!(ComponentSet::cosmetic(), cosmetic);
    }
}
