//! `vibesync audit restore`: asks the daemon to restore a commit, and waits for the editors.

use std::io::Write;
use std::time::Duration;

use serde_json::json;
use vibesync_protocol::{PlannedChange, QueryResult, RestoreRequest};
use vibesync_scene::{Code, OperationId, Outcome, Uuid};

use super::format::{headline, short};
use crate::cli::client::Client;
use crate::cli::connect::connect;
use crate::cli::person;
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
    /// Answers the question.
    pub yes: bool,
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
    created: u64,
    deleted: u64,
    operation: Option<OperationId>,
}

impl Plan {
    /// Describes the extent: `creates 1, changes 2 and deletes 3 entities`.
    fn effect(&self) -> String {
        let (created, deleted) = (self.created, self.deleted);
        let changed = self.total.saturating_sub(created).saturating_sub(deleted);
        format!("creates {created}, changes {changed} and deletes {deleted} entities")
    }
}

/// The result of a restore. The outcome is none if the editors have not answered in time.
struct RestoreResult {
    seq: u64,
    outcome: Option<Outcome>,
    error: Option<Error>,
}

pub(super) fn run(project: &Project, options: &Options<'_>, out: &mut impl Write) -> CommandResult {
    let mut plan = ask_daemon(&mut connect(project)?, options, options.commit, true)?;
    if !options.json {
        print_plan(&plan, out)?;
    }
    let mut done = None;
    if plan.total > 0 && !options.dry_run {
        let effect = format!("The restore {}", plan.effect());
        if !options.yes && !person::confirm(&effect, out)? {
            return Ok(ExitStatus::ProblemFound);
        }
        // A new connection: the old one may have ended while the person was asked.
        let mut client = connect(project)?;
        let commit = plan.commit.clone();
        plan = ask_daemon(&mut client, options, &commit, false)?;
        if let Some(operation) = plan.operation {
            done = Some(wait(&mut client, operation, options.wait)?);
        }
    }
    match options.json {
        true => writeln!(out, "{}", as_json(&plan, done.as_ref()))?,
        false => print_result(&plan, done.as_ref(), out)?,
    }
    match done.and_then(|done| done.error) {
        Some(error) => Err(Failure::Coded(error)),
        None => Ok(ExitStatus::Ok),
    }
}

/// Waits for the result of the restore.
fn wait(
    client: &mut Client,
    operation: OperationId,
    time: Duration,
) -> Result<RestoreResult, Error> {
    let seq = client.wait_for_ack(operation, time)?;
    let ended = client.wait_for_outcome(operation, time)?;
    let (outcome, error) = ended.unzip();
    let error = error.flatten();
    Ok(RestoreResult {
        seq,
        outcome,
        error: error.map(|error| Error::new(error.code, error.location, error.message)),
    })
}

/// Asks for the plan, or for the restore itself.
fn ask_daemon(
    client: &mut Client,
    options: &Options<'_>,
    commit: &str,
    dry_run: bool,
) -> Result<Plan, Error> {
    plan(client.restore(RestoreRequest {
        request_id: Uuid::now_v7(),
        commit: commit.to_owned(),
        uuids: options.uuids.to_vec(),
        dry_run,
        label: label(options),
    })?)
}

/// Builds the label of the operation from the user name and the reason.
fn label(options: &Options<'_>) -> String {
    let who = person::user_name().map_or_else(String::new, |who| format!(" ({who})"));
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
            created,
            deleted,
            operation_id,
        } => Ok(Plan {
            commit,
            seq,
            changes,
            total,
            created,
            deleted,
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
    if more > 0 {
        writeln!(out, "and {more} more")?;
    }
    match plan.total {
        0 => Ok(()),
        _ => writeln!(out, "the restore {}", plan.effect()),
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
        "created": plan.created,
        "deleted": plan.deleted,
        "operation_id": plan.operation,
        "seq": done.map(|done| done.seq),
        "outcome": done.and_then(|done| done.outcome),
        "error_code": done.and_then(|done| done.error.as_ref()).map(|error| error.code),
    })
}
