//! Truncation of the log: which records were dropped from its beginning.
//!
//! Each truncation is one line of `cuts.jsonl`. A base state, beside the log, replaces the records that were dropped.

use std::io::Read;
use std::path::{Path, PathBuf};

use blake3::Hash;
use serde::{Deserialize, Serialize};

use super::entry::Tip;
use super::error::{Damage, Defect, WalError};
use crate::cause::Cause;
use crate::disk::{Access, Disk, FileReader, WithContext};
use crate::durable;

const FILE: &str = "cuts.jsonl";
/// Largest such file that is read, bytes: room for about 70,000 truncations.
const MAX: u64 = 16 * 1024 * 1024;

/// Version of a line. Lines of version 1 do not name it.
pub(crate) const TRUNCATION_VERSION: u32 = 2;

fn first_version() -> u32 {
    1
}

/// One truncation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truncation {
    /// Version of the line.
    #[serde(default = "first_version")]
    pub schema_version: u32,
    /// Time of the truncation: RFC 3339, UTC.
    pub timestamp: String,
    /// The last record that was dropped.
    pub seq: u64,
    /// Hash of that record, 64 hex digits: the `prev` of the next one.
    pub hash: String,
    /// Sequence of the base state, see [`base_path`].
    pub base: u64,
    /// Sequence up to which the audit has commits.
    pub audited: u64,
}

impl Truncation {
    /// The last record that was dropped; none if the hash is malformed.
    pub(crate) fn tip(&self) -> Option<Tip> {
        let hash = Hash::from_hex(&self.hash).ok()?;
        Some(Tip {
            seq: self.seq,
            hash,
        })
    }
}

/// The path of a base state: a checkpoint in the folder of the log, which replaces the records up to its sequence.
pub(crate) fn base_path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:020}{BASE}"))
}

/// The path of the file that lists the truncations.
pub(crate) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Suffix of the names of base states.
pub(crate) const BASE: &str = ".base.jsonl";

/// Returns the newest truncation of the log in this folder; none if nothing was ever dropped.
pub fn newest(disk: &dyn Disk, dir: &Path) -> Result<Option<Truncation>, WalError> {
    let bytes = read(disk, dir)?;
    let Some(line) = bytes
        .split(|byte| *byte == b'\n')
        .rfind(|line| !line.is_empty())
    else {
        return Ok(None);
    };
    let number = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let location = |defect| damage(number, defect);
    if let Some(newer) = Defect::newer_version(line, TRUNCATION_VERSION) {
        return Err(location(newer).into());
    }
    let damaged = |cause: Cause| location(Defect::Content(cause));
    let truncation: Truncation =
        serde_json::from_slice(line).map_err(|error| damaged(error.into()))?;
    match truncation.tip() {
        Some(tip) if tip.seq > 0 => Ok(Some(truncation)),
        _ => Err(damaged("it names no record".into()).into()),
    }
}

/// Records a truncation; durable on return.
pub(crate) fn add(disk: &dyn Disk, dir: &Path, truncation: &Truncation) -> Result<(), WalError> {
    let mut bytes = read(disk, dir)?;
    let line = serde_json::to_vec(truncation).map_err(|error| WalError::Unwritable {
        seq: truncation.seq,
        source: error.into(),
    })?;
    bytes.extend_from_slice(&line);
    bytes.push(b'\n');
    Ok(durable::write_on(
        disk,
        &dir.join(FILE),
        &bytes,
        Access::Default,
    )?)
}

fn read(disk: &dyn Disk, dir: &Path) -> Result<Vec<u8>, WalError> {
    let path = dir.join(FILE);
    let mut bytes = Vec::new();
    if disk.exists(&path).with_context("look for", &path)? {
        let file = disk.open(&path).with_context("open", &path)?;
        FileReader::new(file)
            .take(MAX + 1)
            .read_to_end(&mut bytes)
            .with_context("read", &path)?;
    }
    // Refused as a whole: the next truncation would write an incomplete copy back.
    if bytes.len() as u64 > MAX {
        return Err(damage(
            0,
            Defect::Content(format!("it is longer than {MAX} bytes").into()),
        )
        .into());
    }
    Ok(bytes)
}

fn damage(line: u64, defect: Defect) -> Damage {
    Damage {
        segment: FILE.to_owned(),
        line,
        offset: 0,
        defect,
    }
}
