//! `vibesync audit restore`: asks the daemon to restore a commit, and waits for the editors.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use vibesync_protocol::{PlannedChange, QueryResult, RestoreRequest};
use vibesync_scene::{Code, OperationId, Outcome, Uuid};

use super::format::{headline, short};
use crate::cli::connect::connect;
use crate::cli::person::user_name;
use crate::cli::result::{CommandResult, ExitStatus, Failure};
use crate::cli::text::wire_name;
use crate::error::Error;
use crate::platform::project::Project;

/// Options of the command.
pub(super) struct Options<'a> {
    pub commit: &'a str,
    pub uuids: &'a [Uuid],
    pub reason: Option<&'a str>,
    pub dry_run: bool,
    /// Maximum time to wait for the editors.
    pub wait: Duration,
    pub json: bool,
}

/// The changes that the daemon makes or would make.
struct Plan {
    commit: String,
    seq: u64,
    changes: Vec<PlannedChange>,
    total: u64,
    operation: Option<OperationId>,
}

/// The result of a restore. The outcome is none if the editors have not answered in time.
struct RestoreResult {
    seq: u64,
    outcome: Option<Outcome>,
    error: Option<Error>,
}

pub(super) fn run(project: &Project, options: &Options<'_>, out: &mut impl Write) -> CommandResult {
    let mut client = connect(project)?;
    let plan = plan(client.restore(request(options))?)?;
    if !options.json {
        print_plan(&plan, out)?;
    }
    let done = match plan.operation {
        None => None,
        Some(operation) => {
            let seq = client.wait_for_ack(operation, options.wait)?;
            let ended = client.wait_for_outcome(operation, options.wait)?;
            let (outcome, error) = ended.unzip();
            let error = error.flatten();
            Some(RestoreResult {
                seq,
                outcome,
                error: error.map(|error| Error::new(error.code, error.location, error.message)),
            })
        }
    };
    match options.json {
        true => writeln!(out, "{}", as_json(&plan, done.as_ref()))?,
        false => print_result(&plan, done.as_ref(), out)?,
    }
    match done.and_then(|done| done.error) {
        Some(error) => Err(Failure::Coded(error)),
        None => Ok(ExitStatus::Ok),
    }
}

fn request(options: &Options<'_>) -> RestoreRequest {
    RestoreRequest {
        request_id: Uuid::now_v7(),
        commit: options.commit.to_owned(),
        uuids: options.uuids.to_vec(),
        dry_run: options.dry_run,
        label: label(options),
    }
}

/// Builds the label of the operation from the user name and the reason.
fn label(options: &Options<'_>) -> String {
    let who = user_name().map_or_else(String::new, |who| format!(" ({who})"));
    let why = options
        .reason
        .map_or_else(String::new, |why| format!(": {why}"));
    format!("Restore {}{who}{why}", options.commit)
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
            "the daemon sent an unexpected answer",
        )),
    }
}

fn print_plan(plan: &Plan, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "commit {}, sequence {}", short(&plan.commit), plan.seq)?;
    for change in &plan.changes {
        let sign = match change.op.as_str() {
            "create" => '+',
            "delete" => '-',
            _ => '~',
        };
        let kind = wire_name(&change.kind);
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

fn print_result(
    plan: &Plan,
    done: Option<&RestoreResult>,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let (Some(operation), Some(done)) = (plan.operation, done) else {
        return match plan.total {
            0 => writeln!(out, "nothing to do: the scene is equal to the commit"),
            _ => writeln!(out, "nothing was changed because of --dry-run"),
        };
    };
    let how = match done.outcome {
        Some(Outcome::Undelivered) => "an editor that is away receives it when it returns",
        Some(Outcome::Verified) => "the editors hold it",
        Some(_) => "it was rolled back",
        None => "the editors have not answered yet",
    };
    writeln!(out, "restored at sequence {}: {how}", done.seq)?;
    writeln!(out, "  vibesync log show {operation}")
}

fn as_json(plan: &Plan, done: Option<&RestoreResult>) -> serde_json::Value {
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
