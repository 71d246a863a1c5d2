//! Shape keys become morph targets.

use std::collections::BTreeMap;

use serde_json::json;
use vibesync_gltf::Note;
use vibesync_scene::{Code, ShapeKey, ShapeValues, Shapes, Shown, Uuid};
use vibesync_testkit::change::showing;

use crate::work::Work;

const TRIANGLE: [f32; 9] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// Gives a mesh two keys on so many vertices: B is relative to A. `vertex` has the vertex of each corner.
fn give_keys(work: &mut Work, mesh: Uuid, vertex: &[u32], deltas: &[f32]) {
    let key = |name: &str, relative_to: Option<&str>| ShapeKey {
        name: name.to_owned(),
        relative_to: relative_to.map(str::to_owned),
        min: 0.0,
        max: 1.0,
    };
    let vertex_bytes = vertex.iter().flat_map(|it| it.to_le_bytes()).collect();
    let delta_bytes = deltas.iter().flat_map(|it| it.to_le_bytes()).collect();
    let shapes = Shapes {
        vertex_count: deltas.len() as u32 / 6,
        corner_count: vertex.len() as u32,
        keys: vec![key("A", None), key("B", Some("A"))],
        buffers: BTreeMap::from([
            ("delta".to_owned(), work.store(delta_bytes)),
            ("vertex".to_owned(), work.store(vertex_bytes)),
        ]),
    };
    work.components(mesh).shapes = Some(Box::new(shapes));
}

/// A triangle whose vertices 0, 1 and 2 A moves by 1, 2 and 3 along X, and B by 4, 5 and 6 along Y.
fn talking(work: &mut Work) -> Uuid {
    let mesh = work.mesh(9, 3, &[0, 1, 2], &[("position", &TRIANGLE)]);
    let a = [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0, 0.0, 0.0];
    let b = [0.0, 4.0, 0.0, 0.0, 5.0, 0.0, 0.0, 6.0, 0.0];
    give_keys(work, mesh, &[0, 1, 2], &[a, b].concat());
    let object = vibesync_testkit::change::object(id(1), "Face", None);
    work.add(object);
    work.change(showing(id(1), Some(mesh)));
    mesh
}

#[test]
fn shape_keys_become_targets_with_names_and_weights() {
    let mut work = Work::default();
    let mesh = talking(&mut work);
    let values = BTreeMap::from([("B".to_owned(), 0.25), ("Gone".to_owned(), 1.0)]);
    work.components(mesh).shape_values = Some(Box::new(ShapeValues { values }));
    let document = work.export();
    let made = &document.json["meshes"][0];
    assert_eq!(made["extras"]["targetNames"], json!(["A", "B"]));
    assert_eq!(made["extras"]["vibesync"]["uuid"], json!(mesh));
    assert_eq!(made["weights"], json!([0.0, 0.25]));
    let targets = made["primitives"][0]["targets"].as_array().unwrap();
    let deltas: Vec<Vec<f32>> = targets
        .iter()
        .map(|it| document.floats(&it["POSITION"]))
        .collect();
    // Deltas of a key that is relative to another stay as they are: both sides add them up.
    assert_eq!(deltas[0], [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 3.0, 0.0, 0.0]);
    assert_eq!(deltas[1], [0.0, 4.0, 0.0, 0.0, 5.0, 0.0, 0.0, 6.0, 0.0]);
    let accessor = targets[1]["POSITION"].as_u64().unwrap() as usize;
    let bounds = &document.json["accessors"][accessor];
    assert_eq!(bounds["max"], json!([0.0, 6.0, 0.0]));
    assert!(document.export.notes.is_empty());
}

#[test]
fn vertices_split_where_their_shape_keys_differ() {
    let mut work = Work::default();
    let mesh = work.mesh(9, 3, &[0, 1, 2, 0, 2, 1], &[("position", &TRIANGLE)]);
    // The second triangle uses vertex 0 of the mesh, and vertex 3 of the keys.
    let mut deltas = [0.0; 24];
    deltas[9] = 7.0;
    give_keys(&mut work, mesh, &[0, 1, 2, 3, 2, 1], &deltas);
    let object = vibesync_testkit::change::object(id(1), "Face", None);
    work.add(object);
    work.change(showing(id(1), Some(mesh)));
    let document = work.export();
    let primitive = &document.json["meshes"][0]["primitives"][0];
    let positions = document.floats(&primitive["attributes"]["POSITION"]);
    assert_eq!(positions.len(), 4 * 3);
    let moved = document.floats(&primitive["targets"][0]["POSITION"]);
    assert_eq!(moved[9..], [7.0, 0.0, 0.0]);
}

#[test]
fn keys_below_an_evaluated_mesh_are_noted() {
    let mut work = Work::default();
    let mesh = talking(&mut work);
    let shown = Shown {
        mesh: work.components(mesh).mesh.as_deref().cloned(),
        materials: None,
    };
    work.components(id(1)).shown = Some(Box::new(shown));
    let document = work.export();
    assert_eq!(document.noted(Note::ShapeKeys), ["Face"]);
    let made = &document.json["meshes"][0];
    assert!(made.get("weights").is_none());
    assert!(made["primitives"][0].get("targets").is_none());
}

#[test]
fn keys_of_another_number_of_corners_are_refused() {
    let mut work = Work::default();
    let mesh = talking(&mut work);
    give_keys(&mut work, mesh, &[0, 1, 2, 0, 1, 2], &[0.0; 18]);
    let error = work.try_export().unwrap_err();
    assert_eq!(error.code, Code::MeshInvalid);
    assert_eq!(error.location, "Mesh 9.shapes");
}
