//! Room and time.

use std::time::{Duration, SystemTime};

use vibesync_scene::Code;
use vibesync_store::wal::timestamp;

use super::Finding;
use crate::error::Error;
use crate::project::Project;

/// Less is worth a warning, in bytes.
const LOW: u64 = 1 << 30;
/// Less stops the next large mesh, in bytes.
const FULL: u64 = 64 << 20;
/// 2024-01-01 in seconds since 1970: a clock before it was never set.
const RELEASED: Duration = Duration::from_secs(1_704_067_200);
/// How far the last record may be ahead of the clock before the clock is called wrong.
const TOLERANCE: Duration = Duration::from_secs(60);

pub(super) fn space(project: &Project) -> Result<Finding, Error> {
    let root = project.root();
    let free = fs4::available_space(root)
        .map_err(|error| Error::io(Code::DiskFull, root, "ask for its free space", &error))?;
    let text = format!("{} MiB free", free >> 20);
    match free {
        _ if free < FULL => Err(Error::new(Code::DiskFull, root.display(), text)),
        _ if free < LOW => Ok(Finding::warn("space", Code::DiskFull, text)),
        _ => Ok(Finding::ok("space", text)),
    }
}

/// Order in the log is by sequence, never by time; but people and git read times.
pub(super) fn clock(last_written: Option<SystemTime>) -> Finding {
    let now = SystemTime::now();
    let text = timestamp(now);
    let wrong = |why: &str| {
        let text = format!("{text}: {why}; set the clock");
        Finding {
            state: super::State::Warn,
            name: "clock",
            text,
        }
    };
    if now < SystemTime::UNIX_EPOCH + RELEASED {
        return wrong("it was never set");
    }
    match last_written {
        Some(last) if last > now + TOLERANCE => wrong("the log was written later than that"),
        _ => Finding::ok("clock", text),
    }
}
