//! The status of the engine, for people and tools.

use vibesync_protocol::{
    EditorPresence, EditorState, EditorStatus, ObjectsInUse, PreviewCounts, SessionStatus, Status,
};
use vibesync_scene::{Role, Scene};

use crate::delivery::state::Delivery;
use crate::intake::edit_activity::InUse;
use crate::intake::state::Intake;
use crate::journal::Journal;
use crate::options::Options;
use crate::session::presence::Presence;
use crate::session::sessions::Sessions;
use crate::transaction::open_transactions::OpenTransactions;

/// Collects the status from the parts of the engine, except for the fields about agents, and those that the daemon fills in.
pub(crate) fn of(
    options: &Options,
    journal: &Journal,
    scene: &Scene,
    sessions: &Sessions,
    intake: &Intake,
    open: &OpenTransactions,
    delivery: &Delivery,
) -> Status {
    let all = sessions.iter().map(|(session_id, session)| {
        let replica = delivery
            .replicas
            .get(session.role)
            .filter(|replica| replica.session == session_id);
        SessionStatus {
            session_id,
            role: session.role,
            editor_version: session.editor_version.clone(),
            state: match session.role.is_editor() {
                true => wire_presence(sessions.presences.get(session.role)),
                false => EditorPresence::Reported(session.state),
            },
            comparing: replica.is_some_and(|replica| replica.inventory.is_some()),
            owed: replica.map_or(0, |replica| replica.queue.len()),
            withheld: replica.map_or(0, |replica| replica.suppressed.len()),
            in_flight: replica
                .and_then(|replica| replica.in_flight.as_ref())
                .map_or(0, |flight| flight.sent.len()),
            hands: intake.edits.active_of(session_id).map(wire_objects),
        }
    });
    let (lost, lost_entities) = delivery.lost.list(scene);
    Status {
        project_id: options.project_id,
        head_seq: journal.head_seq(),
        entities: scene.live_count(),
        open_transactions: open.len(),
        waiting_intents: intake.pending.len(),
        paused_intents: intake.pending.paused_count(),
        quarantined: quarantined_count(scene),
        lost,
        lost_entities,
        safe_mode: journal.failures().safe_mode().cloned(),
        breakers_open: journal.failures().open_breakers(),
        editors: Role::EDITORS
            .map(|role| EditorStatus {
                role,
                presence: wire_presence(sessions.presences.get(role)),
                diverged_after: sessions.diverged.get(&role).copied(),
            })
            .to_vec(),
        sessions: all.collect(),
        last_error: journal.last_error().cloned(),
        lagging: None,
        log_damage: None,
        agents: Vec::new(),
        approvals: Vec::new(),
        previews: PreviewCounts::default(),
    }
}

/// Counts the entities that people disagree about. A deleted one needs no decision any more.
fn quarantined_count(scene: &Scene) -> usize {
    let quarantined = scene.quarantined().iter();
    quarantined
        .filter(|uuid| scene.live(**uuid).is_some())
        .count()
}

fn wire_presence(presence: Presence) -> EditorPresence {
    match presence {
        Presence::Absent => EditorPresence::Absent,
        Presence::Here(state) => EditorPresence::Reported(state),
        Presence::Silent => EditorPresence::Silent,
        Presence::Reloading => EditorPresence::Reported(EditorState::Reloading),
        Presence::Closed => EditorPresence::Closed,
        Presence::Crashed => EditorPresence::Crashed,
    }
}

fn wire_objects(objects: InUse) -> ObjectsInUse {
    match objects {
        InUse::All => ObjectsInUse::All,
        InUse::Some(objects) => ObjectsInUse::Listed(objects),
    }
}
