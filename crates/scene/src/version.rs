//! Versions of the formats that this crate defines.

/// Version of the entity model, on the wire and in the audit.
pub const SCHEMA_VERSION: u32 = 1;

/// Version of the log's records: of [`Payload`](crate::Payload) and of the line around it. It increases when an older
/// program would misread a record. Every older version can still be read.
pub const LOG_VERSION: u32 = 4;
