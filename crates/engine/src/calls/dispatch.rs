//! Sends admitted calls to their editors: one at a time each, and none while a person holds what the call names.

use uuid::Uuid;
use vibesync_protocol::{CommandProgress, CommandState, DaemonMessage, EditorCommand};
use vibesync_scene::{Role, Scene, SessionId};

use super::open::{OpenCall, Stage};
use super::state::Calls;
use crate::intake::edit_activity::ActiveEdits;
use crate::journal::Journal;

/// Time that an editor has beyond the deadline, milliseconds: it reports a late tool itself if it can.
pub(crate) const GRACE_MS: u64 = 5_000;
/// Time that a tool may work after it has returned, milliseconds.
pub(crate) const DEFERRED_MS: u64 = 30 * 60_000;

/// Returns the next call to send, with the session of its editor.
pub(crate) fn next(
    calls: &Calls,
    edits: &ActiveEdits,
    scene: &Scene,
    session_of: impl Fn(Role) -> Option<SessionId>,
) -> Option<(Uuid, SessionId)> {
    let waiting = calls.in_order().into_iter();
    let mut waiting = waiting.filter(|open| open.stage == Stage::Waiting);
    waiting.find_map(|open| {
        let role = open.call.editor;
        let session = session_of(role).filter(|_| !calls.is_busy(role))?;
        let is_held = edits.holds_any(scene, open.resolved.values().copied());
        (!is_held).then_some((open.id(), session))
    })
}

/// Sends a call to its editor.
pub(crate) fn send(journal: &mut Journal, open: &mut OpenCall, session: SessionId) {
    let call = &open.call;
    open.stage = Stage::Sent(session);
    open.state = CommandState::Running;
    open.ends_at = journal.now() + call.deadline_ms + GRACE_MS;
    let command = EditorCommand {
        request_id: call.request_id,
        addon_id: call.addon_id.clone(),
        command: call.tool.clone(),
        params: open.params.clone(),
        username: call.agent.to_string(),
        label: format!("{}: {}.{}", call.agent, call.addon_id, call.tool),
        deadline_ms: call.deadline_ms,
        manifest_sha256: call.manifest_sha256.clone(),
        code_sha256: call.code_sha256.clone(),
        resolved: open.resolved.clone(),
    };
    journal.send(session, DaemonMessage::AddonCommand(command));
}

/// Tells the agent how far a call is.
pub(crate) fn report(journal: &mut Journal, open: &OpenCall, message: String) {
    let Some(asker) = open.asker else {
        return;
    };
    let progress = CommandProgress {
        request_id: open.id(),
        state: open.state,
        message,
        elapsed_ms: journal.now().saturating_sub(open.admitted_at),
        approval: None,
    };
    journal.send(asker.session, DaemonMessage::CommandProgress(progress));
}
