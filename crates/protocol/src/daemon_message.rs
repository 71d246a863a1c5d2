//! Messages from the daemon to a client. `docs/protocol.md` specifies every field.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use vibesync_scene::{
    BatchId, BlobId, Change, Code, Epoch, ExtractField, OperationId, Outcome, Path, Phase,
    ProjectId, Role, SafeMode, SessionId,
};

use crate::agent::{AwaitedApproval, OpenApproval};
use crate::capability::{AvailableAddon, CommandAnswer, CommandProgress, EditorCommand};
use crate::error_body::ErrorBody;
use crate::limits::{Limits, MAX_CHANGES};
use crate::preview::PreviewChange;
use crate::query::QueryResult;
use crate::view::{EditorSelect, EditorView, SelectAnswer, ViewAnswer};

/// A change with the version that it leads to.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct VersionedChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// Version of the entity after the change.
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

/// The daemon's answer to an intent.
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
    Waiting,
}

/// The reason why changes are sent.
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

/// The severity of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum Severity {
    Info,
    Warning,
    Error,
}

/// The addresses of the buffers of a mesh that a client has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct StoredMesh {
    /// The mesh.
    pub uuid: Uuid,
    /// The address of each buffer by its name.
    pub buffers: BTreeMap<String, BlobId>,
}

/// A message from the daemon to a client.
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
        #[serde(default)]
        features: Vec<String>,
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
        #[serde(default)]
        epochs: Vec<Epoch>,
        #[serde(default)]
        diverged_after: Option<u64>,
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
    Want {
        uuids: Vec<Uuid>,
    },
    Ack {
        operation_id: OperationId,
        status: AckStatus,
        seq: u64,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        behind: Vec<Uuid>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        error: Option<ErrorBody>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        approval: Option<AwaitedApproval>,
    },
    Stored {
        operation_id: OperationId,
        meshes: Vec<StoredMesh>,
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
    Preview {
        from: Role,
        changes: Vec<PreviewChange>,
    },
    PreviewEnd {
        uuids: Vec<Uuid>,
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
    AddonCommand(EditorCommand),
    CommandCancel {
        request_id: Uuid,
    },
    CommandEnd {
        request_id: Uuid,
        keep: bool,
    },
    CommandProgress(CommandProgress),
    CommandResponse(Box<CommandAnswer>),
    AddonRegistered {
        addon_id: String,
        manifest: serde_json::Value,
    },
    AddonUnregistered {
        addon_id: String,
    },
    RegistryUpdated {
        available_addons: Vec<AvailableAddon>,
    },
    View(EditorView),
    ViewResult(Box<ViewAnswer>),
    Select(EditorSelect),
    SelectResult(Box<SelectAnswer>),
    Approvals {
        open: Vec<OpenApproval>,
    },
    Error {
        #[serde(flatten)]
        error: ErrorBody,
        operation_id: Option<OperationId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        request_id: Option<Uuid>,
        fatal: bool,
    },
    Goodbye {
        reason: String,
    },
}

/// The limits that apply to the client.
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

impl From<Limits> for WireLimits {
    fn from(limits: Limits) -> Self {
        let Limits {
            frame_bytes,
            header_bytes,
            attachments,
        } = limits;
        Self {
            max_frame_bytes: frame_bytes,
            max_header_bytes: header_bytes,
            max_attachments: u32::try_from(attachments).unwrap_or(u32::MAX),
            max_changes: u32::try_from(MAX_CHANGES).unwrap_or(u32::MAX),
        }
    }
}
