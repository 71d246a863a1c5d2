//! Measures the daemon's memory and processor time with a hundred thousand entities and two connected, idle editors.

use std::time::{Duration, Instant};

use vibesync_scene::Role;

use crate::harness::{Fallible, Harness, Receiving, join};
use crate::process;
use crate::report::{Bar, Report};
use crate::scene;

const ENTITIES: usize = 100_000;
const IDLE: Duration = Duration::from_secs(10);
const LONGEST_CATCHING_UP: Duration = Duration::from_secs(90);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), "")?;
    let pid = daemon.pid();
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let begin = Instant::now();
    scene::populate(&mut a, &mut b, ENTITIES)?;
    report.value("all_arrived", begin.elapsed().as_secs_f64(), "s")?;
    let b = Receiving::start(b);
    let settled = process::settle(&mut a, pid, LONGEST_CATCHING_UP)?;
    report.value("settled_after", settled.as_secs_f64(), "s")?;

    let begin = (process::ProcessorTimes::of(pid), Instant::now());
    a.linger(IDLE)?;
    let worked = begin.0.and_then(|before| before.passed());
    let share = worked.map(|worked| 100.0 * worked.as_secs_f64() / begin.1.elapsed().as_secs_f64());
    // Without numbers from the system, neither bar is met.
    let unknown = f64::NAN;
    report.bound(
        "idle_cpu",
        share.unwrap_or(unknown),
        "% of one core",
        Bar::AtMost(0.2),
    )?;
    let memory = process::resident(pid).unwrap_or(unknown);
    report.bound("memory", memory, "MB", Bar::AtMost(200.0))?;
    if let Some(peak) = process::peak(pid) {
        report.value("peak_memory", peak, "MB")?;
    }
    drop((a, daemon));
    b.end()
}
