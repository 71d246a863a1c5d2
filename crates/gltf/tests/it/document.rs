//! Documents for imports, with their numbers in a data URI.

use base64::Engine;
use serde_json::{Value, json};
use vibesync_gltf::{Import, ImportNote, Source};
use vibesync_scene::{Components, Entity, EntityKind, Invalid, Mesh, Uuid};

/// Imports a file that names no other files. Uuids count from 1.
pub fn import(file: &[u8]) -> Result<Import, Invalid> {
    import_beside(file, |path| Err(format!("{path} is not there")))
}

/// Imports a file with the files beside it.
pub fn import_beside(
    file: &[u8],
    mut read: impl FnMut(&str) -> Result<Vec<u8>, String>,
) -> Result<Import, Invalid> {
    let mut last = 0;
    let mut new_uuid = || {
        last += 1;
        Uuid::from_u128(last)
    };
    vibesync_gltf::import(Source {
        file,
        read: &mut read,
        new_uuid: &mut new_uuid,
    })
}

pub fn import_json(document: &Value) -> Result<Import, Invalid> {
    import(document.to_string().as_bytes())
}

/// A document of one object with one triangle: a buffer with three positions, and the indices 0, 1, 2 as bytes.
pub fn triangle() -> Value {
    let mut bytes: Vec<u8> = floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    bytes.extend([0, 1, 2, 0]);
    let mut document = json!({
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"name": "Node", "mesh": 0}],
        "meshes": [{"name": "Mesh", "primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"},
            {"bufferView": 1, "componentType": 5121, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 3},
        ],
    });
    fill(&mut document, &bytes);
    document
}

/// Makes bytes the only buffer of a document.
pub fn fill(document: &mut Value, bytes: &[u8]) {
    let uri = format!("data:application/octet-stream;base64,{}", base64(bytes));
    document["buffers"] = json!([{"byteLength": bytes.len(), "uri": uri}]);
}

pub fn floats(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_le_bytes()).collect()
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD_NO_PAD.encode(bytes)
}

/// The entities of a kind.
pub fn all(import: &Import, kind: EntityKind) -> Vec<&Entity> {
    let entities = import.entities.iter();
    entities.filter(|entity| entity.kind == kind).collect()
}

/// The components of the only entity of a kind.
pub fn only(import: &Import, kind: EntityKind) -> &Components {
    let entities = all(import, kind);
    assert_eq!(entities.len(), 1, "{kind:?}");
    &entities[0].components
}

pub fn words<const N: usize>(import: &Import, mesh: &Mesh, buffer: &str) -> Vec<[[u8; 4]; N]> {
    let bytes = &import.blobs[&mesh.buffers[buffer].blob.unwrap()];
    bytes.as_chunks::<4>().0.as_chunks::<N>().0.to_vec()
}

/// The vectors of a buffer of a mesh.
pub fn vectors<const N: usize>(import: &Import, mesh: &Mesh, buffer: &str) -> Vec<[f32; N]> {
    let words = words::<N>(import, mesh, buffer).into_iter();
    words.map(|it| it.map(f32::from_le_bytes)).collect()
}

/// The vertex of each corner.
pub fn index(import: &Import, mesh: &Mesh) -> Vec<u32> {
    let words = words::<1>(import, mesh, "index").into_iter();
    words.map(|[it]| u32::from_le_bytes(it)).collect()
}

/// The names that a note has.
pub fn noted(import: &Import, wanted: &ImportNote) -> Vec<String> {
    let mut notes = import.notes.iter();
    let found = notes.find(|(note, _)| *note == wanted);
    found.map_or(Vec::new(), |(_, names)| names.to_vec())
}
