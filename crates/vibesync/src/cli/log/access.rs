//! Opens the transaction log for reading, also while a daemon writes it.

use std::path::Path;
use std::sync::Arc;

use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{self, Reader, Verification, WalError};

use crate::cli::result::WrongUsage;
use crate::error::Error;

/// Checks the hash and the chain of every record. Changes nothing.
pub(in crate::cli) fn verify(wal: &Path) -> Result<Verification, Error> {
    wal::verify(&RealDisk, wal).map_err(|error| coded(wal, error))
}

/// Reads the records from `first` to `last`.
pub(in crate::cli) fn read(wal: &Path, first: u64, last: u64) -> Result<Reader, Error> {
    Reader::new(Arc::new(RealDisk), wal, first, last).map_err(|error| coded(wal, error))
}

/// Adds the folder of the log as location to an error.
pub(in crate::cli) fn coded(wal: &Path, error: WalError) -> Error {
    Error::from_source(error.code(), wal.display(), error)
}

/// Builds the failure for a sequence that the log does not have.
pub(in crate::cli) fn no_record(seq: u64, last: u64) -> WrongUsage {
    let help = match last {
        0 => "The log is empty; `vibesync run` begins it.".to_owned(),
        last => format!("Name a sequence from 1 to {last}."),
    };
    WrongUsage::new(
        format!("no record {seq}; the log ends at record {last}"),
        help,
    )
}
