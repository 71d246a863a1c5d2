//! What can be wrong with a log, and where.

use std::path::Path;

use vibesync_scene::Code;

use crate::disk::DiskError;
use crate::lines::MAX_LINE;

/// The log cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum WalError {
    /// A record is not as it was written.
    #[error(transparent)]
    Damaged(#[from] Damage),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// Bytes read after a write are not the bytes written.
    #[error(
        "the log reads back something else than was written from byte {offset} of {segment} on"
    )]
    ReadBack {
        /// File name.
        segment: String,
        /// First byte of the write.
        offset: u64,
    },
    /// An earlier write, fsync or read-back failed; nothing is appended after it.
    #[error("the log takes no more records since it failed: {cause}")]
    Poisoned {
        /// VS-5003 where the disk was full, else VS-5002.
        code: Code,
        /// The first failure.
        cause: String,
    },
    /// A record that could not be read back if it were written: too long, or a number that JSON cannot say.
    #[error("record {seq} cannot be written: {why}")]
    Unwritable {
        /// The sequence it would have had.
        seq: u64,
        /// Why.
        why: String,
    },
}

impl WalError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            WalError::Damaged(damage) => damage.code(),
            WalError::Disk(error) => error.code_or(Code::LogPoisoned),
            WalError::Poisoned { code, .. } => *code,
            WalError::ReadBack { .. } | WalError::Unwritable { .. } => Code::LogPoisoned,
        }
    }
}

/// Where the log is damaged, and how.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("segment {segment}, line {line}, byte {offset}: {defect}")]
pub struct Damage {
    /// File name.
    pub segment: String,
    /// From 1.
    pub line: u64,
    /// Of the line's first byte in the file.
    pub offset: u64,
    /// What is wrong with it.
    pub defect: Defect,
}

impl Damage {
    /// In a file that is no segment.
    pub(crate) fn of_file(path: &Path, line: u64, defect: Defect) -> Self {
        let name = path.file_name().unwrap_or_default();
        Self {
            segment: name.to_string_lossy().into_owned(),
            line,
            offset: 0,
            defect,
        }
    }

    /// VS-5008 where a newer program wrote it, else VS-5001.
    pub fn code(&self) -> Code {
        match self.defect {
            Defect::Newer { .. } => Code::MadeByNewer,
            _ => Code::LogDamaged,
        }
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// The file ends within the line.
    #[error("the line is incomplete")]
    Incomplete,
    /// Longer than any record.
    #[error("the line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// Not a record at all.
    #[error("the line does not end in a hash")]
    NoHash,
    /// Not what was written.
    #[error("the hash does not match the line")]
    Hash,
    /// As it was written, but not what its version writes.
    #[error("not what the format says: {0}")]
    Content(String),
    /// Of a version that this program does not know.
    #[error("a newer VibeSync wrote it: it has version {found}, this program reads up to {known}")]
    Newer {
        /// Its version.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Records are missing or doubled.
    #[error("sequence {found} where {expected} should be")]
    Sequence {
        /// What follows the record before.
        expected: u64,
        /// What is there.
        found: u64,
    },
    /// The record before it is another one.
    #[error("the line does not continue the hash chain")]
    Chain,
    /// A compressed segment that is not as it was written.
    #[error("the segment cannot be decompressed: {0}")]
    Packed(String),
    /// The state before a record that was dropped.
    #[error(
        "the records up to sequence {dropped} were dropped, so the state at sequence {wanted} is not known"
    )]
    Dropped {
        /// The last record that was dropped, or that the state in its place covers.
        dropped: u64,
        /// What was asked for.
        wanted: u64,
    },
    /// The state that stands for dropped records cannot be read.
    #[error("the state in place of the dropped records is not whole: {0}")]
    Base(String),
    /// A record that must be there is not.
    #[error("the log ends after sequence {last}, but sequence {expected} is known to exist")]
    Ends {
        /// Last record.
        last: u64,
        /// What must be there.
        expected: u64,
    },
}

impl Defect {
    /// Whether an interrupted append can leave this: the line is not one that was ever written whole.
    pub(crate) fn is_torn(&self) -> bool {
        matches!(
            self,
            Defect::Incomplete | Defect::TooLong | Defect::NoHash | Defect::Hash
        )
    }
}
