//! Bulk bytes by content: `blobs/ab/abcdef...`, named by their BLAKE3 hash, written once, checked at each read.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{BlobId, Code};

use crate::disk::{Access, At, Disk, DiskError, FileReader};
use crate::durable;

/// Largest blob that is read, bytes: as much as a frame can carry.
pub const MAX_BLOB: u64 = 256 * 1024 * 1024;

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
pub struct Blobs {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

impl Blobs {
    /// Opens the folder, creating it. What a crash left half-written is removed, what it left not yet durable is
    /// made so: from then on a blob that is there is durable.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, BlobError> {
        disk.create_dir(dir).at("create folder", dir)?;
        for shard in disk.list(dir).at("list", dir)? {
            let shard = dir.join(shard);
            durable::sweep(&*disk, &shard)?;
            disk.sync_dir(&shard).at("fsync", &shard)?;
        }
        disk.sync_dir(dir).at("fsync", dir)?;
        let dir = dir.to_owned();
        Ok(Self { disk, dir })
    }

    /// Stores blobs; durable on return. Those that are here, whole, are not written again.
    pub fn put(&self, blobs: &[&[u8]]) -> Result<Vec<BlobId>, BlobError> {
        let mut ids = Vec::with_capacity(blobs.len());
        let mut touched = BTreeSet::new();
        for bytes in blobs {
            let id = BlobId::of(bytes);
            ids.push(id);
            if self.read(id).is_ok_and(|stored| stored == *bytes) {
                continue;
            }
            let path = self.path(id);
            let shard = durable::folder(&path).to_owned();
            self.disk.create_dir(&shard).at("create folder", &shard)?;
            durable::replace(&*self.disk, &path, bytes, Access::Default)?;
            touched.insert(shard);
        }
        for shard in touched {
            self.disk.sync_dir(&shard).at("fsync", &shard)?;
        }
        Ok(ids)
    }

    /// The bytes of a blob, checked against its address.
    pub fn get(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        let bytes = self.read(id)?;
        if BlobId::of(&bytes) != id {
            let why = "its content has another hash".to_owned();
            return Err(BlobError::Damaged { id, why });
        }
        Ok(bytes)
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
