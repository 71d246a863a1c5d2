//! The ways in which a log lacks what a witness knows.

use vibesync_scene::{Code, EpochId, ProjectId};

/// The log lacks what a witness knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// The log ends too early.
    #[error("{witness} knows sequence {seq}, but the log ends at {end}")]
    Ahead {
        /// Name of the witness.
        witness: String,
        /// The record that it knows.
        seq: u64,
        /// The last record of the log.
        end: u64,
    },
    /// The log has another record.
    #[error("{witness} knows another record at sequence {seq} than the log, which ends at {end}")]
    OtherRecord {
        /// Name of the witness.
        witness: String,
        /// The record that it knows.
        seq: u64,
        /// The last record of the log.
        end: u64,
    },
    /// The log has no such epoch.
    #[error("{witness} names epoch {epoch}, which is not in the log; the log ends at {end}")]
    NoEpoch {
        /// Name of the witness.
        witness: String,
        /// The epoch that it knows.
        epoch: EpochId,
        /// The last record of the log.
        end: u64,
    },
    /// The log belongs to another project.
    #[error("the log belongs to project {found}, {witness} names project {project}")]
    OtherProject {
        /// Name of the witness.
        witness: String,
        /// The project that it knows.
        project: ProjectId,
        /// The project of the log.
        found: ProjectId,
    },
}

impl Divergence {
    /// VS-2003 for another project, else VS-5010.
    pub fn code(&self) -> Code {
        match self {
            Divergence::OtherProject { .. } => Code::WrongProject,
            _ => Code::LogDiverged,
        }
    }

    /// Name of the witness.
    pub fn witness(&self) -> &str {
        match self {
            Divergence::Ahead { witness, .. }
            | Divergence::OtherRecord { witness, .. }
            | Divergence::NoEpoch { witness, .. }
            | Divergence::OtherProject { witness, .. } => witness,
        }
    }
}
