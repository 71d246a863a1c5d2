//! Formats one record of the transaction log as one line.

use std::fmt::{self, Write};

use vibesync_scene::{
    AgentName, Change, Components, Entity, EntityKind, LostRecords, Payload, Role, Uuid, Viewed,
};
use vibesync_store::wal::Entry;

use super::call_format::write_call;
use super::decision_format::DecisionSummary;
use crate::cli::text::{Sanitized, fit, shorten_uuids, wire_name};

/// Maximum number of uuids in one line.
const NAMED: usize = 3;

/// Formats one record: a summary, then the fields that are useful for a search.
pub(super) fn record_line(entry: &Entry) -> String {
    let Entry {
        seq,
        timestamp,
        process_id,
        version,
        body,
        ..
    } = entry;
    let phase = wire_name(&body.phase);
    let outcome = wire_name(&body.outcome);
    let summary = summary(entry);
    let mut line = format!("{seq:>6} {timestamp} {phase:<11} {outcome:<11} {summary}");
    line.push_str(" |");
    let mut field = |name: &str, value: &dyn fmt::Display| {
        // Writing to a string cannot fail.
        let _ = write!(line, " {name}={value}");
    };
    if let Some(id) = body.operation_id {
        field("operation", &id);
    }
    if !body.uuids.is_empty() {
        field("uuids", &uuids(&body.uuids));
    }
    if let Some(id) = body.session_id {
        field("session", &id);
    }
    if let Some(code) = body.error_code {
        field("error", &code);
    }
    field("process", process_id);
    field("schema", version);
    line
}

/// Formats one record for a terminal: without the date, with short ids, at most so many columns wide.
pub(super) fn short_line(entry: &Entry, columns: usize) -> String {
    let body = &entry.body;
    let time = entry.timestamp.get(11..19).unwrap_or_default();
    let (seq, phase) = (entry.seq, wire_name(&body.phase));
    let mut line = format!("{seq:>6} {time} {phase:<11} ");
    if let Some(code) = body.error_code {
        line.push_str(&format!("{code} "));
    }
    line.push_str(&shorten_uuids(&summary(entry)));
    fit(&line, columns)
}

/// Returns the day of a record, in UTC.
pub(super) fn day(entry: &Entry) -> &str {
    entry.timestamp.get(..10).unwrap_or_default()
}

/// Describes the content of a record. The first record of a log has no run of the daemon before it.
pub(in crate::cli) fn summary(entry: &Entry) -> String {
    match &entry.body.payload {
        Payload::Boot { daemon_version, .. } if entry.seq == 1 => {
            format!("vibesync {}, the first start", Sanitized(daemon_version))
        }
        payload => PayloadSummary(payload).to_string(),
    }
}

fn uuids(uuids: &[Uuid]) -> String {
    let named = uuids.iter().take(NAMED).map(Uuid::to_string);
    let named = named.collect::<Vec<_>>().join(",");
    match uuids.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named},+{more}"),
    }
}

/// Describes a change: `update object "Cube" 0191...: transform`.
pub(super) fn change_text(change: &Change, before: Option<&Entity>) -> String {
    let uuid = change.uuid();
    let components = change.components();
    let name = components
        .and_then(|components| components.name.as_deref())
        .or_else(|| before.and_then(|entity| entity.components.name.as_deref()));
    let name = name.map_or_else(String::new, |name| format!(" \"{}\"", Sanitized(name)));
    let kind_text =
        |kind: Option<EntityKind>| kind.map_or("entity".to_owned(), |kind| wire_name(&kind));
    let old_kind = kind_text(before.map(|entity| entity.kind));
    let components = components.map_or_else(String::new, component_names);
    match change {
        Change::Create { kind, .. } => {
            let kind = kind_text(Some(*kind));
            format!("create {kind}{name} {uuid}: {components}")
        }
        Change::Update { .. } => format!("update {old_kind}{name} {uuid}: {components}"),
        Change::Delete { .. } => format!("delete {old_kind}{name} {uuid}"),
    }
}

/// Lists the names of the components that are set.
fn component_names(components: &Components) -> String {
    let value = serde_json::to_value(components).unwrap_or_default();
    let names = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str());
    names.collect::<Vec<_>>().join(", ")
}

/// The author of a change: `blender`, or `agent claude`.
pub(super) struct Author<'a>(pub Role, pub Option<&'a AgentName>);

impl fmt::Display for Author<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str())?;
        self.1.iter().try_for_each(|agent| write!(f, " {agent}"))
    }
}

/// The content of a payload on one line.
pub(super) struct PayloadSummary<'a>(pub &'a Payload);

impl fmt::Display for PayloadSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Payload::Begin { .. }
            | Payload::Step { .. }
            | Payload::Provisional {}
            | Payload::End { .. }
            | Payload::Quarantine { .. }
            | Payload::Consult { .. } => write_transaction(f, self.0),
            Payload::Deliver { .. } | Payload::Session { .. } | Payload::Presence { .. } => {
                write_connection(f, self.0)
            }
            Payload::Refusal { .. }
            | Payload::Failure { .. }
            | Payload::Reset { .. }
            | Payload::SafeMode { .. }
            | Payload::Steady {} => write_governance(f, self.0),
            Payload::Agent { .. } | Payload::Approval { .. } => write_agent(f, self.0),
            Payload::Call(_) | Payload::CallEnd(_) | Payload::Grant(_) | Payload::Revocation(_) => {
                write_call(f, self.0)
            }
            Payload::View(viewed) => write_view(f, viewed),
            Payload::Boot { .. }
            | Payload::Shutdown {}
            | Payload::Migrate { .. }
            | Payload::Recover { .. } => write_process(f, self.0),
        }
    }
}

fn write_transaction(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Begin {
            origin,
            agent,
            label,
            steps,
            ..
        } => {
            let (label, origin) = (Sanitized(label), Author(*origin, agent.as_ref()));
            write!(f, "\"{label}\" by {origin}, steps: {steps}")
        }
        Payload::Step {
            index,
            change,
            before,
        } => write!(f, "{index}: {}", change_text(change, before.as_ref())),
        Payload::Provisional {} => write!(f, "applied by its author"),
        Payload::End { begin, .. } => write!(f, "of {begin}{}", EndSummary(payload)),
        Payload::Quarantine {
            origin,
            agent,
            label,
            change,
            ..
        } => {
            let (label, origin) = (Sanitized(label), Author(*origin, agent.as_ref()));
            let change = change_text(change, None);
            write!(f, "\"{label}\" by {origin}, not done: {change}")
        }
        Payload::Consult {
            origin,
            agent,
            label,
            decision,
            ..
        } => {
            let (label, origin) = (Sanitized(label), Author(*origin, agent.as_ref()));
            let decision = DecisionSummary(decision);
            write!(f, "\"{label}\" by {origin}, not done: {decision}")
        }
        _ => Ok(()),
    }
}

fn write_connection(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Deliver {
            role,
            reason,
            detail,
        } => {
            write!(f, "to {} ({})", role.as_str(), Sanitized(reason))?;
            detail
                .iter()
                .try_for_each(|detail| write!(f, ": {}", Sanitized(detail)))
        }
        Payload::Session {
            role,
            connected,
            detail,
            diverged_after,
        } => {
            let change = if *connected {
                "connected"
            } else {
                "disconnected"
            };
            write!(f, "{} {change}: {}", role.as_str(), Sanitized(detail))?;
            diverged_after
                .iter()
                .try_for_each(|seq| write!(f, ", diverged after {seq}"))
        }
        Payload::Presence { role, presence } => {
            write!(f, "{} is {}", role.as_str(), Sanitized(presence))
        }
        _ => Ok(()),
    }
}

fn write_governance(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Refusal {
            origin,
            agent,
            label,
            count,
            detail,
        } => {
            let (origin, detail) = (Author(*origin, agent.as_ref()), Sanitized(detail));
            match count {
                0 | 1 => write!(f, "\"{}\" by {origin}: {detail}", Sanitized(label)),
                count => write!(f, "{count} more by {origin}, at last: {detail}"),
            }
        }
        Payload::Failure {
            at, counts, detail, ..
        } => {
            at.iter()
                .try_for_each(|at| write!(f, "in {}: ", at.as_str()))?;
            write!(f, "{}", Sanitized(detail))?;
            let mut opened = counts.iter().filter(|count| count.opens);
            opened.try_for_each(|it| write!(f, "; blocks {}", it.scope))
        }
        Payload::Reset {
            scope, who, why, ..
        } => write!(f, "{scope} by {}: {}", Sanitized(who), Sanitized(why)),
        Payload::SafeMode { why } => write!(f, "automation is off: {}", Sanitized(why)),
        Payload::Steady {} => write!(f, "running without problems"),
        _ => Ok(()),
    }
}

fn write_agent(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Agent {
            agent,
            mode,
            who,
            why,
            ..
        } => {
            let (who, why) = (Sanitized(who), Sanitized(why));
            write!(f, "{agent}: {} by {who}: {why}", mode.as_str())
        }
        Payload::Approval {
            what,
            decision,
            remember,
            who,
            ..
        } => {
            write!(f, "\"{}\" {}", Sanitized(what), wire_name(decision))?;
            remember
                .iter()
                .try_for_each(|remember| write!(f, " ({})", wire_name(remember)))?;
            who.iter()
                .try_for_each(|who| write!(f, " by {}", Sanitized(who)))
        }
        _ => Ok(()),
    }
}

fn write_view(f: &mut fmt::Formatter<'_>, viewed: &Viewed) -> fmt::Result {
    let who = viewed.agent.as_ref().map_or("a person", AgentName::as_str);
    let (editor, look) = (viewed.editor.as_str(), viewed.look.as_str());
    write!(f, "{who} looked at {editor}: {look}")?;
    if !viewed.camera.is_empty() {
        write!(f, " \"{}\"", Sanitized(&viewed.camera))?;
    }
    write!(f, ", {} x {} pixels", viewed.width, viewed.height)
}

fn write_process(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Boot {
            daemon_version,
            last_shutdown_clean,
            ..
        } => {
            let stop = if *last_shutdown_clean {
                "a clean stop"
            } else {
                "no clean stop"
            };
            write!(f, "vibesync {} after {stop}", Sanitized(daemon_version))
        }
        Payload::Shutdown {} => write!(f, "stopped"),
        Payload::Migrate { what, from, to } => {
            write!(f, "{}: version {to} after {from}", Sanitized(what))
        }
        Payload::Recover {
            who,
            why,
            source,
            recovered_seq,
            lost,
            ..
        } => {
            let (source, who, why) = (Sanitized(source), Sanitized(who), Sanitized(why));
            write!(f, "to {recovered_seq} from {source} by {who}: {why}")?;
            for LostRecords { witness, seq } in lost {
                write!(f, "; {} knew {seq}", Sanitized(witness))?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The end of a transaction: `, by unity` and the other roles and details. Empty for other payloads.
pub(super) struct EndSummary<'a>(pub &'a Payload);

impl fmt::Display for EndSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Payload::End {
            verified_by,
            undelivered_to,
            detail,
            ..
        } = self.0
        else {
            return Ok(());
        };
        write_roles(f, "by", verified_by)?;
        write_roles(f, "owed to", undelivered_to)?;
        detail
            .iter()
            .try_for_each(|detail| write!(f, ", {}", Sanitized(detail)))
    }
}

fn write_roles(f: &mut fmt::Formatter<'_>, label: &str, roles: &[Role]) -> fmt::Result {
    if roles.is_empty() {
        return Ok(());
    }
    let names = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>();
    write!(f, ", {label} {}", names.join(" and "))
}
