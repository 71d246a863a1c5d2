//! Resets of breakers by a person.

use vibesync_protocol::{Code, DaemonMessage, QueryResult, ResetRequest};
use vibesync_scene::{Outcome, Payload, Phase, RecordBody, Role, Scope, SessionId, truncate_text};

use crate::delivery::replicas::Replicas;
use crate::governance::safe_mode::announce_safe_mode;
use crate::journal::Journal;

/// Resets a breaker or ends safe mode. Automation may not do that for itself.
pub(crate) fn reset(
    journal: &mut Journal,
    replicas: &Replicas,
    session: SessionId,
    by: Role,
    request: ResetRequest,
) {
    if !by.is_person() {
        let message = "only a person resets what has failed";
        return journal.send_error(session, Code::MessageUnknown, message, "type");
    }
    let ResetRequest {
        request_id,
        scope,
        who,
        why,
    } = request;
    let failures = journal.failures();
    let is_known = match scope {
        Scope::SafeMode => failures.safe_mode().is_some(),
        _ => failures.get(&scope).is_some(),
    };
    let seq = is_known.then(|| {
        let uuids = match scope {
            Scope::Entity(uuid) => vec![uuid],
            _ => Vec::new(),
        };
        journal.append(RecordBody {
            session_id: Some(session),
            operation_id: None,
            uuids,
            phase: Phase::Reset,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::Reset {
                scope: scope.clone(),
                by,
                who: truncate_text(who),
                why: truncate_text(why),
            },
        })
    });
    if seq.is_some() && scope == Scope::SafeMode {
        announce_safe_mode(journal, replicas);
    }
    let result = QueryResult::Reset { seq };
    journal.send(session, DaemonMessage::Result { request_id, result });
}
