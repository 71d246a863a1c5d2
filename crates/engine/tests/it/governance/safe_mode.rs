//! Begin and end of safe mode.

use vibesync_engine::{Options, Thresholds};

use super::*;
use crate::harness::options;

#[test]
fn failing_automation_begins_safe_mode_until_a_person_resets() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    for x in 0..20 {
        // Each has another content and another kind, so no finer breaker opens first.
        let nonsense = vec![parented(A, Some(A)), moved(B, f64::from(x))];
        ask(&agent, &mut harness, head, nonsense);
        if harness.engine.status().safe_mode.is_some() {
            break;
        }
        for scope in ["operation:parent", "operation:transform", "automation"] {
            let _ = reset(&mut harness, Role::Cli, scope);
        }
    }
    assert!(harness.engine.status().safe_mode.is_some());
    let safe = refused(Code::SafeMode);
    let head = harness.engine.head_seq();
    assert_eq!(ask(&agent, &mut harness, head, vec![moved(A, 1.0)]), safe);
    harness.edit(Role::Blender, vec![renamed(A, "by hand")]);
    harness.settle();
    assert_eq!(name_in_unity(&harness, A), Some("by hand"), "people go on");
    harness.crash();
    harness.connect_all();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 1.0)]),
        safe,
        "it outlasts the daemon"
    );
    assert_eq!(
        reset(&mut harness, Role::Agent, "safe-mode"),
        Err(Code::MessageUnknown),
        "automation does not end it"
    );
    let head = harness.engine.head_seq();
    assert_eq!(ask(&agent, &mut harness, head, vec![moved(A, 1.0)]), safe);
    assert!(
        reset(&mut harness, Role::Cli, "safe-mode")
            .unwrap()
            .is_some()
    );
    let told =
        |message: &DaemonMessage| matches!(message, DaemonMessage::Governance { safe_mode: None });
    for role in Role::EDITORS {
        assert!(
            harness.wires[&role].to_editor.iter().any(told),
            "both editors hear of it"
        );
    }
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&agent, &mut harness, head, vec![moved(A, 1.0)]),
        ACCEPTED
    );
}

#[test]
fn repeated_crashes_of_the_daemon_begin_safe_mode() {
    let mut harness = harness();
    // Each start settles transactions of the previous run. That does not make the start a success.
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    for _ in 0..3 {
        assert_eq!(harness.engine.status().safe_mode, None);
        harness.crash();
    }
    assert_eq!(
        harness.engine.status().safe_mode,
        None,
        "the first of them had done something"
    );
    harness.crash();
    let safe_mode = harness.engine.status().safe_mode.unwrap();
    assert_eq!(safe_mode.why, "the daemon has crashed 3 times in a row");
    harness.connect(Role::Blender);
    harness.settle();
    harness.crash();
    assert_eq!(record_count(&harness, Phase::SafeMode), 1, "said once");
    let _ = reset(&mut harness, Role::Blender, "safe-mode");
    harness.crash();
    assert_eq!(
        harness.engine.status().safe_mode,
        None,
        "the count begins anew"
    );
}

#[test]
fn crashes_after_a_steady_run_do_not_begin_safe_mode() {
    let mut harness = harness();
    for x in 0..6 {
        harness.crash();
        harness.connect_all();
        harness.edit(Role::Blender, vec![moved(A, f64::from(x) + 1.0)]);
        harness.settle();
    }
    assert_eq!(harness.engine.status().safe_mode, None);
}

#[test]
fn clean_stops_do_not_begin_or_end_safe_mode() {
    let mut harness = harness();
    let stop = |harness: &mut Harness| {
        harness.step(Input::Shutdown);
        harness.crash();
    };
    for _ in 0..6 {
        stop(&mut harness);
    }
    assert_eq!(harness.engine.status().safe_mode, None);
    for _ in 0..4 {
        harness.crash();
    }
    assert!(harness.engine.status().safe_mode.is_some());
    for _ in 0..2 {
        stop(&mut harness);
        assert!(
            harness.engine.status().safe_mode.is_some(),
            "only a person ends it"
        );
    }
}

#[test]
fn start_succeeds_once_the_daemon_has_run_long_enough() {
    let mut harness = Harness::with(Options {
        thresholds: Thresholds::default(),
        ..options()
    });
    let steady = |harness: &Harness| {
        let records = harness.log.iter();
        let steady = records.filter(|record| matches!(record.payload, Payload::Steady {}));
        steady.count()
    };
    let deadline = harness.engine.next_deadline().unwrap();
    assert_eq!(deadline, Thresholds::default().steady_after_ms);
    harness.now = deadline - 1;
    harness.step(Input::Tick);
    assert_eq!(steady(&harness), 0);
    for _ in 0..2 {
        harness.now += 1;
        harness.step(Input::Tick);
        assert_eq!(steady(&harness), 1, "said once");
    }
    assert_eq!(harness.engine.next_deadline(), None);
}

#[test]
fn boot_record_says_whether_the_last_shutdown_was_clean() {
    let clean = |harness: &Harness| {
        let boot = harness.log.iter().rev().find_map(|it| match it.payload {
            Payload::Boot {
                last_shutdown_clean,
                ..
            } => Some(last_shutdown_clean),
            _ => None,
        });
        boot.unwrap()
    };
    let mut harness = Harness::new();
    assert!(clean(&harness), "there was none");
    harness.crash();
    assert!(!clean(&harness));
    harness.step(Input::Shutdown);
    harness.crash();
    assert!(clean(&harness), "it had been told to stop");
}
