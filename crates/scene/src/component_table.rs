//! The table of components: the one place that lists them. A new kind of component is a line here, a type with an
//! implementation of [`ComponentValue`](crate::component_value::ComponentValue), and code at the edges of the editors.
//!
//! The struct [`Components`](crate::Components) is made from it, with its checks, its comparison and its sets. So are
//! `tests/golden/components.json`, which Python and C# compare with their own lists, and the tables of
//! `docs/protocol.md` (`tests/it/components.rs`).

use crate::component_fields::{
    ACTION_BUFFERS, ACTION_FIELDS, CAMERA_FIELDS, COLLECTION_FIELDS, EMISSION_FIELDS,
    IMAGE_BUFFERS, IMAGE_FIELDS, LIGHT_FIELDS, MAPS_FIELDS, MESH_BUFFERS, MESH_FIELDS, PBR_FIELDS,
    REFERENCE, SHAPES_BUFFERS, SHAPES_FIELDS, WEIGHTS_BUFFERS, WEIGHTS_FIELDS, field, lockable,
};
use crate::component_kind::{ComponentField, ComponentKind, Equality};
use crate::entity_kind::EntityKind;
use crate::path::Path;
use crate::reference::Target;

const OBJECT: &[EntityKind] = &[EntityKind::Object];

/// The most frequent kind: a required component of objects, structural, compared exactly. The lines name the differences.
const USUAL: ComponentKind = ComponentKind {
    name: "",
    on: OBJECT,
    is_optional: false,
    path: Path::Slow,
    equality: Equality::Exact,
    can_preview: false,
    fields: &[],
    buffers: &[],
    target: None,
    note: "",
};

/// Calls `$declare!` with the list of components: documentation, key, type and description of each.
macro_rules! with_components {
    ($declare:ident) => {
        $declare! {
            /// Shown to people; never used as an address.
            name: String = ComponentKind {
                on: EntityKind::ALL,
                path: Path::Fast,
                note: "string, 1 to 255 characters, no control characters; cosmetic, never an address",
                ..USUAL
            };
            /// Position in the parent's space.
            transform: Transform = ComponentKind {
                path: Path::Fast,
                equality: Equality::Near,
                can_preview: true,
                fields: &[
                    ComponentField {
                        unit: "m",
                        ..lockable("translation", "[x,y,z]")
                    },
                    lockable("rotation", "[x,y,z,w]"),
                    lockable("scale", "[x,y,z]"),
                ],
                note: ", local to the parent; rotation has unit length within 1e-3",
                ..USUAL
            };
            /// Whether the object is shown.
            visibility: Visibility = ComponentKind {
                path: Path::Fast,
                fields: &[lockable("visible", "bool")],
                ..USUAL
            };
            /// The parent object.
            parent: Parent = ComponentKind {
                fields: REFERENCE,
                target: Some(Target::Object),
                ..USUAL
            };
            /// The datablock shown.
            data: DataRef = ComponentKind {
                fields: REFERENCE,
                target: Some(Target::Data),
                note: ": the mesh, light, camera or armature the object shows",
                ..USUAL
            };
            /// Geometry.
            mesh: Box<Mesh> = ComponentKind {
                on: &[EntityKind::Mesh],
                equality: Equality::Corners,
                fields: MESH_FIELDS,
                buffers: MESH_BUFFERS,
                note: ", see below",
                ..USUAL
            };
            /// The form, color and intensity of a light.
            light: Box<Light> = ComponentKind {
                on: &[EntityKind::Light],
                path: Path::Fast,
                equality: Equality::Near,
                can_preview: true,
                fields: LIGHT_FIELDS,
                note: ", see [Light](#light)",
                ..USUAL
            };
            /// The lens and the sensor of a camera.
            camera: Box<Camera> = ComponentKind {
                on: &[EntityKind::Camera],
                path: Path::Fast,
                equality: Equality::Near,
                can_preview: true,
                fields: CAMERA_FIELDS,
                note: ", see [Camera](#camera)",
                ..USUAL
            };
            /// The joints of an armature.
            armature: Box<Armature> = ComponentKind {
                on: &[EntityKind::Armature],
                equality: Equality::Near,
                fields: &[field("joints", "{uuid: joint}")],
                note: ", see [Armature](#armature)",
                ..USUAL
            };
            /// The places of the joints of an object's armature.
            pose: Box<Pose> = ComponentKind {
                is_optional: true,
                path: Path::Fast,
                equality: Equality::Near,
                fields: &[lockable("joints", "{uuid: transform}")],
                note: ", see [Armature](#armature); left out: each joint is at rest",
                ..USUAL
            };
            /// The surface of a material.
            pbr: Box<Pbr> = ComponentKind {
                on: &[EntityKind::Material],
                path: Path::Fast,
                equality: Equality::Near,
                can_preview: true,
                fields: PBR_FIELDS,
                note: ", see [Material](#material)",
                ..USUAL
            };
            /// The light that a surface sends out.
            emission: Box<Emission> = ComponentKind {
                on: &[EntityKind::Material],
                path: Path::Fast,
                equality: Equality::Near,
                can_preview: true,
                fields: EMISSION_FIELDS,
                note: ", see [Material](#material)",
                ..USUAL
            };
            /// The images that give values of a surface.
            maps: Box<Maps> = ComponentKind {
                on: &[EntityKind::Material],
                is_optional: true,
                equality: Equality::Near,
                fields: MAPS_FIELDS,
                target: Some(Target::Image),
                note: ", see [Maps](#maps); left out: there are none",
                ..USUAL
            };
            /// The file of an image.
            image: Box<Image> = ComponentKind {
                on: &[EntityKind::Image],
                fields: IMAGE_FIELDS,
                buffers: IMAGE_BUFFERS,
                note: ", see [Image](#image)",
                ..USUAL
            };
            /// The materials of a mesh.
            slots: Box<Slots> = ComponentKind {
                on: &[EntityKind::Mesh],
                is_optional: true,
                fields: &[field("materials", "[uuid or null]")],
                target: Some(Target::Material),
                note: ": the material of each slot; left out: there is none",
                ..USUAL
            };
            /// The shape keys of a mesh.
            shapes: Box<Shapes> = ComponentKind {
                on: &[EntityKind::Mesh],
                is_optional: true,
                equality: Equality::Corners,
                fields: SHAPES_FIELDS,
                buffers: SHAPES_BUFFERS,
                note: ", see [Shape keys](#shape-keys); left out: there are none",
                ..USUAL
            };
            /// The weights of the shape keys of a mesh.
            shape_values: Box<ShapeValues> = ComponentKind {
                on: &[EntityKind::Mesh],
                is_optional: true,
                path: Path::Fast,
                equality: Equality::Near,
                fields: &[field("values", "{name: n}")],
                note: ", see [Shape keys](#shape-keys); a missing weight is 0",
                ..USUAL
            };
            /// The vertex groups of a mesh.
            weights: Box<Weights> = ComponentKind {
                on: &[EntityKind::Mesh],
                is_optional: true,
                equality: Equality::Corners,
                fields: WEIGHTS_FIELDS,
                buffers: WEIGHTS_BUFFERS,
                note: ", see [Vertex groups](#vertex-groups); left out: there are none",
                ..USUAL
            };
            /// The armature that deforms an object.
            skin: Skin = ComponentKind {
                is_optional: true,
                fields: &[lockable("armature", "uuid or null")],
                target: Some(Target::Deformer),
                note: ": the object of the armature that deforms this one, see [Vertex groups](#vertex-groups); null, or \
                       left out: none",
                ..USUAL
            };
            /// The materials that an object shows instead.
            materials: Box<Materials> = ComponentKind {
                is_optional: true,
                fields: &[field("own", "{slot: uuid or null}")],
                target: Some(Target::Material),
                note: ": what this object shows in a slot instead of the mesh's material; left out: nothing",
                ..USUAL
            };
            /// The mesh that an object shows in place of its data.
            shown: Box<Shown> = ComponentKind {
                is_optional: true,
                equality: Equality::Corners,
                fields: &[
                    field("mesh", "mesh or null"),
                    field("materials", "[uuid or null] or null"),
                ],
                buffers: MESH_BUFFERS,
                target: Some(Target::ShownMaterial),
                note: ": the mesh that the object shows in place of its data, see [Shown](#shown); left out: none",
                ..USUAL
            };
            /// A group of objects.
            collection: Box<Collection> = ComponentKind {
                on: &[EntityKind::Collection],
                equality: Equality::Near,
                fields: COLLECTION_FIELDS,
                target: Some(Target::Collection),
                note: ", see [Collection](#collection)",
                ..USUAL
            };
            /// The collections that an object is in.
            collections: Box<Collections> = ComponentKind {
                is_optional: true,
                fields: &[field("in", "[uuid]"), field("root", "bool")],
                target: Some(Target::Collection),
                note: ", see [Collection](#collection); left out: in the scene alone",
                ..USUAL
            };
            /// The collection that an object shows an instance of.
            instance: Instance = ComponentKind {
                is_optional: true,
                fields: &[lockable("of", "uuid or null")],
                target: Some(Target::Collection),
                note: ": the collection that this object shows at its place, see [Collection](#collection); null, or left \
                       out: none",
                ..USUAL
            };
            /// Whether a rendered picture shows the object or the content of the collection.
            render_visibility: RenderVisibility = ComponentKind {
                on: &[EntityKind::Object, EntityKind::Collection],
                is_optional: true,
                path: Path::Fast,
                fields: &[field("visible", "bool")],
                note: ": whether rendered pictures show the object, or what is in the collection; left out: true",
                ..USUAL
            };
            /// Curves by slot and channel.
            action: Box<KeyedAction> = ComponentKind {
                on: &[EntityKind::Action],
                equality: Equality::Keys,
                fields: ACTION_FIELDS,
                buffers: ACTION_BUFFERS,
                note: ", see [Action](#action)",
                ..USUAL
            };
            /// The action that the entity plays.
            animation: Animation = ComponentKind {
                on: &[
                    EntityKind::Object,
                    EntityKind::Mesh,
                    EntityKind::Light,
                    EntityKind::Camera,
                ],
                is_optional: true,
                fields: &[field("action", "uuid or null"), field("slot", "n or null")],
                target: Some(Target::Action),
                note: ": the action that it plays, and the slot of it; null, or left out: none",
                ..USUAL
            };
            /// The prefab that an object is an instance of.
            prefab: Box<Prefab> = ComponentKind {
                is_optional: true,
                fields: &[field("asset", "guid or null"), field("root", "bool"), field("file", "digits")],
                note: ", see [Prefab](#prefab); left out: none",
                ..USUAL
            };
            /// Geometry nodes.
            nodes: Box<Nodes> = ComponentKind {
                is_optional: true,
                equality: Equality::Graph,
                fields: &[field("graph", "graph or null")],
                note: ": the geometry nodes of a modifier that VibeSync has built, as canonical \
                       [graph_json](graphs.md#graph_json); null, or left out: there is none",
                ..USUAL
            };
            /// Whether the object is kept from agents.
            guard: Guard = ComponentKind {
                is_optional: true,
                path: Path::Fast,
                fields: &[field("human_only", "bool")],
                note: ": true keeps the object, and all objects below it, from agents \
                       ([section 8](#what-is-kept-from-agents)); left out: false",
                ..USUAL
            };
            /// The fields that an editor shows and cannot write.
            locks: Box<Locks> = ComponentKind {
                on: &[
                    EntityKind::Object,
                    EntityKind::Light,
                    EntityKind::Camera,
                    EntityKind::Material,
                ],
                is_optional: true,
                path: Path::Fast,
                fields: &[
                    field("blender", "{component:[field]}"),
                    field("unity", "{component:[field]}"),
                ],
                note: ": fields that an editor shows and cannot write ([locks](#locks)); a missing key is an empty one",
                ..USUAL
            };
        }
    };
}
pub(crate) use with_components;

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $kind:expr;)+) => {
        /// Every kind of component of this schema version.
        pub const COMPONENT_KINDS: &[ComponentKind] = &[
            $(ComponentKind { name: stringify!($name), ..$kind }),+
        ];

        /// Every component name of this schema version, as on the wire.
        pub(crate) const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}
with_components!(table);
