//! Refused intents in the log: none is missing from the counts, and a flood writes few records.

use std::collections::BTreeMap;

use vibesync_scene::{OperationId, RecordBody};

use super::*;

/// A time in which no record of a refusal is due, and one after which it is, milliseconds.
const MINUTE: u64 = 60_000;

/// Returns the number of refused intents that the log has, by kind of client and code.
fn logged(harness: &Harness) -> BTreeMap<(Role, Code), u64> {
    let mut counts = BTreeMap::new();
    for record in &harness.log {
        let (origin, count) = match &record.payload {
            Payload::Refusal { origin, count, .. } => (*origin, *count),
            Payload::Consult { origin, .. } => (*origin, 1),
            _ => continue,
        };
        let code = record.error_code.unwrap();
        *counts.entry((origin, code)).or_default() += count;
    }
    counts
}

fn refusals(harness: &Harness) -> Vec<&RecordBody> {
    let all = harness.log.iter();
    all.filter(|it| it.phase == Phase::Refused).collect()
}

/// Lets so much time pass.
fn wait(harness: &mut Harness, milliseconds: u64) {
    harness.now += milliseconds;
    harness.step(Input::Tick);
}

fn unknown(number: u128) -> Vec<Change> {
    vec![renamed(Uuid::from_u128(0xDEAD_0000 + number), "nobody")]
}

fn pick(number: u64) -> Vec<Change> {
    match number % 3 {
        0 => vec![renamed(B, "")],
        1 => vec![parented(A, Some(A))],
        // Another content each time.
        _ => vec![renamed(B, ""), moved(A, number as f64)],
    }
}

/// Sends so many wrong intents of an agent, some milliseconds apart. Returns the number of refusals by code.
fn flood(agent: &Agent, harness: &mut Harness, intents: u64) -> BTreeMap<(Role, Code), u64> {
    let mut counts = BTreeMap::new();
    for number in 0..intents {
        harness.now += 20;
        let head = harness.engine.head_seq();
        let (status, code) = ask(agent, harness, head, pick(number));
        assert_eq!(status, AckStatus::Refused, "each has an answer");
        *counts.entry((Role::Agent, code.unwrap())).or_default() += 1;
    }
    counts
}

#[test]
fn flood_of_refused_intents_is_counted_in_few_records() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let before = harness.log.len();
    // One hundred seconds.
    let refused = flood(&agent, &mut harness, 5_000);
    wait(&mut harness, MINUTE);
    assert!(
        harness.log.len() - before < 60,
        "{}",
        harness.log.len() - before
    );
    assert_eq!(logged(&harness), refused, "none is missing");
    assert_eq!(refused.values().sum::<u64>(), 5_000);
    assert_eq!(harness.engine.next_deadline(), quiet(&harness));
}

/// Returns the deadline of an engine without counted refusals.
fn quiet(harness: &Harness) -> Option<u64> {
    let deadline = harness.engine.next_deadline();
    deadline.filter(|at| *at > harness.now + 10 * MINUTE)
}

#[test]
fn first_refusal_of_anybody_is_logged_at_once() {
    let mut harness = harness();
    let id = harness.edit(Role::Blender, unknown(1));
    harness.deliver_all_to_daemon(Role::Blender);
    // The intent waits for its entity for two seconds.
    wait(&mut harness, 3_000);
    let [record] = refusals(&harness)[..] else {
        panic!("one record was expected")
    };
    assert_eq!(record.operation_id, Some(id));
    assert_eq!(record.session_id, harness.wires[&Role::Blender].session);
    assert_eq!(record.uuids, [Uuid::from_u128(0xDEAD_0001)]);
    assert_eq!(record.error_code, Some(Code::UuidUnknown));
    let Payload::Refusal {
        origin,
        count,
        detail,
        ..
    } = &record.payload
    else {
        panic!("{record:?}")
    };
    assert_eq!((*origin, *count), (Role::Blender, 1));
    assert!(detail.contains("changes[0]"), "{detail}");
}

#[test]
fn later_refusals_are_logged_once_a_minute() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let mut last = OperationId(Uuid::nil());
    for expected in [1, 1, 2] {
        for _ in 0..4 {
            let head = harness.engine.head_seq() + 1;
            last = agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
        }
        assert_eq!(refusals(&harness).len(), expected);
        let due = harness.engine.next_deadline();
        assert!(due.is_some_and(|at| at <= harness.now + MINUTE), "{due:?}");
        wait(&mut harness, MINUTE / 2);
    }
    wait(&mut harness, MINUTE / 2);
    wait(&mut harness, MINUTE);
    let counts = refusals(&harness).into_iter().map(|it| match it.payload {
        Payload::Refusal { count, .. } => count,
        _ => 0,
    });
    assert_eq!(counts.collect::<Vec<_>>(), [1, 7, 4]);
    let newest = refusals(&harness).last().unwrap().operation_id;
    assert_eq!(newest, Some(last));
    let head = harness.engine.head_seq() + 1;
    agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
    assert_eq!(
        refusals(&harness).len(),
        4,
        "at once again after a quiet minute"
    );
}

#[test]
fn other_code_or_client_is_logged_at_once() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    ask(&agent, &mut harness, head, vec![renamed(B, "")]);
    ask(&agent, &mut harness, head, vec![parented(A, Some(A))]);
    harness.edit(Role::Unity, vec![parented(A, Some(A))]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(refusals(&harness).len(), 3);
}

#[test]
fn stop_logs_the_refusals_that_were_only_counted() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let refused = flood(&agent, &mut harness, 100);
    assert_ne!(logged(&harness), refused);
    harness.step(Input::Shutdown);
    assert_eq!(logged(&harness), refused);
    assert_eq!(harness.log.last().unwrap().phase, Phase::Shutdown);
}

#[test]
fn blocked_intents_are_counted_after_the_first() {
    let mut harness = with_open_breaker();
    let agent = Agent::connect(&mut harness);
    for x in 1..=50 {
        let head = harness.engine.head_seq();
        let asked = ask(&agent, &mut harness, head, vec![moved(A, f64::from(x))]);
        assert_eq!(asked, BREAKER_OPEN);
    }
    assert_eq!(record_count(&harness, Phase::Consult), 1);
    wait(&mut harness, MINUTE);
    assert_eq!(logged(&harness)[&(Role::Agent, Code::BreakerOpen)], 50);
}
