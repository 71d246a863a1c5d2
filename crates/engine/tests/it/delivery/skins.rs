//! Vertex groups and skins: what mesh they fit, editors that know none, and armatures that are deleted.

use vibesync_scene::{Change, Code, Components, Role, Skin, Uuid};
use vibesync_testkit::change::{object, triangle, vertex_groups};

use super::materials::refusal;
use crate::harness::{Harness, renamed, update};

const MESH: Uuid = Uuid::from_u128(0x5A);
const RIG: Uuid = Uuid::from_u128(0x5B);
const BODY: Uuid = Uuid::from_u128(0x5C);

fn skin(armature: Option<Uuid>) -> Change {
    let components = Components {
        skin: Some(Skin { armature }),
        ..Components::default()
    };
    update(BODY, components)
}

/// Returns a scene with a mesh that has vertex groups, and an object with a skin. Unity knows neither if `is_unknown`.
fn scene(is_unknown: bool) -> Harness {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = match is_unknown {
        true => &["nodes", "weights", "skin"],
        false => &["nodes"],
    };
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    let objects = [(RIG, "Rig"), (BODY, "Body")].map(|(uuid, name)| object(uuid, name, None));
    harness.edit(Role::Blender, objects.into());
    harness.edit(Role::Blender, vec![triangle(MESH, b"m")]);
    harness.settle();
    harness.edit(Role::Blender, vec![vertex_groups(MESH, &["Arm"], 3, b"w")]);
    harness.edit(Role::Blender, vec![skin(Some(RIG))]);
    harness.settle();
    harness
}

fn held(harness: &Harness, role: Role) -> (bool, Option<Uuid>) {
    let entities = &harness.editor(role).entities;
    let weights = &entities[&MESH].components.weights;
    let skin = entities[&BODY].components.skin;
    (weights.is_some(), skin.and_then(|it| it.armature))
}

#[test]
fn groups_and_skins_reach_an_editor_that_knows_them() {
    let harness = scene(false);
    assert_eq!(held(&harness, Role::Unity), (true, Some(RIG)));
    harness.assert_converged();
}

#[test]
fn editor_without_groups_and_skins_loses_none() {
    let mut harness = scene(true);
    assert_eq!(held(&harness, Role::Unity), (false, None));
    let components = triangle(MESH, b"other").components().cloned().unwrap();
    harness.edit(Role::Unity, vec![update(MESH, components)]);
    harness.edit(Role::Unity, vec![renamed(BODY, "Torso")]);
    harness.settle();
    assert_eq!(held(&harness, Role::Blender), (true, Some(RIG)));
}

#[test]
fn mesh_that_its_vertex_groups_do_not_fit_is_refused() {
    let mut harness = scene(true);
    let mut components = triangle(MESH, b"two").components().cloned().unwrap();
    let mesh = components.mesh.as_mut().unwrap();
    (mesh.corner_count, mesh.submeshes[0].count) = (6, 6);
    mesh.buffers.get_mut("index").unwrap().bytes = 24;
    components.name = None;
    let (code, location) = refusal(&mut harness, update(MESH, components.clone()));
    assert_eq!(code, Code::MeshInvalid);
    assert_eq!(location, "changes[0].components.weights.corner_count");
    let fitting = vertex_groups(MESH, &["Arm"], 6, b"t").components().cloned();
    components.weights = fitting.unwrap().weights;
    harness.edit(Role::Blender, vec![update(MESH, components)]);
    harness.settle();
    let entity = harness.engine.scene().live(MESH).unwrap();
    assert_eq!(entity.components.mesh.as_ref().unwrap().corner_count, 6);
}

#[test]
fn armature_that_deforms_is_not_deleted() {
    let mut harness = scene(true);
    let (code, location) = refusal(&mut harness, Change::Delete { uuid: RIG });
    assert_eq!(
        (code, location.as_str()),
        (Code::ChildrenLeft, "changes[0].uuid")
    );
    harness.edit(
        Role::Blender,
        vec![skin(None), Change::Delete { uuid: RIG }],
    );
    harness.settle();
    assert!(harness.engine.scene().live(RIG).is_none());
    let (code, location) = refusal(&mut harness, skin(Some(RIG)));
    assert_eq!(
        (code, location.as_str()),
        (Code::UuidUnknown, "changes[0].components.skin.armature")
    );
    let (code, _) = refusal(&mut harness, skin(Some(MESH)));
    assert_eq!(code, Code::UuidOtherKind);
}
