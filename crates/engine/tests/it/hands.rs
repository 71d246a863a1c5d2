//! Where a person's hands are, automation waits; nobody else does.

mod random;

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, EditorState, MAX_OBJECTS, ObjectsInUse,
};
use vibesync_scene::{Change, Components, DataRef, OperationId, Role, SessionId};

use crate::agent::{ACCEPTED, Agent, answer, refused};
use crate::world::{World, moved, object, parented, renamed, triangle, update};

/// A stands over B, B over C; B shows a mesh. D stands alone.
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const D: Uuid = Uuid::from_u128(4);
const MESH: Uuid = Uuid::from_u128(10);
const NEW: Uuid = Uuid::from_u128(20);

const IDLE_MS: u64 = 1_000;

fn world() -> (World, Agent) {
    let mut world = World::connected();
    let shown = Components {
        data: Some(DataRef { uuid: Some(MESH) }),
        ..Components::default()
    };
    let objects = vec![
        object(A, "A", None),
        object(B, "B", Some(A)),
        object(C, "C", Some(B)),
        object(D, "D", None),
        triangle(MESH, b"mesh"),
    ];
    world.edit(Role::Blender, objects);
    world.edit(Role::Blender, vec![update(B, shown)]);
    world.settle();
    world.now += 60_000;
    let agent = Agent::connect(&mut world);
    (world, agent)
}

/// An editor says what its person does, and on what.
fn says(world: &mut World, role: Role, state: EditorState, objects: Option<Vec<Uuid>>) {
    let session = world.wires[&role].session.unwrap();
    let message = Box::new(ClientMessage::EditorState { state, objects });
    world.step(Input::Message { session, message });
}

fn takes(world: &mut World, objects: &[Uuid]) {
    says(
        world,
        Role::Blender,
        EditorState::Edit,
        Some(objects.to_vec()),
    );
}

fn lets_go(world: &mut World) {
    says(world, Role::Blender, EditorState::Ready, None);
}

fn pass(world: &mut World, ms: u64) {
    world.now += ms;
    world.step(Input::Tick);
}

/// What an agent asks for that has seen all there is.
fn ask(world: &mut World, agent: &Agent, changes: Vec<Change>) -> OperationId {
    let head = world.engine.head_seq();
    agent.ask(world, head, changes)
}

fn notices(world: &World) -> Vec<Code> {
    let notices = world.heard.iter().filter_map(|message| match message {
        DaemonMessage::Notice { code, .. } => Some(*code),
        _ => None,
    });
    notices.collect()
}

#[test]
fn automation_waits_until_hands_have_rested_and_is_told_once() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let asked = ask(&mut world, &agent, vec![renamed(B, "Agent")]);
    pass(&mut world, 3_600_000);
    assert_eq!(answer(&world, asked), None, "however long it takes");
    assert_eq!(world.engine.status().paused_intents, 1);
    lets_go(&mut world);
    pass(&mut world, IDLE_MS - 1);
    assert_eq!(answer(&world, asked), None, "they may come back");
    assert_eq!(world.engine.next_deadline(), Some(world.now + 1));
    pass(&mut world, 1);
    assert_eq!(answer(&world, asked), Some(ACCEPTED));
    assert_eq!(notices(&world), [Code::HandsOn]);
    world.settle();
    world.assert_converged();
    assert_eq!(world.engine.status().paused_intents, 0);
}

#[test]
fn hands_that_come_back_before_they_have_rested_are_waited_for_again() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let asked = ask(&mut world, &agent, vec![renamed(B, "Agent")]);
    for _ in 0..5 {
        lets_go(&mut world);
        pass(&mut world, IDLE_MS / 2);
        takes(&mut world, &[B]);
        pass(&mut world, IDLE_MS * 2);
        assert_eq!(answer(&world, asked), None);
    }
    takes(&mut world, &[D]);
    pass(&mut world, IDLE_MS);
    assert_eq!(answer(&world, asked), Some(ACCEPTED), "they are elsewhere");
    assert_eq!(notices(&world), [Code::HandsOn], "not again and again");
}

#[test]
fn what_was_let_go_of_one_after_the_other_rests_together() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let asked = ask(&mut world, &agent, vec![renamed(B, "Agent")]);
    takes(&mut world, &[D]);
    pass(&mut world, IDLE_MS / 2);
    lets_go(&mut world);
    let beside = ask(&mut world, &agent, vec![triangle(NEW, b"new")]);
    assert_eq!(answer(&world, beside), Some(ACCEPTED), "it is no more");
    pass(&mut world, IDLE_MS - 1);
    assert_eq!(answer(&world, asked), None, "the person is still at work");
    pass(&mut world, 1);
    assert_eq!(answer(&world, asked), Some(ACCEPTED));
}

#[test]
fn what_touches_the_object_waits_and_nothing_else_does() {
    let waits = [
        vec![renamed(B, "itself")],
        vec![Change::Delete { uuid: MESH }],
        vec![moved(A, 1.0)],
        vec![parented(A, Some(D))],
        vec![moved(C, 1.0)],
        vec![moved(D, 1.0), moved(C, 1.0)],
        vec![parented(D, Some(C))],
        vec![object(NEW, "below", Some(C))],
        vec![object(NEW, "below", Some(B))],
    ];
    let goes_on = [
        vec![renamed(A, "above, but it stays where it is")],
        vec![renamed(C, "below, but it stays where it is")],
        vec![moved(D, 1.0)],
        vec![object(NEW, "beside", Some(A))],
        vec![triangle(NEW, b"new")],
    ];
    let all = waits.map(|changes| (changes, false)).into_iter();
    for (changes, at_once) in all.chain(goes_on.map(|changes| (changes, true))) {
        let (mut world, agent) = world();
        takes(&mut world, &[B]);
        let asked = ask(&mut world, &agent, changes.clone());
        let answered = answer(&world, asked).is_some();
        assert_eq!(answered, at_once, "{changes:?}");
        lets_go(&mut world);
        pass(&mut world, IDLE_MS);
        assert!(answer(&world, asked).is_some(), "nothing is lost");
    }
}

#[test]
fn a_person_waits_for_nobody_and_makes_automation_stale() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let asked = ask(&mut world, &agent, vec![moved(B, 7.0)]);
    let theirs = world.edit(Role::Unity, vec![moved(B, 3.0)]);
    world.daemon_hears_all(Role::Unity);
    assert!(!world.phases(theirs).is_empty(), "the other person goes on");
    world.edit(Role::Blender, vec![renamed(B, "Mine")]);
    world.daemon_hears_all(Role::Blender);
    lets_go(&mut world);
    world.settle();
    assert_eq!(answer(&world, asked), Some(refused(Code::Stale)));
    world.assert_converged();
    let held = world.engine.scene().live(B).unwrap();
    assert_eq!(held.components.transform.unwrap().translation[0], 3.0);
    assert_eq!(held.components.name.as_deref(), Some("Mine"));
}

#[test]
fn what_an_agent_says_later_of_the_same_does_not_overtake() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let first = ask(&mut world, &agent, vec![moved(B, 1.0), moved(D, 1.0)]);
    let second = ask(&mut world, &agent, vec![moved(D, 2.0)]);
    assert_eq!(
        answer(&world, second),
        None,
        "though nobody's hands are on D"
    );
    lets_go(&mut world);
    pass(&mut world, IDLE_MS);
    world.settle();
    assert_eq!(answer(&world, first), Some(ACCEPTED));
    assert_eq!(answer(&world, second), Some(ACCEPTED));
    let held = world.engine.scene().live(D).unwrap();
    assert_eq!(held.components.transform.unwrap().translation[0], 2.0);
}

#[test]
fn an_editor_that_does_not_say_on_what_holds_everything() {
    for objects in [None, Some((0..300).map(Uuid::from_u128).collect())] {
        let (mut world, agent) = world();
        says(&mut world, Role::Unity, EditorState::Modal, objects);
        let asked = ask(&mut world, &agent, vec![renamed(D, "Agent")]);
        assert_eq!(answer(&world, asked), None);
        says(&mut world, Role::Unity, EditorState::Unfocused, None);
        pass(&mut world, IDLE_MS);
        assert_eq!(answer(&world, asked), Some(ACCEPTED));
    }
}

#[test]
fn hands_on_more_than_can_be_listed_hold_everything() {
    let many: Vec<Uuid> = (1_000..).map(Uuid::from_u128).take(MAX_OBJECTS).collect();
    for (more, holds_all) in [(false, false), (true, true)] {
        let (mut world, agent) = world();
        takes(&mut world, &many);
        if more {
            // What was let go of rests, and counts with what is held.
            takes(&mut world, &[B]);
        }
        let asked = ask(&mut world, &agent, vec![renamed(D, "Agent")]);
        assert_eq!(answer(&world, asked).is_none(), holds_all);
    }
}

#[test]
fn hands_that_have_rested_are_on_nothing() {
    let (mut world, _) = world();
    let blenders = |world: &World| world.engine.status().sessions[0].hands.clone();
    assert_eq!(blenders(&world), None);
    takes(&mut world, &[B]);
    assert_eq!(blenders(&world), Some(ObjectsInUse::Listed([B].into())));
    lets_go(&mut world);
    assert_eq!(blenders(&world), Some(ObjectsInUse::Listed([B].into())));
    pass(&mut world, IDLE_MS);
    assert_eq!(blenders(&world), None);
}

#[test]
fn a_list_that_is_too_long_is_refused_as_such() {
    let (mut world, _) = world();
    let objects: Vec<Uuid> = (0..=MAX_OBJECTS as u128).map(Uuid::from_u128).collect();
    takes(&mut world, &objects);
    let told = world.wires[&Role::Blender].to_editor.back();
    let Some(DaemonMessage::Error { error, fatal, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!((error.code, *fatal), (Code::MessageMalformed, false));
    takes(&mut world, &objects[1..]);
    assert_eq!(world.wires[&Role::Blender].to_editor.len(), 1);
}

#[test]
fn hands_in_either_editor_count_and_go_with_the_session() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    says(&mut world, Role::Unity, EditorState::Modal, Some(vec![B]));
    let asked = ask(&mut world, &agent, vec![renamed(B, "Agent")]);
    lets_go(&mut world);
    pass(&mut world, IDLE_MS);
    assert_eq!(answer(&world, asked), None, "the other person's hands");
    world.disconnect(Role::Unity);
    assert_eq!(answer(&world, asked), Some(ACCEPTED), "a crash lets go");
}

#[test]
fn an_editor_that_comes_in_edit_mode_holds_everything_until_it_says_what() {
    let (mut world, agent) = world();
    world.disconnect(Role::Blender);
    let wire = world.wires.get_mut(&Role::Blender).unwrap();
    let session = SessionId(Uuid::from_u128(99));
    wire.session = Some(session);
    let mut hello = Box::new(wire.editor.hello(String::new(), String::new()));
    hello.editor_state = EditorState::Edit;
    world.step(Input::Connected { session, hello });
    let asked = ask(&mut world, &agent, vec![renamed(D, "Agent")]);
    assert_eq!(answer(&world, asked), None);
    takes(&mut world, &[B]);
    pass(&mut world, IDLE_MS);
    assert_eq!(answer(&world, asked), Some(ACCEPTED));
}

#[test]
fn automation_that_waits_is_bounded_and_takes_no_room_from_people() {
    let (mut world, agent) = world();
    takes(&mut world, &[B]);
    let asked: Vec<OperationId> = (1..=300)
        .map(|n| ask(&mut world, &agent, vec![moved(B, f64::from(n))]))
        .collect();
    assert_eq!(world.engine.status().waiting_intents, 256);
    let full = asked.iter().filter_map(|id| answer(&world, *id));
    assert_eq!(full.collect::<Vec<_>>(), [refused(Code::QueueFull); 44]);
    world.edit(Role::Unity, vec![parented(D, Some(NEW))]);
    world.daemon_hears_all(Role::Unity);
    assert_eq!(world.engine.status().waiting_intents, 257, "a person's");
    lets_go(&mut world);
    world.settle();
    let answered = asked.iter().filter_map(|id| answer(&world, *id));
    let accepted = answered.filter(|(status, _)| *status == AckStatus::Accepted);
    assert_eq!(accepted.count(), 256, "in order, each its own transaction");
    assert_eq!(world.engine.status().waiting_intents, 0);
}
