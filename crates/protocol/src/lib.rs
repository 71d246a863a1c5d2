//! The wire protocol: frames, messages, proofs, discovery, and the JSON Schema.
//!
//! `docs/protocol.md` specifies it. No sockets and no async: this crate turns bytes into values and back.

mod agent;
pub mod auth;
mod blobs;
mod capability;
mod client_message;
mod daemon_message;
pub mod discovery;
mod editor_state;
mod error_body;
mod frame;
mod limits;
mod parse;
mod preview;
mod query;
mod question;
mod schema;
mod status;
mod view;

pub use agent::{
    AgentBudget, AgentIdentity, AgentReport, AgentStatus, ApprovalStatus, AwaitedApproval,
    DecideRequest, MAX_APPROVALS, OpenApproval, SetAgentRequest, feature,
};
pub use blobs::{BlobCount, BlobReport, PruneRequest};
pub use capability::{
    AddonCommand, AddonList, AddonProblem, AvailableAddon, Capability, CapabilityState,
    CommandAnswer, CommandProgress, CommandResponse, CommandState, EditorCommand, GrantRequest,
    ReportedAddon, RevokeRequest,
};
pub use client_message::{
    AppliedResult, ApplyStatus, ClientMessage, Hello, Intent, InventoryEntry,
};
pub use daemon_message::{
    AckStatus, ApplyReason, DaemonMessage, Severity, StoredMesh, VersionedChange, WireLimits,
};
pub use editor_state::EditorState;
pub use error_body::ErrorBody;
pub use frame::{Frame, FrameDecoder, FrameHead, WireError, add_frame, begin_frame, encode};
pub use limits::{
    Limits, MAX_BATCH_CHANGES, MAX_CHANGES, MAX_OBJECTS, MAX_RESULT_ITEMS, PROTOCOL_VERSION,
};
pub use parse::{operation_of, parse_client, parse_client_head, parse_daemon};
pub use preview::{
    MAX_POSITION_BYTES, MAX_PREVIEWED, MAX_SHOWN, Patch, PositionPatch, PreviewChange,
    PreviewCounts,
};
pub use query::{
    LeftOut, LeftOutReason, OperationStage, PlannedChange, Query, QueryResult, ResetRequest,
    RestoreRequest, RevertRequest, ScopedFailure, WaitsFor,
};
pub use question::{
    Describe, DescribedEntity, FoundEntity, MAX_DESCRIBED, MAX_FOUND, Near, Question, Search,
};
pub use schema::schema;
pub use status::{
    EditorPresence, EditorStatus, LastError, LostEntity, ObjectsInUse, SessionStatus, Status,
};
pub use vibesync_scene::{Code, SCHEMA_VERSION, SafeMode};
pub use view::{
    DEFAULT_SIDE, EditorSelect, EditorView, MAX_PICTURE, MAX_SELECTED, PICTURE_SIDE, Picture,
    SelectAnswer, SelectRequest, SelectResult, ViewAnswer, ViewRequest, ViewResult,
};
