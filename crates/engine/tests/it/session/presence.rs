//! Presence of editors, and the reasons why an editor sends nothing.

use vibesync_engine::{Input, Options};
use vibesync_protocol::{ClientMessage, EditorState};
use vibesync_scene::{Payload, Role};

use crate::agent::Agent;
use crate::harness::{Harness, options};

/// Returns editors with a heartbeat of two seconds.
fn with_heartbeats() -> Harness {
    let mut harness = Harness::with(Options {
        heartbeat_ms: 2_000,
        ..options()
    });
    for role in Role::EDITORS {
        harness.connect(role);
        harness.deliver_to_daemon(role);
        harness.deliver_to_editor(role);
    }
    harness
}

fn report_state(harness: &mut Harness, message: ClientMessage) {
    let session = harness.wires[&Role::Unity].session.unwrap();
    harness.step(Input::Message {
        session,
        message: Box::new(message),
    });
}

fn state(harness: &mut Harness, state: EditorState) {
    report_state(
        harness,
        ClientMessage::EditorState {
            state,
            objects: None,
        },
    );
}

fn advance(harness: &mut Harness, ms: u64) {
    let until = harness.now + ms;
    while let Some(deadline) = harness.engine.next_deadline().filter(|at| *at <= until) {
        harness.now = deadline.max(harness.now);
        harness.step(Input::Tick);
    }
    harness.now = until;
}

/// Returns Unity's presence.
fn presence(harness: &Harness) -> &'static str {
    let status = harness.engine.status();
    let unity = status
        .editors
        .iter()
        .find(|editor| editor.role == Role::Unity);
    unity.unwrap().presence.as_str()
}

/// Returns Unity's logged presences.
fn logged(harness: &Harness) -> Vec<&str> {
    let records = harness.log.iter();
    let told = records.filter_map(|record| match &record.payload {
        Payload::Presence {
            role: Role::Unity,
            presence,
        } => Some(presence.as_str()),
        _ => None,
    });
    told.collect()
}

fn last_words(harness: &Harness) -> &str {
    let mut records = harness.log.iter().rev();
    let words = records.find_map(|record| match &record.payload {
        Payload::Session {
            connected: false,
            detail,
            ..
        } => Some(detail.as_str()),
        _ => None,
    });
    words.unwrap()
}

#[test]
fn unseen_editor_is_absent() {
    assert_eq!(presence(&Harness::new()), "absent");
}

#[test]
fn presence_follows_the_reported_state() {
    let mut harness = with_heartbeats();
    assert_eq!(presence(&harness), "ready");
    for (said, name) in [
        (EditorState::Playing, "playing"),
        (EditorState::Modal, "modal"),
        (EditorState::Unfocused, "unfocused"),
        (EditorState::Reloading, "reloading"),
    ] {
        state(&mut harness, said);
        assert_eq!(presence(&harness), name);
        advance(&mut harness, 5_000);
        assert_eq!(
            presence(&harness),
            name,
            "its last word explains the silence"
        );
    }
    assert_eq!(
        logged(&harness),
        ["playing", "modal", "unfocused", "reloading"]
    );
}

#[test]
fn editor_without_heartbeats_is_silent_until_it_speaks() {
    let mut harness = with_heartbeats();
    advance(&mut harness, 5_999);
    assert_eq!(presence(&harness), "ready");
    advance(&mut harness, 1);
    assert_eq!(presence(&harness), "silent");
    advance(&mut harness, 60_000);
    assert_eq!(
        logged(&harness)
            .iter()
            .filter(|told| **told == "silent")
            .count(),
        1,
        "said once"
    );
    let ping = ClientMessage::Ping {
        nonce: 1,
        head_seq: 0,
        editor_state: None,
    };
    report_state(&mut harness, ping);
    assert_eq!(presence(&harness), "ready");
    advance(&mut harness, 1_000);
    assert_eq!(logged(&harness).last(), Some(&"ready"));
}

#[test]
fn closed_crashed_hung_and_reloading_are_distinguished() {
    let goodbye = || ClientMessage::Goodbye {
        reason: "bye".into(),
    };
    let mut harness = with_heartbeats();
    report_state(&mut harness, goodbye());
    assert_eq!(presence(&harness), "closed");
    assert_eq!(last_words(&harness), "closed: bye");

    let mut harness = with_heartbeats();
    harness.disconnect(Role::Unity);
    assert_eq!(presence(&harness), "crashed");
    assert_eq!(last_words(&harness), "crashed: test");

    let mut harness = with_heartbeats();
    advance(&mut harness, 20_000);
    harness.disconnect(Role::Unity);
    assert_eq!(presence(&harness), "silent", "it hung, and was let go");

    let mut harness = with_heartbeats();
    state(&mut harness, EditorState::Reloading);
    harness.disconnect(Role::Unity);
    assert_eq!(presence(&harness), "reloading", "also without a goodbye");

    let mut harness = with_heartbeats();
    state(&mut harness, EditorState::Reloading);
    report_state(&mut harness, goodbye());
    assert_eq!(presence(&harness), "reloading", "it comes back by itself");
    harness.wires.get_mut(&Role::Unity).unwrap().session = None;
    harness.connect(Role::Unity);
    assert_eq!(presence(&harness), "ready");
}

#[test]
fn state_of_other_clients_is_known() {
    let mut harness = Harness::new();
    let agent = Agent::connect(&mut harness);
    let state = |harness: &Harness| harness.engine.status().sessions[0].state.as_str();
    assert_eq!(state(&harness), "ready");
    let ping = ClientMessage::Ping {
        nonce: 1,
        head_seq: 0,
        editor_state: Some(EditorState::Background),
    };
    harness.step(Input::Message {
        session: agent.0,
        message: Box::new(ping),
    });
    assert_eq!(state(&harness), "background");
}

#[test]
fn short_states_are_not_logged() {
    let mut harness = with_heartbeats();
    let before = logged(&harness).len();
    for _ in 0..100 {
        state(&mut harness, EditorState::Modal);
        advance(&mut harness, 200);
        state(&mut harness, EditorState::Ready);
        advance(&mut harness, 200);
    }
    assert_eq!(logged(&harness).len(), before);
}

#[test]
fn owed_count_is_known_once_the_inventory_is_answered() {
    let harness = Harness::connected();
    assert!(
        harness
            .engine
            .status()
            .sessions
            .iter()
            .all(|it| !it.comparing)
    );
}
