//! Entities that crash an editor are found and suppressed.

use super::*;

/// Lets Unity crash over its batch and return as another process.
fn crash_unity(harness: &mut Harness) -> Vec<Uuid> {
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let working_on = wire.to_editor.drain(..).find_map(|message| match message {
        DaemonMessage::Apply { changes, .. } => {
            Some(changes.iter().map(|change| change.change.uuid()).collect())
        }
        _ => None,
    });
    let instance = InstanceId(Uuid::from_u128(harness.id().as_u128()));
    harness.disconnect(Role::Unity);
    harness.wires.get_mut(&Role::Unity).unwrap().editor.instance = instance;
    harness.connect(Role::Unity);
    working_on.unwrap_or_default()
}

/// Runs until Unity has been sent a batch.
fn run_until_unity_has_a_batch(harness: &mut Harness) {
    let is_apply = |message: &DaemonMessage| matches!(message, DaemonMessage::Apply { .. });
    let is_sent = |harness: &Harness| harness.wires[&Role::Unity].to_editor.iter().any(is_apply);
    for _ in 0..1_000 {
        let mut wires = harness.wires.values();
        let busy = wires.any(|wire| !wire.to_daemon.is_empty() || !wire.to_editor.is_empty());
        for role in Role::EDITORS {
            if is_sent(harness) {
                return;
            }
            harness.deliver_to_editor(role);
            harness.deliver_to_daemon(role);
        }
        if let Some(deadline) = harness.next_deadline().filter(|_| !busy) {
            harness.now = harness.now.max(deadline);
            harness.step(Input::Tick);
        }
    }
    panic!("nothing is sent");
}

#[test]
fn entity_that_crashes_an_editor_is_found_and_suppressed() {
    let mut harness = Harness::connected();
    let objects = (1..=200).map(|id| object(Uuid::from_u128(id), "x", None));
    let (bad, objects) = (Uuid::from_u128(77), objects.collect());
    harness.edit(Role::Blender, objects);
    let mut crashes: u128 = 0;
    let mut sizes = Vec::new();
    // Unity crashes over each batch with the bad entity.
    while harness.engine.status().breakers_open == 0 {
        run_until_unity_has_a_batch(&mut harness);
        let holds_bad = |message: &DaemonMessage| match message {
            DaemonMessage::Apply { changes, .. } => {
                changes.iter().any(|change| change.change.uuid() == bad)
            }
            _ => false,
        };
        if harness.wires[&Role::Unity].to_editor.iter().any(holds_bad) {
            let under_way = crash_unity(&mut harness);
            let late = |uuid: &Uuid| uuid.as_u128() > 200;
            assert!(
                under_way.iter().all(late) || !under_way.iter().any(late),
                "suspects are among themselves"
            );
            sizes.push(under_way.len());
            crashes += 1;
            let more = (0..10).map(|n| object(Uuid::from_u128(1_000 * crashes + n), "y", None));
            harness.edit(Role::Blender, more.collect());
            harness.deliver_all_to_daemon(Role::Blender);
        } else {
            harness.deliver_to_editor(Role::Unity);
        }
        assert!(crashes <= 3);
    }
    // The second batch has 64 entities, 65 to 128.
    assert_eq!(sizes, [200, 64, 1]);
    harness.settle();
    assert_eq!(
        harness.editor(Role::Unity).entities.len(),
        199 + 30,
        "all but the bad one"
    );
    assert_eq!(harness.engine.status().breakers_open, 1);
}

#[test]
fn deferred_batch_or_goodbye_does_not_count_as_a_crash() {
    type Before = fn(&mut Harness);
    let put_off: Before = |harness| harness.defer(Role::Unity);
    let leave: Before = |harness| {
        let session = harness.wires[&Role::Unity].session.unwrap();
        let reason = "bye".into();
        let message = Box::new(ClientMessage::Goodbye { reason });
        harness.step(Input::Message { session, message });
    };
    for (before, failures) in [(put_off, 0), (leave, 0), ((|_| ()) as Before, 1)] {
        let mut harness = Harness::connected();
        harness.edit(Role::Blender, vec![object(A, "A", None)]);
        run_until_unity_has_a_batch(&mut harness);
        before(&mut harness);
        crash_unity(&mut harness);
        assert_eq!(record_count(&harness, Phase::Failure), failures);
    }
}

#[test]
fn lost_connection_does_not_count_as_a_crash() {
    let mut harness = Harness::connected();
    harness.edit(Role::Blender, vec![object(A, "A", None)]);
    for _ in 0..5 {
        run_until_unity_has_a_batch(&mut harness);
        harness.disconnect(Role::Unity);
        harness.connect(Role::Unity);
    }
    harness.settle();
    harness.assert_converged();
    assert_eq!(record_count(&harness, Phase::Failure), 0);
}

#[test]
fn change_that_kills_the_daemon_twice_is_blocked() {
    let mut harness = harness();
    for name in ["C", "D"] {
        assert_eq!(harness.engine.status().breakers_open, 0);
        harness.edit(Role::Blender, vec![renamed(A, name), renamed(B, name)]);
        // The log has BEGIN and one of two steps.
        harness.crash_while_writing(Role::Blender, 2);
        let wire = harness.wires.get_mut(&Role::Blender).unwrap();
        wire.editor.outbox.clear();
        harness.connect_all();
    }
    let failures = harness.log.iter().filter(|it| it.phase == Phase::Failure);
    let about: Vec<_> = failures.map(|it| (it.error_code, &it.uuids[..])).collect();
    assert_eq!(about, [(Some(Code::Interrupted), &[A][..]); 2]);
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 1.0)]),
        BREAKER_OPEN
    );
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(B, 1.0)]),
        ACCEPTED
    );
}
