//! Reads and checks a checkpoint.

use std::path::Path;

use blake3::{Hash, Hasher};
use vibesync_scene::Replay;

use super::error::LoadError;
use super::format::{CHECKPOINT_VERSION, HASH, Header, Item, ROW};
use crate::cause::Cause;
use crate::disk::{Disk, DiskError, DiskFile, FileReader, WithContext};
use crate::lines::{Line, Lines};
use crate::registry::{RootHash, Summary};
use crate::wal::{Defect, Tip};

/// A checkpoint as loaded.
#[derive(Debug)]
pub struct Checkpoint {
    /// The state.
    pub state: Replay,
    /// The last record that the state includes.
    pub tip: Tip,
    /// Version of its format.
    pub version: u32,
}

impl Checkpoint {
    /// Whether its format is older, so that it may lack something that the log contains.
    pub fn is_outdated(&self) -> bool {
        self.version < CHECKPOINT_VERSION
    }
}

/// Loads one checkpoint.
pub fn load(disk: &dyn Disk, path: &Path) -> Result<Checkpoint, LoadError> {
    match read(disk.open(path)?) {
        // Damage can look like a newer version, so the version counts only in a whole file.
        Err(LoadError::Newer(defect)) if !is_whole(disk, path).unwrap_or(false) => {
            Err(LoadError::Damaged(Cause::new(defect)))
        }
        loaded => loaded,
    }
}

/// Whether the hash at the end of a checkpoint matches the lines before it.
pub(crate) fn is_whole(disk: &dyn Disk, path: &Path) -> Result<bool, DiskError> {
    let file = disk.open(path).with_context("open", path)?;
    let mut lines = Lines::new(FileReader::new(file));
    let mut hasher = Hasher::new();
    while let Some(Line::Whole(line)) = lines.next().with_context("read", path)? {
        if line.starts_with(HASH) {
            let hash = Item::Hash(hasher.finalize().to_string().into());
            let is_same = serde_json::to_vec(&hash).is_ok_and(|expected| expected == line);
            let is_last = lines.next().with_context("read", path)?.is_none();
            return Ok(is_same && is_last);
        }
        hasher.update(line).update(b"\n");
    }
    Ok(false)
}

fn read(file: Box<dyn DiskFile>) -> Result<Checkpoint, LoadError> {
    let mut lines = Lines::new(FileReader::new(file));
    let mut hasher = Hasher::new();
    let mut header: Option<Header> = None;
    let mut state = Replay::default();
    let mut summary = Summary::default();
    let mut is_complete = false;
    while let Some(line) = lines.next()? {
        let Line::Whole(line) = line else {
            return Err("a line is incomplete or too long".into());
        };
        if is_complete {
            return Err("something follows the end".into());
        }
        if header.is_none() {
            header = Some(parse_header(line)?);
        } else {
            if let Some(row) = line.strip_prefix(ROW) {
                summary.add(row.strip_suffix(b"}").unwrap_or_default());
            }
            let item: Item<'_> = serde_json::from_slice(line)?;
            if let Item::Hash(hash) = &item {
                if **hash != hasher.finalize().to_string() {
                    return Err("the hash does not match".into());
                }
                is_complete = true;
            }
            item.add_to(&mut state);
        }
        hasher.update(line).update(b"\n");
    }
    match header.filter(|_| is_complete) {
        Some(header) => finish(&header, state, &summary),
        None => Err("it is incomplete".into()),
    }
}

fn parse_header(line: &[u8]) -> Result<Header, LoadError> {
    match Defect::newer_version(line, CHECKPOINT_VERSION) {
        Some(defect) => Err(LoadError::Newer(defect)),
        None => Ok(serde_json::from_slice(line)?),
    }
}

fn finish(header: &Header, mut state: Replay, summary: &Summary) -> Result<Checkpoint, LoadError> {
    if (summary.rows, summary.root.to_string()) != (header.rows, header.root.clone()) {
        return Err("its rows are not those that were counted".into());
    }
    state.last_seq = header.seq;
    state.project_id = header.project_id;
    state.is_clean_shutdown = header.is_clean_shutdown;
    state.last_end_seq = header.last_end_seq;
    let tip = Tip {
        seq: header.seq,
        hash: Hash::from_hex(&header.chain_hash)?,
    };
    Ok(Checkpoint {
        state,
        tip,
        version: header.schema_version,
    })
}

/// Reads the last record and the summary of the rows from the first line of a checkpoint.
pub(super) fn read_header(lines: &mut Lines<FileReader>) -> Result<(Tip, Summary), LoadError> {
    let header = match lines.next()? {
        Some(Line::Whole(line)) => parse_header(line)?,
        _ => return Err("it is incomplete".into()),
    };
    let Header { seq, rows, .. } = header;
    let root = RootHash::from_bytes(*Hash::from_hex(&header.root)?.as_bytes());
    let hash = Hash::from_hex(&header.chain_hash)?;
    Ok((Tip { seq, hash }, Summary { seq, rows, root }))
}
