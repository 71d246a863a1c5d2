//! What the daemon takes of the machine, from Linux's `/proc`; elsewhere nothing is reported.

use std::error::Error;
use std::fs;
use std::time::{Duration, Instant};

use vibesync_testkit::EditorSession;

use crate::report::Report;

const IDLE: Duration = Duration::from_secs(5);

/// How long one look takes whether the daemon is busy, and how long it is looked at in all.
const GLANCE: Duration = Duration::from_millis(500);
const LONGEST_SETTLING: Duration = Duration::from_secs(15);

/// Waits until what the last changes set going (registry, audit) has come to its end, or for `LONGEST_SETTLING`.
pub fn settle(a: &mut EditorSession, pid: u32) -> Result<(), Box<dyn Error>> {
    let end = Instant::now() + LONGEST_SETTLING;
    while Instant::now() < end {
        let before = processor_time(pid);
        a.linger(GLANCE)?;
        match (before, processor_time(pid)) {
            (Some(before), Some(after)) if after - before > GLANCE / 50 => {}
            _ => break,
        }
    }
    Ok(())
}

/// Memory, and processor time while both editors are connected and nobody edits.
pub fn idle(a: &mut EditorSession, pid: u32, report: &mut Report) -> Result<(), Box<dyn Error>> {
    settle(a, pid)?;
    let begin = (processor_time(pid), Instant::now());
    a.linger(IDLE)?;
    if let (Some(before), Some(after)) = (begin.0, processor_time(pid)) {
        let share = (after - before).as_secs_f64() / begin.1.elapsed().as_secs_f64();
        report.value("idle_cpu", share * 100.0, "% of one core");
    }
    if let Some(memory) = memory(pid, "VmRSS:") {
        report.value("idle_rss", memory, "MiB");
    }
    Ok(())
}

/// The most memory that the daemon ever took.
pub fn peak(pid: u32, report: &mut Report) {
    if let Some(memory) = memory(pid, "VmHWM:") {
        report.value("peak_rss", memory, "MiB");
    }
}

/// Of all threads, as the scheduler counts it: in nanoseconds, where `stat` counts in hundredths of a second.
fn processor_time(pid: u32) -> Option<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let counted = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        total += Duration::from_nanos(counted.split(' ').next()?.parse().ok()?);
    }
    Some(total)
}

fn memory(pid: u32, key: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes / 1024.0)
}
