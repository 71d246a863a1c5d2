//! Shape keys: what mesh they fit, editors that know none, and reading them back.

use vibesync_engine::{Action, Input};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{BlobId, Code, Role, Uuid};
use vibesync_testkit::change::{triangle, weights};
use vibesync_testkit::mesh_parts::shape_keys;

use super::materials::refusal;
use crate::harness::{Harness, renamed, update};

const MESH: Uuid = Uuid::from_u128(0x5A);

/// Returns a scene with a mesh that has a shape key, which Blender sent. Unity knows no keys if `is_unknown`.
fn scene(is_unknown: bool) -> Harness {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = match is_unknown {
        true => &["nodes", "shapes", "shape_values"],
        false => &["nodes"],
    };
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Blender, vec![triangle(MESH, b"m")]);
    harness.settle();
    let keyed = shape_keys(MESH, &["Open"], 3, b"s");
    harness.edit(Role::Blender, vec![keyed]);
    harness.edit(Role::Blender, vec![weights(MESH, &[("Open", 0.5)])]);
    harness.settle();
    harness
}

fn keys_of(harness: &Harness, role: Role) -> usize {
    let components = &harness.editor(role).entities[&MESH].components;
    components.shapes.as_ref().map_or(0, |it| it.keys.len())
}

#[test]
fn shape_keys_and_weights_reach_the_other_editor() {
    let mut harness = scene(false);
    harness.assert_converged();
    assert_eq!(keys_of(&harness, Role::Unity), 1);
    harness.edit(Role::Unity, vec![weights(MESH, &[("Open", 0.75)])]);
    harness.settle();
    let components = &harness.editor(Role::Blender).entities[&MESH].components;
    let values = &components.shape_values.as_ref().unwrap().values;
    assert_eq!(values["Open"], 0.75);
    harness.assert_converged();
}

#[test]
fn editor_without_shape_keys_gets_none_and_loses_none() {
    let mut harness = scene(true);
    assert_eq!(keys_of(&harness, Role::Unity), 0);
    let components = triangle(MESH, b"other").components().cloned().unwrap();
    harness.edit(Role::Unity, vec![update(MESH, components)]);
    harness.edit(Role::Unity, vec![renamed(MESH, "Face")]);
    harness.settle();
    assert_eq!(keys_of(&harness, Role::Blender), 1);
    let entity = harness.engine.scene().live(MESH).unwrap();
    assert_eq!(entity.components.name.as_deref(), Some("Face"));
    assert!(entity.components.shapes.is_some());
}

#[test]
fn mesh_that_its_shape_keys_do_not_fit_is_refused() {
    let mut harness = scene(true);
    let mut components = triangle(MESH, b"two").components().cloned().unwrap();
    let mesh = components.mesh.as_mut().unwrap();
    (mesh.corner_count, mesh.submeshes[0].count) = (6, 6);
    mesh.buffers.get_mut("index").unwrap().bytes = 24;
    components.name = None;
    let (code, location) = refusal(&mut harness, update(MESH, components.clone()));
    assert_eq!(code, Code::MeshInvalid);
    assert_eq!(location, "changes[0].components.shapes.corner_count");
    // With keys that fit, or without keys, it is valid.
    let mut fitting = components.clone();
    let keyed = shape_keys(MESH, &["Open"], 6, b"t").components().cloned();
    fitting.shapes = keyed.unwrap().shapes;
    harness.edit(Role::Blender, vec![update(MESH, fitting)]);
    harness.settle();
    let corners = |harness: &Harness| {
        let entity = harness.engine.scene().live(MESH).unwrap();
        entity.components.mesh.as_ref().unwrap().corner_count
    };
    assert_eq!(corners(&harness), 6);
    let mut plain = triangle(MESH, b"m").components().cloned().unwrap();
    plain.shapes = shape_keys(MESH, &[], 0, b"")
        .components()
        .cloned()
        .unwrap()
        .shapes;
    harness.edit(Role::Blender, vec![update(MESH, plain)]);
    harness.settle();
    assert_eq!(corners(&harness), 3);
}

#[test]
fn shape_keys_with_other_bytes_are_compared() {
    let mut harness = scene(false);
    harness.now += 1_000;
    let keyed = shape_keys(MESH, &["Open"], 3, b"sent");
    harness.edit(Role::Blender, vec![keyed]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let mut answer = wire.to_daemon.pop_back().unwrap();
    let ClientMessage::Applied { results, .. } = &mut answer else {
        panic!("{answer:?}")
    };
    let held = shape_keys(MESH, &["Open"], 3, b"held")
        .components()
        .cloned();
    results[0].state.as_mut().unwrap().components.shapes = held.unwrap().shapes;
    let session = wire.session.unwrap();
    let message = Box::new(answer);
    let now = harness.now;
    let actions = harness
        .engine
        .step(Input::Message { session, message }, now);
    let pairs = actions.into_iter().find_map(|action| match action {
        Action::CompareMeshes { pairs, .. } => Some(pairs),
        _ => None,
    });
    let pairs = pairs.unwrap();
    assert!(pairs[0].meshes.is_none() && pairs[0].shapes.is_some());
    let blob = |content| vec![BlobId::hash(content); 2];
    assert_eq!(pairs[0].expected().collect::<Vec<_>>(), blob(b"sent"));
    assert_eq!(pairs[0].held().collect::<Vec<_>>(), blob(b"held"));
}
