//! An estimate of the bytes that a change takes in the header of a frame.

use vibesync_scene::Change;

/// Bytes of a change in a header, without those of its name, its graph, its submeshes and its slots: at most.
const CHANGE_BYTES: usize = 640;

/// Bytes of a submesh in a header: at most.
const SUBMESH_BYTES: usize = 64;

/// Bytes of a material in a slot or of a link, in a header: at most.
const SLOT_BYTES: usize = 48;

/// Bytes of a shape key in a header, at most: its name and that of another, and for its weight its name once more.
const KEY_BYTES: usize = 1_280;

/// Bytes of a vertex group in a header, at most.
const GROUP_BYTES: usize = 400;

/// Bytes of a joint in a header, at most: its name and its numbers.
const JOINT_BYTES: usize = 1_024;

/// Bytes of a channel or a slot of an action in a header, at most: the name of a shape key may be in it.
const CHANNEL_BYTES: usize = 640;

/// Bytes of a map in a header, at most.
const MAP_BYTES: usize = 400;

/// Estimates the bytes of a change in the header of a frame.
pub fn header_bytes(change: &Change) -> usize {
    let Some(components) = change.components() else {
        return CHANGE_BYTES;
    };
    let name = components.name.as_ref().map_or(0, String::len);
    let shown = components.shown.as_deref();
    let mesh = components.mesh.as_deref();
    let mesh = mesh.or(shown.and_then(|it| it.mesh.as_ref()));
    let submeshes = mesh.map_or(0, |mesh| mesh.submeshes.len() * SUBMESH_BYTES);
    let slots = components.slots.as_ref().map_or(0, |it| it.materials.len());
    let shown = shown.and_then(|it| it.materials.as_ref());
    let slots = slots + shown.map_or(0, Vec::len);
    let own = components.materials.as_ref().map_or(0, |it| it.own.len());
    let maps = components.maps.as_ref().map_or(0, |it| it.count());
    let links = components.links().count();
    let shapes = components.shapes.as_ref().map_or(0, |it| it.keys.len());
    let weights = components.shape_values.as_ref();
    let weights = weights.map_or(0, |it| it.values.len());
    let groups = components.weights.as_ref();
    let groups = groups.map_or(0, |it| it.groups.len());
    let joints = components.armature.as_ref().map_or(0, |it| it.joints.len());
    let posed = components.pose.as_ref().map_or(0, |it| it.joints.len());
    let action = components.action.as_ref();
    let channels = action.map_or(0, |it| it.slots.len() + it.channels().count());
    let nodes = components.nodes.as_ref();
    let graph = nodes.and_then(|nodes| serde_json::to_vec(&nodes.graph).ok());
    CHANGE_BYTES
        + name
        + submeshes
        + (slots + own + links) * SLOT_BYTES
        + maps * MAP_BYTES
        + channels * CHANNEL_BYTES
        + shapes.max(weights) * KEY_BYTES
        + groups * GROUP_BYTES
        + joints.max(posed) * JOINT_BYTES
        + graph.map_or(0, |graph| graph.len())
}
