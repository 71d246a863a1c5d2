//! Time limits of batches.

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_scene::{Change, Code, Entity, Outcome, Phase, Role, Transform};

use crate::harness::{A, Harness, moved, object, options, triangle};

#[test]
fn unanswered_batch_fails_after_its_time_limit() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_to_daemon(Role::Blender);
    assert_eq!(harness.batch_count(Role::Unity), 1);
    let deadline = harness.engine.next_deadline().unwrap();
    harness.now = deadline - 1;
    harness.step(Input::Tick);
    assert_ne!(harness.phases(id).last(), Some(&Phase::Rollback));
    harness.now = deadline;
    harness.step(Input::Tick);
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    let end = harness.log.iter().rev();
    let mut end = end.filter(|record| record.phase == Phase::Rollback);
    let code = end.next().and_then(|record| record.error_code);
    assert_eq!(code, Some(Code::VerificationTimeout));
    let transform = |entity: Option<&Entity>| entity.unwrap().components.transform;
    assert_eq!(
        transform(harness.engine.scene().live(A)),
        Some(Transform::IDENTITY),
        "the scene is as before"
    );
    harness.settle();
    let blender = harness.editor(Role::Blender);
    assert_eq!(
        transform(blender.entities.get(&A)),
        Some(Transform::IDENTITY),
        "and so is the editor that made the change"
    );
}

#[test]
fn deferred_batch_waits_for_ever_and_is_applied_then() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_to_daemon(Role::Blender);
    harness.defer(Role::Unity);
    for _ in 0..100 {
        harness.now += options().apply_timeout_ms;
        harness.step(Input::Tick);
    }
    assert_eq!(harness.phases(id).last(), Some(&Phase::Provisional));
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    harness.assert_converged();
}

#[test]
fn large_batch_has_a_longer_time_limit() {
    let objects = (1..=1_000).map(|i| object(Uuid::from_u128(i), "O", None));
    assert_eq!(times(objects.collect()), 11, "one more for each hundred");
    let mut mesh = triangle(A, b"mesh");
    let data = mesh.components_mut().and_then(|it| it.mesh.as_mut());
    let data = data.unwrap();
    data.vertex_count = 6_000_000;
    data.buffers.get_mut("position").unwrap().bytes = 72_000_000;
    assert_eq!(times(vec![mesh]), 35, "one more for each 2 MiB");
}

/// Returns the time limit for these changes, in multiples of the limit of a small batch.
fn times(changes: Vec<Change>) -> u64 {
    let mut harness = Harness::connected();
    harness.now += 1_000;
    harness.edit(Role::Blender, changes);
    harness.deliver_to_daemon(Role::Blender);
    let small = options().apply_timeout_ms;
    let deadline = harness.engine.next_deadline().unwrap();
    harness.now = deadline - 1;
    harness.step(Input::Tick);
    assert_eq!(harness.deliveries(), []);
    harness.now = deadline;
    harness.step(Input::Tick);
    assert_eq!(harness.deliveries(), [Outcome::Failed]);
    (deadline - 1_000) / small
}
