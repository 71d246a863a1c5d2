//! A file in work: the document, its binary chunk, and the parts that it has already.

use std::collections::{BTreeMap, BTreeSet};

use gltf_json::extensions::scene::khr_lights_punctual::Light;
use gltf_json::texture::Sampler;
use gltf_json::{Asset, Camera, Image, Index, Material, Mesh, Node, Root, Skin, Texture};
use uuid::Uuid;
use vibesync_scene::Entity;

use super::binary::Binary;
use super::bulk::Read;
use super::collections::Membership;
use super::geometry::Part;
use super::recipe::Recipe;
use super::rigs::{Joints, Skinned};
use crate::notes::{Note, Notes};

/// Most numbers of the animations of a file, 256 MiB: a few keys that are far apart may stand for any number of frames.
const MOST_NUMBERS: usize = 64 << 20;

/// The images and textures that the file has already.
#[derive(Default)]
pub(super) struct Known {
    pub images: BTreeMap<Uuid, Index<Image>>,
    pub packed: BTreeMap<Recipe, Index<Image>>,
    pub samplers: BTreeMap<Sampling, Index<Sampler>>,
    pub textures: BTreeMap<(u32, Sampling), Index<Texture>>,
}

/// Wrapping along U and V, and whether the nearest pixel counts.
pub(super) type Sampling = ([u8; 2], bool);

/// A material of the file, and the number of sets of texture coordinates that its textures need.
#[derive(Clone, Copy)]
pub(super) struct MaterialRef {
    pub index: Index<Material>,
    pub uv_sets: u32,
}

/// The submeshes of a mesh, by the texture coordinates of their tangents.
type PartsBySets = BTreeMap<Vec<Option<u8>>, Vec<Part>>;

/// A mesh, and the armature whose joints move it.
type Deformed = (Uuid, Option<Uuid>);

/// A mesh, and the material of each of its submeshes.
type Shown = (Deformed, Vec<Option<Uuid>>);

/// The object of an armature, the bits of the matrix from a mesh to it, and whether some vertices have no joint.
type SkinKey = (Uuid, [u32; 16], bool);

/// A file in work.
pub(super) struct File<'a> {
    pub root: Root,
    pub binary: Binary,
    pub notes: Notes<Note>,
    pub entities: &'a BTreeMap<Uuid, &'a Entity>,
    pub read: &'a mut Read<'a>,
    pub extensions: BTreeSet<&'static str>,
    pub membership: Membership,
    /// The nodes of objects that are not in the scene.
    pub outside: BTreeMap<Uuid, Node>,
    /// The node of each object in the scene, and of those above them.
    pub node_of: BTreeMap<Uuid, Index<Node>>,
    /// The nodes of the scene that are below no other.
    pub roots: Vec<Index<Node>>,
    /// The nodes that show each mesh as it is.
    pub mesh_nodes: BTreeMap<Uuid, Vec<Index<Node>>>,
    /// Number of numbers that sampled animations may still have.
    pub numbers_left: usize,
    pub skinned: Vec<Skinned>,
    /// The joints by the object that poses them.
    pub joints: BTreeMap<Uuid, Joints>,
    pub skins: BTreeMap<SkinKey, Index<Skin>>,
    /// The meshes that have vertices without a joint.
    pub anchored: BTreeSet<usize>,
    pub lights: Vec<Light>,
    pub light_of: BTreeMap<Uuid, Option<Index<Light>>>,
    pub camera_of: BTreeMap<Uuid, Option<Index<Camera>>>,
    /// The texture coordinates of the normal maps that objects show on a submesh; none if they differ.
    pub shared_sets: BTreeMap<(Uuid, usize), Option<u8>>,
    pub parts: BTreeMap<Deformed, PartsBySets>,
    /// The armatures that objects show, and the meshes that they show as they are or as modifiers make them.
    pub shown_data: BTreeSet<Uuid>,
    pub meshes: BTreeMap<Shown, Option<Index<Mesh>>>,
    pub materials: BTreeMap<Uuid, MaterialRef>,
    pub textures: Known,
}

impl<'a> File<'a> {
    pub fn new(
        entities: &'a BTreeMap<Uuid, &'a Entity>,
        generator: &str,
        read: &'a mut Read<'_>,
    ) -> Self {
        let root = Root {
            asset: Asset {
                generator: Some(generator.to_owned()),
                ..Asset::default()
            },
            ..Root::default()
        };
        Self {
            root,
            binary: Binary::default(),
            notes: Notes::default(),
            entities,
            read,
            extensions: BTreeSet::new(),
            membership: Membership::new(entities),
            outside: BTreeMap::new(),
            node_of: BTreeMap::new(),
            roots: Vec::new(),
            mesh_nodes: BTreeMap::new(),
            numbers_left: MOST_NUMBERS,
            skinned: Vec::new(),
            joints: BTreeMap::new(),
            skins: BTreeMap::new(),
            anchored: BTreeSet::new(),
            lights: Vec::new(),
            light_of: BTreeMap::new(),
            camera_of: BTreeMap::new(),
            shared_sets: BTreeMap::new(),
            parts: BTreeMap::new(),
            shown_data: BTreeSet::new(),
            meshes: BTreeMap::new(),
            materials: BTreeMap::new(),
            textures: Known::default(),
        }
    }

    /// The name of an entity.
    pub fn name(&self, uuid: Uuid) -> String {
        let entity = self.entities.get(&uuid);
        let name = entity.and_then(|entity| entity.components.name.clone());
        name.unwrap_or_else(|| uuid.to_string())
    }
}
