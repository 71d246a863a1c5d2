//! Quarantine of changes that conflict with the scene, and notices about conflicts.

use vibesync_protocol::{Code, ErrorBody, Severity};
use vibesync_scene::{
    KeptEntities, Outcome, Payload, Phase, Quarantine, RecordBody, Role, Scene, Uuid,
};

use crate::delivery::replicas::Replicas;
use crate::intake::answer::conflict_error;
use crate::intake::names::{MAX_NOTICE_UUIDS, display_name};
use crate::intake::validate::QuarantinedChange;
use crate::journal::Journal;
use crate::session::sessions::Sessions;
use crate::transaction::lifecycle::{Submission, Transactions};

/// Keeps conflicting changes in the log and marks their entities. Returns those entities.
pub(crate) fn quarantine(
    journal: &mut Journal,
    scene: &mut Scene,
    transactions: &mut Transactions,
    submission: &Submission<'_>,
    quarantined: Vec<QuarantinedChange>,
    is_whole_intent: bool,
) -> Vec<Uuid> {
    let Submission {
        session,
        origin,
        agent,
        intent,
        digest,
    } = *submission;
    let mut disputed = Vec::new();
    for QuarantinedChange { change, conflicts } in quarantined {
        let named = conflicts.iter().map(|conflict| conflict.uuid);
        let mut uuids = vec![change.uuid()];
        uuids.extend(named.filter(|uuid| *uuid != change.uuid()));
        uuids.retain(|uuid| scene.row(*uuid).is_some());
        disputed.extend(&uuids);
        let seq = journal.append(RecordBody {
            session_id: Some(session),
            operation_id: Some(intent.operation_id),
            uuids: uuids.clone(),
            phase: Phase::Quarantine,
            outcome: Outcome::Quarantined,
            error_code: Some(Code::Conflict),
            payload: Payload::Quarantine {
                origin,
                agent: agent.cloned(),
                label: intent.label.clone(),
                digest: digest.to_owned(),
                is_whole_intent,
                change,
                conflicts,
            },
        });
        for uuid in uuids {
            scene.quarantine(uuid, Quarantine { seq, origin });
        }
        if is_whole_intent {
            transactions.note_quarantined(intent.operation_id, digest, seq);
        }
    }
    disputed
}

/// Tells the users of all editors about quarantined entities. The origin needs no notice if the answer to its intent
/// said so.
pub(crate) fn notify_disputed(
    journal: &mut Journal,
    scene: &Scene,
    replicas: &Replicas,
    origin: Role,
    disputed: &[Uuid],
    is_answered: bool,
) {
    let Some(first) = disputed.first() else {
        return;
    };
    let mut error = conflict_error();
    error.message = format!(
        "{}: a concurrent change by {} was quarantined",
        display_name(scene, *first),
        origin.as_str()
    );
    let needs_notice = |role: &Role| !(is_answered && *role == origin);
    let editors = Role::EDITORS.into_iter().filter(needs_notice);
    let sessions = editors.filter_map(|role| Some(replicas.get(role)?.session));
    let uuids: Vec<Uuid> = disputed.iter().take(MAX_NOTICE_UUIDS).copied().collect();
    for session in sessions {
        journal.notify(session, Severity::Warning, &error, uuids.clone());
    }
}

/// Tells the author of a change that a concurrent change of this entity stands instead: the clients of a role, or the
/// agent that made the transaction `begin`. An agent is not told of an entity that people keep from it by now.
pub(crate) fn notify_overwritten(
    journal: &mut Journal,
    scene: &Scene,
    sessions: &mut Sessions,
    loser: Role,
    begin: Option<u64>,
    uuid: Uuid,
) {
    if loser == Role::Agent && KeptEntities::new(scene).contains(uuid) {
        return;
    }
    let code = Code::Superseded;
    let name = display_name(scene, uuid);
    let error = ErrorBody {
        code,
        message: format!("{name}: another change, made at the same time as yours, stands"),
        location: uuid.to_string(),
        help: code.help().to_owned(),
    };
    for session in sessions.due_for_notice(loser, begin, uuid, journal.now()) {
        journal.notify(session, Severity::Warning, &error, vec![uuid]);
    }
}
