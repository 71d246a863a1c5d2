//! From a frame's header to a message, or to what is wrong with it.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use vibesync_scene::{Code, ExtractField};

use crate::frame::{Frame, FrameHead, WireError};
use crate::message::{ClientMessage, DaemonMessage};

/// Deepest nesting of a header.
const MAX_DEPTH: usize = 64;

/// Reads what a client says: the message, and the attachments that came with it.
pub fn parse_client(frame: &Frame) -> Result<(ClientMessage, Vec<Bytes>), WireError> {
    let (message, lengths) = parse_client_head(&frame.head())?;
    Ok((message, frame.split(&lengths)))
}

/// As [`parse_client`], before the attachments have arrived: the message, and their lengths.
pub fn parse_client_head(head: &FrameHead) -> Result<(ClientMessage, Vec<usize>), WireError> {
    parse(head).map_err(|error| {
        let named = type_of(&head.header);
        let known = ClientMessage::TYPES.contains(&named.as_str());
        match error.code {
            Code::MessageMalformed if !known => {
                let message = format!("`{named}` is not a message a client can send");
                WireError::new(Code::MessageUnknown, message)
            }
            _ => error,
        }
    })
}

/// Reads what a daemon says: the message, and the attachments that came with it.
pub fn parse_daemon(frame: &Frame) -> Result<(DaemonMessage, Vec<Bytes>), WireError> {
    let (message, lengths) = parse(&frame.head())?;
    Ok((message, frame.split(&lengths)))
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

/// What is wrong with a frame whose message cannot be read: the frame itself before what it says. None of this is
/// looked for in a message that can be read: its types do not nest deep, and name all their fields.
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

/// The type that a header names, or nothing.
fn type_of(header: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Typed {
        r#type: String,
    }
    let typed = serde_json::from_slice(header);
    typed.map_or_else(|_| String::new(), |typed: Typed| typed.r#type)
}

/// How deep the brackets nest.
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
