//! Bulk data that the program cannot read: the entities that need it are withheld, and editors send it again.

use vibesync_engine::Input;
use vibesync_protocol::LostEntity;
use vibesync_scene::{
    BlobId, Change, Code, Components, DataRef, EntityKind, Outcome, Phase, Role, Uuid,
};

use crate::harness::{A, Harness, moved, object, renamed, triangle, update};

const MESH: Uuid = Uuid::from_u128(50);
const OTHER_MESH: Uuid = Uuid::from_u128(51);
const CHILD: Uuid = Uuid::from_u128(52);
const LONELY: Uuid = Uuid::from_u128(53);

fn shows(uuid: Uuid, mesh: Uuid) -> Change {
    let data = Some(DataRef { uuid: Some(mesh) });
    let components = Components {
        data,
        ..Components::default()
    };
    update(uuid, components)
}

fn showing(uuid: Uuid, name: &str, mesh: Uuid) -> Change {
    let mut change = object(uuid, name, None);
    if let Some(components) = change.components_mut() {
        components.data = Some(DataRef { uuid: Some(mesh) });
    }
    change
}

/// Blender makes a mesh, an object that shows it, its child, and another object. Then its data is lost while nobody is
/// connected.
fn with_lost_mesh() -> Harness {
    let mut harness = Harness::new();
    harness.connect(Role::Blender);
    harness.settle();
    let changes = vec![
        triangle(MESH, b"gear"),
        showing(A, "Wheel", MESH),
        object(CHILD, "Child", Some(A)),
        object(LONELY, "Lonely", None),
    ];
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.disconnect(Role::Blender);
    harness.missing_blobs.insert(BlobId::hash(b"gear"));
    harness
}

fn data_in_unity(harness: &Harness, uuid: Uuid) -> Option<Option<Uuid>> {
    let entity = harness.editor(Role::Unity).entities.get(&uuid);
    entity.map(|entity| entity.components.data.and_then(|data| data.uuid))
}

fn transactions(harness: &Harness) -> usize {
    let begins = harness.log.iter().filter(|it| it.phase == Phase::Begin);
    begins.count()
}

#[test]
fn only_the_entity_with_a_lost_blob_is_withheld() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    harness.settle();
    let entities = &harness.editor(Role::Unity).entities;
    assert!(!entities.contains_key(&MESH));
    assert!(entities.contains_key(&CHILD) && entities.contains_key(&LONELY));
    assert_eq!(data_in_unity(&harness, A), Some(None), "without its mesh");
    assert!(harness.wires[&Role::Unity].session.is_some());
}

#[test]
fn lost_blob_is_told_by_the_name_of_its_entity() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    harness.settle();
    let status = harness.engine.status();
    let listed = LostEntity {
        uuid: MESH,
        kind: EntityKind::Mesh,
        name: "Mesh".into(),
        why: "missing".into(),
    };
    assert_eq!((status.lost, status.lost_entities), (1, vec![listed]));
    let sentence = "bulk data cannot be read: mesh \"Mesh\" of object \"Wheel\" (missing); only that is withheld until an editor sends it again";
    assert_eq!(status.last_error.unwrap().error.message, sentence);
    let notice = (Code::BlobDamaged, vec![MESH]);
    assert!(harness.editor(Role::Unity).notices.contains(&notice));
    let mut records = harness.log.iter();
    let logged = records.find(|record| record.error_code == Some(Code::BlobDamaged));
    let logged = logged.map(|record| (record.phase, record.outcome, record.uuids.clone()));
    assert_eq!(logged, Some((Phase::Deliver, Outcome::Failed, vec![MESH])));
}

#[test]
fn editor_that_connects_later_is_told_of_lost_blobs() {
    let mut harness = with_lost_mesh();
    let lost = harness.lost();
    harness.step(Input::BlobsLost { lost, unsent: None });
    assert_eq!(harness.engine.status().lost, 1);
    harness.connect(Role::Unity);
    harness.settle();
    let notices = &harness.editor(Role::Unity).notices;
    assert_eq!(*notices, [(Code::BlobDamaged, vec![MESH])]);
}

#[test]
fn editor_that_holds_the_mesh_sends_it_again_unasked() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    harness.settle();
    let before = transactions(&harness);
    harness.connect(Role::Blender);
    harness.settle();
    harness.assert_converged();
    assert_eq!(data_in_unity(&harness, A), Some(Some(MESH)));
    assert_eq!(transactions(&harness), before, "no transaction");
    assert_eq!(harness.engine.status().lost, 0);
}

#[test]
fn connected_editor_is_asked_when_a_blob_is_lost() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Blender);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn other_content_of_a_lost_mesh_is_an_ordinary_edit() {
    let mut harness = with_lost_mesh();
    let (Change::Create { components, .. }, blender) = (
        triangle(MESH, b"edited"),
        harness.wires.get_mut(&Role::Blender).unwrap(),
    ) else {
        panic!("no create")
    };
    let held = blender.editor.entities.get_mut(&MESH).unwrap();
    held.components.mesh = components.mesh;
    let before = transactions(&harness);
    harness.connect_all();
    harness.assert_converged();
    assert_eq!(transactions(&harness), before + 1);
    assert_eq!(harness.engine.status().lost, 0);
}

#[test]
fn stored_blob_that_comes_back_by_itself_is_found() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    while harness.engine.status().lost == 0 {
        harness.deliver_to_daemon(Role::Unity);
    }
    harness.missing_blobs.clear();
    harness.settle();
    assert_eq!(data_in_unity(&harness, A), Some(Some(MESH)));
}

#[test]
fn edits_of_an_object_without_its_data_flow() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    harness.settle();
    let id = harness.edit(Role::Unity, vec![renamed(A, "Renamed in Unity")]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    assert_eq!(data_in_unity(&harness, A), Some(None));
    harness.connect(Role::Blender);
    harness.edit(Role::Blender, vec![moved(LONELY, 4.0)]);
    harness.settle();
    harness.assert_converged();
    let name = &harness.editor(Role::Blender).entities[&A].components.name;
    assert_eq!(name.as_deref(), Some("Renamed in Unity"));
}

#[test]
fn object_without_its_data_is_completed_after_a_restart() {
    let mut harness = with_lost_mesh();
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Unity, vec![renamed(A, "Renamed in Unity")]);
    harness.settle();
    harness.crash();
    harness.missing_blobs.clear();
    harness.connect_all();
    harness.assert_converged();
    assert_eq!(data_in_unity(&harness, A), Some(Some(MESH)));
}

#[test]
fn object_keeps_its_old_data_until_the_new_can_be_sent() {
    let mut harness = Harness::connected();
    let changes = vec![
        triangle(OTHER_MESH, b"old"),
        showing(A, "Wheel", OTHER_MESH),
    ];
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.disconnect(Role::Unity);
    let changes = vec![triangle(MESH, b"gear"), shows(A, MESH)];
    harness.edit(Role::Blender, changes);
    harness.edit(Role::Blender, vec![renamed(A, "Renamed")]);
    harness.settle();
    harness.disconnect(Role::Blender);
    harness.missing_blobs.insert(BlobId::hash(b"gear"));
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(data_in_unity(&harness, A), Some(Some(OTHER_MESH)));
    let name = &harness.editor(Role::Unity).entities[&A].components.name;
    assert_eq!(name.as_deref(), Some("Renamed"));
    harness.connect(Role::Blender);
    harness.settle();
    harness.assert_converged();
}

/// The deletion was made without having seen the new mesh, so it is quarantined.
#[test]
fn deleted_object_is_restored_without_its_lost_data() {
    let mut harness = Harness::connected();
    let changes = vec![
        triangle(OTHER_MESH, b"old"),
        showing(A, "Wheel", OTHER_MESH),
    ];
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.disconnect(Role::Unity);
    let changes = vec![triangle(MESH, b"gear"), shows(A, MESH)];
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.disconnect(Role::Blender);
    harness.missing_blobs.insert(BlobId::hash(b"gear"));
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
    assert_eq!(data_in_unity(&harness, A), Some(None), "without its mesh");
    harness.connect(Role::Blender);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn change_whose_blob_is_lost_at_once_stands() {
    let mut harness = Harness::connected();
    let id = harness.edit(
        Role::Blender,
        vec![triangle(MESH, b"gear"), showing(A, "A", MESH)],
    );
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let (session, message) = (wire.session.unwrap(), wire.to_daemon.pop_front().unwrap());
    harness.missing_blobs.insert(BlobId::hash(b"gear"));
    let message = Box::new(message);
    harness.step(Input::Message { session, message });
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    harness.assert_converged();
}

#[test]
fn rename_of_a_held_mesh_needs_no_blob() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![triangle(MESH, b"gear")]);
    harness.settle();
    harness.missing_blobs.insert(BlobId::hash(b"gear"));
    let lost = harness.lost();
    harness.step(Input::BlobsLost { lost, unsent: None });
    let id = harness.edit(Role::Blender, vec![renamed(MESH, "Cog")]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.now += 1_000;
    harness.step(Input::Tick);
    assert_eq!(harness.batch_count(Role::Unity), 1);
    assert_eq!(harness.engine.status().lost, 1, "nobody was asked yet");
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    harness.assert_converged();
}

#[test]
fn mesh_that_cannot_be_compared_is_no_failure() {
    let mut harness = Harness::connected();
    let id = harness.edit(Role::Blender, vec![triangle(MESH, b"sent")]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(vibesync_protocol::ClientMessage::Applied { results, .. }) =
        wire.to_daemon.front_mut()
    else {
        panic!("no answer")
    };
    let Change::Create { components, .. } = triangle(MESH, b"held") else {
        panic!("no create")
    };
    results[0].state.as_mut().unwrap().components.mesh = components.mesh;
    harness.missing_blobs.insert(BlobId::hash(b"sent"));
    harness.differing = vec![(MESH, "the blob is missing".into())];
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    harness.assert_converged();
}
