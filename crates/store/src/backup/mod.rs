//! Backups: one file with everything that a project needs, consistent at one record of the log. It may be written while
//! the daemon runs.
//!
//! The file is an uncompressed tar archive ([`tar`]); its last file, the [`manifest`], lists the others with their
//! hashes. [`write()`] copies the log up to a durable record, and the blobs of the scene at that record. [`Archive`] reads
//! a backup. `docs/wal-format.md` specifies the format.

mod archive;
mod error;
mod manifest;
mod sink;
mod tar;
mod write;

pub use archive::Archive;
pub use error::BackupError;
pub use manifest::{BACKUP_VERSION, FileEntry, Manifest};
pub use write::{Request, write};
