//! One record as one line: encoding, checking, decoding.
//!
//! `{"seq":..,...,"prev":"<64 hex>","hash":"<64 hex>"}`: `hash` is BLAKE3 of the raw bytes before `,"hash"`, `prev` is
//! the `hash` of the previous line. The order of the keys is fixed, so chain, sequence and version are checked without
//! parsing the line. Another version may write the other keys differently.

use std::borrow::Cow;
use std::time::{Duration, SystemTime};

use blake3::Hash;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{
    Code, LOG_VERSION, OperationId, Outcome, Payload, Phase, RecordBody, SessionId,
};

use super::error::Defect;
use crate::cause::Cause;
use crate::lines::Line;

const SEQ_KEY: &[u8] = b"{\"seq\":";
const VERSION_KEY: &[u8] = b",\"schema_version\":";
const PREV_KEY: &[u8] = b",\"prev\":\"";
const HASH_KEY: &[u8] = b",\"hash\":\"";
const HEX: usize = 64;
/// The last second of the year 9999, since 1970.
const YEAR_9999: Duration = Duration::from_secs(253_402_300_799);

/// Formats a time as in records: RFC 3339, UTC, microseconds. A time outside of the years 1970 to 9999 is clamped.
pub fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    let bounded = since.unwrap_or_default().min(YEAR_9999);
    humantime::format_rfc3339_micros(SystemTime::UNIX_EPOCH + bounded).to_string()
}

/// The end of the chain: a record and its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tip {
    /// Sequence of the record; 0 before the first.
    pub seq: u64,
    /// Its hash; zeros before the first.
    pub hash: Hash,
}

impl Tip {
    /// Before the first record.
    pub const START: Self = Self {
        seq: 0,
        hash: Hash::from_bytes([0; 32]),
    };
}

/// A record as read from the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Sequence in the log, from 1.
    pub seq: u64,
    /// Time of writing: RFC 3339, UTC.
    pub timestamp: String,
    /// Process id of the daemon that wrote it.
    pub process_id: u32,
    /// Version of its format.
    pub version: u32,
    /// The record itself.
    pub body: RecordBody,
    /// Hash of the previous record.
    pub prev: Hash,
    /// Its hash.
    pub hash: Hash,
}

impl Entry {
    /// Returns the line that it was read from, byte for byte, without the newline.
    pub fn to_line(&self) -> serde_json::Result<Vec<u8>> {
        let before = Tip {
            seq: self.seq.saturating_sub(1),
            hash: self.prev,
        };
        let mut line = Vec::new();
        let meta = RecordMeta {
            timestamp: &self.timestamp,
            process_id: self.process_id,
            version: self.version,
        };
        encode(&self.body, before, meta, &mut line)?;
        line.pop();
        Ok(line)
    }
}

/// The line as JSON. The order of the fields is part of the format.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine<'a> {
    seq: u64,
    #[serde(borrow)]
    timestamp: Cow<'a, str>,
    process_id: u32,
    session_id: Option<SessionId>,
    operation_id: Option<OperationId>,
    uuids: Cow<'a, [Uuid]>,
    phase: Phase,
    outcome: Outcome,
    error_code: Option<Code>,
    schema_version: u32,
    payload: Cow<'a, Payload>,
    #[serde(borrow)]
    prev: Cow<'a, str>,
    /// Written after the rest is hashed.
    #[serde(skip_serializing, borrow)]
    #[allow(dead_code, reason = "checked on the raw bytes")]
    hash: Cow<'a, str>,
}

impl RecordLine<'_> {
    fn read(line: &[u8]) -> serde_json::Result<RecordLine<'_>> {
        serde_json::from_slice(line)
    }

    fn into_body(self) -> RecordBody {
        RecordBody {
            session_id: self.session_id,
            operation_id: self.operation_id,
            uuids: self.uuids.into_owned(),
            phase: self.phase,
            outcome: self.outcome,
            error_code: self.error_code,
            payload: self.payload.into_owned(),
        }
    }
}

/// The fields that the store adds to a record, other than its sequence and hashes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordMeta<'a> {
    /// RFC 3339, UTC.
    pub timestamp: &'a str,
    pub process_id: u32,
    pub version: u32,
}

/// Appends to `out` the line of the record that follows `tip`, with its newline. Returns the new tip.
pub(crate) fn encode(
    record: &RecordBody,
    tip: Tip,
    meta: RecordMeta<'_>,
    out: &mut Vec<u8>,
) -> serde_json::Result<Tip> {
    let start = out.len();
    let prev = tip.hash.to_hex();
    let line = RecordLine {
        seq: tip.seq + 1,
        timestamp: meta.timestamp.into(),
        process_id: meta.process_id,
        session_id: record.session_id,
        operation_id: record.operation_id,
        uuids: record.uuids.as_slice().into(),
        phase: record.phase,
        outcome: record.outcome,
        error_code: record.error_code,
        schema_version: meta.version,
        payload: Cow::Borrowed(&record.payload),
        prev: prev.as_str().into(),
        hash: Cow::Borrowed(""),
    };
    serde_json::to_writer(&mut *out, &line)?;
    out.pop(); // The closing brace: the hash precedes it.
    let hash = blake3::hash(out.get(start..).unwrap_or_default());
    out.extend_from_slice(HASH_KEY);
    out.extend_from_slice(hash.to_hex().as_bytes());
    out.extend_from_slice(b"\"}\n");
    Ok(Tip {
        seq: tip.seq + 1,
        hash,
    })
}

/// Checks that an encoded line, without its newline, decodes to the same record.
pub(crate) fn verify_round_trip(line: &[u8], record: &RecordBody) -> Result<(), Cause> {
    let read = RecordLine::read(line)?;
    if read.into_body() == *record {
        return Ok(());
    }
    Err("it reads back differently".into())
}

/// A line whose hash is correct.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Checked<'a> {
    line: &'a [u8],
    prev: &'a [u8],
    /// Sequence and hash of the record.
    pub tip: Tip,
    /// Version of its format; one that this program reads.
    pub version: u32,
}

/// Checks a piece of a segment, which must be a line with a correct hash.
pub(crate) fn check_line(line: Line<'_>) -> Result<Checked<'_>, Defect> {
    match line {
        Line::Whole(line) => check(line),
        Line::Incomplete => Err(Defect::Incomplete),
        Line::TooLong => Err(Defect::TooLong),
    }
}

/// Checks a line, without its newline, against its own hash.
fn check(line: &[u8]) -> Result<Checked<'_>, Defect> {
    let rest = line.strip_suffix(b"\"}").ok_or(Defect::NoHash)?;
    let (rest, hex) = split_end(rest, HEX).ok_or(Defect::NoHash)?;
    let covered = rest.strip_suffix(HASH_KEY).ok_or(Defect::NoHash)?;
    let hash = blake3::hash(covered);
    if hash.to_hex().as_bytes() != hex {
        return Err(Defect::Hash);
    }
    let content = |what: &str| Defect::Content(what.into());
    let version = version_of(covered).ok_or_else(|| content("it does not say its version"))?;
    if version > LOG_VERSION {
        let known = LOG_VERSION;
        return Err(Defect::Newer {
            found: version,
            known,
        });
    }
    let seq = leading_seq(covered).ok_or_else(|| content("it does not start with `seq`"))?;
    let prev = covered
        .strip_suffix(b"\"")
        .and_then(|rest| split_end(rest, HEX))
        .filter(|(rest, _)| rest.ends_with(PREV_KEY))
        .ok_or_else(|| content("it does not end with `prev`"))?
        .1;
    let tip = Tip { seq, hash };
    Ok(Checked {
        line,
        prev,
        tip,
        version,
    })
}

fn split_end(bytes: &[u8], count: usize) -> Option<(&[u8], &[u8])> {
    bytes.split_at_checked(bytes.len().checked_sub(count)?)
}

/// Returns the sequence at the beginning of a line, without checking the line.
pub(crate) fn leading_seq(line: &[u8]) -> Option<u64> {
    let rest = line.strip_prefix(SEQ_KEY)?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    let digits = rest.get(..end)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Returns the version of a line. No text from a client precedes it in the line.
fn version_of(line: &[u8]) -> Option<u32> {
    let mut windows = line.windows(VERSION_KEY.len());
    let start = windows.position(|window| window == VERSION_KEY)? + VERSION_KEY.len();
    let rest = line.get(start..)?;
    let end = rest.iter().position(|byte| *byte == b',')?;
    std::str::from_utf8(rest.get(..end)?).ok()?.parse().ok()
}

impl Checked<'_> {
    /// Checks that it is the record after `tip`.
    pub fn follows(&self, tip: Tip) -> Result<(), Defect> {
        let expected = tip.seq.saturating_add(1);
        if self.tip.seq != expected {
            let found = self.tip.seq;
            return Err(Defect::Sequence { expected, found });
        }
        if self.prev != tip.hash.to_hex().as_bytes() {
            return Err(Defect::Chain);
        }
        Ok(())
    }

    /// Decodes the record.
    pub fn decode(&self) -> Result<Entry, Defect> {
        let line = RecordLine::read(self.line).map_err(|error| Defect::Content(error.into()))?;
        Ok(Entry {
            seq: line.seq,
            timestamp: line.timestamp.to_string(),
            process_id: line.process_id,
            version: self.version,
            body: line.into_body(),
            prev: Hash::from_hex(self.prev).map_err(|error| Defect::Content(error.into()))?,
            hash: self.tip.hash,
        })
    }
}
