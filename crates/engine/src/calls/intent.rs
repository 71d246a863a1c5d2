//! The intent with the changes of a call: it is valid only while the editor that sends it runs that call.

use vibesync_protocol::{AckStatus, Intent};
use vibesync_scene::{Code, Invalid, Role, SessionId};

use super::open::{CallIntent, OpenCall};
use super::state::Calls;
use crate::journal::AnsweredCall;

/// Returns the role whose rules hold for an intent: what a tool changes is judged as automation, whatever editor it runs
/// in.
pub(crate) fn judged_role(role: Role, intent: &Intent) -> Role {
    match intent.request_id {
        Some(_) => Role::Agent,
        None => role,
    }
}

/// Notes the intent of a call. Refuses it if the call is not open in this session, has an intent already, or may change
/// nothing. An intent without a call passes.
pub(crate) fn note(calls: &mut Calls, session: SessionId, intent: &Intent) -> Result<(), Invalid> {
    let Some(request_id) = intent.request_id else {
        return Ok(());
    };
    let refuse = |code, message: &str| {
        Err(Invalid::new(
            code,
            "request_id".to_owned(),
            message.to_owned(),
        ))
    };
    let open = calls.get_mut(request_id).filter(|open| open.is_at(session));
    let Some(open) = open else {
        return refuse(
            Code::HandlerLate,
            "the call is over, or never ran in this editor",
        );
    };
    if !matches!(open.intent, CallIntent::None) {
        return refuse(
            Code::ForbiddenChange,
            "a call makes its changes in one intent",
        );
    }
    let changes = intent.changes.len() as u64;
    open.intent = CallIntent::Pending(intent.operation_id, changes);
    match (open.is_forbidden, open.is_read_only) {
        (true, _) => Err(forbidden()),
        (false, true) => refuse(
            Code::ForbiddenChange,
            "a person allowed the tool to change nothing",
        ),
        (false, false) => Ok(()),
    }
}

/// Returns the refusal of all that a call did which a person has forbidden since it began.
pub(crate) fn forbidden() -> Invalid {
    let message = "a person has forbidden the call while its tool ran; its changes are taken back";
    Invalid::new(
        Code::PersonRefused,
        "request_id".to_owned(),
        message.to_owned(),
    )
}

/// Notes the answer to the intent of a call.
pub(crate) fn settle(open: &mut OpenCall, answered: AnsweredCall) {
    let CallIntent::Pending(operation, changes) = open.intent else {
        return;
    };
    if operation != answered.operation_id {
        return;
    }
    open.intent = match (answered.status, answered.error) {
        (AckStatus::Refused, Some(error)) => CallIntent::Refused(error),
        (AckStatus::Accepted | AckStatus::Duplicate, _) => {
            CallIntent::Kept(Some(operation), changes)
        }
        _ => CallIntent::Kept(None, 0),
    };
}
