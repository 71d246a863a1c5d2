//! A scene as a glTF document: nodes for objects, and for what they show what glTF has.

mod animations;
mod binary;
mod bulk;
mod cameras;
mod collections;
mod curves;
mod extras;
mod file;
mod geometry;
mod influences;
mod instances;
mod lights;
mod lineage;
mod materials;
mod matrix;
mod meshes;
mod morphs;
mod omissions;
mod picture;
mod placing;
mod recipe;
mod rigs;
mod shape;
mod skins;
mod tangents;
mod textures;
mod tracks;

use std::collections::BTreeMap;

use gltf_json::extensions::root::{KhrLightsPunctual, Root as RootExtensions};
use gltf_json::extensions::scene::Node as NodeExtensions;
use gltf_json::extensions::scene::khr_lights_punctual::{KhrLightsPunctual as LightRef, Light};
use gltf_json::{Camera, Index, Mesh, Node, Scene};
use serde_json::json;
use uuid::Uuid;
use vibesync_scene::{Code, Entity, EntityKind, Invalid, Transform};

use crate::glb;
use crate::notes::{Note, Notes};
use bulk::Read;
use extras::extras;
use file::File;
use placing::place;
use shape::Shape;

const LIGHTS: &str = "KHR_lights_punctual";
const VISIBILITY: &str = "KHR_node_visibility";

/// A scene as a file.
#[derive(Debug)]
pub struct Export {
    /// The file: a GLB.
    pub file: Vec<u8>,
    /// Number of objects in it.
    pub objects: usize,
    /// Content that was left out or changed.
    pub notes: Notes<Note>,
}

/// Converts a scene, whose entities come in any order. The same scene gives the same bytes.
///
/// Fails if bulk data cannot be read or contradicts its description, and if the file would be too large.
pub fn export<'a>(
    entities: impl IntoIterator<Item = &'a Entity>,
    generator: &str,
    read: &mut Read<'_>,
) -> Result<Export, Invalid> {
    let entities = entities.into_iter().map(|entity| (entity.uuid, entity));
    let entities: BTreeMap<Uuid, &Entity> = entities.collect();
    let mut file = File::new(&entities, generator, read);
    let objects = file.add_objects()?;
    file.add_joints();
    file.add_skins();
    file.add_instances();
    file.add_scene();
    file.add_animations()?;
    file.note_unused();
    let (file, notes) = file.finish()?;
    Ok(Export {
        file,
        objects,
        notes,
    })
}

impl File<'_> {
    /// Adds a node for each object in the scene, and for those above them. Returns the number of objects in the scene. Objects
    /// that instances alone show are kept outside.
    fn add_objects(&mut self) -> Result<usize, Invalid> {
        let objects = self.entities.values();
        let objects = objects.filter(|entity| entity.kind == EntityKind::Object);
        let objects: Vec<&Entity> = objects.copied().collect();
        let placed = self.with_those_above(&self.membership.in_scene);
        self.node_of = placed.into_iter().zip((0..).map(Index::new)).collect();
        let mut children = self.children();
        objects
            .iter()
            .for_each(|object| self.find_shared_sets(object));
        for object in &objects {
            let uuid = object.uuid;
            let is_in_scene = self.membership.in_scene.contains(&uuid);
            let mut node = match is_in_scene || self.membership.in_instances.contains(&uuid) {
                true => self.node(object)?,
                false => self.placed_node(object),
            };
            node.children = children.remove(&uuid);
            if !is_in_scene {
                let bare = self.placed_node(object);
                let children = node.children.take();
                self.outside
                    .insert(uuid, std::mem::replace(&mut node, bare));
                node.children = children;
            }
            if self.node_of.contains_key(&uuid) {
                self.root.push(node);
            }
        }
        Ok(self.membership.in_scene.len())
    }

    /// Returns the nodes below each object. Nodes below no other become roots.
    fn children(&mut self) -> BTreeMap<Uuid, Vec<Index<Node>>> {
        let mut children: BTreeMap<Uuid, Vec<Index<Node>>> = BTreeMap::new();
        for (uuid, index) in &self.node_of {
            let parent = self.entities.get(uuid);
            let parent = parent.and_then(|object| object.components.parent?.uuid);
            match parent.filter(|parent| self.node_of.contains_key(parent)) {
                Some(parent) => children.entry(parent).or_default().push(*index),
                None => self.roots.push(*index),
            }
        }
        children
    }

    /// Adds the scene of all nodes that are below no other.
    fn add_scene(&mut self) {
        let nodes = std::mem::take(&mut self.roots);
        if !nodes.is_empty() {
            let scene = self.root.push(Scene {
                extensions: None,
                extras: None,
                name: None,
                nodes,
            });
            self.root.scene = Some(scene);
        }
    }

    /// Returns a node at the place of an object, which shows nothing.
    fn placed_node(&self, object: &Entity) -> Node {
        let mut node = Node {
            extras: extras(object.uuid),
            name: Some(self.name(object.uuid)),
            ..Node::default()
        };
        let transform = object.components.transform;
        place(&mut node, transform.unwrap_or(Transform::IDENTITY));
        node
    }

    fn node(&mut self, object: &Entity) -> Result<Node, Invalid> {
        let components = &object.components;
        let mut node = self.placed_node(object);
        let mut extensions = match self.is_hidden(object.uuid) {
            true => self.hidden(),
            false => NodeExtensions::default(),
        };
        node.mesh = self.shown_mesh(object)?;
        if let Some(uuid) = components.data.and_then(|data| data.uuid) {
            let data = self.entities.get(&uuid);
            if data.is_some_and(|data| data.kind == EntityKind::Armature) {
                self.shown_data.insert(uuid);
            }
            node.camera = self.camera(uuid);
            let light = self.light(uuid);
            extensions.khr_lights_punctual = light.map(|light| LightRef { light });
        }
        let has_any = extensions.khr_lights_punctual.is_some() || !extensions.others.is_empty();
        node.extensions = has_any.then_some(extensions);
        Ok(node)
    }

    /// Returns the mesh that the node of an object shows. One with a skin is shown by another node.
    fn shown_mesh(&mut self, object: &Entity) -> Result<Option<Index<Mesh>>, Invalid> {
        let shape = Shape::find(self.entities, object);
        let is_evaluated = shape.as_ref().is_some_and(Shape::is_evaluated);
        let nodes = object.components.nodes.as_ref();
        if !is_evaluated && nodes.is_some_and(|nodes| nodes.graph.is_some()) {
            let name = self.name(object.uuid);
            self.notes.add(Note::GeometryNodes, &name);
        }
        let Some(shape) = shape else {
            return Ok(None);
        };
        self.note_evaluated_keys(object, &shape);
        self.shown_data.extend(shape.data.map(|data| data.uuid));
        let rig = self.rig(object, &shape);
        let mesh = self.mesh(&shape, rig.as_ref())?;
        let is_in_scene = self.membership.in_scene.contains(&object.uuid);
        if let Some((rig, mesh)) = rig.zip(mesh) {
            if is_in_scene {
                self.add_skinned((object.uuid, shape.uuid), mesh, &rig);
            }
            return Ok(None);
        }
        let data = shape.data.filter(|_| !is_evaluated && mesh.is_some());
        let node = self.node_of.get(&object.uuid).filter(|_| is_in_scene);
        if let Some((data, node)) = data.zip(node) {
            self.mesh_nodes.entry(data.uuid).or_default().push(*node);
        }
        Ok(mesh)
    }

    fn is_hidden(&self, object: Uuid) -> bool {
        let object = self.entities.get(&object);
        let visibility = object.and_then(|object| object.components.visibility);
        visibility.is_some_and(|it| !it.visible)
    }

    /// Returns the extension of a node that nobody sees.
    fn hidden(&mut self) -> NodeExtensions {
        self.extensions.insert(VISIBILITY);
        let mut extensions = NodeExtensions::default();
        let hidden = json!({"visible": false});
        extensions.others.insert(VISIBILITY.to_owned(), hidden);
        extensions
    }

    fn light(&mut self, uuid: Uuid) -> Option<Index<Light>> {
        if let Some(known) = self.light_of.get(&uuid) {
            return *known;
        }
        let light = self.entities.get(&uuid)?.components.light.as_ref()?;
        let name = self.name(uuid);
        let converted = lights::convert(light, (&name, uuid), &mut self.notes);
        let index = converted.map(|light| Index::push(&mut self.lights, light));
        self.light_of.insert(uuid, index);
        index
    }

    fn camera(&mut self, uuid: Uuid) -> Option<Index<Camera>> {
        if let Some(known) = self.camera_of.get(&uuid) {
            return *known;
        }
        let camera = self.entities.get(&uuid)?.components.camera.as_ref()?;
        let name = self.name(uuid);
        let converted = cameras::convert(camera, (&name, uuid), &mut self.notes);
        let index = converted.map(|camera| self.root.push(camera));
        self.camera_of.insert(uuid, index);
        index
    }

    fn finish(mut self) -> Result<(Vec<u8>, Notes<Note>), Invalid> {
        if !self.lights.is_empty() {
            self.extensions.insert(LIGHTS);
            let lights = std::mem::take(&mut self.lights);
            self.root.extensions = Some(RootExtensions {
                khr_lights_punctual: Some(KhrLightsPunctual { lights }),
                ..RootExtensions::default()
            });
        }
        let used = self.extensions.iter().map(|it| (*it).to_owned());
        self.root.extensions_used = used.collect();
        let bytes = self.binary.finish(&mut self.root)?;
        let json = self.root.to_vec().map_err(|error| {
            let message = format!("the document cannot be written: {error}");
            Invalid::new(Code::InternalError, "", message)
        })?;
        Ok((glb::write(json, &bytes)?, self.notes))
    }
}
