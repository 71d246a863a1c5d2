//! `command_response`: the result of a tool.

use serde_json::{Map, Value, json};
use vibesync_scene::{Code, Invalid};

use super::command::{RequestId, malformed, message, text};
use crate::limits;

const TYPE: &str = "command_response";
const MAX_MESSAGE_CHARS: usize = 2_000;
const MAX_ERROR_CODE: usize = 64;

/// The outcome that a handler reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResultStatus {
    /// It worked.
    Success,
    /// It failed.
    Error,
    /// It worked, with a remark.
    Warning,
}

impl ResultStatus {
    /// Returns the word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// The result of a handler. All of it is data of the add-on's author.
#[derive(Clone, Debug, PartialEq)]
pub struct HandlerResult {
    /// The outcome.
    pub status: ResultStatus,
    /// A sentence.
    pub message: String,
    /// Any value.
    pub data: Value,
    /// A word in capitals that names the error.
    pub error_code: Option<String>,
    /// Further keys that the handler returned.
    pub extra: Map<String, Value>,
}

impl HandlerResult {
    /// Reads a result.
    ///
    /// # Errors
    ///
    /// Returns VS-9108 if it is no result object, or too large.
    pub fn from_json(value: &Value) -> Result<Self, Invalid> {
        let unusable = |key: &str, message: String| {
            Err(Invalid::new(
                Code::ResultUnusable,
                format!("result{key}"),
                message,
            ))
        };
        let Value::Object(members) = value else {
            return unusable("", "expected an object".to_owned());
        };
        if value.to_string().len() > limits::RESULT {
            return unusable("", format!("more than {} bytes", limits::RESULT));
        }
        let mut extra = members.clone();
        let status = match extra.remove("status").as_ref().and_then(Value::as_str) {
            Some("success") => ResultStatus::Success,
            Some("error") => ResultStatus::Error,
            Some("warning") => ResultStatus::Warning,
            _ => return unusable(".status", "expected success, error or warning".to_owned()),
        };
        let message = match extra.remove("message") {
            None => String::new(),
            Some(Value::String(text)) if text.chars().count() <= MAX_MESSAGE_CHARS => text,
            Some(_) => {
                let message = format!("expected a text of at most {MAX_MESSAGE_CHARS} characters");
                return unusable(".message", message);
            }
        };
        let error_code = match extra.remove("error_code") {
            None => None,
            Some(Value::String(word)) if is_error_code(&word) => Some(word),
            Some(_) => {
                let message = "expected 1 to 64 capitals, digits and _".to_owned();
                return unusable(".error_code", message);
            }
        };
        Ok(Self {
            status,
            message,
            data: extra.remove("data").unwrap_or_else(|| json!({})),
            error_code,
            extra,
        })
    }

    /// Returns the result as the wire has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = self.extra.clone();
        members.insert("status".to_owned(), self.status.as_str().into());
        members.insert("message".to_owned(), self.message.as_str().into());
        members.insert("data".to_owned(), self.data.clone());
        if let Some(word) = &self.error_code {
            members.insert("error_code".to_owned(), word.as_str().into());
        }
        members.into()
    }
}

fn is_error_code(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=MAX_ERROR_CODE).contains(&word.len()) && word.bytes().all(allowed)
}

/// The answer to a command.
#[derive(Clone, Debug, PartialEq)]
pub struct CommandResponse {
    /// Id of the request.
    pub request_id: RequestId,
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The result.
    pub result: HandlerResult,
}

impl CommandResponse {
    /// Reads a response.
    ///
    /// # Errors
    ///
    /// Returns VS-1006 for a message of another form, VS-9108 for a result of another form.
    pub fn from_json(value: &Value) -> Result<Self, Invalid> {
        let known = [
            "type",
            "request_id",
            "message_id",
            "addon_id",
            "command",
            "result",
        ];
        let members = message(value, TYPE, &known)?;
        let result = members.get("result");
        Ok(Self {
            request_id: RequestId::of_message(members)?,
            addon_id: text(members, "addon_id", limits::ID)?,
            command: text(members, "command", limits::ID)?,
            result: HandlerResult::from_json(
                result.ok_or_else(|| malformed("result", "result is missing"))?,
            )?,
        })
    }

    /// Returns the message, with the key of the id that the command used.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |key: &str, value: Value| members.insert(key.to_owned(), value);
        put("type", TYPE.into());
        put(self.request_id.key(), self.request_id.as_str().into());
        put("addon_id", self.addon_id.as_str().into());
        put("command", self.command.as_str().into());
        put("result", self.result.to_json());
        members.into()
    }
}
