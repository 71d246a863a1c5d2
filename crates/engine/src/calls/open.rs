//! A call that has not ended.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;
use vibesync_protocol::{AddonCommand, CommandResponse, CommandState, ErrorBody};
use vibesync_scene::{Call, Code, Invalid, OperationId, Role, SessionId};

/// The key under which the agent gave the id of its request. The answer repeats it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdKey {
    Request,
    Message,
}

/// The agent's end of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asker {
    pub session: SessionId,
    pub key: IdKey,
}

/// The place of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// The editor has not heard of it.
    Waiting,
    /// The editor of this session has it.
    Sent(SessionId),
}

/// The intent with the changes of a call.
#[derive(Clone, Debug)]
pub(crate) enum CallIntent {
    None,
    /// It is not decided.
    Pending(OperationId, u64),
    /// It was accepted, or changed nothing.
    Kept(Option<OperationId>, u64),
    Refused(ErrorBody),
}

/// A call that has not ended.
#[derive(Debug)]
pub(crate) struct OpenCall {
    pub call: Call,
    /// Sequence of its record.
    pub begin: u64,
    /// The newest session that asked for it; none if that has ended.
    pub asker: Option<Asker>,
    pub params: Map<String, Value>,
    /// Entities of parameters.
    pub resolved: BTreeMap<String, Uuid>,
    /// Whether a person allowed the tool to change nothing.
    pub is_read_only: bool,
    pub stage: Stage,
    pub intent: CallIntent,
    /// The editor's answer, while the intent is not decided.
    pub response: Option<CommandResponse>,
    pub state: CommandState,
    /// The agent has asked to end it.
    pub is_cancelled: bool,
    /// A person has forbidden it while its tool ran: its changes and its result are refused.
    pub is_forbidden: bool,
    /// The editor has said that the tool runs.
    pub has_begun: bool,
    /// Time of its admission, milliseconds.
    pub admitted_at: u64,
    /// Time at which it ends without an answer, milliseconds.
    pub ends_at: u64,
}

impl OpenCall {
    pub fn id(&self) -> Uuid {
        self.call.request_id
    }

    /// Returns true if the editor of this session runs it.
    pub fn is_at(&self, session: SessionId) -> bool {
        self.stage == Stage::Sent(session)
    }
}

/// Returns the sender of a call and its id, which may have two names.
pub(crate) fn identify(
    session: SessionId,
    role: Role,
    command: &AddonCommand,
) -> Result<(Asker, Uuid), Invalid> {
    let refuse = |code, location: &str, message: &str| {
        Err(Invalid::new(code, location.to_owned(), message.to_owned()))
    };
    if role != Role::Agent {
        let message = "only an agent calls add-ons";
        return refuse(Code::MessageUnknown, "type", message);
    }
    let (key, id) = match (command.request_id, command.message_id) {
        (Some(request), Some(message)) if request != message => {
            let message = "request_id and message_id differ";
            return refuse(Code::MessageMalformed, "message_id", message);
        }
        (Some(id), _) => (IdKey::Request, id),
        (None, Some(id)) => (IdKey::Message, id),
        (None, None) => {
            let message = "request_id is missing";
            return refuse(Code::MessageMalformed, "request_id", message);
        }
    };
    Ok((Asker { session, key }, id))
}
