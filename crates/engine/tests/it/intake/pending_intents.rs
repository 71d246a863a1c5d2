//! Intents that wait for an entity, a structural change or an earlier intent.

use proptest::prelude::*;
use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, EditorState, Intent, MAX_CHANGES, SCHEMA_VERSION,
};
use vibesync_scene::{
    Change, Components, DataRef, InstanceId, OperationId, Phase, Role, SessionId,
};
use vibesync_testkit::FakeEditor;

use crate::harness::{Harness, PROJECT, moved, object, parented, renamed, triangle, update};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);

fn acks(harness: &Harness, role: Role) -> usize {
    let messages = harness.wires[&role].to_editor.iter();
    messages
        .filter(|message| matches!(message, DaemonMessage::Ack { .. }))
        .count()
}

#[test]
fn child_that_arrives_before_its_parent_waits() {
    let mut harness = Harness::connected();
    let child = harness.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness
        .wires
        .get_mut(&Role::Blender)
        .unwrap()
        .to_daemon
        .swap(0, 1);
    // The order is reversed: the child arrives first.
    harness
        .wires
        .get_mut(&Role::Blender)
        .unwrap()
        .to_daemon
        .swap(0, 1);
    harness.deliver_to_daemon(Role::Blender);
    assert_eq!(
        acks(&harness, Role::Blender),
        0,
        "neither refused nor accepted"
    );
    assert_eq!(harness.engine.status().waiting_intents, 1);
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.engine.scene().live_count(), 2);
    assert_eq!(harness.phases(child).last(), Some(&Phase::Commit));
}

#[test]
fn repeated_pending_intent_is_answered_once() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.to_daemon.extend(wire.to_daemon.clone());
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.engine.status().waiting_intents, 1);
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(acks(&harness, Role::Blender), 2);
}

#[test]
fn wait_for_a_missing_entity_times_out() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    harness.deliver_to_daemon(Role::Blender);
    let deadline = harness.engine.next_deadline().unwrap();
    assert_eq!(deadline, harness.now + 2_000);
    harness.now += 1_000;
    harness.step(Input::Tick);
    let still = harness.engine.next_deadline();
    assert_eq!(still, Some(deadline), "whatever happens meanwhile");
    harness.settle();
    assert_eq!(harness.editor(Role::Blender).refusals, [Code::UuidUnknown]);
    assert_eq!(harness.engine.status().waiting_intents, 0);
}

#[test]
fn intents_in_a_row_do_not_each_wait_in_full() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    for n in 0..3 {
        harness.edit(Role::Blender, vec![moved(B, f64::from(n))]);
    }
    harness.deliver_all_to_daemon(Role::Blender);
    let begin = harness.now;
    while harness.engine.status().waiting_intents > 0 {
        harness.now = harness.engine.next_deadline().unwrap();
        harness.step(Input::Tick);
    }
    assert_eq!(harness.now - begin, 2_000 + 3 * 100);
}

#[test]
fn number_of_pending_intents_is_limited() {
    let mut harness = Harness::connected();
    for n in 0..300_u128 {
        let parent = Some(Uuid::from_u128(1_000 + n));
        harness.edit(
            Role::Blender,
            vec![object(Uuid::from_u128(2_000 + n), "O", parent)],
        );
    }
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.engine.status().waiting_intents, 256);
    while !harness.wires[&Role::Blender].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Blender);
    }
    assert_eq!(
        harness.editor(Role::Blender).refusals,
        [Code::QueueFull; 44]
    );
    harness.disconnect(Role::Blender);
    assert_eq!(
        harness.engine.status().waiting_intents,
        0,
        "they go with the connection"
    );
}

#[test]
fn number_of_pending_changes_is_limited() {
    let mut harness = Harness::connected();
    let parent = Some(A);
    let many = (1_000..).take(MAX_CHANGES - 1);
    let many = many.map(|n| object(Uuid::from_u128(n), "O", parent));
    harness.edit(Role::Blender, many.collect());
    harness.edit(Role::Blender, vec![object(B, "B", parent)]);
    harness.edit(Role::Blender, vec![object(C, "C", parent)]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.engine.status().waiting_intents, 2);
    harness.deliver_to_editor(Role::Blender);
    assert_eq!(harness.editor(Role::Blender).refusals, [Code::QueueFull]);
}

#[test]
fn later_change_does_not_overtake_a_pending_one() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(B, "B", None)]);
    harness.settle();
    harness.edit(Role::Blender, vec![parented(B, Some(A))]);
    harness.edit(Role::Blender, vec![parented(B, None)]);
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.settle();
    harness.assert_converged();
    let parent = harness.engine.scene().live(B).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None, "the last word counts");
}

/// Returns three objects, with a reparenting on its way to Unity.
fn while_reparenting() -> Harness {
    let mut harness = Harness::connected();
    let objects = [(A, "A"), (B, "B"), (C, "C")].map(|(uuid, name)| object(uuid, name, None));
    harness.edit(Role::Blender, objects.to_vec());
    harness.settle();
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![parented(B, Some(A))]);
    harness.deliver_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Blender);
    harness
}

#[test]
fn structural_change_blocks_later_ones_until_it_is_verified() {
    let mut harness = while_reparenting();
    let later = harness.edit(Role::Blender, vec![moved(B, 3.0)]);
    let other = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(harness.phases(later).is_empty(), "not even begun");
    assert!(!harness.phases(other).is_empty(), "other entities are free");
    harness.deliver_to_editor(Role::Unity);
    harness.deliver_to_daemon(Role::Unity);
    assert!(
        !harness.phases(later).is_empty(),
        "begun as soon as that is verified"
    );
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.phases(later).last(), Some(&Phase::Final));
}

#[test]
fn intent_that_relies_on_a_pending_one_waits() {
    let mut harness = while_reparenting();
    let mesh = Uuid::from_u128(10);
    let shown = Components {
        data: Some(DataRef { uuid: Some(mesh) }),
        ..Components::default()
    };
    // Unity has not verified B's new parent A, so the next reparenting of B waits.
    let freed = vec![parented(B, None), triangle(mesh, b"new")];
    harness.edit(Role::Blender, freed);
    let delete = harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    let show = harness.edit(Role::Blender, vec![object(Uuid::from_u128(4), "D", None)]);
    harness.edit(Role::Blender, vec![update(Uuid::from_u128(4), shown)]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(
        harness.phases(delete).is_empty(),
        "its child has not left yet"
    );
    assert!(
        !harness.phases(show).is_empty(),
        "what relies on nothing goes on"
    );
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
    assert_eq!(harness.phases(delete).last(), Some(&Phase::Commit));
}

#[test]
fn deletion_does_not_overtake_a_pending_reference() {
    let mut harness = while_reparenting();
    // Both wait, because Unity has not verified B's new parent A.
    harness.edit(Role::Blender, vec![parented(B, Some(C))]);
    harness.edit(Role::Blender, vec![parented(B, None)]);
    let delete = harness.edit(Role::Blender, vec![Change::Delete { uuid: C }]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(harness.phases(delete).is_empty(), "B has not come and left");
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Blender).refusals, []);
    assert_eq!(harness.phases(delete).last(), Some(&Phase::Commit));
}

#[test]
fn intent_that_waits_for_a_failed_change_is_refused() {
    let mut harness = while_reparenting();
    harness.edit(Role::Blender, vec![moved(B, 3.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(B);
    harness.settle();
    assert_eq!(
        harness.editor(Role::Blender).refusals,
        [Code::VerificationFailed]
    );
    let held = &harness.editor(Role::Blender).entities[&B].components;
    assert_eq!(held.parent.unwrap().uuid, None);
    assert_eq!(
        held.transform.unwrap().translation,
        [0.0; 3],
        "the state before, exactly"
    );
    assert_eq!(
        harness.editor(Role::Blender).entities,
        harness.editor(Role::Unity).entities
    );
}

/// Unity's intent waits for an entity. Meanwhile a batch with Blender's change overwrites Unity's change of A.
#[test]
fn change_covered_while_pending_is_sent_again() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    harness.settle();
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.edit(Role::Unity, vec![moved(A, 5.0), object(B, "B", Some(C))]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(harness.engine.status().waiting_intents, 1);
    while !harness.wires[&Role::Unity].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Unity);
    }
    harness.deliver_all_to_daemon(Role::Unity);
    harness.edit(Role::Unity, vec![object(C, "C", None)]);
    harness.settle();
    let held = &harness.engine.scene().live(A).unwrap().components;
    assert_eq!(held.transform.unwrap().translation[0], 5.0);
    harness.assert_converged();
}

#[test]
fn nothing_waits_for_an_editor_that_defers() {
    let mut harness = while_reparenting();
    let later = harness.edit(Role::Blender, vec![moved(B, 3.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    let wire = &harness.wires[&Role::Unity];
    let Some(DaemonMessage::Apply { batch_id, .. }) = wire.to_editor.front() else {
        panic!("no batch")
    };
    let message = ClientMessage::Deferred {
        batch_id: *batch_id,
        state: EditorState::Modal,
    };
    let session = wire.session.unwrap();
    harness.step(Input::Message {
        session,
        message: Box::new(message),
    });
    assert!(
        !harness.phases(later).is_empty(),
        "it is on disk, however long the other takes"
    );
    harness.settle();
    harness.assert_converged();
}

#[test]
fn editor_does_not_wait_for_its_own_verification() {
    let mut harness = while_reparenting();
    let theirs = harness.edit(Role::Unity, vec![renamed(B, "Mine")]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert!(!harness.phases(theirs).is_empty());
    harness.settle();
    harness.assert_converged();
}

/// Intents of one connection keep their order. The update and the deletion come from before a loss of the log, and the
/// creation is an undo of the deletion.
#[test]
fn creation_does_not_overtake_earlier_changes_of_its_entity() {
    let changes = [
        moved(A, 1.0),
        Change::Delete { uuid: A },
        object(A, "A", None),
    ];
    for first in [0, 1] {
        let harness = send_in_order(&changes[first..]);
        assert!(harness.engine.scene().live(A).is_some());
        harness.assert_converged();
    }
}

fn send(harness: &mut Harness, session: SessionId, changes: Vec<Change>) {
    let intent = Intent {
        operation_id: OperationId(harness.id()),
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION,
        base_seq: 0,
        label: "Edit".into(),
        dry_run: false,
        changes,
        request_id: None,
    };
    let message = Box::new(ClientMessage::Intent(intent));
    harness.step(Input::Message { session, message });
}

/// Sends each change in an intent of its own, through one connection.
fn send_in_order(changes: &[Change]) -> Harness {
    let mut harness = Harness::connected();
    let session = join(&mut harness);
    for change in changes {
        send(&mut harness, session, vec![change.clone()]);
    }
    harness.settle();
    harness
}

fn shown(uuid: Uuid, mesh: Uuid) -> Change {
    let data = Some(DataRef { uuid: Some(mesh) });
    update(
        uuid,
        Components {
            data,
            ..Components::default()
        },
    )
}

/// Returns intents that build on each other: objects below objects, meshes, and changes of created entities.
/// No two intents set the same component.
fn building_blocks() -> Vec<Vec<Change>> {
    let id = |n: u128| Uuid::from_u128(n);
    vec![
        vec![object(id(1), "root", None)],
        vec![object(id(2), "child", Some(id(1)))],
        vec![object(id(3), "grandchild", Some(id(2)))],
        vec![triangle(id(10), b"mesh")],
        vec![shown(id(3), id(10))],
        vec![moved(id(2), 2.0)],
        vec![renamed(id(1), "Root")],
        vec![parented(id(4), Some(id(3)))],
        vec![object(id(4), "late", None), moved(id(3), 3.0)],
        vec![Change::Delete { uuid: id(5) }],
        vec![object(id(5), "short-lived", Some(id(1)))],
    ]
}

/// Returns the scene after intents arrive in this order, each through one of four connections. Deletions have a fifth
/// one: after its own deletion of an entity, a connection creates the entity anew.
fn run(intents: Vec<(usize, Vec<Change>)>) -> Harness {
    let mut harness = Harness::connected();
    let sessions: Vec<SessionId> = (0..5).map(|_| join(&mut harness)).collect();
    for (through, changes) in intents {
        let is_delete = matches!(changes[..], [Change::Delete { .. }]);
        let through = if is_delete { 4 } else { through };
        send(&mut harness, sessions[through], changes);
    }
    harness.settle();
    harness.assert_converged();
    harness
}

fn join(harness: &mut Harness) -> SessionId {
    let (instance, session) = (InstanceId(harness.id()), SessionId(harness.id()));
    let mut client = FakeEditor::new(Role::Cli, instance, PROJECT);
    let hello = Box::new(client.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    session
}

/// Returns the first entity that differs, from both scenes.
fn difference(a: &Harness, b: &Harness) -> Option<String> {
    let uuids = [a, b].map(|harness| harness.engine.scene().rows().map(|row| row.entity.uuid));
    let mut uuids = uuids.into_iter().flatten();
    let [a, b] = [a, b].map(|harness| move |uuid| harness.engine.scene().live(uuid));
    let differs = uuids.find(|uuid| a(*uuid) != b(*uuid))?;
    Some(format!("{:?} is not {:?}", a(differs), b(differs)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_arrival_gives_the_same_scene(
        order in Just(building_blocks()).prop_shuffle(),
        through in proptest::collection::vec(0..4_usize, 11),
    ) {
        let in_order = building_blocks().into_iter().map(|changes| (0, changes));
        let expected = run(in_order.collect());
        let shuffled = run(through.into_iter().zip(order).collect());
        let difference = difference(&shuffled, &expected);
        prop_assert!(difference.is_none(), "{difference:?}");
        prop_assert_eq!(shuffled.engine.status().waiting_intents, 0);
    }
}
