//! Messages, each with every field. `docs/protocol.md` says what they mean.

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use vibesync_scene::{
    BatchId, Change, Code, Entity, ExtractField, InstanceId, Invalid, OperationId, Outcome, Path,
    Phase, ProjectId, Role, SafeMode, SessionId, tagged_enum,
};

use crate::frame::Limits;
use crate::query::{Query, QueryResult, ResetRequest, RestoreRequest};

/// What an editor is doing; only what it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum EditorState {
    Ready,
    Modal,
    Edit,
    Playing,
    Reloading,
    Compiling,
    Loading,
    Saving,
    Unfocused,
    Background,
}

impl EditorState {
    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            EditorState::Ready => "ready",
            EditorState::Modal => "modal",
            EditorState::Edit => "edit",
            EditorState::Playing => "playing",
            EditorState::Reloading => "reloading",
            EditorState::Compiling => "compiling",
            EditorState::Loading => "loading",
            EditorState::Saving => "saving",
            EditorState::Unfocused => "unfocused",
            EditorState::Background => "background",
        }
    }
}

/// The client's half of the handshake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    /// Protocol version chosen from the offered range.
    pub protocol: u32,
    /// Version of the entity model.
    pub schema_version: u32,
    /// The project it wants.
    pub project_id: ProjectId,
    /// What it is.
    pub role: Role,
    /// For the log.
    pub editor_version: String,
    /// For the log.
    pub client_version: String,
    /// One per editor process.
    pub instance_id: InstanceId,
    /// Highest log sequence it has seen.
    pub last_seq: u64,
    /// What it is doing.
    pub editor_state: EditorState,
    /// Components it can apply.
    pub components: Vec<String>,
    /// Its challenge: 64 hex digits.
    pub nonce: String,
    /// Its answer to the daemon's challenge.
    pub proof: String,
}

/// An entity that an editor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InventoryEntry {
    /// The entity.
    pub uuid: Uuid,
    /// Version it was last told; 0 if never.
    pub version: u64,
}

/// A wish to change the scene: all or nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// Chosen by the sender; the same when sent again.
    pub operation_id: OperationId,
    /// Must be the daemon's.
    pub project_id: ProjectId,
    /// Version of the entity model.
    pub schema_version: u32,
    /// Highest sequence the sender had applied when it captured.
    pub base_seq: u64,
    /// For the undo history and the audit.
    pub label: String,
    /// What changes.
    pub changes: Vec<Change>,
}

/// Whether an editor could apply a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum ApplyStatus {
    Applied,
    Failed,
}

/// What an editor holds after a change: read from its own data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppliedResult {
    /// The entity.
    pub uuid: Uuid,
    /// Whether the change could be applied.
    pub status: ApplyStatus,
    /// The entity as held now; none if it does not exist.
    pub state: Option<Entity>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
}

tagged_enum! {
    "type";
    /// Client to daemon.
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
        Applied {
            batch_id: BatchId,
            results: Vec<AppliedResult>,
        },
        Deferred {
            batch_id: BatchId,
            state: EditorState,
        },
        Query {
            request_id: Uuid,
            what: Query,
            after: Option<Uuid>,
            limit: Option<u32>,
        },
        Restore(RestoreRequest),
        Reset(ResetRequest),
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
        "applied",
        "deferred",
        "query",
        "restore",
        "reset",
        "goodbye",
    ];
}

/// A change as the daemon sends it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VersionedChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The entity's version once it is applied.
    pub version: u64,
}

impl<'de> Deserialize<'de> for VersionedChange {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut version = None;
        let change = Change::deserialize(ExtractField {
            from,
            field: "version",
            value: &mut version,
        })?;
        let version = version.ok_or_else(|| D::Error::missing_field("version"))?;
        Ok(Self { change, version })
    }
}

/// How an intent was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fields are described in docs/protocol.md, section 5"
)]
pub enum AckStatus {
    Accepted,
    Unchanged,
    Duplicate,
    Refused,
}

/// Why changes are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fields are described in docs/protocol.md, section 5"
)]
pub enum ApplyReason {
    Change,
    Sync,
    Rollback,
    Restore,
}

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// What went wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The spot.
    #[serde(default)]
    #[serde(rename = "place")]
    pub location: String,
    /// What to do.
    #[serde(default)]
    pub help: String,
}

impl From<Invalid> for ErrorBody {
    fn from(invalid: Invalid) -> Self {
        Self {
            code: invalid.code,
            message: invalid.message,
            location: invalid.location,
            help: String::new(),
        }
    }
}

/// Daemon to client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[allow(
    missing_docs,
    reason = "fields are described in docs/protocol.md, section 5"
)]
pub enum DaemonMessage {
    Challenge {
        protocol_min: u32,
        protocol_max: u32,
        schema_version: u32,
        daemon_version: String,
        project_id: ProjectId,
        nonce: String,
    },
    Welcome {
        session_id: SessionId,
        protocol: u32,
        proof: String,
        head_seq: u64,
        heartbeat_ms: u64,
        batch_window_ms: u64,
        limits: WireLimits,
        safe_mode: Option<SafeMode>,
    },
    Ping {
        nonce: u64,
        head_seq: u64,
    },
    Pong {
        nonce: u64,
        head_seq: u64,
    },
    Sync {
        head_seq: u64,
        want: Vec<Uuid>,
        owed: u64,
    },
    Ack {
        operation_id: OperationId,
        status: AckStatus,
        seq: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        behind: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorBody>,
    },
    Apply {
        batch_id: BatchId,
        project_id: ProjectId,
        schema_version: u32,
        reason: ApplyReason,
        path: Path,
        operations: Vec<OperationId>,
        label: String,
        head_seq: u64,
        changes: Vec<VersionedChange>,
    },
    Outcome {
        operation_id: OperationId,
        phase: Phase,
        outcome: Outcome,
        seq: u64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorBody>,
    },
    Result {
        request_id: Uuid,
        #[serde(flatten)]
        result: QueryResult,
    },
    Notice {
        severity: Severity,
        code: Code,
        message: String,
        help: String,
        uuids: Vec<Uuid>,
    },
    Governance {
        safe_mode: Option<SafeMode>,
    },
    Error {
        #[serde(flatten)]
        error: ErrorBody,
        operation_id: Option<OperationId>,
        fatal: bool,
    },
    Goodbye {
        reason: String,
    },
}

/// Limits in force, told to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(
    missing_docs,
    reason = "fields are described in docs/protocol.md, section 2"
)]
pub struct WireLimits {
    pub max_frame_bytes: u32,
    pub max_header_bytes: u32,
    pub max_attachments: u32,
    pub max_changes: u32,
}

impl Default for WireLimits {
    fn default() -> Self {
        let Limits {
            frame_bytes,
            header_bytes,
            attachments,
        } = Limits::SESSION;
        Self {
            max_frame_bytes: frame_bytes,
            max_header_bytes: header_bytes,
            max_attachments: u32::try_from(attachments).unwrap_or(u32::MAX),
            max_changes: u32::try_from(crate::MAX_CHANGES).unwrap_or(u32::MAX),
        }
    }
}
