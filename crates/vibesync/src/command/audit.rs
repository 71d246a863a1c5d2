//! `vibesync audit`: reads the history that the daemon keeps in `.git_safety`, and brings back what it holds.

mod diff;
mod restore;

use std::io::Write;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use vibesync_scene::Uuid;
use vibesync_store::audit::{CommitInfo, History};

use super::{Ended, Exit};
use crate::args::AuditCommand;
use crate::error::Error;
use crate::history;
use crate::project::Project;
use crate::story::Plain;

/// Leading hex digits of a commit id that are shown.
const SHORT: usize = 10;

pub(super) fn perform(project: &Project, command: &AuditCommand, out: &mut impl Write) -> Ended {
    match command {
        AuditCommand::Log { count, json } => log(project, *count, *json, out),
        AuditCommand::Diff { from, to, json } => {
            diff::diff(project, from, to.as_deref(), *json, out)
        }
        AuditCommand::Restore {
            commit,
            uuids,
            reason,
            dry_run,
            wait,
            json,
        } => {
            let wanted = restore::Wanted {
                commit,
                uuids,
                reason: reason.as_deref(),
                dry_run: *dry_run,
                wait: Duration::from_secs(*wait),
                json: *json,
            };
            restore::restore(project, &wanted, out)
        }
    }
}

fn log(project: &Project, count: usize, json: bool, out: &mut impl Write) -> Ended {
    let root = project.audit();
    let Some(history) = open(project)? else {
        if !json {
            writeln!(out, "no history yet")?;
        }
        return Ok(Exit::Fine);
    };
    let items = history
        .log()
        .map_err(|error| history::coded(&root, &error))?;
    for item in items.take(count) {
        let item = item.map_err(|error| history::coded(&root, &error))?;
        match json {
            true => writeln!(out, "{}", as_json(&item))?,
            false => writeln!(out, "{}", line(&item))?,
        }
    }
    Ok(Exit::Fine)
}

/// The repository, where the daemon has made one.
pub(super) fn open(project: &Project) -> Result<Option<History>, Error> {
    let root = project.audit();
    History::open(&root).map_err(|error| history::coded(&root, &error))
}

fn line(item: &CommitInfo) -> String {
    let CommitInfo {
        label,
        seq,
        operation_id,
        origin,
        phase,
        ..
    } = item;
    let (short, time) = (short(&item.commit), time(item));
    let operation = operation_id.as_deref().unwrap_or("-");
    format!("{short} {time} {seq:>6} {phase:<8} {label} by {origin} | operation={operation}")
}

fn as_json(item: &CommitInfo) -> Value {
    json!({
        "commit": item.commit,
        "time": time(item),
        "seq": item.seq,
        "chain_hash": item.chain_hash,
        "operation_id": item.operation_id,
        "origin": item.origin,
        "phase": item.phase,
        "label": item.label,
    })
}

fn time(item: &CommitInfo) -> String {
    let since = Duration::from_secs(u64::try_from(item.time).unwrap_or_default());
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// `~ object "Cube" 0191...`: what happens to an entity.
fn headline(sign: char, kind: &str, name: Option<&str>, uuid: Uuid) -> String {
    let name = name.map_or_else(String::new, |name| format!(" \"{}\"", Plain(name)));
    format!("{sign} {kind}{name} {uuid}")
}
