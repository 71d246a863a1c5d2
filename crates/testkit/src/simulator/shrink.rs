//! The fewest events that still break the same.

use super::plan::{Event, Plan};
use super::run::{Outcome, run};

/// Most runs that are spent on it.
const MOST_RUNS: usize = 2_000;

/// Leaves out of a failing plan what it does not need: halves, then smaller pieces, then single events, until nothing
/// more can go.
pub fn shrink(plan: &Plan) -> Plan {
    let Some(broken) = run(plan).violation else {
        return plan.clone();
    };
    let still = |outcome: &Outcome| {
        let violation = outcome.violation.as_ref();
        violation.is_some_and(|it| it.invariant == broken.invariant)
    };
    let mut events = plan.events.clone();
    let (mut runs, mut piece) = (0, events.len().div_ceil(2));
    while piece > 0 {
        let (mut at, mut dropped) = (0, false);
        while at < events.len() && runs < MOST_RUNS {
            let rest = without(&events, at, piece);
            runs += 1;
            if still(&run(&plan.with(rest.clone()))) {
                events = rest;
                dropped = true;
            } else {
                at += piece;
            }
        }
        if !(dropped && piece == 1) {
            piece /= 2;
        }
        if runs >= MOST_RUNS {
            break;
        }
    }
    plan.with(events)
}

fn without(events: &[Event], at: usize, count: usize) -> Vec<Event> {
    let before = events.iter().take(at);
    before
        .chain(events.iter().skip(at + count))
        .cloned()
        .collect()
}
