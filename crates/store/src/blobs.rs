//! Bulk bytes by content: `blobs/ab/abcdef...`, named by their BLAKE3 hash, written once, checked at each read.
//!
//! What arrives over time is written while it arrives ([`StagedBlob`]), and gets its name when its hash is known.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use vibesync_scene::{BlobId, Code};

use crate::disk::{Access, At, Disk, DiskError, DiskFile, FileReader};
use crate::durable;

/// Largest blob that is read, bytes: as much as a frame can carry.
pub const MAX_BLOB: u64 = 256 * 1024 * 1024;

/// Blobs that are remembered to be whole, so that they need not be read to know it. Beyond that all are forgotten.
const REMEMBERED: usize = 4_096;

/// Bytes that are made durable while more arrive.
const SYNC_EVERY: usize = 8 << 20;

/// A blob cannot be stored or given back.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// It is not here.
    #[error("blob {0} is missing")]
    Missing(BlobId),
    /// Its bytes are not those that were stored.
    #[error("blob {id} is damaged: {why}")]
    Damaged {
        /// Its address.
        id: BlobId,
        /// What is wrong.
        why: String,
    },
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl BlobError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            BlobError::Disk(error) => error.code_or(Code::BlobDamaged),
            BlobError::Missing(_) | BlobError::Damaged { .. } => Code::BlobDamaged,
        }
    }
}

/// The folder of blobs.
#[derive(Clone, Debug)]
pub struct BlobStore {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    whole: Arc<Mutex<BTreeSet<BlobId>>>,
}

impl BlobStore {
    /// Opens the folder, creating it. What a crash left half-written is removed, what it left not yet durable is
    /// made so: from then on a blob that is there is durable.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, BlobError> {
        disk.create_dir(dir).at("create folder", dir)?;
        durable::sweep(&*disk, dir)?;
        for shard in disk.list(dir).at("list", dir)? {
            let shard = dir.join(shard);
            durable::sweep(&*disk, &shard)?;
            disk.sync_dir(&shard).at("fsync", &shard)?;
        }
        disk.sync_dir(dir).at("fsync", dir)?;
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            whole: Arc::default(),
        })
    }

    /// Stores blobs; durable on return. Those that are here, whole, are not written again.
    pub fn put(&self, blobs: &[&[u8]]) -> Result<Vec<BlobId>, BlobError> {
        let ids = blobs.iter().map(|bytes| BlobId::hash(bytes));
        let ids: Vec<BlobId> = ids.collect();
        let mut staged = Vec::new();
        for (id, bytes) in ids.iter().zip(blobs) {
            if !self.has_intact(*id) {
                staged.push((*id, self.stage_bytes([*bytes])?));
            }
        }
        self.commit(staged)?;
        Ok(ids)
    }

    /// A file for bytes whose hash is not known yet.
    pub fn stage(&self) -> Result<StagedBlob, BlobError> {
        let path = durable::temporary(&self.dir.join("blob"));
        let created = self.disk.create(&path, Access::Default);
        let file = Some(created.at("create", &path)?);
        Ok(StagedBlob {
            disk: Arc::clone(&self.disk),
            path,
            file,
            unsynced: 0,
            syncing: None,
        })
    }

    /// A file of these bytes.
    pub fn stage_bytes<'a>(
        &self,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<StagedBlob, BlobError> {
        let mut staged = self.stage()?;
        pieces
            .into_iter()
            .try_for_each(|piece| staged.append(piece))?;
        Ok(staged)
    }

    /// Makes blobs of files whose content has these addresses; durable on return.
    pub fn commit(
        &self,
        staged: impl IntoIterator<Item = (BlobId, StagedBlob)>,
    ) -> Result<(), BlobError> {
        let mut kept = Vec::new();
        for (id, mut staged) in staged {
            staged.sync()?;
            let path = self.path(id);
            let shard = durable::folder(&path).to_owned();
            self.disk.create_dir(&shard).at("create folder", &shard)?;
            staged.rename(&path)?;
            kept.push((id, shard));
        }
        let shards: BTreeSet<&PathBuf> = kept.iter().map(|(_, shard)| shard).collect();
        for shard in shards {
            self.disk.sync_dir(shard).at("fsync", shard)?;
        }
        kept.iter().for_each(|(id, _)| self.remember(*id));
        Ok(())
    }

    /// Whether a blob is here, whole and durable. It is read where that is not remembered.
    pub fn has_intact(&self, id: BlobId) -> bool {
        self.whole().contains(&id) || self.get(id).is_ok()
    }

    /// The bytes of a blob, checked against its address.
    pub fn get(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        let checked = self.read(id).and_then(|bytes| match BlobId::hash(&bytes) {
            found if found == id => Ok(bytes),
            _ => {
                let why = "its content has another hash".to_owned();
                Err(BlobError::Damaged { id, why })
            }
        });
        match &checked {
            Ok(_) => self.remember(id),
            Err(_) => {
                self.whole().remove(&id);
            }
        }
        checked
    }

    fn remember(&self, id: BlobId) {
        let mut whole = self.whole();
        if whole.len() >= REMEMBERED {
            whole.clear();
        }
        whole.insert(id);
    }

    /// A lock that a panic left is taken over: at worst a blob is read once more.
    fn whole(&self) -> MutexGuard<'_, BTreeSet<BlobId>> {
        self.whole.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a blob of this address is here; says nothing about its content.
    pub fn contains(&self, id: BlobId) -> Result<bool, BlobError> {
        let path = self.path(id);
        Ok(self.disk.exists(&path).at("look for", &path)?)
    }

    fn read(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        if !self.contains(id)? {
            return Err(BlobError::Missing(id));
        }
        let path = self.path(id);
        let mut file = self.disk.open(&path).at("open", &path)?;
        let size = file.size().at("read", &path)?;
        if size > MAX_BLOB {
            let why = format!("{size} bytes; at most {MAX_BLOB} are stored");
            return Err(BlobError::Damaged { id, why });
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        FileReader::new(file)
            .take(MAX_BLOB)
            .read_to_end(&mut bytes)
            .at("read", &path)?;
        Ok(bytes)
    }

    fn path(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        self.dir.join(name.get(..2).unwrap_or_default()).join(name)
    }
}

/// A file that becomes a blob, or goes when it is dropped.
pub struct StagedBlob {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// None once it has a name of its own.
    file: Option<Box<dyn DiskFile>>,
    unsynced: usize,
    /// The thread that syncs what is there while more is written.
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl StagedBlob {
    /// Adds bytes. From time to time what is there is made durable beside it, so that the end need not wait for all.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.append(bytes).at("write", &self.path)?;
        self.unsynced += bytes.len();
        if self.unsynced >= SYNC_EVERY {
            let mut file = file.try_clone().at("open", &self.path)?;
            self.synced()?;
            self.syncing = Some(std::thread::spawn(move || file.sync_data()));
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Makes all of it durable, but for its name.
    pub fn sync(&mut self) -> Result<(), BlobError> {
        self.synced()?;
        if let Some(file) = &mut self.file {
            file.sync_data().at("fsync", &self.path)?;
        }
        Ok(())
    }

    /// Waits for the thread that syncs. The system tells a failure once, so it is told here.
    fn synced(&mut self) -> Result<(), BlobError> {
        let Some(syncing) = self.syncing.take() else {
            return Ok(());
        };
        let panicked = |_| Err(io::Error::other("the thread that syncs panicked"));
        let synced = syncing.join().unwrap_or_else(panicked);
        Ok(synced.at("fsync", &self.path)?)
    }

    fn rename(mut self, path: &Path) -> Result<(), BlobError> {
        self.disk.rename(&self.path, path).at("name", path)?;
        self.file = None;
        Ok(())
    }
}

impl std::fmt::Debug for StagedBlob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "StagedBlob({})", self.path.display())
    }
}

impl Drop for StagedBlob {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Best effort: what stays behind is swept at the next start.
            let _ = self.disk.remove(&self.path);
        }
    }
}
