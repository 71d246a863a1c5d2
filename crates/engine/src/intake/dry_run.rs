//! Dry runs: an intent is checked and planned like any other, and nothing is done.

use vibesync_protocol::{DaemonMessage, Intent, QueryResult, WaitsFor};
use vibesync_scene::{
    Change, Code, FailureHistory, Invalid, PolicyDecision, Role, Scene, SessionId, Verdict,
};

use crate::governance::policy;
use crate::intake::answer::content_digest;
use crate::intake::decide::DecisionInput;
use crate::intake::draft::Refusal;
use crate::intake::pending_intents::{Covered, WaitReason};
use crate::intake::restore_plan::{count_created, count_deleted, summarize};
use crate::journal::Journal;

/// The result of a dry run.
pub(crate) enum Planned {
    /// The intent would be accepted, perhaps after a wait.
    Accepted(Vec<Change>, Option<WaitsFor>),
    /// The intent would be refused.
    Refused(Invalid),
    /// The failure history forbids the intent.
    Blocked(PolicyDecision),
}

/// Plans an intent against the scene as it is now, behind the first `ahead` pending intents. Does not wait.
pub(crate) fn plan(
    input: &DecisionInput<'_>,
    failures: &FailureHistory,
    session: SessionId,
    origin: Role,
    intent: &Intent,
    ahead: usize,
) -> Planned {
    let waits_for = input.find_wait_reason(session, origin, intent, ahead);
    let validated = match input.validate(session, origin, intent, &Covered::new()) {
        Ok(validated) => validated,
        Err(Refusal::Missing(_, invalid) | Refusal::Invalid(invalid)) => {
            return Planned::Refused(invalid);
        }
    };
    let digest = content_digest(intent);
    let decision = policy::decide(failures, origin, &digest, validated.changes());
    if decision.verdict >= Verdict::Block {
        return Planned::Blocked(decision);
    }
    if let Some(quarantined) = validated.quarantined.first() {
        let message = format!(
            "{} has changed at the same time; the change would be set aside",
            quarantined.change.uuid()
        );
        return Planned::Refused(Invalid::new(Code::Conflict, "", message));
    }
    let waits_for = waits_for.map(WaitReason::waits_for);
    Planned::Accepted(validated.accepted, waits_for)
}

/// Sends the plan of an intent.
pub(crate) fn send_plan(
    journal: &mut Journal,
    scene: &Scene,
    session: SessionId,
    intent: &Intent,
    changes: &[Change],
    waits_for: Option<WaitsFor>,
) {
    let result = QueryResult::Plan {
        seq: journal.head_seq(),
        changes: summarize(scene, changes),
        total: changes.len() as u64,
        created: count_created(changes),
        deleted: count_deleted(changes),
        waits_for,
    };
    let request_id = intent.operation_id.0;
    journal.send(session, DaemonMessage::Result { request_id, result });
}
