//! Checks the free space and the clock.

use std::time::{Duration, SystemTime};

use vibesync_scene::Code;
use vibesync_store::wal::timestamp;

use super::finding::Finding;
use crate::error::Error;
use crate::platform::project::Project;

/// Less free space is a warning, in bytes.
const LOW: u64 = 1 << 30;
/// Less free space is a failure, in bytes: the next large mesh would not fit.
const FULL: u64 = 64 << 20;
/// 2024-01-01 in seconds since 1970. An earlier time means that the clock was never set.
const EARLIEST: Duration = Duration::from_secs(1_704_067_200);
/// Maximum time by which the last record may be ahead of the clock.
const TOLERANCE: Duration = Duration::from_secs(60);

pub(super) fn space(project: &Project) -> Result<Finding, Error> {
    let root = project.root();
    let free = fs4::available_space(root)
        .map_err(|error| Error::io(Code::DiskFull, root, "ask for its free space", error))?;
    let text = format!("{} MiB free", free >> 20);
    match free {
        _ if free < FULL => Err(Error::new(Code::DiskFull, root.display(), text)),
        _ if free < LOW => Ok(Finding::warning("space", Code::DiskFull, text)),
        _ => Ok(Finding::ok("space", text)),
    }
}

/// The log is ordered by sequence, but people and git read its times.
pub(super) fn clock(last_written: Option<SystemTime>) -> Finding {
    let now = SystemTime::now();
    let text = timestamp(now);
    let wrong =
        |why: &str| Finding::uncoded_warning("clock", format!("{text}: {why}; set the clock"));
    if now < SystemTime::UNIX_EPOCH + EARLIEST {
        return wrong("it was never set");
    }
    match last_written {
        Some(last) if last > now + TOLERANCE => wrong("the last record of the log is later"),
        _ => Finding::ok("clock", text),
    }
}
