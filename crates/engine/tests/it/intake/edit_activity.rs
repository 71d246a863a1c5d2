//! Automation waits while a person edits the same objects; people do not.

mod random;

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, EditorState, MAX_OBJECTS, ObjectsInUse,
};
use vibesync_scene::{Change, Components, DataRef, OperationId, Role, SessionId};

use crate::agent::{ACCEPTED, Agent, answer, refused};
use crate::harness::{Harness, moved, object, parented, renamed, triangle, update};

/// A is the parent of B, B of C; B uses a mesh. D is alone.
const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const D: Uuid = Uuid::from_u128(4);
const MESH: Uuid = Uuid::from_u128(10);
const NEW: Uuid = Uuid::from_u128(20);

const IDLE_MS: u64 = 1_000;

fn harness() -> (Harness, Agent) {
    let mut harness = Harness::connected();
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
    harness.edit(Role::Blender, objects);
    harness.edit(Role::Blender, vec![update(B, shown)]);
    harness.settle();
    harness.now += 60_000;
    let agent = Agent::connect(&mut harness);
    (harness, agent)
}

/// Reports the state of an editor and the objects that its user edits.
fn report_state(harness: &mut Harness, role: Role, state: EditorState, objects: Option<Vec<Uuid>>) {
    let session = harness.wires[&role].session.unwrap();
    let message = Box::new(ClientMessage::EditorState { state, objects });
    harness.step(Input::Message { session, message });
}

fn start_edit(harness: &mut Harness, objects: &[Uuid]) {
    report_state(
        harness,
        Role::Blender,
        EditorState::Edit,
        Some(objects.to_vec()),
    );
}

fn end_edit(harness: &mut Harness) {
    report_state(harness, Role::Blender, EditorState::Ready, None);
}

fn advance(harness: &mut Harness, ms: u64) {
    harness.now += ms;
    harness.step(Input::Tick);
}

/// Sends an intent of an agent that has seen the newest state.
fn ask(harness: &mut Harness, agent: &Agent, changes: Vec<Change>) -> OperationId {
    let head = harness.engine.head_seq();
    agent.ask(harness, head, changes)
}

fn notices(harness: &Harness) -> Vec<Code> {
    let notices = harness.received.iter().filter_map(|message| match message {
        DaemonMessage::Notice { code, .. } => Some(*code),
        _ => None,
    });
    notices.collect()
}

#[test]
fn automation_waits_until_the_edit_has_ended_and_is_told_once() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let asked = ask(&mut harness, &agent, vec![renamed(B, "Agent")]);
    advance(&mut harness, 3_600_000);
    assert_eq!(answer(&harness, asked), None, "however long it takes");
    assert_eq!(harness.engine.status().paused_intents, 1);
    end_edit(&mut harness);
    advance(&mut harness, IDLE_MS - 1);
    assert_eq!(answer(&harness, asked), None, "they may come back");
    assert_eq!(harness.engine.next_deadline(), Some(harness.now + 1));
    advance(&mut harness, 1);
    assert_eq!(answer(&harness, asked), Some(ACCEPTED));
    assert_eq!(notices(&harness), [Code::PersonEditing]);
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.engine.status().paused_intents, 0);
}

#[test]
fn edit_resumed_within_the_pause_extends_the_wait() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let asked = ask(&mut harness, &agent, vec![renamed(B, "Agent")]);
    for _ in 0..5 {
        end_edit(&mut harness);
        advance(&mut harness, IDLE_MS / 2);
        start_edit(&mut harness, &[B]);
        advance(&mut harness, IDLE_MS * 2);
        assert_eq!(answer(&harness, asked), None);
    }
    start_edit(&mut harness, &[D]);
    advance(&mut harness, IDLE_MS);
    assert_eq!(
        answer(&harness, asked),
        Some(ACCEPTED),
        "they are elsewhere"
    );
    assert_eq!(
        notices(&harness),
        [Code::PersonEditing],
        "not again and again"
    );
}

#[test]
fn successive_edits_share_one_pause() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let asked = ask(&mut harness, &agent, vec![renamed(B, "Agent")]);
    start_edit(&mut harness, &[D]);
    advance(&mut harness, IDLE_MS / 2);
    end_edit(&mut harness);
    let beside = ask(&mut harness, &agent, vec![triangle(NEW, b"new")]);
    assert_eq!(answer(&harness, beside), Some(ACCEPTED), "it is no more");
    advance(&mut harness, IDLE_MS - 1);
    assert_eq!(answer(&harness, asked), None, "the person is still at work");
    advance(&mut harness, 1);
    assert_eq!(answer(&harness, asked), Some(ACCEPTED));
}

#[test]
fn only_changes_that_affect_the_edited_object_wait() {
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
        let (mut harness, agent) = harness();
        start_edit(&mut harness, &[B]);
        let asked = ask(&mut harness, &agent, changes.clone());
        let answered = answer(&harness, asked).is_some();
        assert_eq!(answered, at_once, "{changes:?}");
        end_edit(&mut harness);
        advance(&mut harness, IDLE_MS);
        assert!(answer(&harness, asked).is_some(), "nothing is lost");
    }
}

#[test]
fn people_do_not_wait_and_make_automation_stale() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let asked = ask(&mut harness, &agent, vec![moved(B, 7.0)]);
    let theirs = harness.edit(Role::Unity, vec![moved(B, 3.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert!(
        !harness.phases(theirs).is_empty(),
        "the other person goes on"
    );
    harness.edit(Role::Blender, vec![renamed(B, "Mine")]);
    harness.deliver_all_to_daemon(Role::Blender);
    end_edit(&mut harness);
    harness.settle();
    assert_eq!(answer(&harness, asked), Some(refused(Code::Stale)));
    harness.assert_converged();
    let held = harness.engine.scene().live(B).unwrap();
    assert_eq!(held.components.transform.unwrap().translation[0], 3.0);
    assert_eq!(held.components.name.as_deref(), Some("Mine"));
}

#[test]
fn later_intent_of_an_agent_does_not_overtake() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let first = ask(&mut harness, &agent, vec![moved(B, 1.0), moved(D, 1.0)]);
    let second = ask(&mut harness, &agent, vec![moved(D, 2.0)]);
    assert_eq!(
        answer(&harness, second),
        None,
        "though nobody's hands are on D"
    );
    end_edit(&mut harness);
    advance(&mut harness, IDLE_MS);
    harness.settle();
    assert_eq!(answer(&harness, first), Some(ACCEPTED));
    assert_eq!(answer(&harness, second), Some(ACCEPTED));
    let held = harness.engine.scene().live(D).unwrap();
    assert_eq!(held.components.transform.unwrap().translation[0], 2.0);
}

#[test]
fn edit_without_a_list_blocks_all_objects() {
    for objects in [None, Some((0..300).map(Uuid::from_u128).collect())] {
        let (mut harness, agent) = harness();
        report_state(&mut harness, Role::Unity, EditorState::Modal, objects);
        let asked = ask(&mut harness, &agent, vec![renamed(D, "Agent")]);
        assert_eq!(answer(&harness, asked), None);
        report_state(&mut harness, Role::Unity, EditorState::Unfocused, None);
        advance(&mut harness, IDLE_MS);
        assert_eq!(answer(&harness, asked), Some(ACCEPTED));
    }
}

#[test]
fn too_many_edited_objects_block_all_objects() {
    let many: Vec<Uuid> = (1_000..).map(Uuid::from_u128).take(MAX_OBJECTS).collect();
    for (more, holds_all) in [(false, false), (true, true)] {
        let (mut harness, agent) = harness();
        start_edit(&mut harness, &many);
        if more {
            // Objects of the previous edit count until the pause ends.
            start_edit(&mut harness, &[B]);
        }
        let asked = ask(&mut harness, &agent, vec![renamed(D, "Agent")]);
        assert_eq!(answer(&harness, asked).is_none(), holds_all);
    }
}

#[test]
fn status_lists_edited_objects_until_the_pause_ends() {
    let (mut harness, _) = harness();
    let blenders = |harness: &Harness| harness.engine.status().sessions[0].hands.clone();
    assert_eq!(blenders(&harness), None);
    start_edit(&mut harness, &[B]);
    assert_eq!(blenders(&harness), Some(ObjectsInUse::Listed([B].into())));
    end_edit(&mut harness);
    assert_eq!(blenders(&harness), Some(ObjectsInUse::Listed([B].into())));
    advance(&mut harness, IDLE_MS);
    assert_eq!(blenders(&harness), None);
}

#[test]
fn too_long_object_list_is_an_error() {
    let (mut harness, _) = harness();
    let objects: Vec<Uuid> = (0..=MAX_OBJECTS as u128).map(Uuid::from_u128).collect();
    start_edit(&mut harness, &objects);
    let told = harness.wires[&Role::Blender].to_editor.back();
    let Some(DaemonMessage::Error { error, fatal, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!((error.code, *fatal), (Code::MessageMalformed, false));
    start_edit(&mut harness, &objects[1..]);
    assert_eq!(harness.wires[&Role::Blender].to_editor.len(), 1);
}

#[test]
fn edits_count_in_both_editors_and_end_with_the_session() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    report_state(&mut harness, Role::Unity, EditorState::Modal, Some(vec![B]));
    let asked = ask(&mut harness, &agent, vec![renamed(B, "Agent")]);
    end_edit(&mut harness);
    advance(&mut harness, IDLE_MS);
    assert_eq!(answer(&harness, asked), None, "the other person's hands");
    harness.disconnect(Role::Unity);
    assert_eq!(answer(&harness, asked), Some(ACCEPTED), "a crash lets go");
}

#[test]
fn editor_connecting_in_edit_mode_blocks_all_until_it_lists() {
    let (mut harness, agent) = harness();
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let session = SessionId(Uuid::from_u128(99));
    wire.session = Some(session);
    let mut hello = Box::new(wire.editor.hello(String::new(), String::new()));
    hello.editor_state = EditorState::Edit;
    harness.step(Input::Connected { session, hello });
    let asked = ask(&mut harness, &agent, vec![renamed(D, "Agent")]);
    assert_eq!(answer(&harness, asked), None);
    start_edit(&mut harness, &[B]);
    advance(&mut harness, IDLE_MS);
    assert_eq!(answer(&harness, asked), Some(ACCEPTED));
}

#[test]
fn waiting_automation_is_limited_and_leaves_room_for_people() {
    let (mut harness, agent) = harness();
    start_edit(&mut harness, &[B]);
    let asked: Vec<OperationId> = (1..=300)
        .map(|n| ask(&mut harness, &agent, vec![moved(B, f64::from(n))]))
        .collect();
    assert_eq!(harness.engine.status().waiting_intents, 256);
    let full = asked.iter().filter_map(|id| answer(&harness, *id));
    assert_eq!(full.collect::<Vec<_>>(), [refused(Code::QueueFull); 44]);
    harness.edit(Role::Unity, vec![parented(D, Some(NEW))]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(harness.engine.status().waiting_intents, 257, "a person's");
    end_edit(&mut harness);
    harness.settle();
    let answered = asked.iter().filter_map(|id| answer(&harness, *id));
    let accepted = answered.filter(|(status, _)| *status == AckStatus::Accepted);
    assert_eq!(accepted.count(), 256, "in order, each its own transaction");
    assert_eq!(harness.engine.status().waiting_intents, 0);
}
