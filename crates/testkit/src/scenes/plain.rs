//! Scenes as the readers of other languages compare them: meshes corner by corner, as plain numbers.

use serde_json::{Map, Value, json};
use vibesync_scene::{BlobId, Entity, Mesh, element_bytes};

use super::plain_motion;

/// Returns the entities by uuid, each as `{"kind", "components"}`. The components `mesh`, `shapes` and `weights` have their
/// corners in order, and each channel of an action the numbers of its curve.
pub fn plain<'a>(
    entities: impl IntoIterator<Item = &'a Entity>,
    read: &mut dyn FnMut(BlobId) -> Option<Vec<u8>>,
) -> Value {
    let mut all = Map::new();
    for entity in entities {
        let mut components = serde_json::to_value(&entity.components).unwrap_or_default();
        if let Some(mesh) = &entity.components.mesh
            && let Some(object) = components.as_object_mut()
        {
            object.insert("mesh".to_owned(), corners(mesh, read));
        }
        if let Some(object) = components.as_object_mut() {
            object.extend(plain_motion::plain(&entity.components, read));
        }
        let value = json!({"kind": entity.kind, "components": components});
        all.insert(entity.uuid.to_string(), value);
    }
    Value::Object(all)
}

fn corners(mesh: &Mesh, read: &mut dyn FnMut(BlobId) -> Option<Vec<u8>>) -> Value {
    let mut bytes = |name: &str| {
        let blob = mesh.buffers.get(name).and_then(|buffer| buffer.blob);
        blob.and_then(&mut *read).unwrap_or_default()
    };
    let index = bytes("index");
    let index: Vec<u32> = index
        .as_chunks()
        .0
        .iter()
        .map(|it| u32::from_le_bytes(*it))
        .collect();
    let mut plain = Map::new();
    plain.insert("submeshes".to_owned(), json!(mesh.submeshes));
    for name in mesh.buffers.keys().filter(|name| *name != "index") {
        let Some((size, is_per_corner)) = element_bytes(name) else {
            continue;
        };
        let content = bytes(name);
        let numbers = content
            .as_chunks()
            .0
            .iter()
            .map(|it| f32::from_le_bytes(*it));
        let numbers: Vec<f32> = numbers.collect();
        let elements: Vec<&[f32]> = numbers.chunks(size as usize / 4).collect();
        let corners: Vec<&[f32]> = match is_per_corner {
            true => elements,
            false => {
                let vertices = index.iter().map(|vertex| elements.get(*vertex as usize));
                vertices.map(|it| it.copied().unwrap_or_default()).collect()
            }
        };
        let name = match name.as_str() {
            "position" => "corners",
            "normal" => "normals",
            "color0" => "colors",
            name => name,
        };
        plain.insert(name.to_owned(), json!(corners));
    }
    Value::Object(plain)
}
