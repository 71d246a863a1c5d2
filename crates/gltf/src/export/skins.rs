//! Skins: joints as nodes below the node of their armature, and the meshes that they move.

use std::collections::BTreeMap;

use gltf_json::{Index, Mesh, Node, Skin};
use uuid::Uuid;
use vibesync_scene::{Armature, Entity};

use super::extras::{extras_of_joint, extras_of_skinned};
use super::file::File;
use super::influences::joints_of_groups;
use super::placing::place;
use super::rigs::{Joints, Rig, Skinned, at_rest, inverse_of_rest};
use super::shape::Shape;
use crate::notes::Note;

/// Largest number of the matrix between a mesh and its armature: the products with joints must be float32.
const LARGEST: f32 = 1e20;

impl<'a> File<'a> {
    /// Returns the armature that deforms the mesh of an object. Notes a skin that the file cannot have, and the groups of the
    /// mesh that no joint takes.
    pub fn rig(&mut self, object: &Entity, shape: &Shape<'_>) -> Option<Rig<'a>> {
        let skin = object.components.skin.and_then(|skin| skin.armature);
        let skin = skin.filter(|_| !shape.is_evaluated());
        let rig = skin.and_then(|armature| self.find_rig(object.uuid, armature));
        if skin.is_some() && rig.is_none() {
            let name = self.name(object.uuid);
            self.notes.add(Note::Skin, &name);
        }
        let weights = shape.data.filter(|_| !shape.is_evaluated());
        let weights = weights.and_then(|data| data.components.weights.as_deref())?;
        let joints = rig
            .as_ref()
            .map_or(Vec::new(), |rig| joints_of_groups(weights, rig.armature));
        if joints.iter().filter(|it| it.is_some()).count() < weights.groups.len() {
            let name = self.name(shape.uuid);
            self.notes.add_once(Note::VertexGroups, &name);
        }
        rig.filter(|_| joints.iter().any(Option::is_some))
    }

    fn find_rig(&self, object: Uuid, armature: Uuid) -> Option<Rig<'a>> {
        self.node_of.get(&armature)?;
        let data = self.entities.get(&armature)?.components.data?.uuid?;
        let joints = self.entities.get(&data)?.components.armature.as_deref()?;
        let relation = self.world(armature).inverse()?.after(&self.world(object));
        let is_usable = relation.columns().iter().all(|it| it.abs() < LARGEST);
        is_usable.then_some(Rig {
            object: armature,
            data,
            armature: joints,
            relation,
        })
    }

    /// Has the mesh of an object wait for its skin, which needs the nodes of joints.
    pub fn add_skinned(&mut self, (object, data): (Uuid, Uuid), mesh: Index<Mesh>, rig: &Rig<'_>) {
        self.skinned.push(Skinned {
            object,
            data,
            mesh,
            armature: rig.object,
            relation: rig.relation,
        });
    }

    /// Adds a node for each joint of each object that shows an armature, with the pose of that object.
    pub fn add_joints(&mut self) {
        let objects: Vec<(Uuid, Index<Node>)> =
            self.node_of.iter().map(|(a, b)| (*a, *b)).collect();
        for (uuid, node) in objects {
            let Some(object) = self.entities.get(&uuid) else {
                continue;
            };
            let data = object.components.data.and_then(|data| data.uuid);
            let armature =
                data.and_then(|uuid| self.entities.get(&uuid)?.components.armature.as_deref());
            if let Some(armature) = armature {
                let joints = self.joints(object, armature, node);
                self.joints.insert(uuid, joints);
            }
        }
    }

    fn joints(&mut self, object: &Entity, armature: &Armature, above: Index<Node>) -> Joints {
        let start = self.root.nodes.len() as u32;
        let indices = (start..).map(Index::new);
        let nodes: BTreeMap<Uuid, Index<Node>> =
            armature.joints.keys().copied().zip(indices).collect();
        let pose = object.components.pose.as_deref();
        for (uuid, joint) in &armature.joints {
            let posed = pose.and_then(|pose| pose.joints.get(uuid).copied());
            let mut node = Node {
                name: Some(joint.name.clone()),
                extras: extras_of_joint(*uuid),
                ..Node::default()
            };
            place(&mut node, posed.unwrap_or_else(|| at_rest(armature, *uuid)));
            self.root.push(node);
        }
        for (uuid, joint) in &armature.joints {
            let parent = joint.parent.and_then(|parent| nodes.get(&parent).copied());
            if let Some(node) = nodes.get(uuid) {
                self.add_child(parent.unwrap_or(above), *node);
            }
        }
        let inverses = armature
            .joints
            .keys()
            .map(|joint| inverse_of_rest(armature, *joint));
        Joints {
            nodes,
            inverses: inverses.collect(),
            anchor: None,
        }
    }

    pub fn add_child(&mut self, above: Index<Node>, below: Index<Node>) {
        if let Some(node) = self.root.nodes.get_mut(above.value()) {
            node.children.get_or_insert_default().push(below);
        }
    }

    /// Adds the meshes that joints move, each as a node of its own without a place: glTF moves such a mesh by its joints
    /// alone, wherever its node is.
    pub fn add_skins(&mut self) {
        for skinned in std::mem::take(&mut self.skinned) {
            let skin = self.skin(&skinned);
            let name = self.name(skinned.object);
            let is_hidden = self
                .lineage(skinned.object)
                .iter()
                .any(|uuid| self.is_hidden(*uuid));
            let extensions = is_hidden.then(|| self.hidden());
            let node = self.root.push(Node {
                name: Some(name),
                mesh: Some(skinned.mesh),
                skin,
                extensions,
                extras: extras_of_skinned(skinned.object),
                ..Node::default()
            });
            self.roots.push(node);
            self.mesh_nodes.entry(skinned.data).or_default().push(node);
        }
    }

    fn skin(&mut self, skinned: &Skinned) -> Option<Index<Skin>> {
        let has_anchor = self.anchored.contains(&skinned.mesh.value());
        let numbers = skinned.relation.columns().map(f32::to_bits);
        let key = (skinned.armature, numbers, has_anchor);
        if let Some(known) = self.skins.get(&key) {
            return Some(*known);
        }
        let above = *self.node_of.get(&skinned.armature)?;
        let anchor = has_anchor.then(|| self.anchor(skinned.armature, above));
        let joints = self.joints.get(&skinned.armature)?;
        let mut nodes: Vec<Index<Node>> = joints.nodes.values().copied().collect();
        let inverses = joints.inverses.iter();
        let mut matrices: Vec<[f32; 16]> = inverses
            .map(|it| it.after(&skinned.relation).columns())
            .collect();
        if let Some(anchor) = anchor {
            nodes.push(anchor);
            matrices.push(skinned.relation.columns());
        }
        let matrices = self.binary.matrices(&mut self.root, &matrices);
        let skin = self.root.push(Skin {
            extensions: None,
            extras: None,
            inverse_bind_matrices: Some(matrices),
            joints: nodes,
            name: Some(self.name(skinned.armature)),
            skeleton: Some(above),
        });
        self.skins.insert(key, skin);
        Some(skin)
    }

    /// Returns the node of vertices that no joint moves: they go with the armature.
    fn anchor(&mut self, armature: Uuid, above: Index<Node>) -> Index<Node> {
        let known = self.joints.get(&armature).and_then(|joints| joints.anchor);
        known.unwrap_or_else(|| {
            let node = self.root.push(Node {
                name: Some("Anchor".to_owned()),
                ..Node::default()
            });
            self.add_child(above, node);
            if let Some(joints) = self.joints.get_mut(&armature) {
                joints.anchor = Some(node);
            }
            node
        })
    }
}
