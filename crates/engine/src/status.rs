//! The state of things, for people and tools.

use serde::Serialize;
use vibesync_protocol::{ErrorBody, MAX_PLANNED, QueryResult, ScopedFailure};
use vibesync_scene::{FailureHistory, ProjectId, Role, SafeMode, SessionId, Uuid};

use crate::engine::Engine;
use crate::intake::edit_activity::InUse;
use crate::session::presence::Presence;

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

/// Something that a person was told had failed, or that was refused.
#[derive(Clone, Debug, Serialize)]
pub struct LastError {
    /// Sequence of the newest record when it happened.
    pub seq: u64,
    /// What, and what to do.
    #[serde(flatten)]
    pub error: ErrorBody,
    /// The entities that it is about.
    pub uuids: Vec<Uuid>,
}

/// Most entities that are kept of an error.
const NAMED: usize = 10;

impl Engine {
    /// Keeps an error for whoever asks for the status.
    pub(crate) fn note_error(&mut self, error: &ErrorBody, uuids: impl Iterator<Item = Uuid>) {
        self.last_error = Some(LastError {
            seq: self.head_seq(),
            error: error.clone(),
            uuids: uuids.take(NAMED).collect(),
        });
    }
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

/// What failed and is not known to work again, the newest first.
pub(crate) fn governance(history: &FailureHistory) -> QueryResult {
    let mut failures: Vec<ScopedFailure> = history
        .iter()
        .map(|(scope, state)| ScopedFailure {
            scope: scope.clone(),
            state: state.clone(),
        })
        .collect();
    let total = failures.len() as u64;
    failures.sort_by_key(|it| (!it.state.open, std::cmp::Reverse(it.state.seq)));
    failures.truncate(MAX_PLANNED);
    QueryResult::Governance {
        safe_mode: history.safe_mode().cloned(),
        failed_boots: history.failed_boots(),
        failures,
        total,
    }
}

pub(crate) fn of(engine: &Engine) -> Status {
    let sessions = engine.sessions.iter().map(|(session_id, session)| {
        let replica = engine
            .sessions
            .replica(session.role)
            .filter(|replica| replica.session == session_id);
        SessionStatus {
            session_id,
            role: session.role,
            editor_version: session.editor_version.clone(),
            state: match session.role.is_editor() {
                true => engine.presences.of(session.role),
                false => Presence::Here(session.state),
            },
            comparing: replica.is_some_and(|replica| replica.inventory.is_some()),
            owed: replica.map_or(0, |replica| replica.queue.len()),
            withheld: replica.map_or(0, |replica| replica.suppressed.len()),
            in_flight: replica
                .and_then(|replica| replica.in_flight.as_ref())
                .map_or(0, |flight| flight.sent.len()),
            hands: engine.edits.active_of(session_id),
        }
    });
    Status {
        project_id: engine.options.project_id,
        head_seq: engine.head_seq(),
        entities: engine.scene.live_count(),
        open_transactions: engine.transactions.len(),
        waiting_intents: engine.waiting.len(),
        paused_intents: engine.waiting.paused(),
        quarantined: engine.scene.quarantined().len(),
        safe_mode: engine.failures.safe_mode().cloned(),
        breakers_open: engine.failures.open_breakers(),
        editors: Role::EDITORS
            .map(|role| EditorStatus {
                role,
                presence: engine.presences.of(role),
            })
            .to_vec(),
        sessions: sessions.collect(),
        last_error: engine.last_error.clone(),
    }
}
