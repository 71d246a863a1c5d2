//! Morph targets of files: shape keys.

use serde_json::{Value, json};
use vibesync_gltf::{Import, ImportNote};
use vibesync_scene::{Components, EntityKind, Shapes};

use crate::document::{fill, floats, import_json, noted, only, triangle};

/// A triangle with two targets: the first moves vertex 1 by 2 along Y, the second has no positions.
fn talking() -> Value {
    let mut document = triangle();
    let mut bytes = floats(&[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    bytes.extend([0, 1, 2, 0]);
    bytes.extend(floats(&[0.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0]));
    let view = json!({"buffer": 0, "byteOffset": 40, "byteLength": 36});
    document["bufferViews"].as_array_mut().unwrap().push(view);
    let deltas = json!({"bufferView": 2, "componentType": 5126, "count": 3, "type": "VEC3"});
    document["accessors"].as_array_mut().unwrap().push(deltas);
    fill(&mut document, &bytes);
    let targets = json!([{"POSITION": 2}, {"NORMAL": 2}]);
    document["meshes"][0]["primitives"][0]["targets"] = targets;
    document
}

fn mesh(import: &Import) -> &Components {
    only(import, EntityKind::Mesh)
}

fn shapes(import: &Import) -> &Shapes {
    mesh(import).shapes.as_deref().unwrap()
}

fn names(import: &Import) -> Vec<&str> {
    let keys = shapes(import).keys.iter();
    keys.map(|key| key.name.as_str()).collect()
}

#[test]
fn targets_become_keys_with_their_deltas() {
    let import = import_json(&talking()).unwrap();
    let shapes = shapes(&import);
    assert_eq!((shapes.vertex_count, shapes.corner_count), (3, 3));
    let bytes = |name: &str| import.blobs[&shapes.buffers[name].blob.unwrap()].clone();
    let mut wanted = vec![0.0; 18];
    wanted[4] = 2.0;
    assert_eq!(bytes("delta"), floats(&wanted));
    let vertices: Vec<u8> = [0_u32, 1, 2]
        .iter()
        .flat_map(|it| it.to_le_bytes())
        .collect();
    assert_eq!(bytes("vertex"), vertices);
    assert_eq!(names(&import), ["Key 1", "Key 2"]);
    assert!(import.notes.is_empty());
}

#[test]
fn names_of_targets_become_addresses() {
    let mut document = talking();
    let long = "\u{fc}".repeat(40);
    document["meshes"][0]["extras"] = json!({"targetNames": [long, format!("{long}\n")]});
    let import = import_json(&document).unwrap();
    let (first, second) = (&names(&import)[0], &names(&import)[1]);
    assert_eq!(*first, "\u{fc}".repeat(31), "62 bytes");
    assert_eq!(*second, format!("{}.001", "\u{fc}".repeat(29)));
    // Extras may have any form.
    for extras in [
        json!(5),
        json!({"targetNames": "A"}),
        json!({"targetNames": [7, ""]}),
    ] {
        document["meshes"][0]["extras"] = extras;
        assert_eq!(names(&import_json(&document).unwrap()), ["Key 1", "Key 2"]);
    }
}

#[test]
fn weights_of_a_mesh_are_values_of_its_keys() {
    let mut document = talking();
    document["meshes"][0]["weights"] = json!([0.5, -20.0, 3.0]);
    document["nodes"][0]["weights"] = json!([1.0, 1.0]);
    let import = import_json(&document).unwrap();
    let values = &mesh(&import).shape_values.as_ref().unwrap().values;
    assert_eq!((values["Key 1"], values["Key 2"]), (0.5, -10.0));
    let limits = shapes(&import).keys.iter().map(|key| (key.min, key.max));
    assert_eq!(limits.collect::<Vec<_>>(), [(0.0, 1.0), (-10.0, 1.0)]);
    assert_eq!(noted(&import, &ImportNote::MorphWeights), ["Node"]);
}

#[test]
fn targets_must_fit_their_primitives() {
    let mut document = talking();
    document["accessors"][2]["count"] = json!(2);
    let error = import_json(&document).unwrap_err();
    let place = "meshes[0].primitives[0].targets[0].POSITION";
    assert_eq!(error.location, place);
    let mut document = talking();
    let mut other = document["meshes"][0]["primitives"][0].clone();
    other.as_object_mut().unwrap().remove("targets");
    let primitives = document["meshes"][0]["primitives"].as_array_mut();
    primitives.unwrap().push(other);
    let error = import_json(&document).unwrap_err();
    assert_eq!(error.location, "meshes[0].primitives");
}

#[test]
fn vertices_of_keys_split_where_their_deltas_differ() {
    let mut document = talking();
    // A second primitive at the same places, whose target moves nothing.
    let mut other = document["meshes"][0]["primitives"][0].clone();
    other["targets"] = json!([{}, {}]);
    let primitives = document["meshes"][0]["primitives"].as_array_mut();
    primitives.unwrap().push(other);
    let import = import_json(&document).unwrap();
    assert_eq!(mesh(&import).mesh.as_ref().unwrap().vertex_count, 3);
    assert_eq!(shapes(&import).vertex_count, 4);
}

#[test]
fn many_targets_of_few_vertices_take_no_memory() {
    let mut document = talking();
    let mut targets = vec![json!({}); 1_025];
    document["meshes"][0]["primitives"][0]["targets"] = json!(targets);
    let error = import_json(&document).unwrap_err();
    assert_eq!(error.location, "meshes[0].primitives[0].targets");
    targets.pop();
    document["meshes"][0]["primitives"][0]["targets"] = json!(targets);
    assert_eq!(names(&import_json(&document).unwrap()).len(), 1_024);
    // Without indices, a sparse accessor announces vertices that need no bytes.
    document["accessors"][0] = json!({"componentType": 5126, "count": 9_999, "type": "VEC3"});
    let primitive = document["meshes"][0]["primitives"][0].as_object_mut();
    primitive.unwrap().remove("indices");
    let error = import_json(&document).unwrap_err();
    assert!(error.message.contains("MiB"), "{error:?}");
}

#[test]
fn meshes_that_differ_in_targets_are_two() {
    let mut document = talking();
    let mut other = document["meshes"][0].clone();
    other["primitives"][0]["targets"] = json!([{}, {"POSITION": 2}]);
    document["meshes"].as_array_mut().unwrap().push(other);
    document["nodes"] = json!([{"mesh": 0}, {"mesh": 1}]);
    document["scenes"] = json!([{"nodes": [0, 1]}]);
    let import = import_json(&document).unwrap();
    let meshes = import.entities.iter();
    assert_eq!(meshes.filter(|it| it.kind == EntityKind::Mesh).count(), 2);
}
