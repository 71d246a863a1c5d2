//! Intents that come too early, and intents that a structural change holds back.

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

use crate::world::{PROJECT, World, moved, object, parented, renamed, triangle, update};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);

fn acks(world: &World, role: Role) -> usize {
    let messages = world.wires[&role].to_editor.iter();
    messages
        .filter(|message| matches!(message, DaemonMessage::Ack { .. }))
        .count()
}

#[test]
fn a_child_that_comes_before_its_parent_waits_for_it() {
    let mut world = World::connected();
    let child = world.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    world
        .wires
        .get_mut(&Role::Blender)
        .unwrap()
        .to_daemon
        .swap(0, 1);
    // The wire is turned round: the child arrives first.
    world
        .wires
        .get_mut(&Role::Blender)
        .unwrap()
        .to_daemon
        .swap(0, 1);
    world.daemon_hears(Role::Blender);
    assert_eq!(
        acks(&world, Role::Blender),
        0,
        "neither refused nor accepted"
    );
    assert_eq!(world.engine.status().waiting_intents, 1);
    world.settle();
    world.assert_converged();
    assert_eq!(world.engine.scene().live_count(), 2);
    assert_eq!(world.phases(child).last(), Some(&Phase::Commit));
}

#[test]
fn what_is_asked_for_again_while_it_waits_is_answered_once() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    let wire = world.wires.get_mut(&Role::Blender).unwrap();
    wire.to_daemon.extend(wire.to_daemon.clone());
    world.daemon_hears_all(Role::Blender);
    assert_eq!(world.engine.status().waiting_intents, 1);
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    world.daemon_hears_all(Role::Blender);
    assert_eq!(acks(&world, Role::Blender), 2);
}

#[test]
fn what_never_comes_is_not_waited_for_without_end() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(B, "B", Some(A))]);
    world.daemon_hears(Role::Blender);
    let deadline = world.engine.next_deadline().unwrap();
    assert_eq!(deadline, world.now + 2_000);
    world.now += 1_000;
    world.step(Input::Tick);
    let still = world.engine.next_deadline();
    assert_eq!(still, Some(deadline), "whatever happens meanwhile");
    world.settle();
    assert_eq!(world.editor(Role::Blender).refusals, [Code::UuidUnknown]);
    assert_eq!(world.engine.status().waiting_intents, 0);
}

#[test]
fn only_so_many_wait() {
    let mut world = World::connected();
    for n in 0..300_u128 {
        let parent = Some(Uuid::from_u128(1_000 + n));
        world.edit(
            Role::Blender,
            vec![object(Uuid::from_u128(2_000 + n), "O", parent)],
        );
    }
    world.daemon_hears_all(Role::Blender);
    assert_eq!(world.engine.status().waiting_intents, 256);
    while !world.wires[&Role::Blender].to_editor.is_empty() {
        world.editor_hears(Role::Blender);
    }
    assert_eq!(world.editor(Role::Blender).refusals, [Code::QueueFull; 44]);
    world.disconnect(Role::Blender);
    assert_eq!(
        world.engine.status().waiting_intents,
        0,
        "they go with the connection"
    );
}

#[test]
fn as_many_changes_wait_as_one_intent_may_have() {
    let mut world = World::connected();
    let parent = Some(A);
    let many = (1_000..).take(MAX_CHANGES - 1);
    let many = many.map(|n| object(Uuid::from_u128(n), "O", parent));
    world.edit(Role::Blender, many.collect());
    world.edit(Role::Blender, vec![object(B, "B", parent)]);
    world.edit(Role::Blender, vec![object(C, "C", parent)]);
    world.daemon_hears_all(Role::Blender);
    assert_eq!(world.engine.status().waiting_intents, 2);
    world.editor_hears(Role::Blender);
    assert_eq!(world.editor(Role::Blender).refusals, [Code::QueueFull]);
}

#[test]
fn a_later_change_of_the_same_entity_does_not_overtake_one_that_waits() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(B, "B", None)]);
    world.settle();
    world.edit(Role::Blender, vec![parented(B, Some(A))]);
    world.edit(Role::Blender, vec![parented(B, None)]);
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    world.settle();
    world.assert_converged();
    let parent = world.engine.scene().live(B).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None, "the last word counts");
}

/// A scene of three, and a reparenting on its way to Unity.
fn while_reparenting() -> World {
    let mut world = World::connected();
    let objects = [(A, "A"), (B, "B"), (C, "C")].map(|(uuid, name)| object(uuid, name, None));
    world.edit(Role::Blender, objects.to_vec());
    world.settle();
    world.now += 1_000;
    world.edit(Role::Blender, vec![parented(B, Some(A))]);
    world.daemon_hears(Role::Blender);
    world.editor_hears(Role::Blender);
    world
}

#[test]
fn a_structural_change_blocks_later_ones_of_the_same_entities_until_it_is_verified() {
    let mut world = while_reparenting();
    let later = world.edit(Role::Blender, vec![moved(B, 3.0)]);
    let other = world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    assert!(world.phases(later).is_empty(), "not even begun");
    assert!(!world.phases(other).is_empty(), "other entities are free");
    world.editor_hears(Role::Unity);
    world.daemon_hears(Role::Unity);
    assert!(
        !world.phases(later).is_empty(),
        "begun as soon as that is verified"
    );
    world.settle();
    world.assert_converged();
    assert_eq!(world.phases(later).last(), Some(&Phase::Final));
}

#[test]
fn what_relies_on_a_change_that_waits_waits_too() {
    let mut world = while_reparenting();
    let mesh = Uuid::from_u128(10);
    let shown = Components {
        data: Some(DataRef { uuid: Some(mesh) }),
        ..Components::default()
    };
    // B is still on its way to its new parent A, so what comes with a new parent for it waits.
    let freed = vec![parented(B, None), triangle(mesh, b"new")];
    world.edit(Role::Blender, freed);
    let delete = world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    let show = world.edit(Role::Blender, vec![object(Uuid::from_u128(4), "D", None)]);
    world.edit(Role::Blender, vec![update(Uuid::from_u128(4), shown)]);
    world.daemon_hears_all(Role::Blender);
    assert!(
        world.phases(delete).is_empty(),
        "its child has not left yet"
    );
    assert!(
        !world.phases(show).is_empty(),
        "what relies on nothing goes on"
    );
    world.settle();
    world.assert_converged();
    assert_eq!(world.editor(Role::Blender).refusals, []);
    assert_eq!(world.phases(delete).last(), Some(&Phase::Commit));
}

#[test]
fn a_deletion_does_not_overtake_what_still_refers_to_it() {
    let mut world = while_reparenting();
    // Both wait, as B is still on its way to A.
    world.edit(Role::Blender, vec![parented(B, Some(C))]);
    world.edit(Role::Blender, vec![parented(B, None)]);
    let delete = world.edit(Role::Blender, vec![Change::Delete { uuid: C }]);
    world.daemon_hears_all(Role::Blender);
    assert!(world.phases(delete).is_empty(), "B has not come and left");
    world.settle();
    world.assert_converged();
    assert_eq!(world.editor(Role::Blender).refusals, []);
    assert_eq!(world.phases(delete).last(), Some(&Phase::Commit));
}

#[test]
fn what_waits_for_a_change_that_fails_is_refused_with_it() {
    let mut world = while_reparenting();
    world.edit(Role::Blender, vec![moved(B, 3.0)]);
    world.daemon_hears_all(Role::Blender);
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(B);
    world.settle();
    assert_eq!(
        world.editor(Role::Blender).refusals,
        [Code::VerificationFailed]
    );
    let held = &world.editor(Role::Blender).entities[&B].components;
    assert_eq!(held.parent.unwrap().uuid, None);
    assert_eq!(
        held.transform.unwrap().translation,
        [0.0; 3],
        "the state before, exactly"
    );
    assert_eq!(
        world.editor(Role::Blender).entities,
        world.editor(Role::Unity).entities
    );
}

/// What Blender did to A covers in Unity what Unity's user did to it, while that waits for something else to come.
#[test]
fn what_was_covered_while_it_waited_comes_back() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    world.settle();
    world.now += 1_000;
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    world.edit(Role::Unity, vec![moved(A, 5.0), object(B, "B", Some(C))]);
    world.daemon_hears_all(Role::Unity);
    assert_eq!(world.engine.status().waiting_intents, 1);
    while !world.wires[&Role::Unity].to_editor.is_empty() {
        world.editor_hears(Role::Unity);
    }
    world.daemon_hears_all(Role::Unity);
    world.edit(Role::Unity, vec![object(C, "C", None)]);
    world.settle();
    let held = &world.engine.scene().live(A).unwrap().components;
    assert_eq!(held.transform.unwrap().translation[0], 5.0);
    world.assert_converged();
}

#[test]
fn nobody_waits_for_a_person_who_is_busy() {
    let mut world = while_reparenting();
    let later = world.edit(Role::Blender, vec![moved(B, 3.0)]);
    world.daemon_hears_all(Role::Blender);
    let wire = &world.wires[&Role::Unity];
    let Some(DaemonMessage::Apply { batch_id, .. }) = wire.to_editor.front() else {
        panic!("no batch")
    };
    let message = ClientMessage::Deferred {
        batch_id: *batch_id,
        state: EditorState::Modal,
    };
    let session = wire.session.unwrap();
    world.step(Input::Message {
        session,
        message: Box::new(message),
    });
    assert!(
        !world.phases(later).is_empty(),
        "it is on disk, however long the other takes"
    );
    world.settle();
    world.assert_converged();
}

#[test]
fn an_editor_whose_answer_is_awaited_is_not_made_to_wait_for_it() {
    let mut world = while_reparenting();
    let theirs = world.edit(Role::Unity, vec![renamed(B, "Mine")]);
    world.daemon_hears_all(Role::Unity);
    assert!(!world.phases(theirs).is_empty());
    world.settle();
    world.assert_converged();
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

/// Intents that build on each other: objects under objects, meshes, and changes of what the others create. No two
/// set the same property.
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

/// What comes of intents that arrive in this order, each through one of several connections.
fn run(intents: Vec<(usize, Vec<Change>)>) -> World {
    let mut world = World::connected();
    let sessions: Vec<SessionId> = (0..4).map(|_| join(&mut world)).collect();
    for (through, changes) in intents {
        let intent = Intent {
            operation_id: OperationId(world.id()),
            project_id: PROJECT,
            schema_version: SCHEMA_VERSION,
            base_seq: 0,
            label: "Edit".into(),
            changes,
        };
        world.step(Input::Message {
            session: sessions[through],
            message: Box::new(ClientMessage::Intent(intent)),
        });
    }
    world.settle();
    world.assert_converged();
    world
}

fn join(world: &mut World) -> SessionId {
    let (instance, session) = (InstanceId(world.id()), SessionId(world.id()));
    let mut client = FakeEditor::new(Role::Cli, instance, PROJECT);
    let hello = Box::new(client.hello(String::new(), String::new()));
    world.step(Input::Connected { session, hello });
    session
}

/// The first entity that is not the same in both, as both have it.
fn difference(a: &World, b: &World) -> Option<String> {
    let uuids = [a, b].map(|world| world.engine.scene().rows().map(|row| row.entity.uuid));
    let mut uuids = uuids.into_iter().flatten();
    let [a, b] = [a, b].map(|world| move |uuid| world.engine.scene().live(uuid));
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
