//! What is said on the wire: frames, messages, versions, error codes, and their JSON Schema.
//!
//! `docs/protocol.md` is this crate in prose. No sockets and no runtime: bytes in, values out.

pub mod auth;
pub mod discovery;
mod frame;
mod message;
mod parse;
mod query;
mod schema;
mod status;

pub use frame::{Frame, FrameDecoder, Head, Limits, WireError, begin_frame, encode};
pub use message::{
    AckStatus, AppliedResult, ApplyReason, ApplyStatus, ClientMessage, DaemonMessage, EditorState,
    ErrorBody, Held, Hello, Intent, Severity, VersionedChange, WireLimits,
};
pub use parse::{parse_client, parse_client_head, parse_daemon};
pub use query::{
    MAX_PLANNED, PlannedChange, Query, QueryResult, ResetRequest, RestoreRequest, ScopedFailure,
};
pub use schema::schema;
pub use status::{EditorPresence, EditorStatus, LastError, ObjectsInUse, SessionStatus, Status};
pub use vibesync_scene::{Code, SCHEMA_VERSION, SafeMode};

/// The wire protocol's version.
pub const PROTOCOL_VERSION: u32 = 1;

/// Most objects that an editor lists as being under its user's hands.
pub const MAX_OBJECTS: usize = 256;

/// Most changes in one intent.
pub const MAX_CHANGES: usize = 10_000;
