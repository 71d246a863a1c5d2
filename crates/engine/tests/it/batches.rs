//! What a batch carries, in which order, and when it leaves; what an editor that is far behind costs.

use vibesync_engine::Options;
use vibesync_protocol::{AckStatus, ClientMessage, DaemonMessage};
use vibesync_scene::{Change, DataRef, Outcome, Phase, Role, Uuid};

use crate::world::{World, moved, object, options, parented, triangle};

const fn id(id: u128) -> Uuid {
    Uuid::from_u128(id)
}

/// An object that shows a mesh.
fn showing(uuid: Uuid, parent: Option<Uuid>, mesh: Uuid) -> Change {
    let mut object = object(uuid, "Showing", parent);
    if let Some(components) = object.components_mut() {
        components.data = Some(DataRef { uuid: Some(mesh) });
    }
    object
}

/// The batch that is on its way to Unity: what it does to which entity, in order.
fn batch(world: &World) -> Vec<(&'static str, Uuid)> {
    let mut messages = world.wires[&Role::Unity].to_editor.iter();
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

fn edit(world: &mut World, changes: Vec<Change>) {
    world.edit(Role::Blender, changes);
    world.daemon_hears_all(Role::Blender);
}

/// What accumulates behind a first batch, which Unity then answers.
fn gathered(world: &mut World, changes: Vec<Change>) {
    world.now += 1_000;
    edit(world, vec![object(id(900), "First", None)]);
    edit(world, changes);
    while !world.wires[&Role::Unity].to_editor.is_empty() {
        world.editor_hears(Role::Unity);
    }
    world.now += 1_000;
    world.daemon_hears_all(Role::Unity);
}

#[test]
fn what_others_stand_on_comes_first_and_deletions_last() {
    let mut world = World::connected();
    let old = vec![triangle(id(5), b"old"), showing(id(50), None, id(5))];
    edit(&mut world, old);
    world.settle();
    gathered(
        &mut world,
        // Against their uuids: a child, its mesh, its parent, and the parent's parent.
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
    assert_eq!(batch(&world), expected);
    world.settle();
    world.assert_converged();
}

#[test]
fn deletions_come_last_also_for_an_editor_that_was_away() {
    let mut world = World::connected();
    let old = vec![
        triangle(id(1), b"old"),
        showing(id(2), None, id(1)),
        object(id(3), "Child", Some(id(2))),
    ];
    edit(&mut world, old);
    world.settle();
    world.disconnect(Role::Unity);
    let deleted = [id(1), id(2)].map(|uuid| Change::Delete { uuid });
    edit(&mut world, vec![parented(id(3), None)]);
    edit(&mut world, deleted.into());
    world.connect(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    let expected = [("create", id(3)), ("delete", id(2)), ("delete", id(1))];
    assert_eq!(batch(&world), expected);
}

#[test]
fn deletions_fill_a_batch_like_anything_else() {
    let mut world = World::with(Options {
        max_batch: 2,
        ..options()
    });
    world.connect_all();
    let meshes = (1..=7).map(|i| triangle(id(i), b"mesh"));
    edit(&mut world, meshes.collect());
    world.settle();
    let deleted = (1..=7).map(|i| Change::Delete { uuid: id(i) });
    edit(&mut world, deleted.collect());
    assert_eq!(batch(&world), [("delete", id(1)), ("delete", id(2))]);
    world.settle();
    world.assert_converged();
}

#[test]
fn what_is_small_does_not_wait_for_bulk_data() {
    let mut world = World::connected();
    edit(&mut world, vec![object(id(9), "Small", None)]);
    world.settle();
    // More meshes than a batch takes, with the objects that show them, all before the small change by their uuids.
    let mut heavy = Vec::new();
    for i in 0..4_u8 {
        let mesh = huge(id(10 + u128::from(i)), i);
        heavy.push(showing(id(1 + u128::from(i)), None, mesh.uuid()));
        heavy.push(mesh);
    }
    heavy.push(moved(id(9), 1.0));
    gathered(&mut world, heavy);
    let expected = [("update", id(9)), ("create", id(10)), ("create", id(1))];
    assert_eq!(batch(&world), expected);
}

#[test]
fn a_batch_has_no_more_buffers_than_its_answer_can_carry() {
    let mut world = World::connected();
    let meshes = (1..=600).map(|i| triangle(id(i), b"mesh"));
    gathered(&mut world, meshes.collect());
    assert_eq!(batch(&world).len(), 256, "of two buffers each");
    world.settle();
    world.assert_converged();
}

#[test]
fn a_batch_takes_as_many_bytes_as_it_may() {
    let mut world = World::with(Options {
        // Two triangles.
        max_batch_bytes: 2 * 48,
        ..options()
    });
    world.connect_all();
    let meshes = (1..=3).map(|i| triangle(id(i), b"mesh"));
    gathered(&mut world, meshes.collect());
    assert_eq!(batch(&world), [("create", id(1)), ("create", id(2))]);
}

/// What the batch on its way to Unity is called, after two changes of these names.
fn called(labels: [&str; 2]) -> String {
    let mut world = World::connected();
    world.disconnect(Role::Unity);
    // It gets nothing before the daemon has heard what it holds.
    world.connect(Role::Unity);
    for (i, name) in (1..).zip(labels) {
        world.edit(Role::Blender, vec![object(id(i), "O", None)]);
        let sent = world.wires.get_mut(&Role::Blender).unwrap();
        if let Some(ClientMessage::Intent(intent)) = sent.to_daemon.back_mut() {
            intent.label = name.into();
        }
    }
    world.daemon_hears_all(Role::Blender);
    world.daemon_hears_all(Role::Unity);
    let sent = world.wires[&Role::Unity].to_editor.iter();
    let mut labels = sent.filter_map(|message| match message {
        DaemonMessage::Apply { label, .. } => Some(label.clone()),
        _ => None,
    });
    labels.next().expect("a batch is on its way")
}

#[test]
fn a_batch_is_called_what_its_changes_are_called_or_says_how_many() {
    assert_eq!(called(["Add Crate", "Add Crate"]), "Add Crate");
    assert_eq!(called(["Add Crate", "Add Barrel"]), "Sync 2 changes");
}

#[test]
fn a_large_mesh_comes_beside_what_is_small() {
    let mut world = World::connected();
    edit(&mut world, vec![object(id(9), "Small", None)]);
    world.settle();
    gathered(&mut world, vec![huge(id(1), 0), moved(id(9), 1.0)]);
    assert_eq!(batch(&world), [("update", id(9)), ("create", id(1))]);
}

/// A mesh that fills a batch.
fn huge(uuid: Uuid, content: u8) -> Change {
    let mut mesh = triangle(uuid, &[content]);
    let mesh_of = mesh.components_mut().and_then(|it| it.mesh.as_mut());
    let data = mesh_of.expect("it is a mesh");
    data.vertex_count = 6_000_000;
    data.buffers.get_mut("position").unwrap().bytes = 72_000_000;
    mesh
}

#[test]
fn a_hierarchy_is_turned_over_from_its_new_top() {
    let mut world = World::connected();
    let chain = vec![
        object(id(1), "Top", None),
        object(id(2), "Middle", Some(id(1))),
        object(id(3), "Bottom", Some(id(2))),
    ];
    edit(&mut world, chain);
    world.settle();
    let turned = vec![
        parented(id(1), Some(id(2))),
        parented(id(2), Some(id(3))),
        parented(id(3), None),
    ];
    gathered(&mut world, turned);
    let expected = [("update", id(3)), ("update", id(2)), ("update", id(1))];
    assert_eq!(batch(&world), expected);
}

#[test]
fn a_full_batch_does_not_wait_for_its_window() {
    let mut world = World::connected();
    let objects: Vec<Change> = (1..=2_500).map(|i| object(id(i), "O", None)).collect();
    edit(&mut world, objects);
    assert_eq!(batch(&world).len(), 1_000);
    world.editor_hears(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    assert_eq!(batch(&world).len(), 1_000, "no time has passed");
    world.editor_hears(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    assert!(
        world.wires[&Role::Unity].to_editor.is_empty(),
        "it may grow"
    );
    world.settle();
    world.assert_converged();
}

#[test]
fn nothing_waits_for_ever_behind_what_always_changes() {
    let mut world = World::connected();
    let objects = (1..=1_001).map(|i| object(id(i), "O", None));
    edit(&mut world, objects.collect());
    world.settle();
    // A thousand that always change fill a batch; the one behind them has changed once, and a mesh has come.
    edit(&mut world, vec![moved(id(1_001), 7.0)]);
    edit(&mut world, vec![triangle(id(1_002), b"mesh")]);
    let last = |world: &World| {
        let held = &world.editor(Role::Unity).entities[&id(1_001)];
        held.components.transform.unwrap().translation[0]
    };
    for x in 1..=3 {
        let all = (1..=1_000).map(|i| moved(id(i), f64::from(x)));
        world.now += 1_000;
        edit(&mut world, all.collect());
        world.editor_hears(Role::Unity);
        world.daemon_hears_all(Role::Unity);
    }
    assert_eq!(last(&world), 7.0);
    let unity = world.editor(Role::Unity);
    assert!(unity.entities.contains_key(&id(1_002)));
}

#[test]
fn an_editor_that_is_far_behind_holds_back_nobody() {
    let mut world = World::connected();
    let objects = (1..=1_000).map(|i| object(id(i), "O", None));
    edit(&mut world, objects.collect());
    world.settle();
    // Unity hears nothing. Of Blender's transactions no more are kept open than the options allow.
    for round in 1..=20_u8 {
        let some = (1..=1_000)
            .step_by(5)
            .map(|i| moved(id(i), f64::from(round)));
        edit(&mut world, some.collect());
        let status = world.engine.status();
        let open = usize::from(round.min(5));
        assert_eq!(status.open_transactions, open, "1,000 changes, 200 each");
        assert!(status.sessions.iter().all(|session| session.owed <= 1_000));
    }
    let answers = world.wires[&Role::Blender].to_editor.iter();
    let acks = answers.filter_map(|message| match message {
        DaemonMessage::Ack { status, .. } => Some(*status),
        _ => None,
    });
    assert!(acks.eq([AckStatus::Accepted; 20]));
    let ended = world.log.iter().filter(|it| it.phase == Phase::Final);
    assert_eq!(
        ended
            .filter(|it| it.outcome == Outcome::Undelivered)
            .count(),
        15
    );
    world.settle();
    world.assert_converged();
}

#[test]
fn the_status_says_how_much_an_editor_is_owed() {
    let mut world = World::connected();
    let objects = (1..=3).map(|i| object(id(i), "O", None));
    edit(&mut world, objects.collect());
    world.settle();
    world.disconnect(Role::Unity);
    let owed = |world: &World| {
        world
            .engine
            .status()
            .sessions
            .iter()
            .map(|it| it.owed)
            .max()
    };
    edit(&mut world, vec![moved(id(1), 1.0)]);
    assert_eq!(owed(&world), Some(0), "who is away is not on the list");
    world.connect(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    let told = world.wires[&Role::Unity].to_editor.iter();
    let told = told.filter_map(|message| match message {
        DaemonMessage::Sync { owed, .. } => Some(*owed),
        _ => None,
    });
    assert!(told.eq([1]));
    assert_eq!(owed(&world), Some(0), "it is on its way");
    edit(
        &mut world,
        vec![moved(id(2), 1.0), Change::Delete { uuid: id(3) }],
    );
    assert_eq!(owed(&world), Some(2));
}
