//! Components: what an entity is made of. Always whole, in canonical space (glTF 2.0, meters).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

use crate::id::BlobId;

/// Position in the parent's space: meters, unit quaternion (x, y, z, w), scale as ratios.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Transform {
    /// Meters.
    pub translation: [f64; 3],
    /// Unit quaternion (x, y, z, w).
    pub rotation: [f64; 4],
    /// Ratio per axis.
    pub scale: [f64; 3],
}

impl Transform {
    /// At the parent's origin, unturned, unscaled.
    pub const IDENTITY: Self = Self {
        translation: [0.0; 3],
        rotation: [0.0, 0.0, 0.0, 1.0],
        scale: [1.0; 3],
    };
}

/// Whether the object is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Visibility {
    /// True where the editor shows it.
    pub visible: bool,
}

/// The object above this one; none at the scene's root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parent {
    /// The parent object.
    pub uuid: Option<Uuid>,
}

/// The datablock that an object shows; objects that share one share its edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataRef {
    /// The datablock.
    pub uuid: Option<Uuid>,
}

/// A run of corners drawn with one material slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Submesh {
    /// Index of the object's material slot.
    pub slot: u32,
    /// First corner.
    pub start: u32,
    /// Number of corners, a multiple of three.
    pub count: u32,
}

/// Bulk data: in an attachment of the same frame, or known by content, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Buffer {
    /// Index into the frame's attachments. Never in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<u32>,
    /// Address of the content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<BlobId>,
    /// Length in bytes.
    pub bytes: u64,
}

impl Buffer {
    /// A buffer known by content.
    pub fn stored(blob: BlobId, bytes: u64) -> Self {
        Self {
            attachment: None,
            blob: Some(blob),
            bytes,
        }
    }
}

/// A triangle mesh; the layout of each buffer is in [`crate::element_bytes`] and `docs/protocol.md`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mesh {
    /// Number of vertices.
    pub vertex_count: u32,
    /// Number of triangle corners: three a triangle.
    pub corner_count: u32,
    /// Runs of corners by material slot.
    pub submeshes: Vec<Submesh>,
    /// Buffers by name: `position`, `index`, `normal`, `uv0`..`uv7`, `color0`.
    pub buffers: BTreeMap<String, Buffer>,
}

/// The geometry nodes of an object: those of its modifier that `VibeSync` has built. Left out of an object, it has none.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nodes {
    /// Canonical `graph_json`, see `docs/graphs.md`; null takes the modifier away.
    pub graph: Option<serde_json::Value>,
}

/// What an entity is made of, or the part of it that a change carries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Components {
    /// Shown to people; never an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Position in the parent's space.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transform: Option<Transform>,
    /// Whether it is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The object above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Parent>,
    /// The datablock shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<DataRef>,
    /// Geometry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mesh: Option<Mesh>,
    /// Geometry nodes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<Box<Nodes>>,
}

/// Calls `$each!(field)` for every component field, so that no list of them is written twice.
macro_rules! for_each_component {
    ($each:ident) => {
        $each!(name);
        $each!(transform);
        $each!(visibility);
        $each!(parent);
        $each!(data);
        $each!(mesh);
        $each!(nodes);
    };
}

impl Components {
    /// Every component name of this schema version, as written on the wire.
    pub const NAMES: &[&str] = &[
        "name",
        "transform",
        "visibility",
        "parent",
        "data",
        "mesh",
        "nodes",
    ];

    /// Which are present.
    pub fn set(&self) -> ComponentSet {
        let (mut bits, mut bit) = (0, 0);
        macro_rules! note {
            ($field:ident) => {
                bits |= u16::from(self.$field.is_some()) << bit;
                bit += 1;
            };
        }
        for_each_component!(note);
        debug_assert_eq!(bit, Self::NAMES.len());
        ComponentSet(bits)
    }

    /// Overwrites the components that `patch` carries.
    pub fn merge(&mut self, patch: &Components) {
        macro_rules! take {
            ($field:ident) => {
                if let Some(value) = &patch.$field {
                    self.$field = Some(value.clone());
                }
            };
        }
        for_each_component!(take);
    }

    /// These components of `self`.
    #[must_use]
    pub fn only(&self, set: ComponentSet) -> Components {
        let mut part = Components::default();
        let mut bits = set.0;
        macro_rules! keep {
            ($field:ident) => {
                if bits & 1 == 1 {
                    part.$field.clone_from(&self.$field);
                }
                bits >>= 1;
            };
        }
        for_each_component!(keep);
        debug_assert_eq!(bits, 0);
        part
    }

    /// Drops the components that `allowed` refuses by name.
    pub fn retain(&mut self, allowed: impl Fn(&str) -> bool) {
        macro_rules! filter {
            ($field:ident) => {
                if !allowed(stringify!($field)) {
                    self.$field = None;
                }
            };
        }
        for_each_component!(filter);
    }

    /// Names of the components present.
    pub fn present(&self) -> Vec<&'static str> {
        self.set().names().collect()
    }

    /// True where no component is present.
    pub fn is_empty(&self) -> bool {
        self.set().is_empty()
    }

    /// Says that there is nothing of what may be left out and is, as far as it is in `set`: so that what stands in its
    /// place elsewhere is taken away.
    pub fn mark_absent(&mut self, set: ComponentSet) {
        if set.contains("nodes") && self.nodes.is_none() {
            self.nodes = Some(Box::default());
        }
    }

    /// Content addresses of all bulk data.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> + '_ {
        self.mesh
            .iter()
            .flat_map(|mesh| mesh.buffers.values().filter_map(|buffer| buffer.blob))
    }
}

/// A set of component names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComponentSet(u16);

impl ComponentSet {
    /// Every component there is.
    pub const ALL: Self = Self(u16::MAX >> (16 - Components::NAMES.len()));

    /// Names, positions and visibility: what can be set aside or overwritten without breaking anything else. All the
    /// other components are structural.
    pub fn cosmetic() -> Self {
        // The first three of `Components::NAMES`.
        Self(0b111)
    }

    /// Puts a component in; a name that is none changes nothing.
    pub fn insert(&mut self, name: &str) {
        *self = self.or([name].into_iter().collect());
    }

    /// True where no component is in it.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether a component is in it.
    pub fn contains(self, name: &str) -> bool {
        !self.and([name].into_iter().collect()).is_empty()
    }

    /// What is in both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is not in the other.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The names, in the order of [`Components::NAMES`].
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let bits = (0..).zip(Components::NAMES);
        bits.filter_map(move |(bit, name)| (self.0 >> bit & 1 == 1).then_some(*name))
    }
}

/// Names that are no component are left out.
impl<'a> FromIterator<&'a str> for ComponentSet {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let place = |name| Components::NAMES.iter().position(|known| *known == name);
        let bits = names.into_iter().filter_map(place).map(|bit| 1 << bit);
        Self(bits.fold(0, |all, bit: u16| all | bit))
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
        match names
            .iter()
            .find(|name| !Components::NAMES.contains(&name.as_str()))
        {
            Some(unknown) => Err(serde::de::Error::custom(format!(
                "no component `{unknown}`"
            ))),
            None => Ok(names.iter().map(String::as_str).collect()),
        }
    }
}

impl JsonSchema for ComponentSet {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "ComponentSet".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "array", "items": {"enum": Components::NAMES}})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cosmetic_is_named_first() {
        let cosmetic = ["name", "transform", "visibility"].into_iter().collect();
        assert_eq!(ComponentSet::cosmetic(), cosmetic);
    }

    #[test]
    fn a_set_says_what_is_there() {
        let some = Components {
            name: Some("A".into()),
            parent: Some(Parent { uuid: None }),
            ..Components::default()
        };
        assert!(some.set().names().eq(["name", "parent"]));
        let parent = some.only(["parent", "mesh"].into_iter().collect());
        assert!(parent.set().names().eq(["parent"]));
    }
}
