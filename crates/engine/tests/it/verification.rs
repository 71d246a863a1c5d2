//! Read-backs, roll-backs, time-outs, batches.

use uuid::Uuid;
use vibesync_engine::Input;
use vibesync_protocol::{AppliedResult, ApplyStatus, ClientMessage, DaemonMessage, ErrorBody};
use vibesync_scene::{Change, Code, OperationId, Outcome, Payload, Phase, RecordBody, Role};

use crate::world::{World, moved, object, options, parented, renamed, triangle};

mod answers;
mod deleted;
mod late_comparison;
mod rolled_back;
mod undelivered;

const A: Uuid = Uuid::from_u128(1);

fn world_with_one() -> World {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    world.settle();
    world
}

fn batches(world: &World, role: Role) -> usize {
    world.wires[&role]
        .to_editor
        .iter()
        .filter(|message| matches!(message, DaemonMessage::Apply { .. }))
        .count()
}

#[test]
fn a_wrong_read_back_rolls_both_editors_back() {
    let mut world = world_with_one();
    let before = world.engine.scene().live(A).cloned();
    world
        .wires
        .get_mut(&Role::Unity)
        .unwrap()
        .editor
        .lies_about
        .insert(A);
    let id = world.edit(Role::Blender, vec![renamed(A, "B")]);
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    assert_eq!(
        world.engine.scene().live(A).cloned(),
        before,
        "the state before, exactly"
    );
    assert_eq!(
        world.editor(Role::Blender).entities.get(&A).cloned(),
        before,
        "the origin too"
    );
    assert_eq!(world.editor(Role::Unity).entities.get(&A).cloned(), before);
    let failed = |record: &&RecordBody| {
        record.phase == Phase::Deliver && record.error_code == Some(Code::VerificationFailed)
    };
    let told = world.log.iter().find(failed).map(|r| &r.payload);
    let Some(Payload::Deliver {
        detail: Some(detail),
        ..
    }) = told
    else {
        panic!("the log does not say what differed: {told:?}")
    };
    assert!(detail.contains("name was sent as \"B\", is "), "{detail}");
}

/// Lets Unity answer a mesh with other bytes, and the comparison of them find `differing`.
fn a_mesh_read_back(differing: bool) -> (World, OperationId) {
    let mut world = World::connected();
    let id = world.edit(Role::Blender, vec![triangle(A, b"sent")]);
    world.daemon_hears(Role::Blender);
    world.editor_hears(Role::Unity);
    let wire = world.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.front_mut() else {
        panic!("no answer")
    };
    let Change::Create { components, .. } = triangle(A, b"held") else {
        panic!("no create")
    };
    results[0].state.as_mut().unwrap().components = components;
    if differing {
        world.differing = vec![(A, "position differs at corner 1".into())];
    }
    world.settle();
    (world, id)
}

#[test]
fn other_bytes_may_be_the_same_mesh() {
    let (world, id) = a_mesh_read_back(false);
    assert_eq!(world.phases(id).last(), Some(&Phase::Commit));
}

#[test]
fn a_mesh_that_differs_at_a_corner_is_rolled_back() {
    let (world, id) = a_mesh_read_back(true);
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    let end = world
        .log
        .iter()
        .rfind(|record| record.phase == Phase::Rollback)
        .unwrap();
    let Payload::End {
        detail: Some(detail),
        ..
    } = &end.payload
    else {
        panic!("no detail")
    };
    assert!(detail.contains("corner 1"), "{detail}");
    assert!(
        world.editor(Role::Blender).entities.is_empty()
            && world.editor(Role::Unity).entities.is_empty()
    );
}

#[test]
fn a_rollback_takes_later_changes_that_build_on_it_along() {
    let mut world = world_with_one();
    world
        .wires
        .get_mut(&Role::Unity)
        .unwrap()
        .editor
        .lies_about
        .insert(A);
    let first = world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears(Role::Blender);
    let second = world.edit(Role::Blender, vec![moved(A, 2.0)]);
    world.daemon_hears(Role::Blender);
    world.settle();
    for id in [first, second] {
        assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    }
    assert_eq!(
        world
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
    assert_eq!(
        world.replay().scene.live(A),
        world.engine.scene().live(A),
        "the log says the same"
    );
}

#[test]
fn silence_is_a_failure_after_the_time_limit() {
    let mut world = world_with_one();
    world.now += 1_000;
    let id = world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears(Role::Blender);
    assert_eq!(batches(&world, Role::Unity), 1);
    let deadline = world.engine.next_deadline().unwrap();
    world.now = deadline - 1;
    world.step(Input::Tick);
    assert_ne!(world.phases(id).last(), Some(&Phase::Rollback));
    world.now = deadline;
    world.step(Input::Tick);
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
}

#[test]
fn a_large_batch_has_more_time() {
    let objects = (1..=1_000).map(|i| object(Uuid::from_u128(i), "O", None));
    assert_eq!(times(objects.collect()), 11, "one more for each hundred");
    let mut mesh = triangle(A, b"mesh");
    let data = mesh.components_mut().and_then(|it| it.mesh.as_mut());
    let data = data.unwrap();
    data.vertex_count = 6_000_000;
    data.buffers.get_mut("position").unwrap().bytes = 72_000_000;
    assert_eq!(times(vec![mesh]), 35, "one more for each 2 MiB");
}

/// How many times the time for a small batch an editor has for these changes.
fn times(changes: Vec<Change>) -> u64 {
    let mut world = World::connected();
    world.now += 1_000;
    world.edit(Role::Blender, changes);
    world.daemon_hears(Role::Blender);
    let small = options().apply_timeout_ms;
    let deadline = world.engine.next_deadline().unwrap();
    world.now = deadline - 1;
    world.step(Input::Tick);
    assert_eq!(deliveries(&world), []);
    world.now = deadline;
    world.step(Input::Tick);
    assert_eq!(deliveries(&world), [Outcome::Failed]);
    (deadline - 1_000) / small
}

/// How the deliveries ended that the log speaks of.
fn deliveries(world: &World) -> Vec<Outcome> {
    let records = world.log.iter();
    let delivered = records.filter(|record| record.phase == Phase::Deliver);
    delivered.map(|record| record.outcome).collect()
}

#[test]
fn the_first_change_of_a_burst_leaves_at_once_and_the_rest_as_one() {
    let mut world = world_with_one();
    world.now += 1_000;
    let mut ids = Vec::new();
    for x in 1..=10 {
        ids.push(world.edit(Role::Blender, vec![moved(A, f64::from(x))]));
        world.daemon_hears(Role::Blender);
    }
    assert_eq!(batches(&world, Role::Unity), 1);
    world.editor_hears(Role::Unity);
    world.daemon_hears(Role::Unity);
    assert_eq!(batches(&world, Role::Unity), 0, "the window is still open");
    world.now += 300;
    world.step(Input::Tick);
    let Some(DaemonMessage::Apply {
        changes,
        operations,
        ..
    }) = world.wires[&Role::Unity].to_editor.front()
    else {
        panic!("no batch")
    };
    assert_eq!(
        (changes.len(), operations.len()),
        (1, 9),
        "nine changes to one object are one mutation"
    );
    world.settle();
    assert!(
        ids.iter()
            .all(|id| world.phases(*id).last() == Some(&Phase::Final))
    );
}

#[test]
fn an_absent_editor_is_owed_and_gets_it_when_it_returns() {
    let mut world = world_with_one();
    world.disconnect(Role::Unity);
    let mut last = None;
    for x in 1..=50 {
        last = Some(world.edit(Role::Blender, vec![moved(A, f64::from(x))]));
    }
    world.settle();
    let end = world
        .log
        .iter()
        .rfind(|record| record.operation_id == last)
        .unwrap();
    assert_eq!(
        (end.phase, end.outcome),
        (Phase::Final, Outcome::Undelivered)
    );
    world.connect(Role::Unity);
    world.settle();
    assert_eq!(
        world.editor(Role::Unity).entities,
        world.editor(Role::Blender).entities
    );
    let delivered = world
        .log
        .iter()
        .filter(|record| record.phase == Phase::Deliver)
        .count();
    assert_eq!(
        delivered, 1,
        "fifty changes, one delivery, verified and logged"
    );
}

#[test]
fn a_remote_change_does_not_come_back() {
    let mut world = world_with_one();
    world.edit(Role::Unity, vec![moved(A, 4.0)]);
    world.settle();
    let intents = world
        .log
        .iter()
        .filter(|record| record.phase == Phase::Begin)
        .count();
    assert_eq!(intents, 2, "one create, one move, no echo");
}

#[test]
fn a_transaction_cut_off_while_written_is_rolled_back_at_boot() {
    let mut world = world_with_one();
    world.edit(
        Role::Blender,
        vec![moved(A, 1.0), object(Uuid::from_u128(2), "B", None)],
    );
    world.daemon_hears(Role::Blender);
    // The BEGIN announces two steps; the crash leaves one.
    let begin = world
        .log
        .iter()
        .rposition(|record| record.phase == Phase::Begin)
        .unwrap();
    world.log.truncate(begin + 2);
    world.crash();
    let end = world
        .log
        .iter()
        .rfind(|record| record.phase == Phase::Rollback)
        .unwrap();
    assert_eq!(end.error_code, Some(vibesync_scene::Code::Interrupted));
    assert!(
        world.engine.scene().row(Uuid::from_u128(2)).is_none(),
        "as if it had never been asked for"
    );
    assert_eq!(
        world
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
    assert_eq!(world.engine.scene().live_count(), 1);
    world.connect(Role::Blender);
    world.connect(Role::Unity);
    world.settle();
    assert_eq!(
        world.engine.scene().live_count(),
        2,
        "its editor asks again and gets it"
    );
    assert_eq!(
        world.editor(Role::Unity).entities,
        world.editor(Role::Blender).entities
    );
}

#[test]
fn what_was_acknowledged_survives_the_crash_and_reaches_the_other_editor() {
    let mut world = world_with_one();
    world.edit(Role::Blender, vec![moved(A, 7.0)]);
    world.daemon_hears(Role::Blender);
    world.crash();
    let ended = world
        .log
        .iter()
        .rev()
        .find_map(|record| match &record.payload {
            Payload::End { undelivered_to, .. } => Some(undelivered_to.clone()),
            _ => None,
        });
    assert_eq!(ended.unwrap(), [Role::Unity], "its origin has it");
    world.connect(Role::Unity);
    world.connect(Role::Blender);
    world.settle();
    assert_eq!(
        world.editor(Role::Unity).entities[&A]
            .components
            .transform
            .unwrap()
            .translation[0],
        7.0
    );
    assert_eq!(
        world.editor(Role::Unity).entities,
        world.editor(Role::Blender).entities
    );
}

#[test]
fn a_delete_reaches_the_editor_that_was_away() {
    let mut world = world_with_one();
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    world.settle();
    world.connect(Role::Unity);
    world.settle();
    assert!(world.editor(Role::Unity).entities.is_empty());
}

#[test]
fn an_endless_excuse_is_cut_before_it_is_kept_or_passed_on() {
    let mut world = World::connected();
    let made = Uuid::from_u128(1);
    let id = world.edit(Role::Blender, vec![object(made, "Cube", None)]);
    world.daemon_hears(Role::Blender);
    let batch_id = world.wires[&Role::Unity]
        .to_editor
        .iter()
        .find_map(|message| match message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        })
        .unwrap();
    let error = ErrorBody {
        code: Code::ApplyFailed,
        message: "x".repeat(1 << 20),
        location: String::new(),
        help: String::new(),
    };
    let session = world.wires[&Role::Unity].session.unwrap();
    let results = vec![AppliedResult {
        uuid: made,
        status: ApplyStatus::Failed,
        state: None,
        error: Some(error),
    }];
    world.step(Input::Message {
        session,
        message: Box::new(ClientMessage::Applied { batch_id, results }),
    });
    let ended = world.log.iter().rfind(|it| it.operation_id == Some(id));
    let record = serde_json::to_string(ended.unwrap()).unwrap();
    assert!(
        record.contains("VS-4005") && record.len() < 5_000,
        "{}",
        record.len()
    );
    let message = world.engine.status().last_error.unwrap().error.message;
    assert!(message.contains("xxx") && message.len() < 3_000);
}

/// Blender hangs while Unity's user makes an object and puts another under it.
#[test]
fn nothing_is_left_under_what_is_rolled_back() {
    let mut world = world_with_one();
    let above = Uuid::from_u128(2);
    for change in [object(above, "above", None), parented(A, Some(above))] {
        world.edit(Role::Unity, vec![change]);
        world.daemon_hears_all(Role::Unity);
    }
    for _ in 0..2 {
        world.now += 30_000;
        world.step(Input::Tick);
    }
    assert!(world.engine.scene().live(above).is_none());
    let parent = world.engine.scene().live(A).unwrap().components.parent;
    assert_eq!(parent.unwrap().uuid, None);
    world.settle();
    world.assert_converged();
}
