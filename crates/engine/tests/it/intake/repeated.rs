//! Intents that are sent again, over the same connection or after a reconnect.

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{AckStatus, ClientMessage, Code, DaemonMessage, ErrorBody, Intent};
use vibesync_scene::{Change, OperationId, Outcome, Phase, Role};

use crate::harness::{A, Harness, moved, object, parented};

const B: Uuid = Uuid::from_u128(2);

type Told = (Phase, Outcome, u64, Option<ErrorBody>);

/// Returns the outcomes of an operation on their way to Blender.
fn outcomes(harness: &Harness, id: OperationId) -> Vec<Told> {
    let messages = harness.wires[&Role::Blender].to_editor.iter();
    let told = messages.filter_map(|message| match message {
        DaemonMessage::Outcome {
            operation_id,
            phase,
            outcome,
            seq,
            error,
        } if *operation_id == id => Some((*phase, *outcome, *seq, error.clone())),
        _ => None,
    });
    told.collect()
}

/// Returns the answers on their way to Blender.
fn answers(harness: &Harness) -> Vec<(AckStatus, Option<Code>)> {
    let messages = harness.wires[&Role::Blender].to_editor.iter();
    let answers = messages.filter_map(|message| match message {
        DaemonMessage::Ack { status, error, .. } => {
            Some((*status, error.as_ref().map(|error| error.code)))
        }
        _ => None,
    });
    answers.collect()
}

/// Blender's move of A is accepted, but the answer is lost with the connection. Blender connects again and repeats the
/// intent. Unity has not verified the move.
fn repeated_while_open() -> (Harness, OperationId) {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    reconnect(&mut harness);
    (harness, id)
}

fn reconnect(harness: &mut Harness) {
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Blender);
    harness.deliver_all_to_daemon(Role::Blender);
}

fn verify(harness: &mut Harness) {
    while !harness.wires[&Role::Unity].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Unity);
    }
    harness.deliver_all_to_daemon(Role::Unity);
}

#[test]
fn repeated_intent_gets_the_outcome_of_its_open_transaction() {
    let (mut harness, id) = repeated_while_open();
    assert_eq!(answers(&harness), [(AckStatus::Duplicate, None)]);
    assert_eq!(outcomes(&harness, id), []);
    verify(&mut harness);
    let seq = harness.engine.head_seq();
    let expected = (Phase::Final, Outcome::Verified, seq, None);
    assert_eq!(outcomes(&harness, id), [expected]);
}

#[test]
fn repeated_intent_gets_the_rollback_of_its_open_transaction() {
    let (mut harness, id) = repeated_while_open();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(A);
    verify(&mut harness);
    let told = outcomes(&harness, id);
    let [(Phase::Rollback, Outcome::RolledBack, _, Some(error))] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(error.code, Code::VerificationFailed);
}

#[test]
fn intent_repeated_on_its_own_connection_gets_one_outcome() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.to_daemon.extend(wire.to_daemon.clone());
    harness.deliver_all_to_daemon(Role::Blender);
    verify(&mut harness);
    assert_eq!(outcomes(&harness, id).len(), 1);
}

/// Returns the outcome of a transaction as it was told, and as it is told to a client that repeats the intent later.
fn told_twice(fails: bool, restart: bool) -> [Told; 2] {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    if fails {
        let unity = harness.wires.get_mut(&Role::Unity).unwrap();
        unity.editor.lies_about.insert(A);
    }
    verify(&mut harness);
    let first = outcomes(&harness, id).remove(0);
    harness
        .wires
        .get_mut(&Role::Blender)
        .unwrap()
        .to_editor
        .clear();
    if restart {
        harness.crash();
    }
    // The editor has not heard of any of that: the intent is still in its outbox.
    reconnect(&mut harness);
    let again = outcomes(&harness, id).remove(0);
    [first, again]
}

#[test]
fn outcome_after_a_duplicate_is_that_of_the_first() {
    let [first, again] = told_twice(false, false);
    assert_eq!(first, again);
    for restart in [false, true] {
        let [first, again] = told_twice(true, restart);
        assert_eq!((first.0, first.1, first.2), (again.0, again.1, again.2));
        let (first, again) = (first.3.unwrap(), again.3.unwrap());
        assert_eq!((first.code, first.message), (again.code, again.message));
        assert_eq!(first.help, again.help);
    }
}

fn pending(harness: &mut Harness) -> Intent {
    harness.edit(
        Role::Blender,
        vec![object(B, "B", Some(Uuid::from_u128(9)))],
    );
    let wire = &harness.wires[&Role::Blender];
    let Some(ClientMessage::Intent(intent)) = wire.to_daemon.front().cloned() else {
        panic!("no intent")
    };
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(harness.engine.status().waiting_intents, 1);
    intent
}

fn send(harness: &mut Harness, intent: Intent) {
    let session = harness.wires[&Role::Blender].session.unwrap();
    let message = Box::new(ClientMessage::Intent(intent));
    harness.step(Input::Message { session, message });
}

#[test]
fn other_content_under_a_pending_operation_id_is_refused() {
    let mut harness = Harness::with_object();
    let first = pending(&mut harness);
    send(&mut harness, first.clone());
    assert_eq!(answers(&harness), [], "the same content waits");
    let other: Vec<Change> = vec![parented(A, None), moved(A, 1.0)];
    let other = Intent {
        changes: other,
        ..first
    };
    send(&mut harness, other);
    let refused = (AckStatus::Refused, Some(Code::OperationReused));
    assert_eq!(answers(&harness), [refused]);
    assert_eq!(
        harness.engine.status().waiting_intents,
        1,
        "the first stays"
    );
}
