//! How the daemon tells apart why nothing is heard of an editor.

use vibesync_engine::{Input, Options};
use vibesync_protocol::{ClientMessage, EditorState};
use vibesync_scene::{Payload, Role};

use crate::agent::Agent;
use crate::world::{World, options};

/// A world whose editors are expected to say every two seconds that they are there.
fn beating() -> World {
    let mut world = World::with(Options {
        heartbeat_ms: 2_000,
        ..options()
    });
    for role in Role::EDITORS {
        world.connect(role);
        world.daemon_hears(role);
        world.editor_hears(role);
    }
    world
}

fn says(world: &mut World, message: ClientMessage) {
    let session = world.wires[&Role::Unity].session.unwrap();
    world.step(Input::Message {
        session,
        message: Box::new(message),
    });
}

fn state(world: &mut World, state: EditorState) {
    says(
        world,
        ClientMessage::EditorState {
            state,
            objects: None,
        },
    );
}

fn pass(world: &mut World, ms: u64) {
    let until = world.now + ms;
    while let Some(deadline) = world.engine.next_deadline().filter(|at| *at <= until) {
        world.now = deadline.max(world.now);
        world.step(Input::Tick);
    }
    world.now = until;
}

/// How Unity is.
fn presence(world: &World) -> &'static str {
    let status = world.engine.status();
    let unity = status
        .editors
        .iter()
        .find(|editor| editor.role == Role::Unity);
    unity.unwrap().presence.as_str()
}

/// How it was, as the log has it.
fn told(world: &World) -> Vec<&str> {
    let records = world.log.iter();
    let told = records.filter_map(|record| match &record.payload {
        Payload::Presence {
            role: Role::Unity,
            presence,
        } => Some(presence.as_str()),
        _ => None,
    });
    told.collect()
}

fn last_words(world: &World) -> &str {
    let mut records = world.log.iter().rev();
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
fn an_editor_that_was_never_seen_is_absent() {
    assert_eq!(presence(&World::new()), "absent");
}

#[test]
fn what_an_editor_says_is_what_it_is_doing() {
    let mut world = beating();
    assert_eq!(presence(&world), "ready");
    for (said, name) in [
        (EditorState::Playing, "playing"),
        (EditorState::Modal, "modal"),
        (EditorState::Unfocused, "unfocused"),
        (EditorState::Reloading, "reloading"),
    ] {
        state(&mut world, said);
        assert_eq!(presence(&world), name);
        pass(&mut world, 5_000);
        assert_eq!(presence(&world), name, "its last word explains the silence");
    }
    assert_eq!(told(&world), ["playing", "modal", "unfocused", "reloading"]);
}

#[test]
fn one_that_should_speak_and_does_not_is_silent_until_it_does() {
    let mut world = beating();
    pass(&mut world, 5_999);
    assert_eq!(presence(&world), "ready");
    pass(&mut world, 1);
    assert_eq!(presence(&world), "silent");
    pass(&mut world, 60_000);
    assert_eq!(
        told(&world)
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
    says(&mut world, ping);
    assert_eq!(presence(&world), "ready");
    pass(&mut world, 1_000);
    assert_eq!(told(&world).last(), Some(&"ready"));
}

#[test]
fn closed_crashed_hung_and_reloading_are_told_apart() {
    let goodbye = || ClientMessage::Goodbye {
        reason: "bye".into(),
    };
    let mut world = beating();
    says(&mut world, goodbye());
    assert_eq!(presence(&world), "closed");
    assert_eq!(last_words(&world), "closed: bye");

    let mut world = beating();
    world.disconnect(Role::Unity);
    assert_eq!(presence(&world), "crashed");
    assert_eq!(last_words(&world), "crashed: test");

    let mut world = beating();
    pass(&mut world, 20_000);
    world.disconnect(Role::Unity);
    assert_eq!(presence(&world), "silent", "it hung, and was let go");

    let mut world = beating();
    state(&mut world, EditorState::Reloading);
    says(&mut world, goodbye());
    assert_eq!(presence(&world), "reloading", "it comes back by itself");
    world.wires.get_mut(&Role::Unity).unwrap().session = None;
    world.connect(Role::Unity);
    assert_eq!(presence(&world), "ready");
}

#[test]
fn what_another_client_says_that_it_is_doing_is_known_too() {
    let mut world = World::new();
    let agent = Agent::connect(&mut world);
    let state = |world: &World| world.engine.status().sessions[0].state.as_str();
    assert_eq!(state(&world), "ready");
    let ping = ClientMessage::Ping {
        nonce: 1,
        head_seq: 0,
        editor_state: Some(EditorState::Background),
    };
    world.step(Input::Message {
        session: agent.0,
        message: Box::new(ping),
    });
    assert_eq!(state(&world), "background");
}

#[test]
fn a_short_grab_is_no_news() {
    let mut world = beating();
    let before = told(&world).len();
    for _ in 0..100 {
        state(&mut world, EditorState::Modal);
        pass(&mut world, 200);
        state(&mut world, EditorState::Ready);
        pass(&mut world, 200);
    }
    assert_eq!(told(&world).len(), before);
}

#[test]
fn what_an_editor_is_owed_is_known_once_its_inventory_is_answered() {
    let world = World::connected();
    assert!(
        world
            .engine
            .status()
            .sessions
            .iter()
            .all(|it| !it.comparing)
    );
}
