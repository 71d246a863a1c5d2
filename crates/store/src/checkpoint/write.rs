//! Writes checkpoints.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use blake3::Hasher;
use serde::Serialize;
use vibesync_scene::Replay;

use super::error::CheckpointError;
use super::folder;
use super::format::{Header, Item, ROW};
use crate::disk::{Access, Disk, DiskFile, WithContext};
use crate::durable;
use crate::registry::{RegistryError, Summary};
use crate::wal::Tip;

const CHUNK: usize = 1024 * 1024;

/// Writes a checkpoint of `state` at the durable record `tip`, and removes checkpoints that are too old.
///
/// The rows come as JSON, not from `state`, which may contain only a part of the scene. They must match `summary`.
pub fn write<R: AsRef<[u8]>>(
    disk: &dyn Disk,
    dir: &Path,
    state: &Replay,
    tip: Tip,
    rows: impl Iterator<Item = Result<R, RegistryError>>,
    summary: &Summary,
) -> Result<PathBuf, CheckpointError> {
    disk.create_dir(dir).with_context("create folder", dir)?;
    let path = folder::path(dir, tip.seq);
    write_file(disk, &path, state, tip, rows, summary)?;
    folder::remove_old(disk, dir)?;
    Ok(path)
}

/// As [`write`], with any name. The folder must exist, and other checkpoints in it stay.
pub(crate) fn write_file<R: AsRef<[u8]>>(
    disk: &dyn Disk,
    path: &Path,
    state: &Replay,
    tip: Tip,
    rows: impl Iterator<Item = Result<R, RegistryError>>,
    summary: &Summary,
) -> Result<(), CheckpointError> {
    let staged = durable::temporary(path);
    let file = disk
        .create(&staged, Access::Default)
        .with_context("create", &staged)?;
    let written = write_lines(Writer::new(file, &staged), state, tip, rows, summary);
    if written.is_err() {
        // Best effort: the next start removes a leftover file.
        let _ = disk.remove(&staged);
    }
    written?;
    Ok(durable::rename(disk, &staged, path)?)
}

fn write_lines<R: AsRef<[u8]>>(
    mut out: Writer<'_>,
    state: &Replay,
    tip: Tip,
    rows: impl Iterator<Item = Result<R, RegistryError>>,
    summary: &Summary,
) -> Result<(), CheckpointError> {
    out.line(&Header::new(state, tip, summary))?;
    let mut found = Summary {
        seq: summary.seq,
        ..Summary::default()
    };
    for row in rows {
        let row = row?;
        found.add(row.as_ref());
        out.row(row.as_ref())?;
    }
    if found != *summary {
        let why = format!("it has {found}, its summary is {summary}");
        return Err(RegistryError::Disagrees(why).into());
    }
    for epoch in state.epochs.up_to(tip.seq) {
        out.line(&Item::Epoch(*epoch))?;
    }
    for open in state.open.values() {
        out.line(&Item::from_open(open))?;
    }
    out.line(&Item::Failures(Cow::Borrowed(&state.failures)))?;
    out.line(&Item::Agents(Cow::Borrowed(&state.agents)))?;
    for grant in state.grants.iter() {
        out.line(&Item::Grant(Cow::Borrowed(grant)))?;
    }
    for call in state.calls.open() {
        out.line(&Item::OpenCall(Cow::Borrowed(call)))?;
    }
    for call in state.calls.ended() {
        out.line(&Item::EndedCall(Cow::Borrowed(call)))?;
    }
    for (id, operation) in state.operations.iter() {
        out.line(&Item::from_operation(id, operation))?;
    }
    out.finish()
}

/// Writes lines into a file and hashes them.
struct Writer<'a> {
    file: Box<dyn DiskFile>,
    path: &'a Path,
    hasher: Hasher,
    buffer: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(file: Box<dyn DiskFile>, path: &'a Path) -> Self {
        Self {
            file,
            path,
            hasher: Hasher::new(),
            buffer: Vec::new(),
        }
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), CheckpointError> {
        serde_json::to_writer(&mut self.buffer, line)?;
        self.end_line()
    }

    /// Writes the same line as [`Item::Row`], without parsing the row.
    fn row(&mut self, json: &[u8]) -> Result<(), CheckpointError> {
        self.buffer.extend_from_slice(ROW);
        self.buffer.extend_from_slice(json);
        self.buffer.push(b'}');
        self.end_line()
    }

    fn end_line(&mut self) -> Result<(), CheckpointError> {
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), CheckpointError> {
        self.hasher.update(&self.buffer);
        self.file
            .append(&self.buffer)
            .with_context("write", self.path)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), CheckpointError> {
        self.flush()?;
        let hash = self.hasher.finalize().to_string();
        self.line(&Item::Hash(hash.into()))?;
        self.flush()?;
        Ok(self.file.sync_data().with_context("fsync", self.path)?)
    }
}
