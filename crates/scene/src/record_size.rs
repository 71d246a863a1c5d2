//! An estimate of the size of a record in the log, which costs much less than encoding it.

use serde_json::Value;

use crate::change::Change;
use crate::component::Mesh;
use crate::components::Components;
use crate::record::{Payload, RecordBody};
use crate::shown::Shown;

/// Bytes of the fields that each record has, with the hashes.
const FIXED: usize = 480;
/// Bytes of one more uuid in the list of uuids.
const UUID: usize = 39;
/// Bytes of a change or an entity without its components.
const ENTITY: usize = 90;
/// Bytes of a transform, and of the other components of a fixed size together.
const TRANSFORM: usize = 180;
const SMALL_COMPONENTS: usize = 120;
/// Bytes of one buffer of a mesh, and of one submesh.
const BUFFER: usize = 120;
const SUBMESH: usize = 40;
/// Bytes of a material, and of a uuid in a slot.
const MATERIAL: usize = 220;
const SLOT: usize = 46;
/// Bytes of a channel of an action.
const CHANNEL: usize = 190;
/// Bytes of a map.
const MAP: usize = 340;
/// Bytes of a joint, and of a joint in a pose beside its transform.
const JOINT: usize = 420;
const POSED: usize = 60;
/// Bytes of a name in a list beside its own.
const QUOTES: usize = 3;
/// Bytes of a number, a bracket or a literal in a graph.
const VALUE: usize = 8;

impl RecordBody {
    /// Estimates the bytes that the record takes in the log. The error is small where records are large: only names,
    /// meshes, slots, joints and graphs can be.
    pub fn estimate_bytes(&self) -> usize {
        let payload = match &self.payload {
            Payload::Step { change, before, .. } => {
                let before = before.as_ref().map(|entity| &entity.components);
                change_bytes(change) + before.map_or(0, |it| ENTITY + component_bytes(it))
            }
            Payload::Quarantine {
                change, conflicts, ..
            } => change_bytes(change) + conflicts.len() * ENTITY,
            _ => 0,
        };
        FIXED + self.uuids.len() * UUID + payload
    }
}

fn change_bytes(change: &Change) -> usize {
    ENTITY + change.components().map_or(0, component_bytes)
}

fn component_bytes(components: &Components) -> usize {
    let name = components.name.as_ref().map_or(0, String::len);
    let transform = components.transform.map_or(0, |_| TRANSFORM);
    let mesh = components.mesh.as_deref().map_or(0, mesh_bytes);
    let shown = components.shown.as_deref().map_or(0, shown_bytes);
    let graph = components.nodes.as_ref().and_then(|it| it.graph.as_ref());
    let pbr = components.pbr.as_ref().map_or(0, |_| MATERIAL);
    let slots = components.slots.as_ref().map_or(0, |it| it.materials.len());
    let own = components.materials.as_ref().map_or(0, |it| it.own.len());
    let maps = components.maps.as_ref().map_or(0, |it| it.count() * MAP);
    let image = components.image.as_ref().map_or(0, |_| BUFFER + MATERIAL);
    let materials = pbr + (slots + own) * SLOT + maps + image;
    let links = components.collection.as_ref();
    let links = links.map_or(0, |it| MATERIAL + it.parents.len() * SLOT);
    let members = components.collections.as_ref();
    let links = links + members.map_or(0, |it| (it.names.len() + 1) * SLOT);
    let links = links + components.instance.map_or(0, |_| 2 * SLOT);
    let joints = components.armature.as_ref().map_or(0, |it| it.joints.len());
    let posed = components.pose.as_ref().map_or(0, |it| it.joints.len());
    let joints = joints * JOINT + posed * (POSED + TRANSFORM);
    let groups = components.weights.iter().flat_map(|it| &it.groups);
    let groups: usize = groups.map(|group| group.len() + QUOTES).sum();
    let joints = joints + groups;
    let action = components.action.as_ref();
    let action = action.map_or(0, |it| {
        MATERIAL
            + it.buffers.len() * BUFFER
            + it.slots.len() * SLOT
            + it.channels().count() * CHANNEL
    });
    let links = links + components.animation.map_or(0, |_| 2 * SLOT);
    let links = links + components.prefab.as_ref().map_or(0, |_| 3 * SLOT);
    let graph = graph.map_or(0, value_bytes);
    SMALL_COMPONENTS + name + transform + mesh + shown + materials + links + joints + action + graph
}

fn shown_bytes(shown: &Shown) -> usize {
    let slots = shown.materials.as_ref().map_or(0, Vec::len);
    MATERIAL + slots * SLOT + shown.mesh.as_ref().map_or(0, mesh_bytes)
}

fn mesh_bytes(mesh: &Mesh) -> usize {
    mesh.buffers.len() * BUFFER + mesh.submeshes.len() * SUBMESH
}

fn value_bytes(value: &Value) -> usize {
    let content = match value {
        Value::String(text) => text.len(),
        Value::Array(values) => values.iter().map(value_bytes).sum(),
        Value::Object(fields) => {
            let bytes =
                |(key, value): (&String, &Value)| key.len() + VALUE / 2 + value_bytes(value);
            fields.iter().map(bytes).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    VALUE + content
}
