//! Answers the queries `status` and `governance` from the state of the engine.

use vibesync_protocol::{
    EditorPresence, EditorState, EditorStatus, ErrorBody, LastError, MAX_PLANNED, ObjectsInUse,
    QueryResult, ScopedFailure, SessionStatus, Status,
};
use vibesync_scene::{FailureHistory, Role, Uuid};

use crate::{Engine, InUse, Presence};

/// Maximum number of entities that are kept with an error.
const NAMED: usize = 10;

impl Engine {
    /// Keeps an error for the next status query.
    pub(crate) fn note_error(&mut self, error: &ErrorBody, uuids: impl Iterator<Item = Uuid>) {
        self.last_error = Some(LastError {
            seq: self.head_seq(),
            error: error.clone(),
            uuids: uuids.take(NAMED).collect(),
        });
    }
}

/// Lists the scopes that failed and have not succeeded since: open breakers first, then by age, the newest first.
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

/// Builds the status, except for the fields that the daemon fills in.
pub(crate) fn of(engine: &Engine) -> Status {
    let sessions = engine.sessions.iter().map(|(session_id, session)| {
        let peer = engine
            .sessions
            .peer(session.role)
            .filter(|peer| peer.session == session_id);
        SessionStatus {
            session_id,
            role: session.role,
            editor_version: session.editor_version.clone(),
            state: match session.role.is_editor() {
                true => shown_presence(engine.presences.of(session.role)),
                false => EditorPresence::Reported(session.state),
            },
            comparing: peer.is_some_and(|peer| peer.inventory.is_some()),
            owed: peer.map_or(0, |peer| peer.queue.len()),
            withheld: peer.map_or(0, |peer| peer.withheld.len()),
            in_flight: peer
                .and_then(|peer| peer.in_flight.as_ref())
                .map_or(0, |flight| flight.sent.len()),
            hands: engine.hands.of(session_id).map(shown_objects),
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
                presence: shown_presence(engine.presences.of(role)),
            })
            .to_vec(),
        sessions: sessions.collect(),
        last_error: engine.last_error.clone(),
        lagging: None,
    }
}

fn shown_presence(presence: Presence) -> EditorPresence {
    match presence {
        Presence::Absent => EditorPresence::Absent,
        Presence::Here(state) => EditorPresence::Reported(state),
        Presence::Silent => EditorPresence::Silent,
        Presence::Reloading => EditorPresence::Reported(EditorState::Reloading),
        Presence::Closed => EditorPresence::Closed,
        Presence::Crashed => EditorPresence::Crashed,
    }
}

fn shown_objects(objects: InUse) -> ObjectsInUse {
    match objects {
        InUse::All => ObjectsInUse::All,
        InUse::Some(objects) => ObjectsInUse::Listed(objects),
    }
}
