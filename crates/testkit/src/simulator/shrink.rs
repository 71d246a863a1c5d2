//! Finds the fewest events of a plan that still break the same invariant.

use super::plan::{Event, Plan};
use super::run::{Outcome, run};

/// Maximum number of runs spent on shrinking.
const MOST_RUNS: usize = 2_000;

/// Removes events that a failing plan does not need: halves, then smaller pieces, then single events.
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
