//! Deliveries that fail or time out are repeated, or sent with a later change.

use vibesync_engine::Input;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Change, Code, Outcome, Role};

use crate::harness::{A, Harness, moved, object, parented, renamed};

/// Unity reconnects and gets the missed change, but its read-back differs.
fn a_failed_delivery() -> Harness {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![renamed(A, "B")]);
    harness.settle();
    harness.connect(Role::Unity);
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(A);
    while harness.deliveries().is_empty() {
        harness.deliver_to_editor(Role::Unity);
        harness.deliver_to_daemon(Role::Unity);
    }
    harness
}

#[test]
fn failed_delivery_is_repeated() {
    let mut harness = a_failed_delivery();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.clear();
    unity.editor.entities.remove(&A);
    harness.settle();
    assert_eq!(harness.deliveries(), [Outcome::Failed, Outcome::Verified]);
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Unity).notices, []);
}

#[test]
fn delivery_that_fails_twice_is_reported_and_not_repeated() {
    let mut harness = a_failed_delivery();
    harness.settle();
    assert_eq!(harness.deliveries(), [Outcome::Failed, Outcome::Failed]);
    let told = &harness.editor(Role::Unity).notices;
    assert_eq!(told, &[(Code::BreakerOpen, vec![A])]);
}

#[test]
fn delivery_that_times_out_twice_is_reported_and_not_repeated() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    for _ in 0..5 {
        harness.now += 30_000;
        harness.step(Input::Tick);
    }
    assert_eq!(harness.batch_count(Role::Unity), 2, "one retry");
    let messages = &harness.wires[&Role::Unity].to_editor;
    let notices = messages.iter().filter_map(|message| match message {
        DaemonMessage::Notice { code, uuids, .. } => Some((*code, uuids.clone())),
        _ => None,
    });
    let notices: Vec<_> = notices.collect();
    assert_eq!(notices, [(Code::VerificationTimeout, vec![A])]);
}

/// Two batches with rollbacks of Blender's changes time out. Unity has received both and will apply them.
fn two_late_batches() -> Harness {
    let mut harness = Harness::connected();
    harness.edit(Role::Unity, vec![object(A, "A", None)]);
    harness.settle();
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    for _ in 0..3 {
        harness.now += 30_000;
        harness.step(Input::Tick);
    }
    assert_eq!(harness.engine.status().sessions[1].in_flight, 0, "given up");
    harness
}

#[test]
fn intent_covered_by_a_late_batch_is_sent_again() {
    for meanwhile in [moved(A, 2.0), Change::Delete { uuid: A }] {
        let mut harness = two_late_batches();
        harness.edit(Role::Unity, vec![meanwhile]);
        harness.deliver_all_to_daemon(Role::Unity);
        harness.settle();
        harness.assert_converged();
    }
}

/// Returns true if the daemon tells Unity that a newer value of A may be on its way.
fn is_behind(harness: &mut Harness) -> bool {
    harness.edit(Role::Unity, vec![object(A, "A", None)]);
    harness.deliver_all_to_daemon(Role::Unity);
    match harness.wires[&Role::Unity].to_editor.back() {
        Some(DaemonMessage::Ack { status, behind, .. }) => {
            assert_eq!(*status, AckStatus::Unchanged);
            behind.contains(&A)
        }
        other => panic!("no answer but {other:?}"),
    }
}

#[test]
fn late_batches_end_with_the_answer_to_the_last() {
    let mut harness = two_late_batches();
    assert!(is_behind(&mut harness));
    for (left, behind) in [(1, true), (0, false)] {
        while harness.batch_count(Role::Unity) > left {
            harness.deliver_to_editor(Role::Unity);
        }
        harness.deliver_all_to_daemon(Role::Unity);
        assert_eq!(is_behind(&mut harness), behind, "{left} unanswered");
    }
}

/// Unity fails to apply a new name. Its user's later move does not contain the name.
#[test]
fn undelivered_values_are_sent_with_the_next_edit() {
    let mut harness = Harness::connected();
    harness.edit(Role::Unity, vec![object(A, "A", None)]);
    harness.settle();
    let unity = &mut harness.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.fails_on.insert(A);
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![renamed(A, "B")]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(
        harness
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .name
            .as_deref(),
        Some("B")
    );
    let unity = &mut harness.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.fails_on.clear();
    harness.edit(Role::Unity, vec![moved(A, 1.0)]);
    harness.settle();
    harness.assert_converged();
}

/// Unity times out, and later sends its values in an intent.
#[test]
fn values_in_an_inventory_count_as_seen() {
    let mut harness = Harness::with_object();
    let late = harness.id();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![object(late, "late", None)]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    for _ in 0..3 {
        harness.now += 30_000;
        harness.step(Input::Tick);
    }
    assert_eq!(harness.deliveries(), [Outcome::Failed; 2]);
    while !harness.wires[&Role::Unity].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Unity);
    }
    harness.edit(Role::Unity, vec![object(late, "late", None)]);
    harness.edit(Role::Unity, vec![parented(late, Some(A))]);
    harness.settle();
    let held = harness.engine.scene().live(late).unwrap();
    assert_eq!(held.components.parent.unwrap().uuid, Some(A));
    assert!(harness.engine.scene().quarantined().is_empty());
    harness.assert_converged();
}
