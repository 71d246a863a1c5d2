//! The extras of each part of the document that is an entity.

use gltf_json::extras::{Extras, RawValue};
use serde_json::json;
use uuid::Uuid;

/// Names the entity, for people and tools that follow it through other programs.
pub(super) fn extras(uuid: Uuid) -> Extras {
    let text = json!({"vibesync": {"uuid": uuid}}).to_string();
    RawValue::from_string(text).ok()
}

/// Names the entity of a mesh, and its morph targets: in the way that readers agree on, because glTF has no place for it.
pub(super) fn extras_of_mesh(uuid: Uuid, targets: &[&str]) -> Extras {
    if targets.is_empty() {
        return extras(uuid);
    }
    let text = json!({"vibesync": {"uuid": uuid}, "targetNames": targets}).to_string();
    RawValue::from_string(text).ok()
}

/// Names the joint that a node is. It is no entity, so it has another key.
pub(super) fn extras_of_joint(joint: Uuid) -> Extras {
    RawValue::from_string(json!({"vibesync": {"joint": joint}}).to_string()).ok()
}

/// Names the object whose mesh a node shows apart from the node of the object.
pub(super) fn extras_of_skinned(object: Uuid) -> Extras {
    RawValue::from_string(json!({"vibesync": {"skinned": object}}).to_string()).ok()
}

/// Names the object that a node of an instance shows again.
pub(super) fn extras_of_instance(object: Uuid) -> Extras {
    RawValue::from_string(json!({"vibesync": {"instanced": object}}).to_string()).ok()
}
