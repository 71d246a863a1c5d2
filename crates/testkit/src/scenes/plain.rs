//! Scenes as the readers of other languages compare them: meshes corner by corner, as plain numbers.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use vibesync_scene::{BlobId, Buffer, Components, Entity, Mesh, element_bytes};

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
            add_deformers(&entity.components, object, read);
        }
        let value = json!({"kind": entity.kind, "components": components});
        all.insert(entity.uuid.to_string(), value);
    }
    Value::Object(all)
}

/// The words of a buffer.
type Words = Vec<[u8; 4]>;

fn words(
    buffers: &BTreeMap<String, Buffer>,
    name: &str,
    read: &mut dyn FnMut(BlobId) -> Option<Vec<u8>>,
) -> Words {
    let blob = buffers.get(name).and_then(|buffer| buffer.blob);
    let bytes = blob.and_then(read).unwrap_or_default();
    bytes.as_chunks().0.to_vec()
}

fn add_deformers(
    components: &Components,
    object: &mut Map<String, Value>,
    read: &mut dyn FnMut(BlobId) -> Option<Vec<u8>>,
) {
    if let Some(shapes) = components
        .shapes
        .as_deref()
        .filter(|it| !it.keys.is_empty())
    {
        let [vertex, delta] = ["vertex", "delta"].map(|name| words(&shapes.buffers, name, read));
        let number = |word: &[u8; 4]| f32::from_le_bytes(*word);
        let deltas: Vec<f32> = delta.iter().map(number).collect();
        let keys = shapes.keys.iter().enumerate().map(|(key, it)| {
            let corners = vertex.iter().map(|vertex| {
                let vertex = u32::from_le_bytes(*vertex) as usize;
                let start = 3 * (key * shapes.vertex_count as usize + vertex);
                deltas.get(start..start + 3).unwrap_or_default()
            });
            json!({"name": it.name, "deltas": corners.collect::<Vec<_>>()})
        });
        object.insert("shapes".to_owned(), keys.collect());
    }
    if let Some(weights) = &components.weights {
        let names = ["vertex", "offset", "group", "weight"];
        let [vertex, offset, group, weight] = names.map(|name| words(&weights.buffers, name, read));
        let at =
            |words: &Words, at: usize| words.get(at).map_or(0, |word| u32::from_le_bytes(*word));
        let corners = vertex.iter().map(|vertex| {
            let vertex = u32::from_le_bytes(*vertex) as usize;
            let memberships = at(&offset, vertex) as usize..at(&offset, vertex + 1) as usize;
            let pairs = memberships.map(|it| {
                let name = weights.groups.get(at(&group, it) as usize);
                json!([name, f32::from_bits(at(&weight, it))])
            });
            Value::Array(pairs.collect())
        });
        object.insert("weights".to_owned(), corners.collect());
    }
    if let Some(action) = &components.action {
        let [keys, samples] = ["keys", "samples"].map(|name| words(&action.buffers, name, read));
        let channels = action.channels().map(|(_, channel)| {
            let mut plain = serde_json::to_value(channel).unwrap_or_default();
            let number = |word: &[u8; 4]| json!(f32::from_le_bytes(*word));
            let (all, size) = if channel.locked {
                (&samples, 1)
            } else {
                (&keys, 7)
            };
            let elements = all.chunks(size).skip(channel.curve.start as usize);
            let curve = elements.take(channel.curve.count as usize).map(|words| {
                let last = words.get(6).map(|word| json!(u32::from_le_bytes(*word)));
                words
                    .iter()
                    .take(6)
                    .map(number)
                    .chain(last)
                    .collect::<Value>()
            });
            plain["curve"] = curve.collect();
            plain
        });
        let plain = json!({"fps": action.fps, "range": action.range, "channels": channels.collect::<Value>()});
        object.insert("action".to_owned(), plain);
    }
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
