//! Reports about agents, for people and for the agents themselves.

use std::collections::BTreeSet;

use vibesync_protocol::{
    AgentBudget, AgentReport, AgentStatus, ApprovalStatus, OpenApproval, QueryResult,
};
use vibesync_scene::{AgentHistory, AgentName};

use crate::agents::state::Agents;
use crate::session::sessions::Sessions;

/// Returns the answer to the query `agents`: all for a person, itself for an agent.
pub(crate) fn answer(
    agents: &Agents,
    history: &AgentHistory,
    sessions: &Sessions,
    now: u64,
    asked_by: Option<&AgentName>,
) -> QueryResult {
    let is_shown = |name: &AgentName| asked_by.is_none_or(|it| it == name);
    let names = names(agents, history).into_iter();
    let names = names.filter(|name| is_shown(name));
    let reports = names.map(|name| report(agents, history, sessions, name, now));
    let approvals = agents.approvals.iter();
    let approvals = approvals.filter(|it| is_shown(&it.ask.agent));
    QueryResult::Agents {
        agents: reports.collect(),
        approvals: approvals.map(|it| it.shown(now)).collect(),
    }
}

/// Returns the agents of the status.
pub(crate) fn status(
    agents: &Agents,
    history: &AgentHistory,
    sessions: &Sessions,
) -> Vec<AgentStatus> {
    let names = names(agents, history).into_iter();
    let status = names.map(|name| AgentStatus {
        name: name.clone(),
        mode: agents.access(history, name).mode(),
        connected: sessions.is_agent_connected(name),
        last_seq: agents.seen(name).map(|seen| seen.last_seq),
    });
    status.collect()
}

/// Returns the questions of the status.
pub(crate) fn approvals(agents: &Agents) -> Vec<ApprovalStatus> {
    let open = agents.approvals.iter();
    let status = open.map(|it| ApprovalStatus {
        approval_id: it.id,
        agent: it.ask.agent.clone(),
        sentence: it.ask.sentence.clone(),
    });
    status.collect()
}

/// Returns all open questions, as people are shown them.
pub(crate) fn open(agents: &Agents, now: u64) -> Vec<OpenApproval> {
    agents.approvals.iter().map(|it| it.shown(now)).collect()
}

/// Lists the agents that were seen in this run of the daemon, or that a person decided about.
fn names<'a>(agents: &'a Agents, history: &'a AgentHistory) -> BTreeSet<&'a AgentName> {
    let decided = history.decisions().map(|(name, _)| name);
    agents.names().chain(decided).collect()
}

fn report(
    agents: &Agents,
    history: &AgentHistory,
    sessions: &Sessions,
    name: &AgentName,
    now: u64,
) -> AgentReport {
    let access = agents.access(history, name);
    let seen = agents.seen(name);
    let created = seen.map(|seen| seen.created).unwrap_or_default();
    AgentReport {
        name: name.clone(),
        mode: access.mode(),
        decided: access.is_decided(),
        scopes: access.scopes(),
        connected: sessions.is_agent_connected(name),
        client: seen.and_then(|seen| seen.client.clone()),
        last_words: seen.and_then(|seen| seen.last_words.clone()),
        last_seq: seen.map(|seen| seen.last_seq),
        budgets: AgentBudget {
            created: created.count(now),
            created_per_day: agents.options.created_per_day,
            renewed_in_ms: created.renewed_in(now),
        },
        changes: seen.map_or(0, |seen| seen.changes),
    }
}
