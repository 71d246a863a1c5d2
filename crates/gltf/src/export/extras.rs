//! The extras of each part of the document that is an entity.

use gltf_json::extras::{Extras, RawValue};
use serde_json::json;
use uuid::Uuid;

/// Names the entity, for people and tools that follow it through other programs.
pub(super) fn extras(uuid: Uuid) -> Extras {
    let text = json!({"vibesync": {"uuid": uuid}}).to_string();
    RawValue::from_string(text).ok()
}
