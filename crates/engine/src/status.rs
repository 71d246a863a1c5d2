//! The state of things, for people and tools.

use serde::Serialize;
use vibesync_scene::{ProjectId, Role, SafeMode, Scene, SessionId};

use crate::delivery::replicas::Replicas;
use crate::intake::edit_activity::InUse;
use crate::intake::state::Intake;
use crate::journal::{Journal, LastError};
use crate::options::Options;
use crate::session::presence::Presence;
use crate::session::sessions::Sessions;
use crate::transaction::open_transactions::OpenTransactions;

/// What `vibesync status` shows of the engine.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// The project served.
    pub project_id: ProjectId,
    /// Sequence of the newest record.
    pub head_seq: u64,
    /// Entities that are not deleted.
    pub entities: usize,
    /// OpenTransactions under way.
    pub open_transactions: usize,
    /// Intents that wait for an entity that is still to come, or for a structural change to be verified.
    pub waiting_intents: usize,
    /// Those among them that are automation's and wait until a person's hands have rested.
    pub paused_intents: usize,
    /// How many entities people disagree about.
    pub quarantined: usize,
    /// Whether automation is off, and why.
    pub safe_mode: Option<SafeMode>,
    /// What is not tried again: open breakers.
    pub breakers_open: usize,
    /// How each editor is, also one that is not connected.
    pub editors: Vec<EditorStatus>,
    /// Who is connected.
    pub sessions: Vec<SessionStatus>,
    /// What went wrong last, since the daemon started.
    pub last_error: Option<LastError>,
}

/// What it shows of an editor.
#[derive(Clone, Debug, Serialize)]
pub struct EditorStatus {
    /// Which.
    pub role: Role,
    /// How it is.
    pub presence: Presence,
}

/// What it shows of a client.
#[derive(Clone, Debug, Serialize)]
pub struct SessionStatus {
    /// The connection.
    pub session_id: SessionId,
    /// What it is.
    pub role: Role,
    /// Its version.
    pub editor_version: String,
    /// What it is doing.
    pub state: Presence,
    /// Whether what it holds is still being compared with the scene: what it is owed is known only after that.
    pub comparing: bool,
    /// Entities waiting to be sent to it.
    pub owed: usize,
    /// Entities that are not sent to it because they failed there.
    pub withheld: usize,
    /// Entities in the batch that it is working on.
    pub in_flight: usize,
    /// What its person's hands are on, or were until a moment ago: `all`, uuids, or none.
    pub hands: Option<InUse>,
}

/// Collects the status from the parts of the engine.
pub(crate) fn of(
    options: &Options,
    journal: &Journal,
    scene: &Scene,
    sessions: &Sessions,
    intake: &Intake,
    open: &OpenTransactions,
    replicas: &Replicas,
) -> Status {
    let all = sessions.iter().map(|(session_id, session)| {
        let replica = replicas
            .get(session.role)
            .filter(|replica| replica.session == session_id);
        SessionStatus {
            session_id,
            role: session.role,
            editor_version: session.editor_version.clone(),
            state: match session.role.is_editor() {
                true => sessions.presences.get(session.role),
                false => Presence::Here(session.state),
            },
            comparing: replica.is_some_and(|replica| replica.inventory.is_some()),
            owed: replica.map_or(0, |replica| replica.queue.len()),
            withheld: replica.map_or(0, |replica| replica.suppressed.len()),
            in_flight: replica
                .and_then(|replica| replica.in_flight.as_ref())
                .map_or(0, |flight| flight.sent.len()),
            hands: intake.edits.active_of(session_id),
        }
    });
    Status {
        project_id: options.project_id,
        head_seq: journal.head_seq(),
        entities: scene.live_count(),
        open_transactions: open.len(),
        waiting_intents: intake.pending.len(),
        paused_intents: intake.pending.paused_count(),
        quarantined: scene.quarantined().len(),
        safe_mode: journal.failures().safe_mode().cloned(),
        breakers_open: journal.failures().open_breakers(),
        editors: Role::EDITORS
            .map(|role| EditorStatus {
                role,
                presence: sessions.presences.get(role),
            })
            .to_vec(),
        sessions: all.collect(),
        last_error: journal.last_error().cloned(),
    }
}
