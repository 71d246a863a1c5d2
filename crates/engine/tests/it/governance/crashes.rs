//! What an editor's process ends over is found, and held back.

use super::*;

/// Unity dies over what it was sent and comes back as another process.
fn unity_dies(world: &mut World) -> Vec<Uuid> {
    let wire = world.wires.get_mut(&Role::Unity).unwrap();
    let working_on = wire.to_editor.drain(..).find_map(|message| match message {
        DaemonMessage::Apply { changes, .. } => {
            Some(changes.iter().map(|change| change.change.uuid()).collect())
        }
        _ => None,
    });
    let instance = InstanceId(Uuid::from_u128(world.id().as_u128()));
    world.disconnect(Role::Unity);
    world.wires.get_mut(&Role::Unity).unwrap().editor.instance = instance;
    world.connect(Role::Unity);
    working_on.unwrap_or_default()
}

/// Lets everything happen until Unity has been sent a batch.
fn until_unity_is_sent_something(world: &mut World) {
    let is_apply = |message: &DaemonMessage| matches!(message, DaemonMessage::Apply { .. });
    let is_sent = |world: &World| world.wires[&Role::Unity].to_editor.iter().any(is_apply);
    for _ in 0..1_000 {
        let mut wires = world.wires.values();
        let busy = wires.any(|wire| !wire.to_daemon.is_empty() || !wire.to_editor.is_empty());
        for role in Role::EDITORS {
            if is_sent(world) {
                return;
            }
            world.editor_hears(role);
            world.daemon_hears(role);
        }
        if let Some(deadline) = world.next_deadline().filter(|_| !busy) {
            world.now = world.now.max(deadline);
            world.step(Input::Tick);
        }
    }
    panic!("nothing is sent");
}

#[test]
fn what_an_editor_crashes_over_is_found_and_held_back() {
    let mut world = World::connected();
    let objects = (1..=200).map(|id| object(Uuid::from_u128(id), "x", None));
    let (bad, objects) = (Uuid::from_u128(77), objects.collect());
    world.edit(Role::Blender, objects);
    let mut crashes: u128 = 0;
    let mut sizes = Vec::new();
    // Unity dies over each batch that holds the bad one.
    while world.engine.status().breakers_open == 0 {
        until_unity_is_sent_something(&mut world);
        let holds_bad = |message: &DaemonMessage| match message {
            DaemonMessage::Apply { changes, .. } => {
                changes.iter().any(|change| change.change.uuid() == bad)
            }
            _ => false,
        };
        if world.wires[&Role::Unity].to_editor.iter().any(holds_bad) {
            let under_way = unity_dies(&mut world);
            let late = |uuid: &Uuid| uuid.as_u128() > 200;
            assert!(
                under_way.iter().all(late) || !under_way.iter().any(late),
                "suspects are among themselves"
            );
            sizes.push(under_way.len());
            crashes += 1;
            let more = (0..10).map(|n| object(Uuid::from_u128(1_000 * crashes + n), "y", None));
            world.edit(Role::Blender, more.collect());
            world.daemon_hears_all(Role::Blender);
        } else {
            world.editor_hears(Role::Unity);
        }
        assert!(crashes <= 3);
    }
    // In the second batch there are 64 of them, 65 to 128.
    assert_eq!(sizes, [200, 64, 1]);
    world.settle();
    assert_eq!(
        world.editor(Role::Unity).entities.len(),
        199 + 30,
        "all but the bad one"
    );
    assert_eq!(world.engine.status().breakers_open, 1);
}

#[test]
fn an_editor_that_had_not_begun_or_took_its_leave_did_not_crash_over_anything() {
    type Before = fn(&mut World);
    let put_off: Before = |world| world.defer(Role::Unity);
    let leave: Before = |world| {
        let session = world.wires[&Role::Unity].session.unwrap();
        let reason = "bye".into();
        let message = Box::new(ClientMessage::Goodbye { reason });
        world.step(Input::Message { session, message });
    };
    for (before, failures) in [(put_off, 0), (leave, 0), ((|_| ()) as Before, 1)] {
        let mut world = World::connected();
        world.edit(Role::Blender, vec![object(A, "A", None)]);
        until_unity_is_sent_something(&mut world);
        before(&mut world);
        unity_dies(&mut world);
        assert_eq!(records(&world, Phase::Failure), failures);
    }
}

#[test]
fn a_connection_that_is_lost_is_no_crash() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![object(A, "A", None)]);
    for _ in 0..5 {
        until_unity_is_sent_something(&mut world);
        world.disconnect(Role::Unity);
        world.connect(Role::Unity);
    }
    world.settle();
    world.assert_converged();
    assert_eq!(records(&world, Phase::Failure), 0);
}

#[test]
fn what_the_daemon_dies_over_twice_is_not_done_for_automation_anymore() {
    let mut world = world();
    for name in ["C", "D"] {
        assert_eq!(world.engine.status().breakers_open, 0);
        world.edit(Role::Blender, vec![renamed(A, name), renamed(B, name)]);
        // The disk has BEGIN and one of two steps.
        world.die_writing(Role::Blender, 2);
        let wire = world.wires.get_mut(&Role::Blender).unwrap();
        wire.editor.outbox.clear();
        world.connect_all();
    }
    let failures = world.log.iter().filter(|it| it.phase == Phase::Failure);
    let about: Vec<_> = failures.map(|it| (it.error_code, &it.uuids[..])).collect();
    assert_eq!(about, [(Some(Code::Interrupted), &[A][..]); 2]);
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 1.0)]), STOPPED);
    assert_eq!(ask(&agent, &mut world, head, vec![moved(B, 1.0)]), ACCEPTED);
}
