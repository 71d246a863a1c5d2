//! Runs a plan from its first event to the final comparison.

use super::counts::Counts;
use super::plan::Plan;
use super::previews::SimPreviews;
use super::trace::Trace;
use super::violation::{Check, Violation};
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
    let mut previews = SimPreviews::new(&world.plan);
    for event in &events {
        if world.over {
            return Ok(());
        }
        let now = world.now;
        world.trace.say(|| format!("{now} ms: {event:?}"));
        world.counts.one("events");
        world.apply_event(event)?;
        previews.happen(world)?;
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
    fn log_is_the_same_without_previews() {
        let mut counts = Counts::default();
        for seed in 1..=60 {
            let plan = Plan::of(seed);
            let with = run(&plan);
            let without = run(&Plan {
                previews: false,
                ..plan
            });
            assert_eq!(with.violation, None, "seed {seed}");
            assert_eq!(with.digest, without.digest, "seed {seed}");
            assert_eq!(without.counts.of("previews sent"), 0, "seed {seed}");
            counts.merge(&with.counts);
        }
        assert!(counts.of("previews put back after a second") > 0);
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
            "daemons ended with groups in flight",
            "daemons killed",
            "editors crashed",
            "editors with another history",
            "entities sent again",
            "logs replaced",
            "starts refused because of a witness",
            "losses of power",
            "previews lost",
            "previews shown",
            "previews of lights, cameras or materials",
            "previews of meshes",
            "segments tidied",
            "sequences made stale",
            "transactions rolled back",
        ] {
            assert!(counts.of(what) > 0, "{what} never happened:\n{counts}");
        }
    }

    /// Names the kinds of events that the runs with agents must have.
    const OF_AGENTS: &[&str] = &[
        "agents refused: budget",
        "agents refused: by a person",
        "agents refused: kept by people",
        "agents refused: mode",
        "agents refused: stale",
        "answers about add-ons",
        "answers about any change",
        "answers about deletions",
        "answers about many changes",
        "answers about restores",
        "answers to questions that were answered",
        "calls cancelled before they began",
        "calls sent to an editor",
        "calls that failed",
        "calls that succeeded",
        "calls whose changes were refused",
        "calls without an answer",
        "changes of calls",
        "changes that a person has allowed",
        "daemons killed",
        "intents whose content was swapped",
        "messages to agents while something is kept",
        "questions allowed for good",
        "questions allowed once",
        "questions allowed until a stop",
        "questions expired",
        "questions refused",
        "restored by agents",
        "undone by agents",
        "undone by people",
    ];

    #[test]
    fn agents_and_people_keep_the_invariants() {
        let mut counts = Counts::default();
        for seed in 1..=200 {
            let outcome = run(&Plan::of_agents(seed));
            assert_eq!(outcome.violation, None, "seed {seed}");
            counts.merge(&outcome.counts);
        }
        for what in OF_AGENTS {
            assert!(counts.of(what) > 0, "{what} never happened:\n{counts}");
        }
    }
}
