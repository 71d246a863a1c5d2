//! Nodes of meshes with skins in files of `vibesync export`: they belong to the node of an object, which has the place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::place::Place;

/// The meshes of objects that other nodes have.
#[derive(Default)]
pub(super) struct SkinnedNodes<'a> {
    /// By the node of the object: the node with the mesh.
    pub mesh_of: BTreeMap<usize, Place<'a>>,
    /// By the node with the mesh: that of the object.
    pub object_of: BTreeMap<usize, usize>,
}

impl<'a> SkinnedNodes<'a> {
    /// Finds the nodes whose mesh belongs to another node. Extras may have any form: those of other programs are none of ours.
    pub fn find(root: &Place<'a>) -> Self {
        let nodes = root.field("nodes");
        let count = nodes.value().and_then(Value::as_array).map_or(0, Vec::len);
        let text = |node: &Place<'a>, name: &str| {
            let extras = node.field("extras").field("vibesync");
            extras.field(name).value().and_then(Value::as_str)
        };
        let mut objects = BTreeMap::new();
        for index in 0..count {
            let node = nodes.item(index);
            if let Some(uuid) = text(&node, "uuid").filter(|_| !node.field("mesh").is_present()) {
                objects.insert(uuid, index);
            }
        }
        let mut found = Self::default();
        for index in 0..count {
            let node = nodes.item(index);
            let is_bare = !node.field("children").is_present();
            let object = text(&node, "skinned").and_then(|uuid| objects.get(uuid));
            if let Some(object) = object.filter(|it| is_bare && !found.mesh_of.contains_key(*it)) {
                found.mesh_of.insert(*object, node);
                found.object_of.insert(index, *object);
            }
        }
        found
    }
}
