//! The components of an entity, made from the table of components.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::action::{Animation, KeyedAction};
use crate::armature::{Armature, Pose};
use crate::camera::Camera;
use crate::collection::{Collection, Collections, Instance};
use crate::component::{
    Buffer, DataRef, Guard, Mesh, Nodes, Parent, RenderVisibility, Transform, Visibility,
};
use crate::component_set::ComponentSet;
use crate::component_table::{NAMES, with_components};
use crate::component_value::ComponentValue;
use crate::id::BlobId;
use crate::image::Image;
use crate::invalid::Invalid;
use crate::light::Light;
use crate::locks::Locks;
use crate::maps::Maps;
use crate::material::{Emission, Materials, Pbr, Slots};
use crate::prefab::Prefab;
use crate::reference::{Reference, Target};
use crate::shapes::{ShapeValues, Shapes};
use crate::shown::Shown;
use crate::skin::Skin;
use crate::weights::Weights;

macro_rules! declare {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $kind:expr;)+) => {
        /// The components of an entity, or those that a change carries.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct Components {
            $(
                $(#[$doc])*
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub $name: Option<$type>,
            )+
        }

        /// Calls `$each!(field)` for every component field, in the order of `NAMES`.
        macro_rules! for_each_component {
            ($each:ident) => {
                $($each!($name);)+
            };
        }
    };
}
with_components!(declare);

impl Components {
    /// Every component name of this schema version, as written on the wire.
    pub const NAMES: &[&str] = NAMES;

    /// The components that are present.
    pub fn set(&self) -> ComponentSet {
        let (mut bits, mut bit) = (0, 0);
        macro_rules! note {
            ($field:ident) => {
                bits |= u64::from(self.$field.is_some()) << bit;
                bit += 1;
            };
        }
        for_each_component!(note);
        debug_assert_eq!(bit, Self::NAMES.len());
        ComponentSet::from_bits(bits)
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

    /// A copy with only the components of `set`.
    #[must_use]
    pub fn only(&self, set: ComponentSet) -> Components {
        let mut part = Components::default();
        let mut bits = set.bits();
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

    /// Removes the components whose name `is_kept` refuses.
    pub fn retain(&mut self, is_kept: impl Fn(&str) -> bool) {
        macro_rules! filter {
            ($field:ident) => {
                if !is_kept(stringify!($field)) {
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

    /// Whether no component is present.
    pub fn is_empty(&self) -> bool {
        self.set().is_empty()
    }

    /// Replaces an absent optional component of `set` by its explicit empty value, so that receivers remove theirs.
    pub fn mark_absent(&mut self, set: ComponentSet) {
        macro_rules! mark {
            ($field:ident) => {
                if self.$field.is_none() && set.contains(stringify!($field)) {
                    self.$field = ComponentValue::absent();
                }
            };
        }
        for_each_component!(mark);
    }

    /// The buffers of all components, each with the name of its component and its own.
    pub fn buffers(&self) -> impl Iterator<Item = (&'static str, &str, &Buffer)> {
        let mut buffers = Vec::new();
        macro_rules! list {
            ($field:ident) => {
                let named = self.$field.iter().flat_map(ComponentValue::buffers);
                buffers.extend(named.map(|(name, it)| (stringify!($field), name, it)));
            };
        }
        for_each_component!(list);
        buffers.into_iter()
    }

    /// The buffers of all components, to be changed.
    pub fn buffers_mut(&mut self) -> impl Iterator<Item = &mut Buffer> {
        let mut buffers = Vec::new();
        macro_rules! list {
            ($field:ident) => {
                buffers.extend(self.$field.iter_mut().flat_map(ComponentValue::buffers_mut));
            };
        }
        for_each_component!(list);
        buffers.into_iter()
    }

    /// Content addresses of all bulk data.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> + use<> {
        let blobs: Vec<BlobId> = self.buffers().filter_map(|(_, _, it)| it.blob).collect();
        blobs.into_iter()
    }

    /// The entities that the components name.
    pub fn references(&self) -> impl Iterator<Item = Reference> + use<> {
        let mut references = Vec::new();
        macro_rules! list {
            ($field:ident) => {
                references.extend(self.$field.iter().flat_map(ComponentValue::references));
            };
        }
        for_each_component!(list);
        references.into_iter()
    }

    /// The parent of an object, or the parents of a collection.
    pub fn parents(&self) -> impl Iterator<Item = Uuid> + '_ {
        let collection = self.collection.iter();
        let collections = collection.flat_map(|it| &it.parents).copied();
        let object = self.parent.and_then(|parent| parent.uuid);
        object.into_iter().chain(collections)
    }

    /// The collections that an object or a collection is in.
    pub fn around(&self) -> impl Iterator<Item = Uuid> + '_ {
        let above = self.collection.iter().flat_map(|it| &it.parents);
        let names = self.collections.iter().flat_map(|it| &it.names);
        above.chain(names).copied()
    }

    /// The materials, images, collections, armatures and actions that the components name.
    pub fn links(&self) -> impl Iterator<Item = Uuid> + use<> {
        let is_link = |it: &Reference| {
            let target = it.target;
            !matches!(
                target,
                Target::Object | Target::Data | Target::ShownMaterial
            )
        };
        let references = self.references().filter(is_link);
        references.map(|it| it.uuid)
    }

    /// Checks the values of all components.
    pub(crate) fn check_values(&self) -> Result<(), Invalid> {
        macro_rules! check {
            ($field:ident) => {
                if let Some(value) = &self.$field {
                    value.check(stringify!($field))?;
                }
            };
        }
        for_each_component!(check);
        Ok(())
    }

    /// Returns the components of this value that differ in `actual`. A missing optional one counts as its empty value.
    pub(crate) fn differing(&self, actual: &Components) -> ComponentSet {
        let (mut bits, mut bit) = (0, 0);
        macro_rules! compare {
            ($field:ident) => {
                if let Some(value) = &self.$field {
                    let is_equal = match &actual.$field {
                        Some(found) => value.equals(found),
                        None => ComponentValue::absent().is_some_and(|it| value.equals(&it)),
                    };
                    bits |= u64::from(!is_equal) << bit;
                }
                bit += 1;
            };
        }
        for_each_component!(compare);
        debug_assert_eq!(bit, Self::NAMES.len());
        ComponentSet::from_bits(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_has_exactly_the_present_components() {
        let some = Components {
            name: Some("A".into()),
            parent: Some(Parent { uuid: None }),
            ..Components::default()
        };
        assert!(some.set().names().eq(["name", "parent"]));
        let parent = some.only(["parent", "mesh"].into_iter().collect());
        assert!(parent.set().names().eq(["parent"]));
    }

    /// Each entity of a scene, and each change, has room for every kind.
    #[test]
    fn component_that_few_entities_have_takes_a_pointer() {
        macro_rules! sizes {
            ($($(#[$doc:meta])* $name:ident: $type:ty = $kind:expr;)+) => {
                [$((stringify!($name), size_of::<Option<$type>>()),)+]
            };
        }
        for (name, size) in with_components!(sizes) {
            assert!(size <= 24 || name == "transform", "{name} has {size} bytes");
        }
    }
}
