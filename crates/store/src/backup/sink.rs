//! Writes the files of a backup one after the other, and hashes them for the manifest.

use std::io::Read;
use std::path::Path;

use blake3::Hasher;

use super::error::BackupError;
use super::manifest::{FileEntry, MANIFEST, Manifest, SEAL, seal};
use super::tar;
use crate::disk::{Disk, DiskError, DiskFile, FileReader, WithContext};

const CHUNK: usize = 1024 * 1024;

/// An archive that is being written.
pub(super) struct Sink<'a> {
    file: Box<dyn DiskFile>,
    path: &'a Path,
    /// Time of all files, in seconds since 1970.
    time: u64,
    pub written: Vec<FileEntry>,
}

impl<'a> Sink<'a> {
    pub fn new(file: Box<dyn DiskFile>, path: &'a Path, time: u64) -> Self {
        Self {
            file,
            path,
            time,
            written: Vec::new(),
        }
    }

    /// Adds a file whose content is in memory.
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), BackupError> {
        self.begin(name, bytes.len() as u64)?;
        self.append(bytes)?;
        self.end(
            name,
            bytes.len() as u64,
            &Hasher::new().update(bytes).clone(),
        )
    }

    /// Adds the first `bytes` of a file.
    pub fn add_file(
        &mut self,
        disk: &dyn Disk,
        name: &str,
        from: &Path,
        bytes: u64,
    ) -> Result<(), BackupError> {
        let file = disk.open(from).with_context("open", from)?;
        self.begin(name, bytes)?;
        let mut rest = FileReader::new(file).take(bytes);
        let mut hasher = Hasher::new();
        let mut chunk = vec![0; CHUNK];
        let mut copied = 0;
        loop {
            let read = rest.read(&mut chunk).with_context("read", from)?;
            let piece = chunk.get(..read).unwrap_or_default();
            if piece.is_empty() {
                break;
            }
            hasher.update(piece);
            copied += piece.len() as u64;
            self.append(piece)?;
        }
        if copied < bytes {
            let why = format!("{} became shorter", from.display());
            return Err(BackupError::Changed(why));
        }
        self.end(name, bytes, &hasher)
    }

    /// Adds the manifest and makes the archive durable.
    pub fn finish(mut self, manifest: &Manifest) -> Result<(), BackupError> {
        let json = serde_json::to_vec_pretty(manifest)
            .map_err(|error| BackupError::Unsound(error.to_string()))?;
        self.add_bytes(MANIFEST, &json)?;
        self.add_bytes(SEAL, seal(&json).as_bytes())?;
        self.append(&[0; 2 * tar::BLOCK as usize])?;
        Ok(self.file.sync_data().with_context("fsync", self.path)?)
    }

    fn begin(&mut self, name: &str, bytes: u64) -> Result<(), BackupError> {
        let header = tar::header(name, bytes, self.time)
            .ok_or_else(|| BackupError::Unsound(format!("{name} does not fit into a backup")))?;
        Ok(self.append(&header)?)
    }

    fn end(&mut self, name: &str, bytes: u64, hasher: &Hasher) -> Result<(), BackupError> {
        self.append(&vec![0; tar::padding(bytes)])?;
        self.written.push(FileEntry {
            path: name.to_owned(),
            bytes,
            blake3: hasher.finalize().to_string(),
        });
        Ok(())
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), DiskError> {
        self.file.append(bytes).with_context("write", self.path)
    }
}
