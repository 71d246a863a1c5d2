//! Kills the daemon at each of its file operations in turn: create, write, sync, rename, link, remove.
//!
//! A scenario of several steps runs once, each step with a daemon of its own. The file operations of each step are
//! recorded: those of log, checkpoints, registry, blobs, git, project and runtime folder. Each is a kill point. Then each
//! step runs again for each of its kill points, from the state in which it began, and ends there with a SIGKILL. After
//! the kill, a normal start must find everything that was acknowledged, and both editors must converge.
//!
//! A normal test run takes a sample of the kill points ([`crate::kill_points`]); the script `scripts/kill-matrix` takes
//! all.

mod commands;

use std::io;
use std::path::Path;

use vibesync_testkit::fault_injection::{self, Environment, FaultInjector, Point, When};

use crate::kill_points::{check_all, choose};
use crate::scenario::state::State;
use crate::scenario::{SCENARIO, ScenarioStep};

/// Number of kill points in a normal test run.
const SAMPLE: usize = 120;

/// The kill points of one step of the scenario.
struct Points {
    step: usize,
    points: Vec<Point>,
}

/// Returns the kill points of the operations in a trace.
fn points_in(trace: &Path) -> Vec<Point> {
    let counts = fault_injection::count_operations(trace).unwrap();
    let points = counts.into_iter().flat_map(|(kind, count)| {
        let moments: &[When] = match kind.starts_with("write ") {
            true => &[When::Before, When::Half, When::After],
            false => &[When::Before, When::After],
        };
        let each = (1..=count).flat_map(|nth| moments.iter().map(move |when| (nth, *when)));
        let point = move |(nth, when)| Point {
            kind: kind.clone(),
            nth,
            when,
        };
        each.map(point).collect::<Vec<_>>()
    });
    points.collect()
}

/// Runs the scenario once and records file operations. Returns the state before each step, and its kill points.
fn record_points(injector: &FaultInjector) -> (Vec<State>, Vec<Points>) {
    let mut states = vec![State::new()];
    let mut all = Vec::new();
    for (step, played) in SCENARIO.iter().enumerate() {
        let mut state = states[step].copied();
        let trace = tempfile::NamedTempFile::new().unwrap();
        let environment = injector.trace_to(&state.folder(), trace.path());
        play(&mut state, injector, played, environment).unwrap();
        let points = points_in(trace.path());
        all.push(Points { step, points });
        states.push(state);
    }
    (states, all)
}

/// Runs a step of the scenario with the clock some days ahead.
fn play(
    state: &mut State,
    injector: &FaultInjector,
    step: &ScenarioStep,
    mut environment: Environment,
) -> io::Result<()> {
    let clock = state.folder().join("clock");
    let seconds = format!("{}", step.days * 24 * 3_600);
    vibesync_store::durable::write(&clock, seconds.as_bytes()).map_err(io::Error::other)?;
    environment.extend(injector.shift_clock(&clock));
    state.play(step, |project| project.start_with(&environment))
}

fn describe(step: usize, point: &Point) -> String {
    format!("killed {point} in \"{}\"", SCENARIO[step].name)
}

#[test]
fn no_acknowledged_change_is_lost_at_any_kill_point() {
    let folder = tempfile::tempdir().unwrap();
    let injector = FaultInjector::build(folder.path()).unwrap();
    let (states, recorded) = record_points(&injector);
    let all = recorded
        .into_iter()
        .flat_map(|Points { step, points }| points.into_iter().map(move |point| (step, point)));
    let describe = |(step, point): &(usize, Point)| describe(*step, point);
    let points = choose(all.collect(), SAMPLE, &describe);
    check_all(&points, &describe, |(step, point)| {
        let mut state = states[*step].copied();
        let environment = injector.kill_at(&state.folder(), point);
        // The number of records in one write differs from run to run.
        let reached = play(&mut state, &injector, &SCENARIO[*step], environment).is_err();
        (reached, state.check_recovery())
    });
}
