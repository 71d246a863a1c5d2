//! When automation is turned off altogether, and who turns it on again.

use vibesync_engine::{Options, Thresholds};

use super::*;
use crate::world::options;

#[test]
fn automation_that_keeps_failing_ends_in_safe_mode_and_only_a_person_ends_that() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    for x in 0..20 {
        // Each is another content and another kind, so that nothing finer stops it first.
        let nonsense = vec![parented(A, Some(A)), moved(B, f64::from(x))];
        ask(&agent, &mut world, head, nonsense);
        if world.engine.status().safe_mode.is_some() {
            break;
        }
        for scope in ["operation:parent", "operation:transform", "automation"] {
            let _ = reset(&mut world, Role::Cli, scope);
        }
    }
    assert!(world.engine.status().safe_mode.is_some());
    let safe = refused(Code::SafeMode);
    let head = world.engine.head_seq();
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 1.0)]), safe);
    world.edit(Role::Blender, vec![renamed(A, "by hand")]);
    world.settle();
    assert_eq!(in_unity(&world, A), Some("by hand"), "people go on");
    world.crash();
    world.connect_all();
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut world, head, vec![moved(A, 1.0)]),
        safe,
        "it outlasts the daemon"
    );
    assert!(reset(&mut world, Role::Cli, "safe-mode").unwrap().is_some());
    let told =
        |message: &DaemonMessage| matches!(message, DaemonMessage::Governance { safe_mode: None });
    for role in Role::EDITORS {
        assert!(
            world.wires[&role].to_editor.iter().any(told),
            "both editors hear of it"
        );
    }
    let head = world.engine.head_seq();
    assert_eq!(ask(&agent, &mut world, head, vec![moved(A, 1.0)]), ACCEPTED);
}

#[test]
fn a_daemon_that_crashes_again_and_again_starts_in_safe_mode() {
    let mut world = world();
    // Each start ends what the run before had begun, which is nothing that it did itself.
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    for _ in 0..3 {
        assert_eq!(world.engine.status().safe_mode, None);
        world.crash();
    }
    assert_eq!(
        world.engine.status().safe_mode,
        None,
        "the first of them had done something"
    );
    world.crash();
    let safe_mode = world.engine.status().safe_mode.unwrap();
    assert_eq!(safe_mode.why, "the daemon has crashed 3 times in a row");
    world.connect(Role::Blender);
    world.settle();
    world.crash();
    assert_eq!(records(&world, Phase::SafeMode), 1, "said once");
    let _ = reset(&mut world, Role::Blender, "safe-mode");
    world.crash();
    assert_eq!(
        world.engine.status().safe_mode,
        None,
        "the count begins anew"
    );
}

#[test]
fn a_daemon_that_gets_somewhere_in_between_does_not() {
    let mut world = world();
    for x in 0..6 {
        world.crash();
        world.connect_all();
        world.edit(Role::Blender, vec![moved(A, f64::from(x) + 1.0)]);
        world.settle();
    }
    assert_eq!(world.engine.status().safe_mode, None);
}

#[test]
fn a_start_has_gone_well_when_the_daemon_has_lasted() {
    let mut world = World::with(Options {
        thresholds: Thresholds::default(),
        ..options()
    });
    let steady = |world: &World| {
        let records = world.log.iter();
        let steady = records.filter(|record| matches!(record.payload, Payload::Steady {}));
        steady.count()
    };
    let deadline = world.engine.next_deadline().unwrap();
    assert_eq!(deadline, Thresholds::default().steady_after_ms);
    world.now = deadline - 1;
    world.step(Input::Tick);
    assert_eq!(steady(&world), 0);
    for _ in 0..2 {
        world.now += 1;
        world.step(Input::Tick);
        assert_eq!(steady(&world), 1, "said once");
    }
    assert_eq!(world.engine.next_deadline(), None);
}

#[test]
fn a_start_says_whether_the_run_before_had_ended_well() {
    let clean = |world: &World| {
        let boot = world.log.iter().rev().find_map(|it| match it.payload {
            Payload::Boot {
                last_shutdown_clean,
                ..
            } => Some(last_shutdown_clean),
            _ => None,
        });
        boot.unwrap()
    };
    let mut world = World::new();
    assert!(clean(&world), "there was none");
    world.crash();
    assert!(!clean(&world));
    world.step(Input::Shutdown);
    world.crash();
    assert!(clean(&world), "it had been told to stop");
}
