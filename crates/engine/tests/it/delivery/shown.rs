//! Evaluated meshes: Blender alone writes them and is never sent them, and they are in nobody's way.

use vibesync_engine::{Action, Input};
use vibesync_protocol::{AckStatus, ClientMessage, DaemonMessage};
use vibesync_scene::{BlobId, Change, Code, Role, Uuid};
use vibesync_testkit::change::{material, moved, object, renamed, triangle};
use vibesync_testkit::evaluated;

use crate::harness::{A, Harness};

const PAINT: Uuid = Uuid::from_u128(0x5D);
const MESH: Uuid = Uuid::from_u128(0x5E);

/// Returns a scene whose object A shows an evaluated mesh with a material.
fn scene() -> Harness {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![material(PAINT, 0.5)]);
    let shown = evaluated(A, Some(b"one"), Some(PAINT));
    harness.edit(Role::Blender, vec![shown]);
    harness.settle();
    harness.now += 1_000;
    harness
}

/// Returns the content of the evaluated mesh that an editor, or the daemon, has of A.
fn content(components: &vibesync_scene::Components) -> Option<BlobId> {
    let mesh = components.shown.as_ref()?.mesh.as_ref()?;
    mesh.buffers["position"].blob
}

fn of_daemon(harness: &Harness) -> Option<BlobId> {
    content(&harness.engine.scene().live(A)?.components)
}

fn of_unity(harness: &Harness) -> Option<BlobId> {
    content(&harness.editor(Role::Unity).entities[&A].components)
}

/// Lets an editor make a change; returns the code and the place of a refusal.
fn refusal(harness: &mut Harness, role: Role, change: Change) -> Option<(Code, String)> {
    let id = harness.edit(role, vec![change]);
    harness.deliver_all_to_daemon(role);
    let messages = harness.wires[&role].to_editor.iter();
    let mut answers = messages.filter_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => Some((*status, error.clone())),
        _ => None,
    });
    let (status, error) = answers.next().unwrap();
    harness.settle();
    assert_eq!(status == AckStatus::Refused, error.is_some());
    error.map(|it| (it.code, it.location))
}

#[test]
fn evaluated_mesh_reaches_unity_alone_and_goes_with_its_end() {
    let mut harness = scene();
    assert_eq!(of_unity(&harness), Some(BlobId::hash(b"one")));
    assert_eq!(of_daemon(&harness), of_unity(&harness));
    harness.edit(Role::Blender, vec![evaluated(A, None, None)]);
    harness.settle();
    assert_eq!((of_daemon(&harness), of_unity(&harness)), (None, None));
}

#[test]
fn evaluated_mesh_is_changed_by_blender_alone() {
    let mut harness = scene();
    let other = evaluated(A, Some(b"other"), None);
    let place = "changes[0].components.shown.mesh".to_owned();
    let refused = refusal(&mut harness, Role::Unity, other);
    assert_eq!(refused, Some((Code::FieldLocked, place.clone())));
    let mut made = object(Uuid::from_u128(0x5F), "New", None);
    let shown = evaluated(A, Some(b"new"), None);
    made.components_mut().unwrap().shown = shown.components().unwrap().shown.clone();
    let refused = refusal(&mut harness, Role::Unity, made);
    assert_eq!(refused, Some((Code::FieldLocked, place)));
    assert_eq!(refusal(&mut harness, Role::Unity, moved(A, 5.0)), None);
    assert_eq!(of_unity(&harness), Some(BlobId::hash(b"one")));
}

#[test]
fn material_of_an_evaluated_mesh_can_be_deleted() {
    let mut harness = scene();
    let gone = Change::Delete { uuid: PAINT };
    assert_eq!(refusal(&mut harness, Role::Unity, gone), None);
    assert!(harness.engine.scene().live(PAINT).is_none());
    assert!(of_unity(&harness).is_some());
    assert_eq!(refusal(&mut harness, Role::Blender, renamed(A, "X")), None);
    let again = evaluated(A, Some(b"two"), Some(PAINT));
    assert_eq!(refusal(&mut harness, Role::Blender, again), None);
    let unknown = evaluated(A, Some(b"two"), Some(MESH));
    harness.edit(Role::Blender, vec![triangle(MESH, b"m")]);
    harness.settle();
    let (code, _) = refusal(&mut harness, Role::Blender, unknown).unwrap();
    assert_eq!(code, Code::UuidOtherKind);
}

#[test]
fn revived_object_has_no_evaluated_mesh() {
    for role in Role::EDITORS {
        let mut harness = scene();
        let entity = harness.engine.scene().live(A).unwrap().clone();
        harness.edit(role, vec![Change::Delete { uuid: A }]);
        harness.settle();
        harness.edit(role, vec![Change::revive(&entity)]);
        harness.settle();
        assert_eq!((of_daemon(&harness), of_unity(&harness)), (None, None));
    }
}

#[test]
fn blender_is_asked_for_evaluated_meshes_of_whole_objects() {
    let mut harness = scene();
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.editor.entities.clear();
    wire.editor.versions.clear();
    harness.connect(Role::Blender);
    harness.settle();
    let blender = &harness.editor(Role::Blender).entities[&A].components;
    assert_eq!(content(blender), None, "it is never sent one");
    assert_eq!((of_daemon(&harness), of_unity(&harness)), (None, None));
}

#[test]
fn evaluated_mesh_with_other_bytes_is_compared() {
    let mut harness = scene();
    harness.edit(Role::Blender, vec![evaluated(A, Some(b"sent"), None)]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let mut answer = wire.to_daemon.pop_back().unwrap();
    let ClientMessage::Applied { results, .. } = &mut answer else {
        panic!("{answer:?}")
    };
    let held = evaluated(A, Some(b"held"), None);
    let state = results[0].state.as_mut().unwrap();
    state.components.shown = held.components().unwrap().shown.clone();
    let session = wire.session.unwrap();
    let (message, now) = (Box::new(answer), harness.now);
    let input = Input::Message { session, message };
    let actions = harness.engine.step(input, now);
    let pairs = actions.into_iter().find_map(|action| match action {
        Action::CompareMeshes { pairs, .. } => Some(pairs),
        _ => None,
    });
    let pairs = pairs.unwrap();
    let blob = |content| vec![BlobId::hash(content); 2];
    assert_eq!(pairs[0].expected().collect::<Vec<_>>(), blob(b"sent"));
    assert_eq!(pairs[0].held().collect::<Vec<_>>(), blob(b"held"));
}
