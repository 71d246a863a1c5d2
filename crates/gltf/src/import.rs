//! A glTF document as entities of a scene.
//!
//! Files come from anywhere. So every count is checked against bytes that are there before memory is taken for it, and every
//! error names its place in the document.

mod accessor;
mod buffers;
mod extension;
mod features;
mod geometry;
mod groups;
mod image_head;
mod keys;
mod limits;
mod materials;
mod meshes;
mod place;
mod pose;
mod skinned;
mod textures;
mod vectors;
mod viewers;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Uuid;
use vibesync_scene::{
    BlobId, Code, Components, DataRef, Entity, EntityKind, Invalid, Materials, Parent, Transform,
    Visibility,
};

use crate::glb::{self, Chunks};
use crate::notes::{ImportNote, Notes};
use buffers::{Buffers, ReadFile};
use groups::Groups;
use limits::Budget;
use place::Place;
use skinned::SkinnedNodes;
use work::{Known, Made, NewUuid, Work, name};

/// Most nodes below each other.
const DEEPEST: usize = 256;

/// The input of an import.
pub struct Source<'f> {
    /// The file: a GLB, or a document in JSON.
    pub file: &'f [u8],
    /// Reads a file beside it, by its relative path.
    pub read: &'f mut ReadFile<'f>,
    /// Makes the uuids of entities.
    pub new_uuid: &'f mut NewUuid<'f>,
}

/// The result of an import.
#[derive(Debug)]
pub struct Import {
    /// The entities. Each refers only to entities before it.
    pub entities: Vec<Entity>,
    /// Their bulk data.
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
    /// Content that was left out or changed.
    pub notes: Notes<ImportNote>,
}

/// Converts a file to entities with new uuids. The same file gives the same entities, in the same order.
pub fn import(source: Source<'_>) -> Result<Import, Invalid> {
    let Source {
        file,
        read,
        new_uuid,
    } = source;
    let Chunks { json, bin } = match glb::is_glb(file) {
        true => glb::read(file)?,
        false => Chunks {
            json: file,
            bin: None,
        },
    };
    limits::check_document(json)?;
    let value: Value = serde_json::from_slice(json).map_err(|error| {
        let message = format!("it is no JSON: {error}");
        Invalid::new(Code::GltfInvalid, "document", message)
    })?;
    let root = Place::root(&value);
    features::check(&root)?;
    let mut budget = Budget::new(file.len());
    let buffers = Buffers::load(&root, bin, read, &mut budget)?;
    let skinned = SkinnedNodes::find(&root);
    let mut work = Work {
        root,
        buffers: &buffers,
        read,
        new_uuid,
        budget,
        groups: Groups::default(),
        skinned,
        known: Known::default(),
        made: Made::default(),
    };
    work.sort_meshes()?;
    work.add_nodes()?;
    work.note_features()?;
    let Made {
        entities,
        blobs,
        notes,
    } = work.made;
    Ok(Import {
        entities,
        blobs,
        notes,
    })
}

/// A node to be added: its index and place, the object above it, and its depth.
struct Pending<'a> {
    index: usize,
    place: Place<'a>,
    parent: Option<Uuid>,
    depth: usize,
}

/// Data of an object, with the materials that it shows on it.
type Shown = (Option<Uuid>, Option<Box<Materials>>);

impl<'a> Work<'a, '_> {
    /// Adds the objects of the scene that the file shows, each after the one above it.
    fn add_nodes(&mut self) -> Result<(), Invalid> {
        let mut stack = self.roots()?;
        stack.reverse();
        let mut seen = BTreeSet::new();
        while let Some(node) = stack.pop() {
            if !seen.insert(node.index) {
                return Err(node
                    .place
                    .error("the node is in two places, or below itself"));
            }
            if node.depth > DEEPEST {
                let message = format!("more than {DEEPEST} nodes are below each other");
                return Err(node.place.error(message));
            }
            if self.skinned.object_of.contains_key(&node.index) {
                continue;
            }
            let uuid = self.add_node(&node)?;
            let first = stack.len();
            for child in node.place.field("children").items()? {
                stack.extend(self.pending(&child, Some(uuid), node.depth + 1)?);
            }
            stack.get_mut(first..).unwrap_or_default().reverse();
        }
        for (i, place) in self.root.field("nodes").items()?.enumerate() {
            if !seen.contains(&i) {
                self.note(ImportNote::OtherScene, &name(&place, place.path())?);
            }
        }
        Ok(())
    }

    /// Returns the nodes at the top of the scene that the file shows; of the first one if it names none.
    fn roots(&self) -> Result<Vec<Pending<'a>>, Invalid> {
        let named = self.root.field("scene").named(&self.root, "scenes")?;
        let scene = match named {
            Some((_, scene)) => Some(scene),
            None => self.root.field("scenes").items()?.next(),
        };
        let mut roots = Vec::new();
        if let Some(scene) = scene {
            for node in scene.field("nodes").items()? {
                roots.extend(self.pending(&node, None, 0)?);
            }
        }
        Ok(roots)
    }

    fn pending(
        &self,
        reference: &Place<'a>,
        parent: Option<Uuid>,
        depth: usize,
    ) -> Result<Option<Pending<'a>>, Invalid> {
        let node = reference.named(&self.root, "nodes")?;
        Ok(node.map(|(index, place)| Pending {
            index,
            place,
            parent,
            depth,
        }))
    }

    /// Adds the object of a node. An object shows one thing, so others of the node become objects below it.
    fn add_node(&mut self, node: &Pending<'a>) -> Result<Uuid, Invalid> {
        let place = &node.place;
        let title = name(place, &format!("Node {}", node.index))?;
        let mesh = self.skinned.mesh_of.get(&node.index).cloned();
        let mesh = mesh.unwrap_or_else(|| place.clone());
        if mesh.field("skin").is_present() {
            self.note(ImportNote::Skin, &title);
        }
        if mesh.field("weights").is_present() {
            self.note(ImportNote::MorphWeights, &title);
        }
        let (transform, is_sheared) = pose::transform(place)?;
        if is_sheared {
            self.note(ImportNote::Shear, &title);
        }
        let visible = place.extension(extension::VISIBILITY).field("visible");
        let is_visible = !visible.is_present() || visible.is_true()?;
        let mut shown = self.shown(place, &mesh)?.into_iter();
        let first = shown.next().unwrap_or_default();
        let base = Components {
            name: Some(title),
            visibility: Some(Visibility {
                visible: is_visible,
            }),
            ..Components::default()
        };
        let object = |parent, transform, (data, materials): Shown| Components {
            transform: Some(transform),
            parent: Some(Parent { uuid: parent }),
            data: Some(DataRef { uuid: data }),
            materials,
            ..base.clone()
        };
        let components = object(node.parent, transform, first);
        let uuid = self.add(EntityKind::Object, components, place)?;
        for other in shown {
            let components = object(Some(uuid), Transform::IDENTITY, other);
            self.add(EntityKind::Object, components, place)?;
        }
        Ok(uuid)
    }

    /// Returns what a node shows: a mesh, which may be that of another node, a camera, a light.
    fn shown(&mut self, place: &Place<'a>, mesh: &Place<'a>) -> Result<Vec<Shown>, Invalid> {
        let mut shown = Vec::new();
        if let Some((index, _)) = mesh.field("mesh").named(&self.root, "meshes")?
            && let Some((mesh, own)) = self.mesh(index)?
        {
            shown.push((Some(mesh), own));
        }
        if let Some(camera) = self.camera(&place.field("camera"))? {
            shown.push((Some(camera), None));
        }
        if let Some(light) = self.light(&place.extension(extension::LIGHTS).field("light"))? {
            shown.push((Some(light), None));
        }
        Ok(shown)
    }
}
