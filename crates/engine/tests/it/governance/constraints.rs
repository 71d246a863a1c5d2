//! Content that failed twice is not tried again.

use super::*;

/// Asks an agent for A's new name, which fails in Unity, and lets a person reset the breaker of A.
fn fail_once(harness: &mut Harness, agent: &Agent) {
    let fails = |harness: &mut Harness, fails: &[Uuid]| {
        let unity = harness.wires.get_mut(&Role::Unity).unwrap();
        unity.editor.fails_on = fails.iter().copied().collect();
    };
    fails(harness, &[A]);
    let head = harness.engine.head_seq();
    let asked = ask(agent, harness, head, vec![renamed(A, "bad")]);
    assert_eq!(asked, ACCEPTED);
    harness.settle();
    fails(harness, &[]);
    let _ = reset(harness, Role::Cli, &format!("entity:{A}"));
    harness.settle();
}

#[test]
fn bad_content_is_refused_until_a_reset() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    fail_once(&mut harness, &agent);
    fail_once(&mut harness, &agent);
    for is_restarted in [false, true] {
        if is_restarted {
            harness.crash();
            harness.connect_all();
        }
        let agent = Agent::connect(&mut harness);
        let head = harness.engine.head_seq();
        let asked = ask(&agent, &mut harness, head, vec![renamed(A, "bad")]);
        assert_eq!(asked, BREAKER_OPEN, "restarted: {is_restarted}");
    }
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    let asked = ask(&agent, &mut harness, head, vec![renamed(A, "good")]);
    assert_eq!(asked, ACCEPTED, "other content of the same entity");
    harness.settle();
    let failures = harness.engine.failures();
    let scope = failures.iter().find_map(|(scope, _)| match scope {
        Scope::Content(_) => Some(scope.to_string()),
        _ => None,
    });
    let seq = reset(&mut harness, Role::Cli, &scope.unwrap());
    assert!(seq.unwrap().is_some());
    let head = harness.engine.head_seq();
    let asked = ask(&agent, &mut harness, head, vec![renamed(A, "bad")]);
    assert_eq!(asked, ACCEPTED);
    harness.settle();
    harness.assert_converged();
}
