//! Kills the daemon at each of its file operations in turn: create, write, sync, rename, link, remove.
//!
//! A scenario of several steps runs once, each step with a daemon of its own. The file operations of each step are
//! recorded: those of log, checkpoints, registry, blobs, git, project and runtime folder. Each is a kill point. Then each
//! step runs again for each of its kill points, from the state in which it began, and ends there with a SIGKILL. After
//! the kill, a normal start must find everything that was acknowledged, and both editors must converge.
//!
//! A normal test run takes a sample of the kill points. Set `VIBESYNC_KILLS` to take another number of them, or `all`.
//! The sample depends on `VIBESYNC_SEED`. With `VIBESYNC_KILL_AT`, only points whose description contains its text are
//! taken. The script `scripts/kill-matrix` takes all.

mod commands;
pub mod scenario;
mod state;

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vibesync_testkit::Random;
use vibesync_testkit::fault_injection::{self, FaultInjector, Point, When};

use self::scenario::SCENARIO;
use self::state::State;

/// Number of kill points in a normal test run.
const SAMPLE: usize = 120;
/// Number of runs at the same time. Each waits for the disk and for timers most of its time.
const AT_ONCE: usize = 4;

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
        state.play(injector, played, environment).unwrap();
        let points = points_in(trace.path());
        all.push(Points { step, points });
        states.push(state);
    }
    (states, all)
}

fn describe(step: usize, point: &Point) -> String {
    format!("killed {point} in \"{}\"", SCENARIO[step].name)
}

/// Divides all points into `wanted` equal parts and takes one point of each.
fn sample<T: Clone>(all: Vec<T>, wanted: usize, seed: u64) -> Vec<T> {
    if wanted >= all.len() {
        return all;
    }
    let bounds = |part: usize| part * all.len() / wanted;
    let mut random = Random::new(seed);
    let pick = |part: usize| {
        let (from, to) = (bounds(part), bounds(part + 1));
        from + random.up_to(to - from - 1)
    };
    let picked: Vec<usize> = (0..wanted).map(pick).collect();
    picked.into_iter().map(|at| all[at].clone()).collect()
}

/// Chooses among all points as the environment says. Also tells how to repeat the choice.
fn choose_points<T: Clone>(
    mut all: Vec<T>,
    default: usize,
    describe: &dyn Fn(&T) -> String,
) -> (Vec<T>, String) {
    let setting = |name: &str| std::env::var(name).ok();
    let at = setting("VIBESYNC_KILL_AT").unwrap_or_default();
    all.retain(|point| describe(point).contains(&at));
    let wanted = match setting("VIBESYNC_KILLS").as_deref() {
        None => default,
        Some("all") => all.len(),
        Some(number) => number.parse().unwrap(),
    };
    let by_time = || u64::from(std::process::id());
    let seed = setting("VIBESYNC_SEED").map_or_else(by_time, |seed| seed.parse().unwrap());
    let total = all.len();
    let points = sample(all, wanted, seed);
    let choice = format!("{} of {total} points, VIBESYNC_SEED={seed}", points.len());
    (points, choice)
}

#[test]
fn no_acknowledged_change_is_lost_at_any_kill_point() {
    let folder = tempfile::tempdir().unwrap();
    let injector = FaultInjector::build(folder.path()).unwrap();
    let (states, recorded) = record_points(&injector);
    let all = recorded
        .into_iter()
        .flat_map(|Points { step, points }| points.into_iter().map(move |point| (step, point)));
    let (points, choice) = choose_points(all.collect(), SAMPLE, &|(step, point)| {
        describe(*step, point)
    });
    println!("{choice}");
    let next = AtomicUsize::new(0);
    let (unreached, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((step, point)) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let mut state = states[*step].copied();
                    let environment = injector.kill_at(&state.folder(), point);
                    if state.play(&injector, &SCENARIO[*step], environment).is_ok() {
                        // The number of records in one write differs from run to run.
                        unreached.fetch_add(1, Ordering::Relaxed);
                    }
                    if let Err(why) = state.check_recovery() {
                        failed
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", describe(*step, point)));
                    }
                }
            });
        }
    });
    let (unreached, failed) = (unreached.into_inner(), failed.into_inner().unwrap());
    println!(
        "{} killed, {unreached} not reached",
        points.len() - unreached
    );
    assert!(
        failed.is_empty(),
        "{} points:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        unreached < points.len().div_ceil(2),
        "most points were not reached"
    );
}
