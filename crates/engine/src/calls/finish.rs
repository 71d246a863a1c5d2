//! The end of a call: what the editor's answer or its absence means.

use serde_json::Value;
use vibesync_capability::{HandlerResult, ResultStatus};
use vibesync_protocol::{CommandResponse, ErrorBody};
use vibesync_scene::{CallStatus, Code, Invalid, OperationId, truncate_text};

use super::answers::error_result;
use super::intent;
use super::open::{CallIntent, OpenCall};
use crate::capabilities::grants::with_help;

/// Most bytes of the output of a tool.
const MAX_OUTPUT: usize = 64 << 10;
/// Most notes on changes that are not synchronized.
const MAX_NOTES: usize = 100;

/// The end of a call, before it is logged.
#[derive(Debug)]
pub(crate) struct Ending {
    pub status: Option<CallStatus>,
    pub result: Value,
    /// BLAKE3 of the tool's result; none without one.
    pub digest: Option<String>,
    pub error: Option<ErrorBody>,
    /// The tool's message, or the reason.
    pub detail: String,
    pub response: Option<CommandResponse>,
    /// Whether the failure counts for the breaker of the tool.
    pub is_counted: bool,
}

impl Ending {
    /// Ends a call without an answer.
    pub fn without_answer(code: Code, message: &str, is_counted: bool) -> Self {
        let error = with_help(Invalid::new(code, String::new(), message.to_owned()));
        Self {
            status: None,
            result: error_result(&error),
            digest: None,
            detail: error.message.clone(),
            error: Some(error),
            response: None,
            is_counted,
        }
    }

    /// Ends a call that the agent has taken back before it began.
    pub fn cancelled() -> Self {
        let detail = "the agent cancelled the call before it began".to_owned();
        Self {
            status: None,
            result: serde_json::json!({
                "status": "error", "message": detail, "data": {}, "error_code": "CANCELLED",
            }),
            digest: None,
            error: None,
            detail,
            response: None,
            is_counted: false,
        }
    }

    /// Ends a call that a person has forbidden while its tool ran. The agent gets neither result nor output.
    fn forbidden(response: CommandResponse) -> Self {
        let invalid = intent::forbidden();
        Self {
            response: Some(CommandResponse {
                output: String::new(),
                not_synced: Vec::new(),
                ..response
            }),
            ..Self::without_answer(invalid.code, &invalid.message, false)
        }
    }

    /// Ends a call with the editor's answer.
    pub fn answered(open: &OpenCall, response: CommandResponse) -> Self {
        let response = bounded(response);
        if open.is_forbidden && !matches!(open.intent, CallIntent::Kept(..)) {
            return Self::forbidden(response);
        }
        let read =
            match response.addon_id == open.call.addon_id && response.command == open.call.tool {
                true => HandlerResult::from_json(&response.result),
                false => Err(Invalid::new(
                    Code::ResultUnusable,
                    "command".to_owned(),
                    "the answer names another tool".to_owned(),
                )),
            };
        let result = match read {
            Ok(result) => result,
            Err(invalid) => {
                let unusable = Self::without_answer(invalid.code, &invalid.message, true);
                return Self {
                    response: Some(response),
                    ..unusable
                };
            }
        };
        let error = error_of(open, &response, &result);
        let is_counted = error
            .as_ref()
            .is_some_and(|error| is_fault_of_tool(error.code));
        Self {
            status: Some(status_of(&result)),
            result: result.to_json(),
            digest: Some(digest(&response.result)),
            detail: truncate_text(match &error {
                Some(error) => error.message.clone(),
                None => result.message.clone(),
            }),
            error,
            response: Some(response),
            is_counted: is_counted && !open.is_cancelled,
        }
    }
}

/// Returns the error of an answered call: that of its changes, the editor's, or the tool's own.
fn error_of(
    open: &OpenCall,
    response: &CommandResponse,
    result: &HandlerResult,
) -> Option<ErrorBody> {
    let error = |code, message: String| Some(with_help(Invalid::new(code, String::new(), message)));
    if let CallIntent::Refused(refused) = &open.intent {
        let message = format!("the changes of the tool were refused: {}", refused.message);
        return error(refused.code, message);
    }
    match response.code {
        Some(code) => error(code, result.message.clone()),
        None if result.status == ResultStatus::Error => {
            error(Code::HandlerFailed, result.message.clone())
        }
        None => None,
    }
}

/// Returns true for errors that repeat with the same tool. A busy editor or another change at the same time says nothing
/// about it.
fn is_fault_of_tool(code: Code) -> bool {
    let is_about_content = code >= Code::UuidUnknown && code <= Code::ApplyFailed;
    match code {
        Code::HandlerFailed
        | Code::HandlerLate
        | Code::ResultUnusable
        | Code::HandlerMissing
        | Code::ForbiddenChange
        | Code::GraphInvalid => true,
        code if code.is_about_timing() => false,
        Code::Stale | Code::PersonEditing | Code::QueueFull => false,
        _ => is_about_content,
    }
}

fn status_of(result: &HandlerResult) -> CallStatus {
    match result.status {
        ResultStatus::Success => CallStatus::Success,
        ResultStatus::Warning => CallStatus::Warning,
        ResultStatus::Error => CallStatus::Error,
    }
}

fn digest(result: &Value) -> String {
    blake3::hash(result.to_string().as_bytes())
        .to_hex()
        .to_string()
}

/// Cuts the texts of an answer to their limits.
fn bounded(response: CommandResponse) -> CommandResponse {
    let CommandResponse {
        mut output,
        mut not_synced,
        ..
    } = response;
    let fits = |end: &usize| output.is_char_boundary(*end);
    let end = (0..=MAX_OUTPUT).rev().find(fits).unwrap_or(0);
    output.truncate(end);
    not_synced.truncate(MAX_NOTES);
    CommandResponse {
        output,
        not_synced: not_synced.into_iter().map(truncate_text).collect(),
        ..response
    }
}

impl OpenCall {
    /// Returns the transaction of the call and the number of its changes.
    pub fn kept_changes(&self) -> (Option<OperationId>, u64) {
        match self.intent {
            CallIntent::Kept(operation, changes) => (operation, changes),
            _ => (None, 0),
        }
    }

    /// Returns true if the editor keeps what the tool did. `is_answered`: the tool has ended.
    pub fn is_kept(&self, is_answered: bool) -> bool {
        match self.intent {
            CallIntent::Kept(..) => true,
            CallIntent::None => is_answered && !self.is_forbidden,
            CallIntent::Pending(..) | CallIntent::Refused(_) => false,
        }
    }
}
