//! What the daemon takes of the machine, from Linux's `/proc`; elsewhere it is not known.

use std::fs;
use std::io;
use std::time::{Duration, Instant};

use vibesync_testkit::EditorSession;

/// How long one look takes whether the daemon is busy, and how many must find it idle: between two steps of its work it
/// pauses for as long as one look.
const GLANCE: Duration = Duration::from_millis(500);
const GLANCES: usize = 4;

/// Waits until what the last changes set going (registry, audit) has come to its end, but not longer than `longest`.
/// Says how long it was.
pub fn settle(a: &mut EditorSession, pid: u32, longest: Duration) -> io::Result<Duration> {
    let begin = Instant::now();
    let mut busy_until = begin;
    let mut idle = 0;
    while idle < GLANCES && begin.elapsed() < longest {
        let before = processor_time(pid);
        a.linger(GLANCE)?;
        match (before, processor_time(pid)) {
            (Some(before), Some(after)) if after.saturating_sub(before) > GLANCE / 50 => {
                busy_until = Instant::now();
                idle = 0;
            }
            _ => idle += 1,
        }
    }
    Ok(match idle {
        GLANCES => busy_until - begin,
        _ => begin.elapsed(),
    })
}

/// Of all threads, as the scheduler counts it: in nanoseconds, where `stat` counts in hundredths of a second.
pub fn processor_time(pid: u32) -> Option<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let counted = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        total += Duration::from_nanos(counted.split(' ').next()?.parse().ok()?);
    }
    Some(total)
}

/// Memory that it holds now, MB (10^6 bytes).
pub fn resident(pid: u32) -> Option<f64> {
    memory(pid, "VmRSS:")
}

/// The most that it ever held, MB.
pub fn peak(pid: u32) -> Option<f64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, key: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
