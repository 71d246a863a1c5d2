//! Reads the daemon's use of processor and memory from Linux's `/proc`; unknown on other systems.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::time::{Duration, Instant};

use vibesync_testkit::EditorSession;

/// Duration of one look at the daemon's activity, and the number of idle looks in a row that count as rest. Between
/// two steps of its work the daemon pauses for about one look.
const GLANCE: Duration = Duration::from_millis(500);
const GLANCES: usize = 4;

/// Waits until the projections have caught up, at most `longest`. Returns the time that it took.
pub fn settle(a: &mut EditorSession, pid: u32, longest: Duration) -> io::Result<Duration> {
    let begin = Instant::now();
    let mut busy_until = begin;
    let mut idle = 0;
    while idle < GLANCES && begin.elapsed() < longest {
        let before = ProcessorTimes::of(pid);
        a.linger(GLANCE)?;
        let worked = before.and_then(|before| before.passed());
        match worked {
            Some(worked) if worked > GLANCE / 50 => {
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

/// The processor time of each thread of a process, in the nanoseconds of the scheduler's own count: `stat` counts
/// hundredths of a second.
pub struct ProcessorTimes {
    pid: u32,
    threads: HashMap<String, Duration>,
}

impl ProcessorTimes {
    pub fn of(pid: u32) -> Option<Self> {
        let mut threads = HashMap::new();
        for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
            let thread = thread.ok()?;
            // A thread may end meanwhile.
            let Ok(counted) = fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let nanoseconds = counted.split(' ').next()?.parse().ok()?;
            let name = thread.file_name().to_string_lossy().into_owned();
            threads.insert(name, Duration::from_nanos(nanoseconds));
        }
        Some(Self { pid, threads })
    }

    /// Returns the processor time that has passed since. A thread that has ended meanwhile does not count.
    pub fn passed(&self) -> Option<Duration> {
        let now = Self::of(self.pid)?;
        let passed = now.threads.iter().map(|(name, after)| {
            let before = self.threads.get(name).copied();
            after.saturating_sub(before.unwrap_or_default())
        });
        Some(passed.sum())
    }
}

/// Returns the memory in use now, MB (10^6 bytes).
pub fn resident(pid: u32) -> Option<f64> {
    memory(pid, "VmRSS:")
}

/// Returns the resident pages of files, MB: programs, libraries and packs of the history that are mapped. The system
/// takes them back when it needs them.
pub fn resident_files(pid: u32) -> Option<f64> {
    memory(pid, "RssFile:")
}

/// Returns the peak memory, MB.
pub fn peak(pid: u32) -> Option<f64> {
    memory(pid, "VmHWM:")
}

fn memory(pid: u32, key: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    let kibibytes: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
