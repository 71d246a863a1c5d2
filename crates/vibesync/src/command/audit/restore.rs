//! `vibesync audit restore`: asks the daemon to bring back a commit, and waits for what comes of it.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use vibesync_protocol::{PlannedChange, QueryResult, RestoreRequest};
use vibesync_scene::{Code, OperationId, Outcome, Uuid};

use super::{headline, short};
use crate::command::{Ended, Exit, Failure, status};
use crate::error::Error;
use crate::project::Project;
use crate::runtime::RuntimeFolder;
use crate::story::plain;

/// What is wanted back.
pub(super) struct Wanted<'a> {
    pub commit: &'a str,
    pub uuids: &'a [Uuid],
    pub reason: Option<&'a str>,
    pub dry_run: bool,
    /// How long to wait for the editors.
    pub wait: Duration,
    pub json: bool,
}

/// What the daemon makes of it.
struct Plan {
    commit: String,
    seq: u64,
    changes: Vec<PlannedChange>,
    total: u64,
    operation: Option<OperationId>,
}

/// What became of it: sequence, and how the editors took it, unless they have not answered yet.
struct Done {
    seq: u64,
    outcome: Option<Outcome>,
    error: Option<Error>,
}

pub(super) fn restore(project: &Project, wanted: &Wanted<'_>, out: &mut impl Write) -> Ended {
    let mut client = status::connect(project, &RuntimeFolder::from_env()?)?;
    let plan = plan(client.restore(request(wanted))?)?;
    if !wanted.json {
        tell_plan(&plan, out)?;
    }
    let done = match plan.operation {
        None => None,
        Some(operation) => {
            let seq = client.accepted(operation, wanted.wait)?;
            let ended = client.ended(operation, wanted.wait)?;
            let (outcome, error) = ended.unzip();
            let error = error.flatten();
            Some(Done {
                seq,
                outcome,
                error: error.map(|error| Error::new(error.code, error.location, error.message)),
            })
        }
    };
    match wanted.json {
        true => writeln!(out, "{}", as_json(&plan, done.as_ref()))?,
        false => tell_end(&plan, done.as_ref(), out)?,
    }
    match done.and_then(|done| done.error) {
        Some(error) => Err(Failure::Coded(error)),
        None => Ok(Exit::Fine),
    }
}

fn request(wanted: &Wanted<'_>) -> RestoreRequest {
    RestoreRequest {
        request_id: Uuid::now_v7(),
        commit: wanted.commit.to_owned(),
        uuids: wanted.uuids.to_vec(),
        dry_run: wanted.dry_run,
        label: label(wanted),
    }
}

/// Who and why, for people.
fn label(wanted: &Wanted<'_>) -> String {
    let names = ["USER", "USERNAME", "LOGNAME"].into_iter();
    let who = names
        .filter_map(|name| std::env::var(name).ok())
        .find(|name| !name.is_empty());
    let who = who.map_or_else(String::new, |who| format!(" ({who})"));
    let why = wanted
        .reason
        .map_or_else(String::new, |why| format!(": {why}"));
    format!("Restore {}{who}{why}", wanted.commit)
}

fn plan(result: QueryResult) -> Result<Plan, Error> {
    match result {
        QueryResult::Restore {
            commit,
            seq,
            changes,
            total,
            operation_id,
        } => Ok(Plan {
            commit,
            seq,
            changes,
            total,
            operation: operation_id,
        }),
        _ => Err(Error::new(
            Code::MessageMalformed,
            "",
            "the daemon answered something else",
        )),
    }
}

fn tell_plan(plan: &Plan, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "commit {}, sequence {}", short(&plan.commit), plan.seq)?;
    for change in &plan.changes {
        let sign = match change.op.as_str() {
            "create" => '+',
            "delete" => '-',
            _ => '~',
        };
        let kind = plain(&change.kind);
        let line = headline(sign, &kind, change.name.as_deref(), change.uuid);
        match sign {
            '~' => writeln!(out, "{line}: {}", change.components.join(", "))?,
            _ => writeln!(out, "{line}")?,
        }
    }
    let more = plan.total.saturating_sub(plan.changes.len() as u64);
    match more {
        0 => Ok(()),
        _ => writeln!(out, "and {more} more"),
    }
}

fn tell_end(plan: &Plan, done: Option<&Done>, out: &mut impl Write) -> std::io::Result<()> {
    let (Some(operation), Some(done)) = (plan.operation, done) else {
        return match plan.total {
            0 => writeln!(out, "nothing to do: the scene is as it was then"),
            _ => writeln!(out, "nothing was changed; without --dry-run it would be"),
        };
    };
    let how = match done.outcome {
        Some(Outcome::Undelivered) => "an editor that is away gets it when it returns",
        Some(Outcome::Verified) => "the editors hold it",
        Some(_) => "it was undone again",
        None => "the editors have not answered yet",
    };
    writeln!(out, "restored at sequence {}: {how}", done.seq)?;
    writeln!(out, "  vibesync log show {operation}")
}

fn as_json(plan: &Plan, done: Option<&Done>) -> serde_json::Value {
    json!({
        "commit": plan.commit,
        "commit_seq": plan.seq,
        "changes": plan.changes,
        "total": plan.total,
        "operation_id": plan.operation,
        "seq": done.map(|done| done.seq),
        "outcome": done.and_then(|done| done.outcome),
        "error_code": done.and_then(|done| done.error.as_ref()).map(|error| error.code),
    })
}
