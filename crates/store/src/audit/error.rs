//! Errors of the audit.

use std::io::ErrorKind;

use git2::{ErrorClass, ErrorCode, Oid};
use vibesync_scene::Code;

use crate::cause::Cause;
use crate::disk::DiskError;

/// The repository cannot be used now (VS-5005), and it is safe to try again later; or it is damaged (VS-5012).
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
    /// A part is missing or damaged.
    #[error("audit repository: {0}")]
    Damaged(String),
}

impl AuditError {
    /// Whether no later attempt can succeed, because something is missing or damaged in the repository.
    pub fn is_damage(&self) -> bool {
        match self {
            AuditError::Git(error) => is_git_damage(error),
            AuditError::Disk(error) => error.source.kind() == ErrorKind::UnexpectedEof,
            AuditError::File { .. } | AuditError::Damaged(_) => true,
            AuditError::Encode(_) | AuditError::Time { .. } | AuditError::Content(_) => false,
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            _ if self.is_damage() => Code::AuditDamaged,
            AuditError::Disk(error) => error.code_or(Code::AuditUnavailable),
            _ => Code::AuditUnavailable,
        }
    }
}

/// Whether an error of libgit2 is about the content of the repository. A refusal of the system, a lock, another owner
/// and a mistake in the settings are not.
fn is_git_damage(error: &git2::Error) -> bool {
    let is_passing = matches!(
        error.class(),
        ErrorClass::Os | ErrorClass::NoMemory | ErrorClass::Config | ErrorClass::Callback
    );
    let is_refused = matches!(error.code(), ErrorCode::Locked | ErrorCode::Owner);
    !is_passing && !is_refused
}
