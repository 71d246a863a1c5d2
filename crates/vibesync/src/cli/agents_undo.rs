//! `vibesync agents undo`: takes back what an agent did, and waits for the editors.

use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use serde_json::json;
use vibesync_protocol::{LeftOut, LeftOutReason, QueryResult, RevertRequest};
use vibesync_scene::{AgentName, Code, Outcome, Uuid};

use super::client::Client;
use super::connect::connect;
use super::filter::time_or_age;
use super::log::access;
use super::person;
use super::result::{CommandResult, ExitStatus, Failure};
use super::text::{Sanitized, wire_name};
use crate::error::Error;
use crate::platform::project::Project;

/// Number of records that are read together.
const CHUNK: u64 = 500;

/// `vibesync agents undo`
#[derive(Debug, clap::Args)]
pub struct Undo {
    /// Name of the agent
    pub agent: AgentName,
    /// From when on: an age (10m, 2h), a time (2026-01-02T03:04:05Z), or @ and a sequence of the log, which stays
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Since,
    /// Print what would be taken back, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Reason, for the log
    #[arg(long, value_name = "TEXT")]
    pub why: Option<String>,
    /// Name of the person [default: the user name]
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
    /// Maximum seconds to wait for the editors
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub wait: u64,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The value of `--since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Since {
    /// After this record.
    Seq(u64),
    /// From this time on.
    Time(SystemTime),
}

fn since(text: &str) -> Result<Since, String> {
    match text.strip_prefix('@') {
        Some(digits) => {
            let seq = digits.parse();
            seq.map(Since::Seq)
                .map_err(|_| "no sequence follows the @".to_owned())
        }
        None => time_or_age(text).map(Since::Time),
    }
}

pub(super) fn run(project: &Project, undo: &Undo, out: &mut impl Write) -> CommandResult {
    let mut client = connect(project)?;
    let since_seq = match undo.since {
        Since::Seq(seq) => seq,
        Since::Time(time) => last_before(project, client.status()?.head_seq, time)?,
    };
    let plan = ask(&mut client, undo, since_seq, true)?;
    if !undo.json {
        print_plan(&plan, out)?;
    }
    let total = total(&plan);
    if undo.dry_run || total == 0 {
        if undo.json {
            writeln!(out, "{}", json!({"plan": plan, "outcome": null}))?;
        }
        return Ok(ExitStatus::Ok);
    }
    let effect = format!("The undo changes {total} entities");
    if !undo.yes && !person::confirm(&effect, out)? {
        return Ok(ExitStatus::ProblemFound);
    }
    // A new connection: the old one may have ended while the person was asked.
    let mut client = connect(project)?;
    let done = ask(&mut client, undo, since_seq, false)?;
    let QueryResult::Revert {
        operation_id: Some(operation),
        ..
    } = &done
    else {
        writeln!(out, "nothing to do any more")?;
        return Ok(ExitStatus::Ok);
    };
    let time = Duration::from_secs(undo.wait);
    let seq = client.wait_for_ack(*operation, time)?;
    let (outcome, error) = client.wait_for_outcome(*operation, time)?.unzip();
    match undo.json {
        true => writeln!(
            out,
            "{}",
            json!({"plan": done, "seq": seq, "outcome": outcome})
        )?,
        false => {
            let how = how(outcome);
            writeln!(out, "taken back at sequence {seq}: {how}")?;
            writeln!(out, "  vibesync log show {operation}")?;
        }
    }
    match error.flatten() {
        Some(error) => Err(Failure::Coded(Error::new(
            error.code,
            error.location,
            error.message,
        ))),
        None => Ok(ExitStatus::Ok),
    }
}

fn how(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Undelivered) => "an editor that is away receives it when it returns",
        Some(Outcome::Verified) => "the editors hold it",
        Some(_) => "it was rolled back",
        None => "the editors have not answered yet",
    }
}

fn ask(
    client: &mut Client,
    undo: &Undo,
    since_seq: u64,
    dry_run: bool,
) -> Result<QueryResult, Error> {
    let why = undo.why.as_ref();
    let why = why.map_or_else(String::new, |why| format!(": {why}"));
    let result = client.revert(RevertRequest {
        request_id: Uuid::now_v7(),
        agent: undo.agent.clone(),
        operations: Vec::new(),
        since_seq: Some(since_seq),
        dry_run,
        label: format!("Undo what {} did{why}", undo.agent),
        who: Some(person::name(undo.who.as_deref())),
    })?;
    match result {
        QueryResult::Revert { .. } => Ok(result),
        _ => {
            let message = "the daemon sent an unexpected answer";
            Err(Error::new(Code::MessageMalformed, "", message))
        }
    }
}

fn total(plan: &QueryResult) -> u64 {
    match plan {
        QueryResult::Revert { total, .. } => *total,
        _ => 0,
    }
}

fn print_plan(plan: &QueryResult, out: &mut impl Write) -> io::Result<()> {
    let QueryResult::Revert {
        changes,
        total,
        left_out,
        left_out_total,
        ..
    } = plan
    else {
        return Ok(());
    };
    for change in changes {
        let name = change.name.as_deref().unwrap_or_default();
        let (op, kind, uuid) = (&change.op, wire_name(&change.kind), change.uuid);
        let components = change.components.join(", ");
        writeln!(out, "{op} {kind} {} {uuid}: {components}", Sanitized(name))?;
    }
    for item in left_out {
        writeln!(out, "{}", line(item))?;
    }
    let cut = |all: u64, shown: usize| all.saturating_sub(shown as u64);
    let more = cut(*total, changes.len()) + cut(*left_out_total, left_out.len());
    if more > 0 {
        writeln!(out, "and {more} more")?;
    }
    writeln!(out, "takes back {total}, leaves {left_out_total}")
}

fn line(item: &LeftOut) -> String {
    let why = match item.reason {
        LeftOutReason::Changed => "changed since",
        LeftOutReason::Needed => "needed by what stays",
        LeftOutReason::Unavailable => "what it referred to is gone",
    };
    let by = match (&item.agent, item.by) {
        (Some(agent), _) => format!(" by {agent}"),
        (None, Some(role)) => format!(" by {}", role.as_str()),
        (None, None) => String::new(),
    };
    let at = item
        .seq
        .map_or_else(String::new, |seq| format!(" at {seq}"));
    let what = match item.components.is_empty() {
        true => String::new(),
        false => format!(" {}", item.components.join(", ")),
    };
    format!("stays {}{what}: {why}{by}{at}", item.uuid)
}

/// Returns the last record before a time. The clock may have gone back, so it looks from the end.
fn last_before(project: &Project, head: u64, time: SystemTime) -> Result<u64, Error> {
    let wal = project.wal();
    let mut last = head;
    while last > 0 {
        let first = last.saturating_sub(CHUNK - 1).max(1);
        let mut earlier = None;
        let mut is_empty = true;
        for entry in access::read(&wal, first, last)? {
            let entry = entry.map_err(|error| access::coded(&wal, error))?;
            is_empty = false;
            let written = humantime::parse_rfc3339(&entry.timestamp).ok();
            if written.is_some_and(|written| written < time) {
                earlier = Some(entry.seq);
            }
        }
        // Retention has dropped earlier records.
        if earlier.is_some() || is_empty {
            return Ok(earlier.unwrap_or(last));
        }
        last = first - 1;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_sequence_or_a_time() {
        assert_eq!(since("@12"), Ok(Since::Seq(12)));
        assert!(matches!(since("10m"), Ok(Since::Time(_))));
        for text in ["@", "@x", "12", "yesterday"] {
            assert!(since(text).is_err(), "{text}");
        }
    }
}
