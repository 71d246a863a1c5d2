//! `vibesync agents`: shows the agents, and decides what they may do.

use std::io::{self, Write};

use serde_json::json;
use vibesync_protocol::{AgentReport, DecideRequest, OpenApproval, SetAgentRequest};
use vibesync_scene::{AgentMode, Remember, Uuid};

use super::agents_args::{AgentsCommand, Decision};
use super::agents_undo;
use super::capabilities;
use super::client::Client;
use super::connect::connect;
use super::id_prefix::IdPrefix;
use super::person;
use super::result::{CommandResult, ExitStatus, Failure, WrongUsage};
use super::text::{Sanitized, wire_name};
use crate::platform::project::Project;

/// Digits of an id that the list prints.
const SHORT: usize = 8;

pub(super) fn run(
    project: &Project,
    command: Option<&AgentsCommand>,
    out: &mut impl Write,
) -> CommandResult {
    let mut daemon = connect(project)?;
    match command {
        None => list(&mut daemon, false, out),
        Some(AgentsCommand::List { json }) => list(&mut daemon, *json, out),
        Some(AgentsCommand::Show { agent, json }) => {
            let (agents, _) = daemon.agents()?;
            match agents.iter().find(|it| it.name == *agent) {
                Some(found) if *json => writeln!(out, "{}", json!(found))?,
                Some(found) => show(found, out)?,
                None => {
                    writeln!(out, "{agent} was not seen, and nobody has decided about it")?;
                    return Ok(ExitStatus::ProblemFound);
                }
            }
            Ok(ExitStatus::Ok)
        }
        Some(AgentsCommand::Work(decision)) => set(&mut daemon, decision, AgentMode::Work, out),
        Some(AgentsCommand::Read(decision)) => set(&mut daemon, decision, AgentMode::Read, out),
        Some(AgentsCommand::Off(decision)) => set(&mut daemon, decision, AgentMode::Off, out),
        Some(AgentsCommand::Ask(decision)) => set(&mut daemon, decision, AgentMode::Ask, out),
        Some(AgentsCommand::Approve {
            approval,
            session,
            always,
            who,
        }) => {
            let remember = match (session, always) {
                (_, true) => Remember::Project,
                (true, false) => Remember::Session,
                (false, false) => Remember::Once,
            };
            answer(&mut daemon, approval, Some(remember), who.as_deref(), out)
        }
        Some(AgentsCommand::Undo(undo)) => agents_undo::run(project, undo, out),
        Some(AgentsCommand::Capabilities { json }) => capabilities::list(&mut daemon, *json, out),
        Some(AgentsCommand::Allow(given)) => capabilities::allow(&mut daemon, given, out),
        Some(AgentsCommand::Revoke { addon, why, who }) => {
            capabilities::revoke(&mut daemon, addon, why, who.as_deref(), out)
        }
        Some(AgentsCommand::Refuse { approval, who }) => {
            answer(&mut daemon, approval, None, who.as_deref(), out)
        }
    }
}

fn list(daemon: &mut Client, json: bool, out: &mut impl Write) -> CommandResult {
    let (agents, approvals) = daemon.agents()?;
    if json {
        writeln!(out, "{}", json!({"agents": agents, "approvals": approvals}))?;
        return Ok(ExitStatus::Ok);
    }
    if agents.is_empty() {
        writeln!(out, "no agent was seen, and nobody has decided about one")?;
    }
    for agent in &agents {
        writeln!(out, "{}", line(agent))?;
    }
    for approval in &approvals {
        write_approval(approval, out)?;
    }
    Ok(ExitStatus::Ok)
}

fn line(agent: &AgentReport) -> String {
    let here = match agent.connected {
        true => "connected",
        false => "away",
    };
    let by = match agent.decided {
        true => "",
        false => " (by the settings)",
    };
    let client = agent.client.as_deref();
    let client = client.map_or_else(String::new, |client| format!(", {}", Sanitized(client)));
    let (name, mode, changes) = (&agent.name, agent.mode.as_str(), agent.changes);
    format!("{name:<16} {mode}{by}, {here}{client}, {changes} changes")
}

fn write_approval(approval: &OpenApproval, out: &mut impl Write) -> io::Result<()> {
    let id = approval.approval_id.to_string();
    let id = id.get(..SHORT).unwrap_or_default();
    let minutes = approval.expires_in_ms / 60_000;
    let sentence = Sanitized(&approval.sentence);
    writeln!(out, "waits {id}: {sentence} (for {minutes} more minutes)")?;
    for detail in &approval.details {
        writeln!(out, "    {}", Sanitized(detail))?;
    }
    writeln!(
        out,
        "    vibesync agents approve {id}, or: vibesync agents refuse {id}"
    )
}

fn show(agent: &AgentReport, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{}", line(agent))?;
    let scopes = agent.scopes.iter().map(ToString::to_string);
    let scopes = scopes.collect::<Vec<_>>().join(", ");
    writeln!(out, "  may, without a question: {}", Sanitized(&scopes))?;
    if let Some(seq) = agent.last_seq {
        writeln!(out, "  last seen at sequence {seq}")?;
    }
    if let Some(words) = &agent.last_words {
        writeln!(out, "  its last words: \"{}\"", Sanitized(words))?;
    }
    let budget = agent.budgets;
    writeln!(
        out,
        "  has created {} of {} entities within a day",
        budget.created, budget.created_per_day
    )
}

fn set(
    daemon: &mut Client,
    decision: &Decision,
    mode: AgentMode,
    out: &mut impl Write,
) -> CommandResult {
    let agent = decision.agent.clone();
    let seq = daemon.set_agent(SetAgentRequest {
        request_id: Uuid::new_v4(),
        agent: agent.clone(),
        mode,
        who: person::name(decision.who.as_deref()),
        why: decision.why.clone(),
    })?;
    writeln!(out, "{agent}: {}, see record {seq}", mode.as_str())?;
    Ok(ExitStatus::Ok)
}

/// Answers a question: allows it for some time, or refuses it.
fn answer(
    daemon: &mut Client,
    prefix: &IdPrefix,
    remember: Option<Remember>,
    who: Option<&str>,
    out: &mut impl Write,
) -> CommandResult {
    let (_, approvals) = daemon.agents()?;
    let approval = find(&approvals, prefix)?;
    let sentence = Sanitized(&approval.sentence);
    let decided = daemon.decide(DecideRequest {
        request_id: Uuid::new_v4(),
        approval_id: approval.approval_id,
        allow: remember.is_some(),
        remember: remember.unwrap_or(Remember::Once),
        who: person::name(who),
    })?;
    let Some(seq) = decided else {
        writeln!(out, "nobody waits for this any more: {sentence}")?;
        return Ok(ExitStatus::ProblemFound);
    };
    match remember {
        Some(remember) => writeln!(
            out,
            "allowed ({}): {sentence}, see record {seq}",
            wire_name(&remember)
        )?,
        None => writeln!(out, "refused: {sentence}, see record {seq}")?,
    }
    Ok(ExitStatus::Ok)
}

/// Finds the open question that begins with these digits.
fn find<'a>(approvals: &'a [OpenApproval], prefix: &IdPrefix) -> Result<&'a OpenApproval, Failure> {
    let mut found = approvals.iter().filter(|it| prefix.matches(it.approval_id));
    let help = "List them with `vibesync agents`.";
    match (found.next(), found.next()) {
        (Some(approval), None) => Ok(approval),
        (None, _) => Err(WrongUsage::new("no open question begins with these digits", help).into()),
        (Some(_), Some(_)) => Err(WrongUsage::new(
            "more than one open question begins with these digits",
            help,
        )
        .into()),
    }
}
