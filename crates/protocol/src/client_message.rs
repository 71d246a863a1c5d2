//! Messages from a client to the daemon. `docs/protocol.md` specifies every field.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{
    BatchId, Change, Entity, Epoch, InstanceId, OperationId, ProjectId, Role, tagged_enum,
};

use crate::agent::{AgentIdentity, DecideRequest, SetAgentRequest};
use crate::blobs::PruneRequest;
use crate::capability::{
    AddonCommand, AddonList, CommandProgress, CommandResponse, GrantRequest, RevokeRequest,
};
use crate::editor_state::EditorState;
use crate::error_body::ErrorBody;
use crate::preview::PreviewChange;
use crate::query::{Query, ResetRequest, RestoreRequest, RevertRequest};
use crate::question::Question;
use crate::view::{SelectRequest, SelectResult, ViewRequest, ViewResult};

/// The client's part of the handshake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Protocol version, chosen from the offered range.
    pub protocol: u32,
    /// Version of the entity model.
    pub schema_version: u32,
    /// The project that the client belongs to.
    pub project_id: ProjectId,
    /// The kind of client.
    pub role: Role,
    /// For the log.
    pub editor_version: String,
    /// For the log.
    pub client_version: String,
    /// Identifies the editor process.
    pub instance_id: InstanceId,
    /// Highest log sequence that it has seen.
    pub last_seq: u64,
    /// The epochs that its last `welcome` named; none if it keeps none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epochs: Option<Vec<Epoch>>,
    /// The last `diverged_after` of a `welcome`, until the daemon has answered all that it sends again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub diverged_after: Option<u64>,
    /// Its activity.
    pub editor_state: EditorState,
    /// Components that it can apply.
    pub components: Vec<String>,
    /// Its challenge: 64 hex digits.
    pub nonce: String,
    /// Its proof for the daemon's challenge.
    pub proof: String,
    /// The features of the challenge that it accepts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Identity of an agent; only with the role `agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentIdentity>,
}

/// An entity of an editor, with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryEntry {
    /// The entity.
    pub uuid: Uuid,
    /// Version that the editor last received; 0 if it never received one.
    pub version: u64,
}

/// A set of changes that a client asks for. It is accepted or refused as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Chosen by the sender; stays the same when the intent is sent again.
    pub operation_id: OperationId,
    /// Must be the daemon's project.
    pub project_id: ProjectId,
    /// Version of the entity model.
    pub schema_version: u32,
    /// Highest sequence that the sender had applied when it captured the changes.
    pub base_seq: u64,
    /// For the undo history and the audit.
    pub label: String,
    /// Whether to check and plan the changes without making them. The answer is a result with the plan, or a refusal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// The call of an add-on's tool that made the changes; only from the editor that runs it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// The changes.
    pub changes: Vec<Change>,
}

/// The result of applying a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum ApplyStatus {
    Applied,
    Failed,
}

/// The read-back of one change: the state that the editor reads from its own data afterwards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliedResult {
    /// The entity.
    pub uuid: Uuid,
    /// Whether the change could be applied.
    pub status: ApplyStatus,
    /// The state of the entity; none if it does not exist.
    pub state: Option<Entity>,
    /// The error, if the change failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

tagged_enum! {
    "type";
    /// A message from a client to the daemon.
    #[derive(Clone, Debug, PartialEq)]
    #[allow(
        missing_docs,
        reason = "fields are described in docs/protocol.md, section 5"
    )]
    pub enum ClientMessage {
        Hello(Hello),
        Ping {
            nonce: u64,
            head_seq: u64,
            editor_state: Option<EditorState>,
        },
        Pong {
            nonce: u64,
            head_seq: u64,
            editor_state: Option<EditorState>,
        },
        EditorState {
            state: EditorState,
            objects: Option<Vec<Uuid>>,
        },
        Inventory {
            entities: Vec<InventoryEntry>,
            last: bool,
        },
        Intent(Intent),
        Preview {
            seq: u64,
            changes: Vec<PreviewChange>,
        },
        PreviewEnd {
            uuids: Vec<Uuid>,
        },
        Applied {
            batch_id: BatchId,
            results: Vec<AppliedResult>,
        },
        Deferred {
            batch_id: BatchId,
            state: EditorState,
        },
        Whole {
            batch_id: BatchId,
        },
        Query {
            request_id: Uuid,
            what: Query,
            after: Option<Uuid>,
            limit: Option<u32>,
        },
        Ask {
            request_id: Uuid,
            question: Question,
        },
        Restore(RestoreRequest),
        Revert(RevertRequest),
        Reset(ResetRequest),
        SetAgent(SetAgentRequest),
        Decide(DecideRequest),
        Capabilities(AddonList),
        AddonCommand(AddonCommand),
        CommandProgress(CommandProgress),
        CommandResponse(CommandResponse),
        CommandCancel {
            request_id: Uuid,
        },
        Grant(GrantRequest),
        Revoke(RevokeRequest),
        View(ViewRequest),
        ViewResult(ViewResult),
        Select(SelectRequest),
        SelectResult(SelectResult),
        Prune(PruneRequest),
        Stop {
            reason: String,
        },
        Goodbye {
            reason: String,
        },
    }
}

impl ClientMessage {
    pub(crate) const TYPES: &[&str] = &[
        "hello",
        "ping",
        "pong",
        "editor_state",
        "inventory",
        "intent",
        "preview",
        "preview_end",
        "applied",
        "deferred",
        "whole",
        "query",
        "ask",
        "restore",
        "revert",
        "reset",
        "set_agent",
        "decide",
        "capabilities",
        "addon_command",
        "command_progress",
        "command_response",
        "command_cancel",
        "grant",
        "revoke",
        "view",
        "view_result",
        "select",
        "select_result",
        "prune",
        "stop",
        "goodbye",
    ];
}
