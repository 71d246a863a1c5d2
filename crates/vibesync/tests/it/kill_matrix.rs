//! The daemon, killed at each of its operations on files in turn: created, written, made durable, renamed, linked, removed.
//!
//! A story in chapters is played, each by a daemon of its own, and what every chapter does to files is noted and counted:
//! that of the log, of checkpoints, registry and blobs, of git, of the project and of the user's runtime folder. Then each
//! chapter is played again from where it began, as often as there are points, and ends with a SIGKILL at that point. After
//! it a plain start must find everything that was acknowledged, and bring both editors together.
//!
//! `VIBESYNC_KILL_AT` takes the points alone whose name, as a failure tells it, has this text in it.
//!
//! There are more points than CI has time for. It takes `VIBESYNC_KILLS` of them (a number, or `all`), spread over all with
//! `VIBESYNC_SEED`; `scripts/kill-matrix` takes all.

mod state;
mod story;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vibesync_testkit::Random;
use vibesync_testkit::fault_injection::{self, FaultInjector, Point, When};

use self::state::State;
use self::story::STORY;

/// Points that CI takes.
const SAMPLE: usize = 120;
/// Runs at the same time: each waits for others most of its time.
const AT_ONCE: usize = 4;

/// Where a chapter can be killed, and where it begins.
struct Points {
    chapter: usize,
    points: Vec<Point>,
}

/// Plays the story once, and notes what is done to files. The state before each chapter, and its points.
fn note(injector: &FaultInjector) -> (Vec<State>, Vec<Points>) {
    let mut states = vec![State::new()];
    let mut all = Vec::new();
    for (chapter, played) in STORY.iter().enumerate() {
        let mut state = states[chapter].copied();
        let trace = tempfile::NamedTempFile::new().unwrap();
        let environment = injector.trace_to(&state.folder(), trace.path());
        state.play(injector, played, environment).unwrap();
        let counts = fault_injection::count_operations(trace.path()).unwrap();
        let points = counts.into_iter().flat_map(|(kind, count)| {
            let whens: &[When] = match kind.starts_with("write ") {
                true => &[When::Before, When::Half, When::After],
                false => &[When::Before, When::After],
            };
            let each = (1..=count).flat_map(|nth| whens.iter().map(move |when| (nth, *when)));
            let point = move |(nth, when)| Point {
                kind: kind.clone(),
                nth,
                when,
            };
            each.map(point).collect::<Vec<_>>()
        });
        let points = points.collect();
        all.push(Points { chapter, points });
        states.push(state);
    }
    (states, all)
}

fn named(chapter: usize, point: &Point) -> String {
    format!("killed {point} in \"{}\"", STORY[chapter].name)
}

/// As many as are wanted, one of each of so many equal parts.
fn sample(all: Vec<(usize, Point)>, wanted: usize, seed: u64) -> Vec<(usize, Point)> {
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

#[test]
fn nothing_acknowledged_is_lost_wherever_the_daemon_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let injector = FaultInjector::build(folder.path()).unwrap();
    let (states, noted) = note(&injector);
    let setting = |name: &str| std::env::var(name).ok();
    let at = setting("VIBESYNC_KILL_AT").unwrap_or_default();
    let all: Vec<_> = noted
        .into_iter()
        .flat_map(|Points { chapter, points }| {
            points.into_iter().map(move |point| (chapter, point))
        })
        .filter(|(chapter, point)| named(*chapter, point).contains(&at))
        .collect();
    let wanted = match setting("VIBESYNC_KILLS").as_deref() {
        None => SAMPLE,
        Some("all") => all.len(),
        Some(number) => number.parse().unwrap(),
    };
    let by_time = || u64::from(std::process::id());
    let seed = setting("VIBESYNC_SEED").map_or_else(by_time, |seed| seed.parse().unwrap());
    let total = all.len();
    let points = sample(all, wanted, seed);
    println!("{} of {total} points, VIBESYNC_SEED={seed}", points.len());
    let next = AtomicUsize::new(0);
    let (missed, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((chapter, point)) = points.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    let mut state = states[*chapter].copied();
                    let environment = injector.kill_at(&state.folder(), point);
                    if state.play(&injector, &STORY[*chapter], environment).is_ok() {
                        // What is gathered into one write differs from run to run.
                        missed.fetch_add(1, Ordering::Relaxed);
                    }
                    if let Err(why) = state.recovers() {
                        failed
                            .lock()
                            .unwrap()
                            .push(format!("{}: {why}", named(*chapter, point)));
                    }
                }
            });
        }
    });
    let (missed, failed) = (missed.into_inner(), failed.into_inner().unwrap());
    println!("{} killed, {missed} not come to", points.len() - missed);
    assert!(
        failed.is_empty(),
        "{} points:\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(
        missed < points.len().div_ceil(2),
        "most points were not come to"
    );
}
