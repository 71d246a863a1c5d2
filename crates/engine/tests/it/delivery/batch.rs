//! Content, order and time of batches, and editors that are far behind.

use vibesync_engine::{Input, Options};
use vibesync_protocol::{AckStatus, ClientMessage, DaemonMessage};
use vibesync_scene::{Change, DataRef, Outcome, Phase, Role, Uuid};

use crate::harness::{A, Harness, moved, object, options, parented, triangle};

pub(super) const fn id(id: u128) -> Uuid {
    Uuid::from_u128(id)
}

/// Returns an object that uses a mesh.
fn showing(uuid: Uuid, parent: Option<Uuid>, mesh: Uuid) -> Change {
    let mut object = object(uuid, "Showing", parent);
    if let Some(components) = object.components_mut() {
        components.data = Some(DataRef { uuid: Some(mesh) });
    }
    object
}

/// Returns the operations and entities of the batch on its way to Unity, in order.
pub(super) fn batch(harness: &Harness) -> Vec<(&'static str, Uuid)> {
    let mut messages = harness.wires[&Role::Unity].to_editor.iter();
    let batch = messages.find_map(|message| match message {
        DaemonMessage::Apply { changes, .. } => Some(changes),
        _ => None,
    });
    let done = |change: &Change| match change {
        Change::Create { .. } => ("create", change.uuid()),
        Change::Update { .. } => ("update", change.uuid()),
        Change::Delete { .. } => ("delete", change.uuid()),
    };
    let changes = batch.expect("a batch is on its way").iter();
    changes.map(|change| done(&change.change)).collect()
}

pub(super) fn edit(harness: &mut Harness, changes: Vec<Change>) {
    harness.edit(Role::Blender, changes);
    harness.deliver_all_to_daemon(Role::Blender);
}

/// Queues the changes behind a first batch, which Unity then answers.
pub(super) fn gathered(harness: &mut Harness, changes: Vec<Change>) {
    harness.now += 1_000;
    edit(harness, vec![object(id(900), "First", None)]);
    edit(harness, changes);
    while !harness.wires[&Role::Unity].to_editor.is_empty() {
        harness.deliver_to_editor(Role::Unity);
    }
    harness.now += 1_000;
    harness.deliver_all_to_daemon(Role::Unity);
}

#[test]
fn dependencies_are_sent_first_and_deletions_last() {
    let mut harness = Harness::connected();
    let old = vec![triangle(id(5), b"old"), showing(id(50), None, id(5))];
    edit(&mut harness, old);
    harness.settle();
    gathered(
        &mut harness,
        // In the reverse order of their uuids: a child, its mesh, its parent, and the parent's parent.
        vec![
            object(id(30), "Grandparent", None),
            triangle(id(40), b"new"),
            object(id(20), "Parent", Some(id(30))),
            showing(id(10), Some(id(20)), id(40)),
            Change::Delete { uuid: id(50) },
            Change::Delete { uuid: id(5) },
        ],
    );
    let expected = [
        ("create", id(30)),
        ("create", id(20)),
        ("create", id(40)),
        ("create", id(10)),
        ("delete", id(50)),
        ("delete", id(5)),
    ];
    assert_eq!(batch(&harness), expected);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn deletions_come_last_after_a_reconnect() {
    let mut harness = Harness::connected();
    let old = vec![
        triangle(id(1), b"old"),
        showing(id(2), None, id(1)),
        object(id(3), "Child", Some(id(2))),
    ];
    edit(&mut harness, old);
    harness.settle();
    harness.disconnect(Role::Unity);
    let deleted = [id(1), id(2)].map(|uuid| Change::Delete { uuid });
    edit(&mut harness, vec![parented(id(3), None)]);
    edit(&mut harness, deleted.into());
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    let expected = [("create", id(3)), ("delete", id(2)), ("delete", id(1))];
    assert_eq!(batch(&harness), expected);
}

#[test]
fn deletions_count_toward_a_full_batch() {
    let mut harness = Harness::with(Options {
        max_batch: 2,
        ..options()
    });
    harness.connect_all();
    let meshes = (1..=7).map(|i| triangle(id(i), b"mesh"));
    edit(&mut harness, meshes.collect());
    harness.settle();
    let deleted = (1..=7).map(|i| Change::Delete { uuid: id(i) });
    edit(&mut harness, deleted.collect());
    assert_eq!(batch(&harness), [("delete", id(1)), ("delete", id(2))]);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn small_changes_do_not_wait_for_bulk_data() {
    let mut harness = Harness::connected();
    edit(&mut harness, vec![object(id(9), "Small", None)]);
    harness.settle();
    // More meshes than fit into a batch, with the objects that use them. Their uuids sort before the small change.
    let mut heavy = Vec::new();
    for i in 0..4_u8 {
        let mesh = huge(id(10 + u128::from(i)), i);
        heavy.push(showing(id(1 + u128::from(i)), None, mesh.uuid()));
        heavy.push(mesh);
    }
    heavy.push(moved(id(9), 1.0));
    gathered(&mut harness, heavy);
    let expected = [("update", id(9)), ("create", id(10)), ("create", id(1))];
    assert_eq!(batch(&harness), expected);
}

#[test]
fn batch_has_no_more_buffers_than_its_answer_can_carry() {
    let mut harness = Harness::connected();
    let meshes = (1..=600).map(|i| triangle(id(i), b"mesh"));
    gathered(&mut harness, meshes.collect());
    assert_eq!(batch(&harness).len(), 256, "of two buffers each");
    harness.settle();
    harness.assert_converged();
}

#[test]
fn batch_is_filled_up_to_its_byte_limit() {
    let mut harness = Harness::with(Options {
        // Two triangles.
        max_batch_bytes: 2 * 48,
        ..options()
    });
    harness.connect_all();
    let meshes = (1..=3).map(|i| triangle(id(i), b"mesh"));
    gathered(&mut harness, meshes.collect());
    assert_eq!(batch(&harness), [("create", id(1)), ("create", id(2))]);
}

/// Returns the label of the batch to Unity after two changes with these names.
fn called(labels: [&str; 2]) -> String {
    let harness = harness_called(labels);
    label(&harness)
}

fn harness_called(labels: [&str; 2]) -> Harness {
    let mut harness = Harness::connected();
    harness.disconnect(Role::Unity);
    // Unity gets no batch before its inventory is answered.
    harness.connect(Role::Unity);
    for (i, name) in (1..).zip(labels) {
        harness.edit(Role::Blender, vec![object(id(i), "O", None)]);
        let sent = harness.wires.get_mut(&Role::Blender).unwrap();
        if let Some(ClientMessage::Intent(intent)) = sent.to_daemon.back_mut() {
            intent.label = name.into();
        }
    }
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_all_to_daemon(Role::Unity);
    harness
}

fn label(harness: &Harness) -> String {
    let sent = harness.wires[&Role::Unity].to_editor.iter();
    let mut labels = sent.filter_map(|message| match message {
        DaemonMessage::Apply { label, .. } => Some(label.clone()),
        _ => None,
    });
    labels.next().expect("a batch is on its way")
}

#[test]
fn batch_label_is_the_common_label_or_the_count() {
    assert_eq!(called(["Add Crate", "Add Crate"]), "Add Crate");
    assert_eq!(called(["Add Crate", "Add Barrel"]), "Sync 2 changes");
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    edit(&mut harness, vec![moved(A, 1.0)]);
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(label(&harness), "Sync 1 change", "nothing waits for it");
}

#[test]
fn large_mesh_is_sent_together_with_small_changes() {
    let mut harness = Harness::connected();
    edit(&mut harness, vec![object(id(9), "Small", None)]);
    harness.settle();
    gathered(&mut harness, vec![huge(id(1), 0), moved(id(9), 1.0)]);
    assert_eq!(batch(&harness), [("update", id(9)), ("create", id(1))]);
}

/// Returns a mesh that fills a batch.
fn huge(uuid: Uuid, content: u8) -> Change {
    let mut mesh = triangle(uuid, &[content]);
    let mesh_of = mesh.components_mut().and_then(|it| it.mesh.as_mut());
    let data = mesh_of.expect("it is a mesh");
    data.vertex_count = 6_000_000;
    data.buffers.get_mut("position").unwrap().bytes = 72_000_000;
    mesh
}

#[test]
fn reversed_hierarchy_is_sent_from_its_new_root() {
    let mut harness = Harness::connected();
    let chain = vec![
        object(id(1), "Top", None),
        object(id(2), "Middle", Some(id(1))),
        object(id(3), "Bottom", Some(id(2))),
    ];
    edit(&mut harness, chain);
    harness.settle();
    let turned = vec![
        parented(id(1), Some(id(2))),
        parented(id(2), Some(id(3))),
        parented(id(3), None),
    ];
    gathered(&mut harness, turned);
    let expected = [("update", id(3)), ("update", id(2)), ("update", id(1))];
    assert_eq!(batch(&harness), expected);
}

#[test]
fn full_batch_does_not_wait_for_its_window() {
    let mut harness = Harness::connected();
    let objects: Vec<Change> = (1..=2_500).map(|i| object(id(i), "O", None)).collect();
    edit(&mut harness, objects);
    assert_eq!(batch(&harness).len(), 1_000);
    harness.deliver_to_editor(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(batch(&harness).len(), 1_000, "no time has passed");
    harness.deliver_to_editor(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    assert!(
        harness.wires[&Role::Unity].to_editor.is_empty(),
        "it may grow"
    );
    harness.settle();
    harness.assert_converged();
}

#[test]
fn busy_entities_do_not_starve_the_others() {
    let mut harness = Harness::connected();
    let objects = (1..=1_001).map(|i| object(id(i), "O", None));
    edit(&mut harness, objects.collect());
    harness.settle();
    // A thousand entities that always change fill a batch. One entity behind them has changed once, and a mesh is new.
    edit(&mut harness, vec![moved(id(1_001), 7.0)]);
    edit(&mut harness, vec![triangle(id(1_002), b"mesh")]);
    let last = |harness: &Harness| {
        let held = &harness.editor(Role::Unity).entities[&id(1_001)];
        held.components.transform.unwrap().translation[0]
    };
    for x in 1..=3 {
        let all = (1..=1_000).map(|i| moved(id(i), f64::from(x)));
        harness.now += 1_000;
        edit(&mut harness, all.collect());
        harness.deliver_to_editor(Role::Unity);
        harness.deliver_all_to_daemon(Role::Unity);
    }
    assert_eq!(last(&harness), 7.0);
    let unity = harness.editor(Role::Unity);
    assert!(unity.entities.contains_key(&id(1_002)));
}

#[test]
fn slow_editor_does_not_block_others() {
    let mut harness = Harness::connected();
    let objects = (1..=1_000).map(|i| object(id(i), "O", None));
    edit(&mut harness, objects.collect());
    harness.settle();
    // Unity gets no message. No more of Blender's transactions stay open than the options allow.
    for round in 1..=20_u8 {
        let some = (1..=1_000)
            .step_by(5)
            .map(|i| moved(id(i), f64::from(round)));
        edit(&mut harness, some.collect());
        let status = harness.engine.status();
        let open = usize::from(round.min(5));
        assert_eq!(status.open_transactions, open, "1,000 changes, 200 each");
        assert!(status.sessions.iter().all(|session| session.owed <= 1_000));
    }
    let answers = harness.wires[&Role::Blender].to_editor.iter();
    let acks = answers.filter_map(|message| match message {
        DaemonMessage::Ack { status, .. } => Some(*status),
        _ => None,
    });
    assert!(acks.eq([AckStatus::Accepted; 20]));
    let ended = harness.log.iter().filter(|it| it.phase == Phase::Final);
    assert_eq!(
        ended
            .filter(|it| it.outcome == Outcome::Undelivered)
            .count(),
        15
    );
    harness.settle();
    harness.assert_converged();
}

#[test]
fn status_shows_the_length_of_the_delivery_queue() {
    let mut harness = Harness::connected();
    let objects = (1..=3).map(|i| object(id(i), "O", None));
    edit(&mut harness, objects.collect());
    harness.settle();
    harness.disconnect(Role::Unity);
    let owed = |harness: &Harness| {
        harness
            .engine
            .status()
            .sessions
            .iter()
            .map(|it| it.owed)
            .max()
    };
    edit(&mut harness, vec![moved(id(1), 1.0)]);
    assert_eq!(owed(&harness), Some(0), "who is away is not on the list");
    harness.connect(Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    let told = harness.wires[&Role::Unity].to_editor.iter();
    let told = told.filter_map(|message| match message {
        DaemonMessage::Sync { owed, .. } => Some(*owed),
        _ => None,
    });
    assert!(told.eq([1]));
    assert_eq!(owed(&harness), Some(0), "it is on its way");
    edit(
        &mut harness,
        vec![moved(id(2), 1.0), Change::Delete { uuid: id(3) }],
    );
    assert_eq!(owed(&harness), Some(2));
}

#[test]
fn first_change_of_a_burst_is_sent_at_once_the_rest_coalesce() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let mut ids = Vec::new();
    for x in 1..=10 {
        ids.push(harness.edit(Role::Blender, vec![moved(A, f64::from(x))]));
        harness.deliver_to_daemon(Role::Blender);
    }
    assert_eq!(harness.batch_count(Role::Unity), 1);
    harness.deliver_to_editor(Role::Unity);
    harness.deliver_to_daemon(Role::Unity);
    assert_eq!(
        harness.batch_count(Role::Unity),
        0,
        "the window is still open"
    );
    harness.now += 300;
    harness.step(Input::Tick);
    let Some(DaemonMessage::Apply {
        changes,
        operations,
        ..
    }) = harness.wires[&Role::Unity].to_editor.front()
    else {
        panic!("no batch")
    };
    assert_eq!(
        (changes.len(), operations.len()),
        (1, 9),
        "nine changes to one object are one mutation"
    );
    harness.settle();
    assert!(
        ids.iter()
            .all(|id| harness.phases(*id).last() == Some(&Phase::Final))
    );
}
