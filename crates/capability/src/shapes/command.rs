//! `addon_command`: an agent calls a tool.

use serde_json::{Map, Value, json};
use vibesync_scene::{Code, Invalid};

use crate::limits;

const TYPE: &str = "addon_command";

/// The id of a request, under the key that the sender used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestId {
    /// `request_id`.
    Request(String),
    /// `message_id`, an older name of the same.
    Message(String),
}

impl RequestId {
    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Request(id) | Self::Message(id) => id,
        }
    }

    /// Returns the key that the sender used, which an answer repeats.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Request(_) => "request_id",
            Self::Message(_) => "message_id",
        }
    }

    /// Reads the id of a message; both keys are allowed if they say the same.
    pub(super) fn of_message(members: &Map<String, Value>) -> Result<Self, Invalid> {
        let request = optional_text(members, "request_id", limits::REQUEST_ID)?;
        let message = optional_text(members, "message_id", limits::REQUEST_ID)?;
        match (request, message) {
            (Some(request), Some(message)) if request != message => {
                Err(malformed("message_id", "request_id and message_id differ"))
            }
            (Some(id), _) => Ok(Self::Request(id)),
            (None, Some(id)) => Ok(Self::Message(id)),
            (None, None) => Err(malformed("request_id", "request_id is missing")),
        }
    }
}

/// A call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct AddonCommand {
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The arguments, not checked yet.
    pub params: Map<String, Value>,
    /// Id of the request.
    pub request_id: RequestId,
    /// The user's name, for display alone.
    pub username: Option<String>,
    /// Words for the log, such as `route`; without effect.
    pub metadata: Option<Map<String, Value>>,
}

impl AddonCommand {
    /// Reads a command.
    ///
    /// # Errors
    ///
    /// Returns VS-1006 with the first field that has another form.
    pub fn from_json(value: &Value) -> Result<Self, Invalid> {
        let known = [
            "type",
            "addon_id",
            "command",
            "params",
            "request_id",
            "message_id",
            "username",
            "metadata",
        ];
        let members = message(value, TYPE, &known)?;
        let params = match members.get("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params.clone(),
            Some(_) => return Err(malformed("params", "expected an object")),
        };
        let metadata = match members.get("metadata") {
            None => None,
            Some(Value::Object(metadata)) => Some(metadata.clone()),
            Some(_) => return Err(malformed("metadata", "expected an object")),
        };
        let size = metadata.as_ref().map(|it| json!(it).to_string().len());
        if size.is_some_and(|size| size > limits::METADATA) {
            let message = format!("more than {} bytes", limits::METADATA);
            return Err(malformed("metadata", message));
        }
        Ok(Self {
            addon_id: text(members, "addon_id", limits::ID)?,
            command: text(members, "command", limits::ID)?,
            params,
            request_id: RequestId::of_message(members)?,
            username: optional_text(members, "username", limits::REQUEST_ID)?,
            metadata,
        })
    }

    /// Returns the message, with the key of the id that the sender used.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut members = Map::new();
        let mut put = |key: &str, value: Value| members.insert(key.to_owned(), value);
        put("type", TYPE.into());
        put("addon_id", self.addon_id.as_str().into());
        put("command", self.command.as_str().into());
        put("params", self.params.clone().into());
        put(self.request_id.key(), self.request_id.as_str().into());
        if let Some(username) = &self.username {
            put("username", username.as_str().into());
        }
        if let Some(metadata) = &self.metadata {
            put("metadata", metadata.clone().into());
        }
        members.into()
    }
}

pub(super) fn malformed(key: &str, message: impl Into<String>) -> Invalid {
    Invalid::new(Code::MessageMalformed, key, message)
}

/// Returns the fields of a message of a type; refuses fields that are not known.
pub(super) fn message<'a>(
    value: &'a Value,
    kind: &str,
    known: &[&str],
) -> Result<&'a Map<String, Value>, Invalid> {
    let Value::Object(members) = value else {
        return Err(malformed("", "expected an object"));
    };
    if members.get("type").and_then(Value::as_str) != Some(kind) {
        return Err(malformed("type", format!("expected {kind}")));
    }
    match members.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(malformed(
            &crate::text::escape(key, limits::ID),
            "the field is not known",
        )),
        None => Ok(members),
    }
}

pub(super) fn text(
    members: &Map<String, Value>,
    key: &str,
    most: usize,
) -> Result<String, Invalid> {
    optional_text(members, key, most)?.ok_or_else(|| malformed(key, format!("{key} is missing")))
}

/// Returns a text of 1 to `most` characters.
fn optional_text(
    members: &Map<String, Value>,
    key: &str,
    most: usize,
) -> Result<Option<String>, Invalid> {
    match members.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => {
            Ok(Some(text.clone()))
        }
        Some(Value::String(_)) => Err(malformed(key, format!("expected 1 to {most} characters"))),
        Some(_) => Err(malformed(key, "expected a text")),
    }
}
