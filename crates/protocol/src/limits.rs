//! The protocol's version and limits.

/// Version of the wire protocol.
pub const PROTOCOL_VERSION: u32 = 1;

/// Most objects that an editor lists as being edited by its user.
pub const MAX_OBJECTS: usize = 256;

/// Most changes in one intent.
pub const MAX_CHANGES: usize = 10_000;

/// Most changes in one batch for an editor with the feature `large_batches`.
pub const MAX_BATCH_CHANGES: usize = 50_000;

/// Most items of a list in a query result: changes of a restore, scopes that failed.
pub const MAX_RESULT_ITEMS: usize = 1_000;

/// Largest sizes of frames from a peer. They are checked before memory is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Largest `length` field of a frame.
    pub frame_bytes: u32,
    /// Largest header, bytes.
    pub header_bytes: u32,
    /// Most attachments in a frame.
    pub attachments: usize,
}

impl Limits {
    /// During the handshake.
    pub const HANDSHAKE: Self = Self {
        frame_bytes: 65_536,
        header_bytes: 65_536,
        attachments: 0,
    };

    /// After the handshake.
    pub const SESSION: Self = Self {
        frame_bytes: 268_435_456,
        header_bytes: 16_777_216,
        attachments: 1_024,
    };

    /// After the handshake, for an editor with the feature `large_batches`. It may use the longer header for the answer to
    /// a batch alone.
    pub const LARGE_BATCHES: Self = Self {
        header_bytes: 67_108_864,
        ..Self::SESSION
    };
}
