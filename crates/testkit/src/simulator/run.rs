//! Runs a plan from its first event to the final comparison.

use super::counts::Counts;
use super::ledger::{Check, Violation};
use super::plan::Plan;
use super::trace::Trace;
use super::world::World;

/// Result of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The first broken invariant, if any.
    pub violation: Option<Violation>,
    /// Counts of the things that happened.
    pub counts: Counts,
    /// The trace, if it was asked for.
    pub story: String,
    /// Hash of the last record; equal for equal runs.
    pub digest: Option<String>,
}

/// Runs a plan.
pub fn run(plan: &Plan) -> Outcome {
    run_with(plan, Trace::default())
}

/// Runs a plan and keeps its trace.
pub fn tell(plan: &Plan) -> Outcome {
    run_with(plan, Trace::listening())
}

fn run_with(plan: &Plan, trace: Trace) -> Outcome {
    let mut world = World::new(plan.clone(), trace);
    let ended = play(&mut world);
    let digest = world
        .daemon
        .as_ref()
        .map(|daemon| daemon.tip().hash.to_string());
    if let Err(violation) = &ended {
        world
            .trace
            .say(|| format!("BROKEN: {}: {}", violation.invariant, violation.found));
    }
    Outcome {
        violation: ended.err(),
        counts: world.counts,
        story: world.trace.into_text(),
        digest,
    }
}

fn play(world: &mut World) -> Check {
    world.start()?;
    let events = world.plan.events.clone();
    for event in &events {
        if world.over {
            return Ok(());
        }
        let now = world.now;
        world.trace.say(|| format!("{now} ms: {event:?}"));
        world.counts.one("events");
        world.apply_event(event)?;
    }
    world.finale()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_the_same_run_each_time() {
        for seed in 1..=20 {
            let plan = Plan::of(seed);
            let (first, second) = (run(&plan), tell(&plan));
            assert_eq!(first.digest, second.digest, "seed {seed}");
            assert_eq!(first.counts, second.counts, "seed {seed}");
            assert_eq!(second.story, tell(&plan).story, "seed {seed}");
        }
    }

    #[test]
    fn what_should_happen_does() {
        let mut counts = Counts::default();
        for seed in 1..=100 {
            let outcome = run(&Plan::of(seed));
            assert_eq!(outcome.violation, None, "seed {seed}");
            counts.merge(&outcome.counts);
        }
        for what in [
            "acknowledged operations",
            "batches put off",
            "bits flipped",
            "boots refused",
            "changes set aside",
            "checkpoints",
            "daemons ended by the disk",
            "daemons killed",
            "editors crashed",
            "editors with another history",
            "entities sent again",
            "logs replaced",
            "starts refused because of a witness",
            "losses of power",
            "segments tidied",
            "sequences made stale",
            "transactions rolled back",
        ] {
            assert!(counts.of(what) > 0, "{what} never happened:\n{counts}");
        }
    }
}
