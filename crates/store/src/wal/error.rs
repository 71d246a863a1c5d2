//! Errors of the log, with the location and the kind of damage.

use std::path::Path;

use serde::Deserialize;
use vibesync_scene::Code;

use super::divergence::Divergence;
use crate::cause::Cause;
use crate::disk::DiskError;
use crate::lines::MAX_LINE;

/// The log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A record is not as it was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The log lacks what a witness knows.
    #[error(transparent)]
    Diverged(#[from] Divergence),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The bytes read after a write differ from those written.
    #[error(
        "the log reads back differently than it was written, from byte {offset} of {segment} on"
    )]
    ReadBack {
        /// File name.
        segment: String,
        /// First byte of the write.
        offset: u64,
    },
    /// An earlier write, fsync or read-back failed, so nothing may be appended any more.
    #[error("the log refuses records after a failure: {cause}")]
    Poisoned {
        /// VS-5003 if the disk was full, else VS-5002.
        code: Code,
        /// The message of the first failure, which was returned as an error then.
        cause: String,
    },
    /// A group of records was committed before the one that precedes it.
    #[error("records from {found} on are to be written, but {expected} is next")]
    Order {
        /// The sequence that is next.
        expected: u64,
        /// The first sequence of the group.
        found: u64,
    },
    /// A record that could not be read again: it is too long, or has a number that JSON cannot express.
    #[error("record {seq} cannot be written: {source}")]
    Unwritable {
        /// The sequence it would have had.
        seq: u64,
        /// The reason.
        source: Cause,
    },
}

impl WalError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            WalError::Damaged(damage) => damage.code(),
            WalError::Diverged(divergence) => divergence.code(),
            WalError::Disk(error) => error.code_or(Code::LogPoisoned),
            WalError::Poisoned { code, .. } => *code,
            WalError::ReadBack { .. } | WalError::Order { .. } | WalError::Unwritable { .. } => {
                Code::LogPoisoned
            }
        }
    }
}

/// Damage of the log: its location and its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment}, line {line}, byte {offset}: {defect}")]
pub struct Damage {
    /// File name.
    pub segment: String,
    /// Number of the line, from 1.
    pub line: u64,
    /// Offset of the line's first byte in the file.
    pub offset: u64,
    /// The kind of damage.
    #[source]
    pub defect: Defect,
}

impl Damage {
    /// Damage of a file that is no segment.
    pub(crate) fn in_file(path: &Path, line: u64, defect: Defect) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self {
            segment: name.to_string_lossy().into_owned(),
            line,
            offset: 0,
            defect,
        }
    }

    /// VS-5008 if a newer program wrote the line, else VS-5001.
    pub fn code(&self) -> Code {
        match self.defect {
            Defect::Newer { .. } => Code::NewerFormat,
            _ => Code::LogDamaged,
        }
    }
}

/// The kind of damage of a line or file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The file ends within the line.
    #[error("the line is incomplete")]
    Incomplete,
    /// The line is longer than any record.
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// The line is no record.
    #[error("the line does not end in a hash")]
    NoHash,
    /// The line is not as it was written.
    #[error("the hash does not match the line")]
    Hash,
    /// The line is as it was written, but breaks the format of its version.
    #[error("the line breaks the format: {0}")]
    Content(#[source] Cause),
    /// The version is newer than this program.
    #[error("a newer VibeSync wrote it: it has version {found}, this program reads up to {known}")]
    Newer {
        /// Version of the line.
        found: u32,
        /// Newest version that this program reads.
        known: u32,
    },
    /// Records are missing or doubled.
    #[error("sequence {found} instead of {expected}")]
    Sequence {
        /// Sequence that follows the previous record.
        expected: u64,
        /// Sequence of the record.
        found: u64,
    },
    /// The record does not contain the hash of the previous one.
    #[error("the line does not continue the hash chain")]
    Chain,
    /// A compressed segment is not as it was written.
    #[error("the segment cannot be decompressed: {0}")]
    Packed(#[source] Cause),
    /// The state at a record that was dropped is not known.
    #[error(
        "the records up to sequence {dropped} were dropped, so the state at sequence {wanted} is not known"
    )]
    Dropped {
        /// The last record that the base state covers.
        dropped: u64,
        /// The requested record.
        wanted: u64,
    },
    /// The base state, which replaces the dropped records, cannot be read.
    #[error("the base state of the dropped records is damaged: {0}")]
    Base(#[source] Cause),
    /// A record that must exist is missing.
    #[error("the log ends after sequence {last}, but sequence {expected} is known to exist")]
    Ends {
        /// Sequence of the last record.
        last: u64,
        /// Sequence of a record that must exist.
        expected: u64,
    },
}

impl Defect {
    /// Returns the defect of JSON whose version is newer than `known`. JSON without a version is left to its parser.
    ///
    /// A newer version may change everything else, so this check precedes parsing.
    pub(crate) fn newer_version(json: &[u8], known: u32) -> Option<Self> {
        #[derive(Deserialize)]
        struct Versioned {
            schema_version: u32,
        }
        let versioned: Versioned = serde_json::from_slice(json).ok()?;
        let found = versioned.schema_version;
        (found > known).then_some(Defect::Newer { found, known })
    }

    /// Whether an interrupted append can leave this defect: the line was never written completely.
    pub(crate) fn is_torn(&self) -> bool {
        matches!(
            self,
            Defect::Incomplete | Defect::TooLong | Defect::NoHash | Defect::Hash
        )
    }
}
