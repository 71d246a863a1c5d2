//! Formats all records of one operation as a text for people.

use std::fmt::{self, Write};
use std::time::Duration;

use vibesync_scene::{Outcome, Path, Payload, Phase, Verdict};
use vibesync_store::wal::Entry;

use super::decision_format::DecisionSummary;
use super::record_format::{Author, EndSummary, PayloadSummary, change_text};
use crate::cli::filter::is_refusal;
use crate::cli::text::{Sanitized, wire_name};

/// Formats one operation from BEGIN to its end. `entries` are its records in order.
pub(super) fn operation_text(entries: &[Entry]) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write_operation(&mut text, entries);
    text
}

fn write_operation(text: &mut String, entries: &[Entry]) -> fmt::Result {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(());
    };
    write_head(text, first)?;
    for entry in entries {
        if let Payload::Step { change, before, .. } = &entry.body.payload {
            writeln!(text, "  {}", change_text(change, before.as_ref()))?;
        }
    }
    for entry in entries {
        if entry.body.phase != Phase::Step {
            write_event(text, first, entry)?;
        }
    }
    writeln!(text, "  {}", result_text(first, last))
}

/// Writes the id, the origin and the policy decision of an operation.
fn write_head(text: &mut String, first: &Entry) -> fmt::Result {
    if let Some(id) = first.body.operation_id {
        writeln!(text, "operation {id}")?;
    }
    let Payload::Begin {
        origin,
        agent,
        path,
        label,
        base_seq,
        decision,
        ..
    } = &first.body.payload
    else {
        return Ok(());
    };
    let path = match path {
        Path::Fast => "fast",
        Path::Slow => "slow",
    };
    let (label, origin) = (Sanitized(label), Author(*origin, agent.as_ref()));
    writeln!(text, "  \"{label}\" by {origin}, {path} path")?;
    if let Some(session) = first.body.session_id {
        writeln!(text, "  session {session}, had seen sequence {base_seq}")?;
    }
    match decision {
        Some(decision) if decision.verdict != Verdict::Allow => {
            writeln!(text, "  policy: {}", DecisionSummary(decision))
        }
        _ => Ok(()),
    }
}

/// Writes one record, with the time since the first one.
fn write_event(text: &mut String, first: &Entry, entry: &Entry) -> fmt::Result {
    let after = match elapsed(first, entry) {
        Some(after) if entry.seq != first.seq => format!("+{}", Milliseconds(after)),
        _ => String::new(),
    };
    let body = &entry.body;
    let (phase, outcome) = (wire_name(&body.phase), wire_name(&body.outcome));
    let (seq, timestamp) = (entry.seq, &entry.timestamp);
    write!(
        text,
        "  {seq:>6} {timestamp} {after:>12}  {phase:<11} {outcome}"
    )?;
    match &body.payload {
        payload @ Payload::End { .. } => write!(text, "{}", EndSummary(payload))?,
        payload @ (Payload::Deliver { .. }
        | Payload::Quarantine { .. }
        | Payload::Consult { .. }
        | Payload::Refusal { .. }
        | Payload::Approval { .. }) => write!(text, " {}", PayloadSummary(payload))?,
        _ => {}
    }
    if let Some(code) = body.error_code {
        write!(text, " [{code}: {}]", code.title())?;
    }
    writeln!(text)
}

/// Describes the final state of an operation.
fn result_text(first: &Entry, last: &Entry) -> String {
    let took = elapsed(first, last)
        .map_or_else(String::new, |took| format!(" after {}", Milliseconds(took)));
    match last.body.phase {
        Phase::Final | Phase::Commit if has_no_receiver(&last.body.payload) => {
            format!("committed{took}; no other editor has these entities")
        }
        Phase::Final | Phase::Commit if last.body.outcome == Outcome::Undelivered => {
            format!("committed{took}; an editor that was away receives it when it returns")
        }
        Phase::Final | Phase::Commit => format!("committed and verified{took}"),
        Phase::Rollback => format!("rolled back{took}"),
        _ if is_refusal(&last.body) => "refused: nothing was changed".to_owned(),
        _ => "not ended yet".to_owned(),
    }
}

/// Returns true if no other editor received the transaction or has still to receive it.
fn has_no_receiver(end: &Payload) -> bool {
    matches!(end, Payload::End { verified_by, undelivered_to, .. } if verified_by.is_empty() && undelivered_to.is_empty())
}

fn elapsed(first: &Entry, then: &Entry) -> Option<Duration> {
    let time = |entry: &Entry| humantime::parse_rfc3339(&entry.timestamp).ok();
    time(then)?.duration_since(time(first)?).ok()
}

/// A duration in milliseconds, to the microsecond.
struct Milliseconds(Duration);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3} ms", self.0.as_secs_f64() * 1e3)
    }
}
