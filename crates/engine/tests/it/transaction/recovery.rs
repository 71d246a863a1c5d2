//! Transactions after a crash of the daemon.

use uuid::Uuid;
use vibesync_scene::{Payload, Phase, Role};

use crate::harness::{A, Harness, moved, object};

#[test]
fn incomplete_transaction_is_rolled_back_at_boot() {
    let mut harness = Harness::with_object();
    harness.edit(
        Role::Blender,
        vec![moved(A, 1.0), object(Uuid::from_u128(2), "B", None)],
    );
    harness.deliver_to_daemon(Role::Blender);
    // BEGIN announces two steps; the crash leaves one.
    let begin = harness
        .log
        .iter()
        .rposition(|record| record.phase == Phase::Begin)
        .unwrap();
    harness.log.truncate(begin + 2);
    harness.crash();
    let end = harness
        .log
        .iter()
        .rfind(|record| record.phase == Phase::Rollback)
        .unwrap();
    assert_eq!(end.error_code, Some(vibesync_scene::Code::Interrupted));
    assert!(
        harness.engine.scene().row(Uuid::from_u128(2)).is_none(),
        "as if it had never been asked for"
    );
    assert_eq!(
        harness
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .transform
            .unwrap()
            .translation,
        [0.0; 3]
    );
    assert_eq!(harness.engine.scene().live_count(), 1);
    harness.connect(Role::Blender);
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(
        harness.engine.scene().live_count(),
        2,
        "its editor asks again and gets it"
    );
    assert_eq!(
        harness.editor(Role::Unity).entities,
        harness.editor(Role::Blender).entities
    );
}

#[test]
fn acknowledged_change_survives_a_crash_and_is_delivered() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![moved(A, 7.0)]);
    harness.deliver_to_daemon(Role::Blender);
    harness.crash();
    let ended = harness
        .log
        .iter()
        .rev()
        .find_map(|record| match &record.payload {
            Payload::End { undelivered_to, .. } => Some(undelivered_to.clone()),
            _ => None,
        });
    assert_eq!(ended.unwrap(), [Role::Unity], "its origin has it");
    harness.connect(Role::Unity);
    harness.connect(Role::Blender);
    harness.settle();
    assert_eq!(
        harness.editor(Role::Unity).entities[&A]
            .components
            .transform
            .unwrap()
            .translation[0],
        7.0
    );
    assert_eq!(
        harness.editor(Role::Unity).entities,
        harness.editor(Role::Blender).entities
    );
}
