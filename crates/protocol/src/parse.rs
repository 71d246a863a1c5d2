//! Parses the header of a frame into a message, or into an error with its code.

use bytes::Bytes;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use uuid::Uuid;
use vibesync_scene::{Code, ExtractField, OperationId};

use crate::client_message::ClientMessage;
use crate::daemon_message::DaemonMessage;
use crate::frame::{Frame, FrameHead, WireError};
use crate::limits::Limits;
use crate::query::QueryResult;
use crate::view::Picture;

/// Deepest nesting of a header.
const MAX_DEPTH: usize = 64;

/// The beginning of a [`DaemonMessage::Result`] as the daemon writes it.
const ANSWER: &[u8] = br#"{"type":"result","#;

/// A [`DaemonMessage::Result`], read in one pass. It may be large, and serde would copy it three times before it knows its
/// type.
struct Answer {
    request_id: Uuid,
    result: QueryResult,
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (mut kind, mut request_id) = (None::<String>, None);
        let result = QueryResult::deserialize(ExtractField {
            from: ExtractField {
                from,
                field: "type",
                value: &mut kind,
            },
            field: "request_id",
            value: &mut request_id,
        })?;
        let request_id = request_id.ok_or_else(|| D::Error::missing_field("request_id"))?;
        Ok(Self { request_id, result })
    }
}

/// Parses a client's message, and splits off its attachments. That of a picture is in the message, too.
pub fn parse_client(frame: &Frame) -> Result<(ClientMessage, Vec<Bytes>), WireError> {
    let (mut message, lengths) = parse_client_head(&frame.head())?;
    let attachments = frame.split(&lengths);
    if let ClientMessage::ViewResult(result) = &mut message {
        result.picture = attachments.first().cloned().map(Picture);
    }
    Ok((message, attachments))
}

/// As [`parse_client`], before the attachments have arrived: returns their lengths.
pub fn parse_client_head(head: &FrameHead) -> Result<(ClientMessage, Vec<usize>), WireError> {
    let parsed = parse(head).map_err(|error| {
        let named = type_of(&head.header);
        let known = ClientMessage::TYPES.contains(&named.as_str());
        match error.code {
            Code::MessageMalformed if !known => {
                let message = format!("`{named}` is not a message a client can send");
                WireError::new(Code::MessageUnknown, message)
            }
            _ => error,
        }
    })?;
    check_header_length(head, &parsed.0)?;
    Ok(parsed)
}

/// Refuses a header that only the answer to a large batch may have.
fn check_header_length(head: &FrameHead, message: &ClientMessage) -> Result<(), WireError> {
    let (length, most) = (head.header.len(), Limits::SESSION.header_bytes as usize);
    if length > most && !matches!(message, ClientMessage::Applied { .. }) {
        let message =
            format!("a header of {length} bytes; only `applied` may have more than {most}");
        return Err(WireError::new(Code::HeaderInvalid, message));
    }
    Ok(())
}

/// Parses a daemon's message, and splits off its attachments. That of a picture is in the message, too.
pub fn parse_daemon(frame: &Frame) -> Result<(DaemonMessage, Vec<Bytes>), WireError> {
    let head = frame.head();
    if head.header.starts_with(ANSWER) {
        let (Answer { request_id, result }, lengths) = parse(&head)?;
        let message = DaemonMessage::Result { request_id, result };
        return Ok((message, frame.split(&lengths)));
    }
    let (mut message, lengths) = parse(&head)?;
    let attachments = frame.split(&lengths);
    if let DaemonMessage::ViewResult(answer) = &mut message {
        answer.picture = attachments.first().cloned().map(Picture);
    }
    Ok((message, attachments))
}

fn parse<M: DeserializeOwned>(head: &FrameHead) -> Result<(M, Vec<usize>), WireError> {
    let mut lengths: Option<Vec<u64>> = None;
    let mut header = serde_json::Deserializer::from_slice(&head.header);
    let message = M::deserialize(ExtractField {
        from: &mut header,
        field: "attachments",
        value: &mut lengths,
    });
    match message.and_then(|message| header.end().map(|()| message)) {
        Ok(message) => Ok((message, head.check(&lengths.unwrap_or_default())?)),
        Err(error) => Err(diagnose(head, &error)),
    }
}

/// Finds the error of a frame whose message cannot be parsed: first in the frame, then in the message. A message that
/// can be parsed needs no such checks: its types do not nest deep, and refuse unknown fields.
fn diagnose(head: &FrameHead, error: &serde_json::Error) -> WireError {
    if let Err(broken) = head.announced() {
        return broken;
    }
    if depth(&head.header) > MAX_DEPTH {
        return WireError::new(
            Code::HeaderInvalid,
            format!("nested deeper than {MAX_DEPTH}"),
        );
    }
    WireError::new(Code::MessageMalformed, error.to_string())
}

/// Returns the operation id of an intent that cannot be parsed, if that field can be read.
pub fn operation_of(head: &FrameHead) -> Option<OperationId> {
    #[derive(Deserialize)]
    struct Named {
        r#type: String,
        operation_id: OperationId,
    }
    let named: Named = serde_json::from_slice(&head.header).ok()?;
    (named.r#type == "intent").then_some(named.operation_id)
}

/// Returns the message type that a header names; empty if it names none.
fn type_of(header: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    let typed = serde_json::from_slice(header);
    typed.map_or_else(|_| String::new(), |typed: Typed| typed.r#type)
}

/// Returns the depth to which brackets nest.
fn depth(json: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    let (mut in_string, mut escaped) = (false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}
