//! The folder of checkpoints.

use std::path::{Path, PathBuf};

use super::error::LoadError;
use super::read::{self, Checkpoint};
use crate::cause::Cause;
use crate::disk::{Disk, DiskError, FileReader, WithContext};
use crate::durable;
use crate::lines::Lines;
use crate::registry::Summary;
use crate::wal::{Damage, Tip, WalError};

const SUFFIX: &str = ".checkpoint.jsonl";
/// Number of checkpoints that are kept: the newest, and one more in case the newest is damaged.
const MAX_KEPT: usize = 2;

/// A checkpoint that a start could not use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedCheckpoint {
    /// The file.
    pub path: PathBuf,
    /// The reason.
    pub why: Cause,
}

/// A file, with the last record and the summary of the rows that its first line names.
pub type NamedHeader = (PathBuf, Result<(Tip, Summary), LoadError>);

/// The path of the checkpoint of a sequence.
pub(crate) fn path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:020}{SUFFIX}"))
}

/// Returns the newest intact checkpoint, and the newer ones that were skipped. A checkpoint of a newer version is not
/// skipped: the error is VS-5008.
pub fn newest(
    disk: &dyn Disk,
    dir: &Path,
) -> Result<(Option<Checkpoint>, Vec<SkippedCheckpoint>), WalError> {
    durable::sweep(disk, dir)?;
    let mut skipped = Vec::new();
    for path in list(disk, dir)?.into_iter().rev() {
        match read::load(disk, &path) {
            Ok(checkpoint) => return Ok((Some(checkpoint), skipped)),
            Err(LoadError::Damaged(why)) => skipped.push(SkippedCheckpoint { path, why }),
            Err(LoadError::Newer(defect)) => {
                return Err(Damage::in_file(&path, 1, defect).into());
            }
        }
    }
    Ok((None, skipped))
}

/// Returns the headers of all checkpoints, oldest first. Reads only their first lines and changes nothing, so it may run
/// beside a daemon.
pub fn headers(disk: &dyn Disk, dir: &Path) -> Result<Vec<NamedHeader>, DiskError> {
    let mut headers = Vec::new();
    for path in list(disk, dir)? {
        let file = disk.open(&path).with_context("open", &path)?;
        let header = read::read_header(&mut Lines::new(FileReader::new(file)));
        headers.push((path, header));
    }
    Ok(headers)
}

fn list(disk: &dyn Disk, dir: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let names = disk.list(dir).with_context("list", dir)?;
    let checkpoints = names.iter().filter(|name| name.ends_with(SUFFIX));
    // Numbers of equal width: the order of the names is the order of the sequences.
    Ok(checkpoints.map(|name| dir.join(name)).collect())
}

pub(super) fn remove_old(disk: &dyn Disk, dir: &Path) -> Result<(), DiskError> {
    for old in list(disk, dir)?.iter().rev().skip(MAX_KEPT) {
        disk.remove(old).with_context("remove", old)?;
    }
    Ok(())
}
