//! Reads the log backwards, a bounded part at a time.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use vibesync_mcp::{HistoryLine, HistoryRequest, LogLine, LogRequest, Page};
use vibesync_scene::{Code, Payload, Uuid};
use vibesync_store::wal::Entry;

use super::visible::Visible;
use crate::cli::log::access;
use crate::cli::log::record_format::summary;
use crate::cli::text::wire_name;
use crate::error::Error;

/// Number of records that are read together.
const CHUNK: u64 = 500;

/// Time after which a page ends, even if it is not full. The caller can go on where it ended.
const SEARCH_TIME: Duration = Duration::from_secs(5);

/// Number of records after a page in which the ends of its transactions are looked for.
const ENDS: u64 = 2_000;

/// Whether to go on with the record before.
enum Next {
    Continue,
    /// The page is full, and this was its last record.
    Full,
    /// No earlier record can match.
    Done,
}

impl Next {
    /// Returns whether to go on with so many items of a page.
    fn after(items: usize, limit: usize) -> Self {
        match items < limit {
            true => Next::Continue,
            false => Next::Full,
        }
    }
}

/// Returns true if the agent may be told of the entity that a request names, if it names one.
fn is_visible(visible: &mut Visible<'_>, uuid: Option<Uuid>) -> Result<bool, Error> {
    uuid.map_or(Ok(true), |uuid| visible.has(uuid))
}

fn empty<T>(head: u64) -> Page<T> {
    Page {
        seq: head,
        items: Vec::new(),
        next: None,
    }
}

/// Returns records that meet the conditions, newest first.
pub(super) fn log(
    wal: &Path,
    head: u64,
    request: &LogRequest,
    visible: &mut Visible<'_>,
) -> Result<Page<LogLine>, Error> {
    if !is_visible(visible, request.uuid)? {
        return Ok(empty(head));
    }
    let age = request.max_age_s.map(Duration::from_secs);
    let oldest = age.and_then(|age| SystemTime::now().checked_sub(age));
    let mut items = Vec::new();
    let next = read_back(wal, last(head, request.before), |entry| {
        let time = humantime::parse_rfc3339(&entry.timestamp).ok();
        if oldest.is_some_and(|oldest| time.is_some_and(|time| time < oldest)) {
            return Ok(Next::Done);
        }
        if matches(entry, request) {
            items.extend(visible.log_line(log_line(entry))?);
        }
        Ok(Next::after(items.len(), request.limit))
    })?;
    Ok(Page {
        seq: head,
        items,
        next,
    })
}

fn matches(entry: &Entry, request: &LogRequest) -> bool {
    let body = &entry.body;
    request.uuid.is_none_or(|uuid| body.uuids.contains(&uuid))
        && (request.operation).is_none_or(|id| body.operation_id == Some(id))
        && request
            .code
            .is_none_or(|code| body.error_code == Some(code))
        && request.phase.is_none_or(|phase| body.phase == phase)
}

fn log_line(entry: &Entry) -> LogLine {
    LogLine {
        seq: entry.seq,
        time: entry.timestamp.clone(),
        phase: entry.body.phase,
        code: entry.body.error_code,
        operation: entry.body.operation_id,
        uuids: entry.body.uuids.clone(),
        text: summary(entry),
    }
}

/// Returns transactions that meet the conditions, newest first. Each is found by its BEGIN; its end comes later.
pub(super) fn history(
    wal: &Path,
    head: u64,
    request: &HistoryRequest,
    visible: &mut Visible<'_>,
) -> Result<Page<HistoryLine>, Error> {
    if !is_visible(visible, request.uuid)? {
        return Ok(empty(head));
    }
    let newest = last(head, request.before);
    let start = newest.saturating_add(ENDS).min(head);
    let mut ends: BTreeMap<u64, (String, Option<Code>)> = BTreeMap::new();
    let mut items = Vec::new();
    let next = read_back(wal, start, |entry| {
        if request.since_seq.is_some_and(|since| entry.seq <= since) {
            return Ok(Next::Done);
        }
        match &entry.body.payload {
            Payload::End { begin, .. } => {
                let outcome = wire_name(&entry.body.outcome);
                ends.insert(*begin, (outcome, entry.body.error_code));
            }
            Payload::Begin { .. } if entry.seq <= newest => {
                let end = ends.remove(&entry.seq);
                let unknown = if start < head { "unknown" } else { "open" };
                let (outcome, code) = end.unwrap_or_else(|| (unknown.to_owned(), None));
                if let Some(line) = history_line(entry, request, outcome, code) {
                    items.extend(visible.history_line(line)?);
                }
            }
            _ => {}
        }
        Ok(Next::after(items.len(), request.limit))
    })?;
    Ok(Page {
        seq: head,
        items,
        next,
    })
}

/// Describes the transaction that a BEGIN begins; none if it does not meet the conditions.
fn history_line(
    entry: &Entry,
    request: &HistoryRequest,
    outcome: String,
    code: Option<Code>,
) -> Option<HistoryLine> {
    let Payload::Begin {
        origin,
        agent,
        label,
        ..
    } = &entry.body.payload
    else {
        return None;
    };
    let is_wanted = request.by.is_none_or(|by| by == *origin)
        && (request.operation).is_none_or(|id| entry.body.operation_id == Some(id))
        && request
            .uuid
            .is_none_or(|uuid| entry.body.uuids.contains(&uuid));
    is_wanted.then(|| HistoryLine {
        seq: entry.seq,
        time: entry.timestamp.clone(),
        label: label.clone(),
        by: *origin,
        agent: agent.clone(),
        operation: entry.body.operation_id,
        outcome,
        code,
        uuids: entry.body.uuids.clone(),
    })
}

/// Returns the newest record of a page.
fn last(head: u64, before: Option<u64>) -> u64 {
    before.map_or(head, |before| before.saturating_sub(1).min(head))
}

/// Visits records from `last` backwards. Returns the sequence before which the next page begins; none at the end.
fn read_back(
    wal: &Path,
    mut last: u64,
    mut visit: impl FnMut(&Entry) -> Result<Next, Error>,
) -> Result<Option<u64>, Error> {
    let end = Instant::now() + SEARCH_TIME;
    while last > 0 {
        let first = last.saturating_sub(CHUNK - 1).max(1);
        let mut chunk = Vec::new();
        for entry in access::read(wal, first, last)? {
            chunk.push(entry.map_err(|error| access::coded(wal, error))?);
        }
        // Retention has dropped earlier records.
        if chunk.is_empty() {
            return Ok(None);
        }
        for entry in chunk.iter().rev() {
            match visit(entry)? {
                Next::Continue => {}
                Next::Full => return Ok(Some(entry.seq).filter(|seq| *seq > 1)),
                Next::Done => return Ok(None),
            }
        }
        last = first - 1;
        if Instant::now() >= end {
            return Ok(Some(first).filter(|first| *first > 1));
        }
    }
    Ok(None)
}
