//! The kinds of entities.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! entity_kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal;)+) => {
        /// The kind of an entity. Kinds that have only a name so far can already be referenced and logged.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum EntityKind {
            $($(#[$doc])* $kind,)+
        }

        impl EntityKind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The names of all kinds, in the order of [`EntityKind::ALL`].
            pub const NAMES: &[&str] = &[$($name),+];

            /// Returns the name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $name),+ }
            }
        }
    };
}

entity_kinds! {
    /// Blender object, Unity GameObject.
    Object = "object";
    /// Mesh datablock.
    Mesh = "mesh";
    /// Material.
    Material = "material";
    /// Image, texture.
    Image = "image";
    /// Armature, skeleton.
    Armature = "armature";
    /// Action, animation clip.
    Action = "action";
    /// Collection.
    Collection = "collection";
    /// Light datablock.
    Light = "light";
    /// Camera datablock.
    Camera = "camera";
    /// Unity prefab.
    Prefab = "prefab";
    /// Geometry-node group.
    NodeGroup = "node_group";
}
