//! Errors of the audit.

use git2::Oid;
use vibesync_scene::Code;

use crate::cause::Cause;
use crate::disk::DiskError;

/// The repository cannot be used now (VS-5005); it is safe to try again later.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// libgit2 refused.
    #[error("audit repository: {0}")]
    Git(#[from] git2::Error),
    /// The disk refused.
    #[error("audit repository: {0}")]
    Disk(#[from] DiskError),
    /// An entity's file cannot be decoded.
    #[error("audit repository: file {oid}: {source}")]
    File {
        /// Its object id.
        oid: Oid,
        /// The reason.
        source: serde_json::Error,
    },
    /// A file cannot be encoded.
    #[error("audit repository: {0}")]
    Encode(#[source] serde_json::Error),
    /// The time of a commit is malformed.
    #[error("audit repository: time {timestamp:?} of a commit: {source}")]
    Time {
        /// The time.
        timestamp: String,
        /// The reason.
        source: Cause,
    },
    /// The repository is not as this program writes it, or another git has locked it.
    #[error("audit repository: {0}")]
    Content(String),
}

impl AuditError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            AuditError::Disk(error) => error.code_or(Code::AuditUnavailable),
            _ => Code::AuditUnavailable,
        }
    }
}
