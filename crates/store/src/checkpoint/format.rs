//! The lines of a checkpoint.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use vibesync_scene::{
    AgentHistory, AgentName, Change, Code, EndedCall, Entity, Epoch, FailureHistory, HeldGrant,
    OpenCall, OpenTransaction, Operation, OperationEnd, OperationId, Outcome, Path as ChangePath,
    Phase, ProjectId, Replay, Role, Row, SessionId,
};

use crate::registry::Summary;
use crate::wal::Tip;

/// Version of the format that is written. Older checkpoints can be read. But a start then rebuilds the state from the
/// log, which may contain more than they do.
pub const CHECKPOINT_VERSION: u32 = 4;

/// The beginning of the line of a row; its JSON and a closing brace follow.
pub(super) const ROW: &[u8] = b"{\"row\":";
/// The beginning of the last line.
pub(super) const HASH: &[u8] = b"{\"hash\":";

/// The first line.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub schema_version: u32,
    pub seq: u64,
    pub chain_hash: String,
    pub project_id: Option<ProjectId>,
    #[serde(rename = "clean")]
    pub is_clean_shutdown: bool,
    #[serde(rename = "ended")]
    pub last_end_seq: u64,
    pub rows: u64,
    pub root: String,
}

impl Header {
    pub fn new(state: &Replay, tip: Tip, summary: &Summary) -> Self {
        Self {
            schema_version: CHECKPOINT_VERSION,
            seq: tip.seq,
            chain_hash: tip.hash.to_string(),
            project_id: state.project_id,
            is_clean_shutdown: state.is_clean_shutdown,
            last_end_seq: state.last_end_seq,
            rows: summary.rows,
            root: summary.root.to_string(),
        }
    }
}

/// Any other line.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Item<'a> {
    Row(Cow<'a, Row>),
    Epoch(Epoch),
    Open {
        begin: u64,
        operation_id: OperationId,
        session_id: Option<SessionId>,
        origin: Role,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<AgentName>,
        path: ChangePath,
        label: Cow<'a, str>,
        #[serde(default)]
        base_seq: u64,
        #[serde(rename = "announced")]
        announced_steps: u32,
        steps: Cow<'a, [(Change, Option<Entity>)]>,
    },
    #[serde(rename = "memory")]
    Failures(Cow<'a, FailureHistory>),
    Agents(Cow<'a, AgentHistory>),
    Grant(Cow<'a, HeldGrant>),
    OpenCall(Cow<'a, OpenCall>),
    EndedCall(Cow<'a, EndedCall>),
    Operation {
        id: OperationId,
        digest: Cow<'a, str>,
        begin: u64,
        end: Option<(Phase, Outcome)>,
        /// Sequence of the end. Checkpoints of older versions do not have it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ended: Option<u64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<(Code, Cow<'a, str>)>,
    },
    Hash(Cow<'a, str>),
}

impl<'a> Item<'a> {
    pub fn from_open(open: &'a OpenTransaction) -> Self {
        Item::Open {
            begin: open.begin,
            operation_id: open.operation_id,
            session_id: open.session_id,
            origin: open.origin,
            agent: open.agent.clone(),
            path: open.path,
            label: open.label.as_str().into(),
            base_seq: open.base_seq,
            announced_steps: open.announced_steps,
            steps: open.steps.as_slice().into(),
        }
    }

    pub fn from_operation(id: OperationId, operation: &'a Operation) -> Self {
        Item::Operation {
            id,
            digest: operation.digest.as_str().into(),
            begin: operation.begin,
            end: operation.end.as_ref().map(|end| (end.phase, end.outcome)),
            ended: operation.end.as_ref().map(|end| end.seq),
            error: operation.end.as_ref().and_then(|end| {
                let (code, message) = end.error.as_ref()?;
                Some((*code, message.as_str().into()))
            }),
        }
    }

    /// Adds the item to a state that is being loaded. The last line, the hash, adds nothing.
    pub fn add_to(self, state: &mut Replay) {
        match self {
            Item::Row(row) => state.scene.put(row.into_owned()),
            Item::Epoch(epoch) => state.epochs.begin(epoch),
            Item::Failures(failures) => state.failures = failures.into_owned(),
            Item::Agents(agents) => state.agents = agents.into_owned(),
            Item::Grant(grant) => state.grants.put(grant.into_owned()),
            Item::OpenCall(call) => state.calls.put_open(call.into_owned()),
            Item::EndedCall(call) => state.calls.put_ended(call.into_owned()),
            Item::Open {
                begin,
                operation_id,
                session_id,
                origin,
                agent,
                path,
                label,
                base_seq,
                announced_steps,
                steps,
            } => {
                let open = OpenTransaction {
                    begin,
                    operation_id,
                    session_id,
                    origin,
                    agent,
                    path,
                    label: label.into_owned(),
                    base_seq,
                    announced_steps,
                    steps: steps.into_owned(),
                };
                state.open.insert(begin, open);
            }
            Item::Operation {
                id,
                digest,
                begin,
                end,
                ended,
                error,
            } => {
                state.operations.begin(id, digest.into_owned(), begin);
                if let Some((phase, outcome)) = end {
                    let end = OperationEnd {
                        phase,
                        outcome,
                        seq: ended.unwrap_or(begin),
                        error: error.map(|(code, message)| (code, message.into_owned())),
                    };
                    state.operations.end(id, end);
                }
            }
            Item::Hash(_) => {}
        }
    }
}
