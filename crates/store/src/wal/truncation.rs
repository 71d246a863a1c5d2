//! What was dropped from the beginning of the log: one line a cut in `cuts.jsonl`, and the state that stands for it.

use std::io::Read;
use std::path::{Path, PathBuf};

use blake3::Hash;
use serde::{Deserialize, Serialize};

use super::entry::Tip;
use super::error::{Damage, Defect, WalError};
use crate::disk::{Access, At, Disk, FileReader};
use crate::durable;
use crate::version;

const FILE: &str = "cuts.jsonl";
/// Largest such file that is read, bytes: some 70,000 cuts.
const MAX: u64 = 16 * 1024 * 1024;

/// Version of a line. The first had no field for it.
pub(crate) const TRUNCATION_VERSION: u32 = 2;

fn first_version() -> u32 {
    1
}

/// A cut.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truncation {
    /// Version of the line.
    #[serde(default = "first_version")]
    pub schema_version: u32,
    /// When, RFC 3339, UTC.
    pub timestamp: String,
    /// The last record that was dropped.
    pub seq: u64,
    /// Its hash, 64 hex digits: the next record's `prev`.
    pub hash: String,
    /// Sequence of the checkpoint that stands for what was dropped: [`base_path`].
    pub base: u64,
    /// The audit has a commit of everything up to here.
    pub audited: u64,
}

impl Truncation {
    /// The end of what was dropped.
    pub(crate) fn tip(&self) -> Option<Tip> {
        let hash = Hash::from_hex(&self.hash).ok()?;
        Some(Tip {
            seq: self.seq,
            hash,
        })
    }
}

/// The state that stands for the records up to a sequence: a checkpoint, in the folder of the log.
pub(crate) fn base_path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:020}{BASE}"))
}

/// What the names of such files end in.
pub(crate) const BASE: &str = ".base.jsonl";

/// The newest cut of the log in this folder; none where nothing was ever dropped.
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
    if let Some(newer) = version::newer(line, TRUNCATION_VERSION) {
        return Err(location(newer).into());
    }
    let damaged = |why: String| location(Defect::Content(why));
    let cut: Truncation =
        serde_json::from_slice(line).map_err(|error| damaged(error.to_string()))?;
    match cut.tip() {
        Some(tip) if tip.seq > 0 => Ok(Some(cut)),
        _ => Err(damaged("it names no record".to_owned()).into()),
    }
}

/// Records a cut; durable on return.
pub(crate) fn add(disk: &dyn Disk, dir: &Path, cut: &Truncation) -> Result<(), WalError> {
    let mut bytes = read(disk, dir)?;
    let line = serde_json::to_vec(cut).map_err(|error| WalError::Unwritable {
        seq: cut.seq,
        why: error.to_string(),
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
    if disk.exists(&path).at("look for", &path)? {
        let file = disk.open(&path).at("open", &path)?;
        FileReader::new(file)
            .take(MAX + 1)
            .read_to_end(&mut bytes)
            .at("read", &path)?;
    }
    // Never a part of it: that would be written back with the next cut.
    if bytes.len() as u64 > MAX {
        return Err(damage(0, Defect::Content(format!("it is above {MAX} bytes"))).into());
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
