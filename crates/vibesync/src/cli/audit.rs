//! `vibesync audit`: reads the history in `.git_safety` and restores commits.

pub(super) mod diff;
mod format;
mod restore;

use std::io::Write;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use vibesync_scene::Uuid;
use vibesync_store::audit::CommitInfo;

use super::args::AuditCommand;
use super::registry;
use super::result::{CommandResult, ExitStatus, Failure};
use crate::history;
use crate::platform::project::Project;

pub(super) fn run(
    project: &Project,
    command: &AuditCommand,
    out: &mut impl Write,
) -> CommandResult {
    match command {
        AuditCommand::Log { count, json } => log(project, *count, *json, out),
        AuditCommand::Diff { from, to, json } => {
            diff::run(project, from, to.as_deref(), *json, out)
        }
        AuditCommand::Restore {
            commit,
            uuids,
            reason,
            dry_run,
            yes,
            wait,
            json,
        } => {
            let uuids = uuids.iter().map(|uuid| registry::resolve(project, uuid));
            let uuids = uuids.collect::<Result<Vec<Uuid>, Failure>>()?;
            let options = restore::Options {
                commit,
                uuids: &uuids,
                reason: reason.as_deref(),
                dry_run: *dry_run,
                yes: *yes,
                wait: Duration::from_secs(*wait),
                json: *json,
            };
            restore::run(project, &options, out)
        }
    }
}

fn log(project: &Project, count: usize, json: bool, out: &mut impl Write) -> CommandResult {
    let root = project.audit();
    let Some(history) = history::open_if_exists(&root)? else {
        if !json {
            writeln!(out, "no history yet")?;
        }
        return Ok(ExitStatus::Ok);
    };
    let items = history
        .log()
        .map_err(|error| history::coded(&root, error))?;
    for item in items.take(count) {
        let item = item.map_err(|error| history::coded(&root, error))?;
        match json {
            true => writeln!(out, "{}", as_json(&item))?,
            false => writeln!(out, "{}", line(&item))?,
        }
    }
    Ok(ExitStatus::Ok)
}

fn line(item: &CommitInfo) -> String {
    let CommitInfo {
        label,
        seq,
        operation_id,
        origin,
        agent,
        phase,
        ..
    } = item;
    let (short, time) = (format::short(&item.commit), time(item));
    let operation = operation_id.as_deref().unwrap_or("-");
    let agent = agent.as_ref();
    let agent = agent.map_or_else(String::new, |agent| format!(" {agent}"));
    format!("{short} {time} {seq:>6} {phase:<8} {label} by {origin}{agent} | operation={operation}")
}

fn as_json(item: &CommitInfo) -> Value {
    json!({
        "commit": item.commit,
        "time": time(item),
        "seq": item.seq,
        "chain_hash": item.chain_hash,
        "operation_id": item.operation_id,
        "origin": item.origin,
        "agent": item.agent,
        "phase": item.phase,
        "label": item.label,
    })
}

fn time(item: &CommitInfo) -> String {
    let since = Duration::from_secs(u64::try_from(item.time).unwrap_or_default());
    humantime::format_rfc3339_seconds(SystemTime::UNIX_EPOCH + since).to_string()
}
