//! Kill points: a choice among them, and the check of each.
//!
//! A normal test run takes a sample of the kill points. Set `VIBESYNC_KILLS` to take another number of them, or `all`.
//! The sample depends on `VIBESYNC_SEED`. With `VIBESYNC_KILL_AT`, only points whose description contains its text are
//! taken.

#![allow(
    clippy::print_stdout,
    reason = "the output of a failed test tells how to repeat the choice"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vibesync_testkit::Random;

/// Number of runs at the same time. Each waits for the disk and for timers most of its time.
const AT_ONCE: usize = 4;

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

/// Chooses among all points as the environment says. Prints how to repeat the choice.
pub fn choose<T: Clone>(
    mut all: Vec<T>,
    default: usize,
    describe: &dyn Fn(&T) -> String,
) -> Vec<T> {
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
    println!("{} of {total} points, VIBESYNC_SEED={seed}", points.len());
    points
}

/// Kills at each point and fails with those after which something is wrong. `kill` returns whether its point was
/// reached, and the result of the checks after it.
pub fn check_all<T: Sync>(
    points: &[T],
    describe: &(dyn Fn(&T) -> String + Sync),
    kill: impl Fn(&T) -> (bool, Result<(), String>) + Sync,
) {
    let next = AtomicUsize::new(0);
    let (unreached, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(point) = points.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (reached, checked) = kill(point);
                    if !reached {
                        unreached.fetch_add(1, Ordering::Relaxed);
                    }
                    if let Err(why) = checked {
                        let mut failed = failed.lock().unwrap();
                        failed.push(format!("{}: {why}", describe(point)));
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
