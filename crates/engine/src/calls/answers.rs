//! Answers to agents, and the answers of calls that have ended: a repeated request gets the same.

use std::collections::VecDeque;

use serde_json::{Value, json};
use uuid::Uuid;
use vibesync_protocol::{CommandAnswer, CommandResponse, DaemonMessage, ErrorBody};
use vibesync_scene::{CallStatus, Code, EndedCall};

use super::admit::Refused;
use super::open::{Asker, IdKey, OpenCall};
use crate::journal::Journal;

/// Most bytes of the answers that are kept. The log has the status and the message of older ones.
const MAX_KEPT: usize = 8 << 20;

/// The newest answers.
#[derive(Debug, Default)]
pub(crate) struct KeptAnswers {
    answers: VecDeque<(Uuid, usize, CommandAnswer)>,
    bytes: usize,
}

impl KeptAnswers {
    /// Keeps an answer; drops the oldest beyond the limit.
    pub fn put(&mut self, request_id: Uuid, answer: CommandAnswer) {
        let size = answer.result.to_string().len() + answer.output.len();
        self.bytes += size;
        self.answers.push_back((request_id, size, answer));
        while self.bytes > MAX_KEPT {
            let Some((_, size, _)) = self.answers.pop_front() else {
                return;
            };
            self.bytes -= size;
        }
    }

    pub fn get(&self, request_id: Uuid) -> Option<&CommandAnswer> {
        let mut newest = self.answers.iter().rev();
        let found = newest.find(|(id, ..)| *id == request_id)?;
        Some(&found.2)
    }
}

/// Sends an answer with the id under the key that the agent used.
pub(crate) fn send(journal: &mut Journal, asker: Asker, request_id: Uuid, answer: CommandAnswer) {
    let id = |key| (asker.key == key).then_some(request_id);
    let answer = CommandAnswer {
        request_id: id(IdKey::Request),
        message_id: id(IdKey::Message),
        ..answer
    };
    journal.send(
        asker.session,
        DaemonMessage::CommandResponse(Box::new(answer)),
    );
}

/// Returns the word that handlers use for an error of a call.
fn error_word(code: Code) -> &'static str {
    match code {
        Code::CapabilityUnknown => "COMMAND_NOT_FOUND",
        Code::HandlerMissing => "NO_HANDLERS",
        Code::ParametersWrong | Code::MessageMalformed => "INVALID_PARAMETERS",
        Code::HandlerFailed | Code::ForbiddenChange => "EXECUTION_FAILED",
        Code::ResultUnusable => "UNSERIALIZABLE_RESULT",
        Code::HandlerLate => "DEFERRED_TIMEOUT",
        _ => "ROUTING_FAILED",
    }
}

/// Returns the result of a call that failed without a result of its own.
pub(crate) fn error_result(error: &ErrorBody) -> Value {
    json!({
        "status": "error",
        "message": error.message,
        "data": {},
        "error_code": error_word(error.code),
    })
}

fn empty(addon_id: &str, command: &str, result: Value, seq: u64) -> CommandAnswer {
    CommandAnswer {
        request_id: None,
        message_id: None,
        addon_id: addon_id.to_owned(),
        command: command.to_owned(),
        result,
        error: None,
        findings: Vec::new(),
        operation_id: None,
        changes: 0,
        output: String::new(),
        elapsed_ms: 0,
        taken_back: false,
        not_synced: Vec::new(),
        seq,
    }
}

/// Returns the answer to a call that was refused.
pub(crate) fn refusal(addon_id: &str, command: &str, refused: Refused, seq: u64) -> CommandAnswer {
    CommandAnswer {
        findings: refused.findings,
        error: Some(refused.error.clone()),
        ..empty(addon_id, command, error_result(&refused.error), seq)
    }
}

/// Returns the answer to a call that was only checked.
pub(crate) fn checked(addon_id: &str, command: &str, seq: u64) -> CommandAnswer {
    let message = "checked only: the tool may run with these arguments. Its effect is not known before it runs.";
    let result = json!({"status": "success", "message": message, "data": {"dry_run": true}});
    empty(addon_id, command, result, seq)
}

/// Returns the answer to a call that has ended. `response`: what the editor said, if it did.
pub(crate) fn ended(
    open: &OpenCall,
    response: Option<&CommandResponse>,
    result: Value,
    error: Option<ErrorBody>,
    seq: u64,
) -> CommandAnswer {
    let answer = empty(&open.call.addon_id, &open.call.tool, result, seq);
    let Some(response) = response else {
        return CommandAnswer { error, ..answer };
    };
    CommandAnswer {
        error,
        output: response.output.clone(),
        elapsed_ms: response.elapsed_ms,
        taken_back: response.taken_back,
        not_synced: response.not_synced.clone(),
        ..answer
    }
}

/// Returns the answer to a call of which only the records are left.
pub(crate) fn from_log(ended: &EndedCall, seq: u64) -> CommandAnswer {
    let end = &ended.end;
    let status = match end.status {
        Some(CallStatus::Success) => "success",
        Some(CallStatus::Warning) => "warning",
        Some(CallStatus::Error) | None => "error",
    };
    let data = json!({"note": "the result itself is not kept any more"});
    let error = ended.code.map(|code| ErrorBody {
        code,
        message: end.detail.clone(),
        location: String::new(),
        help: code.help().to_owned(),
    });
    CommandAnswer {
        error,
        operation_id: ended.operation,
        taken_back: end.taken_back,
        ..empty(
            &end.addon_id,
            &end.tool,
            json!({"status": status, "message": end.detail, "data": data}),
            seq,
        )
    }
}
