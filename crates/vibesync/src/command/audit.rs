//! `vibesync audit`: reads the history that the daemon keeps in `.git_safety`.

use std::io::Write;
use std::time::{Duration, SystemTime};

use vibesync_store::audit::{AuditError, History, LogItem};

use super::{Ended, Exit};
use crate::error::Error;
use crate::project::Project;

/// Leading hex digits of a commit id that are shown.
const SHORT: usize = 10;

pub(super) fn log(project: &Project, count: usize, out: &mut impl Write) -> Ended {
    let Some(history) = open(project)? else {
        writeln!(out, "no history yet")?;
        return Ok(Exit::Fine);
    };
    let items = history.log().map_err(|error| coded(project, &error))?;
    for item in items.take(count) {
        let item = item.map_err(|error| coded(project, &error))?;
        writeln!(out, "{}", line(&item))?;
    }
    Ok(Exit::Fine)
}

/// The repository, where the daemon has made one.
pub(super) fn open(project: &Project) -> Result<Option<History>, Error> {
    History::open(&project.audit()).map_err(|error| coded(project, &error))
}

pub(super) fn coded(project: &Project, error: &AuditError) -> Error {
    Error::new(error.code(), project.audit().display(), error.to_string())
}

fn line(item: &LogItem) -> String {
    let LogItem {
        commit,
        label,
        seq,
        operation_id,
        origin,
        phase,
        time,
        ..
    } = item;
    let since = Duration::from_secs(u64::try_from(*time).unwrap_or_default());
    let time = humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since);
    let short = commit.get(..SHORT).unwrap_or(commit);
    let operation = operation_id.as_deref().unwrap_or("-");
    format!("{short} {time} {seq:>6} {phase:<8} {label} by {origin} | operation={operation}")
}
