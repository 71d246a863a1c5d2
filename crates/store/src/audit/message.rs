//! Commit messages: a label for people, and trailers for the program.

use std::time::SystemTime;

use blake3::Hash;
use git2::{Commit, Oid};
use vibesync_scene::{AgentName, OperationId, Phase, Role, Row};

use super::error::AuditError;
use crate::cause::Cause;

const LABEL_CHARS: usize = 200;
const PERSON: &str = "VibeSync <vibesync@localhost>";

/// A commit to add.
#[derive(Clone, Debug)]
pub struct AuditCommit<'a> {
    /// The rows that changed. The files of tombstones are removed.
    pub rows: &'a [Row],
    /// The transaction.
    pub operation_id: Option<OperationId>,
    /// Log sequence of the record that ended it.
    pub seq: u64,
    /// Hash of that record.
    pub chain_hash: Hash,
    /// Phase of that record.
    pub phase: Phase,
    /// Label for people; becomes the first line.
    pub label: &'a str,
    /// The kind of client that made the change; none for the daemon.
    pub origin: Option<Role>,
    /// The agent that made it; none for people and the daemon.
    pub agent: Option<&'a AgentName>,
    /// Time of that record: RFC 3339, UTC.
    pub timestamp: &'a str,
}

/// A commit as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Id of the commit, 40 hex digits.
    pub commit: String,
    /// First line of the message.
    pub label: String,
    /// Log sequence.
    pub seq: u64,
    /// Hash of the record with that sequence, 64 hex digits.
    pub chain_hash: String,
    /// The transaction, if the commit is one.
    pub operation_id: Option<String>,
    /// The kind of client that made the change, or `daemon`.
    pub origin: String,
    /// The agent that made it, if one did.
    pub agent: Option<String>,
    /// Phase of that record.
    pub phase: String,
    /// Seconds since 1970, UTC.
    pub time: i64,
}

/// Encodes the commit object, as `git cat-file commit` prints it.
pub(super) fn commit(
    commit: &AuditCommit<'_>,
    tree: Oid,
    parent: Option<Oid>,
) -> Result<Vec<u8>, AuditError> {
    let parent = parent.map_or_else(String::new, |oid| format!("parent {oid}\n"));
    let time = format!("{} +0000", seconds(commit.timestamp)?);
    let author = match commit.agent {
        Some(agent) => format!("agent {agent} <agent@vibesync>"),
        None => PERSON.to_owned(),
    };
    let message = write(commit);
    Ok(format!(
        "tree {tree}\n{parent}author {author} {time}\ncommitter {PERSON} {time}\n\n{message}"
    )
    .into_bytes())
}

fn seconds(timestamp: &str) -> Result<u64, AuditError> {
    let invalid = |source| AuditError::Time {
        timestamp: timestamp.to_owned(),
        source,
    };
    let time = humantime::parse_rfc3339(timestamp).map_err(|error| invalid(Cause::new(error)))?;
    let since = time.duration_since(SystemTime::UNIX_EPOCH);
    Ok(since.map_err(|error| invalid(Cause::new(error)))?.as_secs())
}

/// Formats the message: label, empty line, trailers.
fn write(commit: &AuditCommit<'_>) -> String {
    let origin = commit.origin.map_or("daemon", Role::as_str);
    let agent = commit.agent.map(|agent| format!("Agent: {agent}\n"));
    let agent = agent.unwrap_or_default();
    let operation = commit
        .operation_id
        .map(|id| format!("Operation: {id}\n"))
        .unwrap_or_default();
    format!(
        "{}\n\n{operation}Seq: {}\nChain: {}\nOrigin: {origin}\n{agent}Phase: {}\n",
        one_line(commit.label),
        commit.seq,
        commit.chain_hash,
        phase(commit.phase),
    )
}

fn one_line(label: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = label.chars().take(LABEL_CHARS).map(clean).collect();
    match line.trim() {
        "" => "Change".to_owned(),
        line => line.to_owned(),
    }
}

/// Returns the name of a phase in the log.
fn phase(phase: Phase) -> String {
    let json = serde_json::to_value(phase).unwrap_or_default();
    json.as_str().unwrap_or_default().to_owned()
}

/// Returns the log sequence of a commit.
pub(super) fn seq(commit: &Commit<'_>) -> Result<u64, AuditError> {
    let seq = trailer(commit, "Seq").and_then(|value| value.parse().ok());
    seq.ok_or_else(|| AuditError::Content(format!("commit {} has no Seq trailer", commit.id())))
}

pub(super) fn read(commit: &Commit<'_>) -> Result<CommitInfo, AuditError> {
    let text = |key| trailer(commit, key).unwrap_or_default().to_owned();
    Ok(CommitInfo {
        commit: commit.id().to_string(),
        label: first_line(commit),
        seq: seq(commit)?,
        chain_hash: text("Chain"),
        operation_id: trailer(commit, "Operation").map(str::to_owned),
        origin: text("Origin"),
        agent: trailer(commit, "Agent").map(str::to_owned),
        phase: text("Phase"),
        time: commit.time().seconds(),
    })
}

fn body<'a>(commit: &'a Commit<'_>) -> &'a str {
    std::str::from_utf8(commit.message_bytes()).unwrap_or_default()
}

fn first_line(commit: &Commit<'_>) -> String {
    body(commit).lines().next().unwrap_or_default().to_owned()
}

/// Returns the value of a trailer. Only the last paragraph counts, so a label cannot forge trailers.
fn trailer<'a>(commit: &'a Commit<'_>, key: &str) -> Option<&'a str> {
    let trailers = body(commit).trim_end().rsplit("\n\n").next()?;
    let mut lines = trailers.lines();
    lines.find_map(|line| line.strip_prefix(key)?.strip_prefix(": "))
}
