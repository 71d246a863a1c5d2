//! The blob store: bulk data by content. A file `blobs/ab/abcdef...` is named by its BLAKE3 hash, written once, and
//! checked at each read. A file with other content is moved to `blobs/damaged`, so that its blob can be stored again.
//!
//! Data that arrives in pieces is written to a [`StagedBlob`], which gets its name when its hash is known.
//!
//! A blob that differs little from another one may be stored as a patch of it ([`crate::blob_links`]): readers see the
//! whole content all the same. The whole content counts if both are stored.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use vibesync_scene::{BlobId, Code};

use crate::blob_uses::{UseGuard, Uses};
use crate::disk::{Access, Disk, DiskError, DiskFile, FileReader, WithContext};
use crate::durable;

/// Largest blob that is read, bytes: the size of a frame.
pub const MAX_BLOB: u64 = 256 * 1024 * 1024;

/// Most blobs that are remembered to be intact, so that they need not be read again. Beyond, all are forgotten.
const MAX_TRACKED_BLOBS: usize = 4_096;

/// Folder of the files whose content does not fit their name.
const DAMAGED: &str = "damaged";

/// Bytes after which a staged blob is synced in the background.
const SYNC_EVERY: usize = 8 << 20;

/// A blob cannot be stored or read.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The store does not have it.
    #[error("blob {0} is missing")]
    Missing(BlobId),
    /// Its bytes are not as they were stored.
    #[error("blob {id} is damaged: {why}")]
    Damaged {
        /// Its address.
        id: BlobId,
        /// The kind of damage.
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
            BlobError::Disk(error) => error.code(),
            BlobError::Missing(_) | BlobError::Damaged { .. } => Code::BlobDamaged,
        }
    }
}

/// The thoroughness of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The file exists and has the right size.
    Size,
    /// Its content has the right hash.
    Content,
}

/// The folder of blobs.
#[derive(Clone, Debug)]
pub struct BlobStore {
    pub(crate) disk: Arc<dyn Disk>,
    dir: PathBuf,
    intact: Arc<Mutex<BTreeSet<BlobId>>>,
    /// Held while a file gets or loses its name, so that no intact file is moved aside.
    naming: Arc<Mutex<()>>,
    pub(crate) uses: Arc<Uses>,
    /// Bytes of the files that were named since the start.
    stored: Arc<AtomicU64>,
}

impl BlobStore {
    /// Opens or creates the folder. Removes files that a crash left incomplete. Makes all others durable, so that from
    /// then on every blob in the folder is durable.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path) -> Result<Self, BlobError> {
        disk.create_dir(dir).with_context("create folder", dir)?;
        durable::sweep(&*disk, dir)?;
        for shard in disk.list(dir).with_context("list", dir)? {
            let shard = dir.join(shard);
            durable::sweep(&*disk, &shard)?;
            disk.sync_dir(&shard).with_context("fsync", &shard)?;
        }
        disk.sync_dir(dir).with_context("fsync", dir)?;
        Ok(Self::read_only(disk, dir))
    }

    /// Opens the folder for reading beside a daemon: removes nothing.
    pub fn read_only(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        Self {
            disk,
            dir: dir.to_owned(),
            intact: Arc::default(),
            naming: Arc::default(),
            uses: Arc::default(),
            stored: Arc::default(),
        }
    }

    /// Keeps from now on every blob that somebody stores, reads or looks for, as long as the guard exists.
    pub fn guard(&self) -> UseGuard {
        self.uses.guard()
    }

    /// Notes that somebody is about to use blobs.
    pub fn note_use(&self, ids: impl IntoIterator<Item = BlobId>) {
        ids.into_iter().for_each(|id| self.uses.note(id));
    }

    /// Returns the bytes of the files that were stored since the start.
    pub fn stored_bytes(&self) -> u64 {
        self.stored.load(Ordering::Relaxed)
    }

    /// The disk and the folder.
    pub fn location(&self) -> (&dyn Disk, &Path) {
        (&*self.disk, &self.dir)
    }

    /// Stores blobs; durable on return. A blob that the store has intact is not written again.
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

    /// Creates a file for bytes whose hash is not known yet.
    pub fn stage(&self) -> Result<StagedBlob, BlobError> {
        let path = durable::temporary(&self.dir.join("blob"));
        let create = || self.disk.create(&path, Access::Default);
        let created = create().or_else(|error| match error.kind() {
            // Somebody has removed the folder.
            io::ErrorKind::NotFound => self.disk.create_dir(&self.dir).and_then(|()| create()),
            _ => Err(error),
        });
        let file = Some(created.with_context("create", &path)?);
        Ok(StagedBlob {
            disk: Arc::clone(&self.disk),
            path,
            file,
            is_link: false,
            bytes: 0,
            unsynced: 0,
            syncing: None,
        })
    }

    /// Creates a file with these bytes.
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

    /// Gives staged files the names of their addresses; durable on return.
    pub fn commit(
        &self,
        staged: impl IntoIterator<Item = (BlobId, StagedBlob)>,
    ) -> Result<(), BlobError> {
        let mut committed = Vec::new();
        for (id, mut staged) in staged {
            staged.sync()?;
            let path = match staged.is_link {
                true => self.link_path(id),
                false => self.path(id),
            };
            let shard = durable::folder(&path).to_owned();
            self.disk
                .create_dir(&shard)
                .with_context("create folder", &shard)?;
            self.uses.note(id);
            let bytes = staged.bytes;
            let _naming = lock(&self.naming);
            staged.rename(&path)?;
            self.stored.fetch_add(bytes, Ordering::Relaxed);
            committed.push((id, shard));
        }
        let shards: BTreeSet<&PathBuf> = committed.iter().map(|(_, shard)| shard).collect();
        for shard in shards {
            self.disk.sync_dir(shard).with_context("fsync", shard)?;
        }
        committed.iter().for_each(|(id, _)| self.remember(*id));
        Ok(())
    }

    /// Whether the store has a blob, intact and durable. Reads the blob unless it is remembered to be intact and its file
    /// is still there.
    pub fn has_intact(&self, id: BlobId) -> bool {
        self.uses.note(id);
        let is_remembered = lock(&self.intact).contains(&id);
        is_remembered && self.contains(id).unwrap_or(false) || self.get(id).is_ok()
    }

    /// Reads a blob, and checks it against its address. Moves a damaged file aside.
    pub fn get(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        self.uses.note(id);
        let mut checked = self.read_checked(id);
        if let Err(BlobError::Damaged { .. }) = checked {
            checked = self.read_or_set_aside(id);
        }
        match &checked {
            Ok(_) => self.remember(id),
            Err(_) => {
                lock(&self.intact).remove(&id);
            }
        }
        checked
    }

    /// Checks a blob of this size. Changes nothing.
    pub fn check(&self, id: BlobId, bytes: u64, depth: Depth) -> Result<(), BlobError> {
        if depth == Depth::Content {
            return self.read_checked(id).map(drop);
        }
        match self.length(id)? {
            size if size == bytes => Ok(()),
            size => {
                let why = format!("{size} bytes instead of {bytes}");
                Err(BlobError::Damaged { id, why })
            }
        }
    }

    /// Returns the length of a blob; checks that the blobs exist that it is a patch of.
    fn length(&self, id: BlobId) -> Result<u64, BlobError> {
        match self.open_file(id) {
            Ok((mut file, path)) => Ok(file.size().with_context("read", &path)?),
            Err(BlobError::Missing(_)) => self.length_of_links(id),
            Err(error) => Err(error),
        }
    }

    /// Reads a damaged blob once more, because another thread may have stored it again. Otherwise moves its file aside.
    fn read_or_set_aside(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        let _naming = lock(&self.naming);
        let checked = self.read_checked(id);
        if let Err(BlobError::Damaged { .. }) = checked {
            self.set_aside(id);
        }
        checked
    }

    /// Moves the damaged file aside: that of the blob, or of the one that it is a patch of.
    fn set_aside(&self, mut id: BlobId) {
        let damaged = loop {
            if self.disk.exists(&self.path(id)).unwrap_or(false) {
                break self.path(id);
            }
            match self.read_link(id).map(|(link, _)| link.base) {
                Ok(base) => match self.read_checked(base) {
                    Ok(_) => break self.link_path(id),
                    Err(BlobError::Damaged { .. }) => id = base,
                    // The patch is of use again once its base is stored again.
                    Err(_) => return,
                },
                Err(BlobError::Damaged { .. }) => break self.link_path(id),
                Err(_) => return,
            }
        };
        let aside = self.dir.join(DAMAGED);
        // Best effort: storing the blob again replaces the file if it stays.
        let _ = self.disk.create_dir(&aside).and_then(|()| {
            let kept = aside.join(damaged.file_name().unwrap_or_default());
            self.disk.rename(&damaged, &kept)
        });
    }

    fn read_checked(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        let bytes = self.read(id)?;
        match BlobId::hash(&bytes) {
            found if found == id => Ok(bytes),
            _ => {
                let why = "its content has another hash".to_owned();
                Err(BlobError::Damaged { id, why })
            }
        }
    }

    fn remember(&self, id: BlobId) {
        let mut intact = lock(&self.intact);
        if intact.len() >= MAX_TRACKED_BLOBS {
            intact.clear();
        }
        intact.insert(id);
    }

    /// Whether the store has a blob of this address; does not check its content.
    pub fn contains(&self, id: BlobId) -> Result<bool, BlobError> {
        let path = self.path(id);
        if self.disk.exists(&path).with_context("look for", &path)? {
            return Ok(true);
        }
        match self.length_of_links(id) {
            Ok(_) => Ok(true),
            Err(BlobError::Disk(error)) => Err(error.into()),
            Err(BlobError::Missing(_) | BlobError::Damaged { .. }) => Ok(false),
        }
    }

    pub(crate) fn open_file(&self, id: BlobId) -> Result<(Box<dyn DiskFile>, PathBuf), BlobError> {
        let path = self.path(id);
        match self.disk.open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(BlobError::Missing(id)),
            opened => Ok((opened.with_context("open", &path)?, path)),
        }
    }

    fn read(&self, id: BlobId) -> Result<Vec<u8>, BlobError> {
        match self.open_file(id) {
            Ok((file, path)) => read_all(id, file, &path),
            Err(BlobError::Missing(_)) => self.read_links(id),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn path(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        self.dir.join(name.get(..2).unwrap_or_default()).join(name)
    }
}

/// Reads the file of a blob.
pub(crate) fn read_all(
    id: BlobId,
    mut file: Box<dyn DiskFile>,
    path: &Path,
) -> Result<Vec<u8>, BlobError> {
    let size = file.size().with_context("read", path)?;
    if size > MAX_BLOB {
        let why = format!("{size} bytes; at most {MAX_BLOB} are stored");
        return Err(BlobError::Damaged { id, why });
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    FileReader::new(file)
        .take(MAX_BLOB)
        .read_to_end(&mut bytes)
        .with_context("read", path)?;
    Ok(bytes)
}

/// Locks, and ignores the poisoning of a lock by a panic: at worst, a blob is read once more.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A file that becomes a blob. It is removed if it is dropped before that.
pub struct StagedBlob {
    disk: Arc<dyn Disk>,
    path: PathBuf,
    /// None after the file got its final name.
    file: Option<Box<dyn DiskFile>>,
    /// Whether the file holds a patch of another blob.
    pub(crate) is_link: bool,
    bytes: u64,
    unsynced: usize,
    /// The thread that syncs earlier bytes while more are written.
    syncing: Option<JoinHandle<io::Result<()>>>,
}

impl StagedBlob {
    /// Appends bytes. After every [`SYNC_EVERY`] bytes, a thread starts to sync them, so that the last sync is short.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), BlobError> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        file.append(bytes).with_context("write", &self.path)?;
        self.bytes += bytes.len() as u64;
        self.unsynced += bytes.len();
        if self.unsynced >= SYNC_EVERY {
            let mut file = file.try_clone().with_context("open", &self.path)?;
            self.join_sync()?;
            self.syncing = Some(std::thread::spawn(move || file.sync_data()));
            self.unsynced = 0;
        }
        Ok(())
    }

    /// Makes its content durable.
    pub fn sync(&mut self) -> Result<(), BlobError> {
        self.join_sync()?;
        if let Some(file) = &mut self.file {
            file.sync_data().with_context("fsync", &self.path)?;
        }
        Ok(())
    }

    /// Waits for the thread that syncs. The system reports a failed sync only once, so its result must not be lost.
    fn join_sync(&mut self) -> Result<(), BlobError> {
        let Some(syncing) = self.syncing.take() else {
            return Ok(());
        };
        let panicked = |_| Err(io::Error::other("the thread that syncs panicked"));
        let synced = syncing.join().unwrap_or_else(panicked);
        Ok(synced.with_context("fsync", &self.path)?)
    }

    fn rename(mut self, path: &Path) -> Result<(), BlobError> {
        self.disk
            .rename(&self.path, path)
            .with_context("name", path)?;
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
            // Best effort: the next start removes a leftover file.
            let _ = self.disk.remove(&self.path);
        }
    }
}
