//! Formats a status: as a page for people, as JSON for programs.

use std::fmt::Write;

use serde_json::{Value, json};
use vibesync_protocol::{EditorPresence, EditorStatus, PreviewCounts, SessionStatus, Status};
use vibesync_scene::Role;

use crate::cli::text::Sanitized;
use crate::error::Error;

/// Formats the page that a person reads.
pub(super) fn page(status: &Status) -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write_page(&mut page, status);
    page
}

fn write_page(page: &mut String, status: &Status) -> std::fmt::Result {
    writeln!(page, "project {}", status.project_id)?;
    writeln!(
        page,
        "sequence {}, {} entities, {} open transactions",
        status.head_seq, status.entities, status.open_transactions,
    )?;
    write_problems(page, status)?;
    let mut is_anybody_here = false;
    for session in editors_and_agents(status) {
        is_anybody_here = true;
        write_session(page, session)?;
    }
    for agent in &status.agents {
        let (name, mode) = (&agent.name, agent.mode.as_str());
        let here = if agent.connected { "connected" } else { "away" };
        let seen = agent.last_seq.filter(|_| !agent.connected);
        let seen = seen.map_or_else(String::new, |seq| format!(", last seen at sequence {seq}"));
        writeln!(page, "agent {name}: {mode}, {here}{seen}")?;
    }
    for approval in &status.approvals {
        let sentence = Sanitized(&approval.sentence);
        writeln!(
            page,
            "a person must answer: {sentence}; see: vibesync agents"
        )?;
    }
    write_previews(page, &status.previews)?;
    for editor in away(status) {
        let (role, presence) = (editor.role.as_str(), editor.presence.as_str());
        writeln!(page, "{role:<8} {presence}")?;
    }
    for editor in &status.editors {
        if let Some(seq) = editor.diverged_after {
            let role = editor.role.as_str();
            writeln!(
                page,
                "{role} knew records that the log lacks; both share what is up to sequence {seq} (VS-5010)"
            )?;
        }
    }
    if !is_anybody_here {
        writeln!(page, "no editor is connected")?;
    }
    match &status.last_error {
        None => Ok(()),
        Some(last) => writeln!(
            page,
            "last error, at sequence {}: {}: {}\n  {}",
            last.seq,
            last.error.code,
            Sanitized(&last.error.message),
            Sanitized(&last.error.help),
        ),
    }
}

fn write_problems(page: &mut String, status: &Status) -> std::fmt::Result {
    let counts = [
        (
            status.waiting_intents,
            "changes wait for an entity that is missing, or for a verification",
        ),
        (
            status.paused_intents,
            "of them come from automation and wait until a person stops editing (VS-3014)",
        ),
        (
            status.quarantined,
            "entities are quarantined, because two people changed them at the same time (VS-3011)",
        ),
    ];
    for (count, text) in counts.into_iter().filter(|(count, _)| *count > 0) {
        writeln!(page, "{count} {text}")?;
    }
    write_lost(page, status)?;
    if let Some(safe_mode) = &status.safe_mode {
        let why = Sanitized(&safe_mode.why);
        writeln!(
            page,
            "safe mode: automation is off, because {why} (VS-8003)"
        )?;
    }
    if let Some(why) = &status.lagging {
        writeln!(
            page,
            "registry, checkpoints or history lag behind the log, and catch up automatically: {}",
            Sanitized(why)
        )?;
    }
    if let Some(damage) = &status.log_damage {
        let damage = Sanitized(damage);
        writeln!(
            page,
            "the log is damaged: {damage}. After a stop: vibesync recover"
        )?;
    }
    match status.breakers_open {
        0 => Ok(()),
        stopped => writeln!(
            page,
            "{stopped} operations are not tried again after repeated failures; see: vibesync governance show (VS-8001)"
        ),
    }
}

/// Names the entities whose bulk data cannot be read.
fn write_lost(page: &mut String, status: &Status) -> std::fmt::Result {
    if status.lost > 0 {
        let lost = status.lost;
        writeln!(
            page,
            "{lost} entities are withheld until an editor sends their bulk data again (VS-5006):"
        )?;
    }
    for entity in &status.lost_entities {
        let (name, why) = (Sanitized(&entity.name), Sanitized(&entity.why));
        writeln!(page, "  \"{name}\" {}: {why}", entity.uuid)?;
    }
    match status.lost - status.lost_entities.len().min(status.lost) {
        0 => Ok(()),
        more => writeln!(page, "  and {more} more; see: vibesync doctor"),
    }
}

fn write_session(page: &mut String, session: &SessionStatus) -> std::fmt::Result {
    writeln!(
        page,
        "{:<8} {:<11} {}: {} entities being applied, {} queued{}",
        session.role.as_str(),
        session.state.as_str(),
        Sanitized(&session.editor_version),
        session.in_flight,
        session.owed,
        match session.comparing {
            true => ", comparing the scenes",
            false => "",
        },
    )
}

fn write_previews(page: &mut String, counts: &PreviewCounts) -> std::fmt::Result {
    if counts.is_zero() {
        return Ok(());
    }
    let PreviewCounts {
        sent,
        superseded,
        refused,
        dropped,
    } = counts;
    writeln!(
        page,
        "previews: {sent} sent, {superseded} superseded, {refused} refused, {dropped} dropped"
    )
}

/// Formats the page that is shown when no daemon answers.
pub(super) fn failure(error: &Error) -> String {
    format!("error {error}\n  {}\n", error.help())
}

/// Returns the status as a JSON value, whose keys are sorted.
pub(super) fn json(status: &Status) -> Value {
    json!(status)
}

/// Formats the reason why there is no status as JSON.
pub(super) fn failure_json(error: &Error) -> Value {
    json!({"error": {"code": error.code, "message": error.message, "place": error.location, "help": error.help()}})
}

/// Returns the editors that were connected before and are not connected now.
fn away(status: &Status) -> impl Iterator<Item = &EditorStatus> {
    let is_here = |role| editors_and_agents(status).any(|session| session.role == role);
    status
        .editors
        .iter()
        .filter(move |editor| editor.presence != EditorPresence::Absent && !is_here(editor.role))
}

/// Returns all sessions except those of the command line, which are there only because it asks.
fn editors_and_agents(status: &Status) -> impl Iterator<Item = &SessionStatus> {
    let sessions = status.sessions.iter();
    sessions.filter(|session| session.role != Role::Cli)
}
