//! Parses JSON with a position for each value, within the limits of a graph.

pub(crate) use vibesync_json::{Json, Kind, Member};

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::Position;

const LIMITS: vibesync_json::Limits = vibesync_json::Limits {
    bytes: limits::BYTES,
    depth: limits::DEPTH,
    values: limits::VALUES,
};

type Parsed<T> = Result<T, Box<Diagnostic>>;

/// Parses bytes that must be UTF-8 and hold one JSON value.
pub(crate) fn parse(bytes: &[u8]) -> Parsed<Json<'_>> {
    parse_at(decode_utf8(bytes)?, Position::START)
}

/// Decodes UTF-8; refuses a text that is too long.
pub(crate) fn decode_utf8(bytes: &[u8]) -> Parsed<&str> {
    vibesync_json::decode_utf8(bytes, limits::BYTES).map_err(|error| Box::new((*error).into()))
}

/// Parses one JSON value. `position` is that of the text in a larger text.
pub(crate) fn parse_at(text: &str, position: Position) -> Parsed<Json<'_>> {
    vibesync_json::parse_at(text, position, LIMITS).map_err(|error| Box::new((*error).into()))
}
