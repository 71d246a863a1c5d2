//! The files of the blob store.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use vibesync_scene::BlobId;

use crate::blob_links::{EXTENSION, base_in};
use crate::disk::{Disk, DiskError, WithContext};

/// Characters in the name of a folder with blobs.
const SHARD: usize = 2;

/// The files of one blob.
#[derive(Clone, Copy, Debug, Default)]
struct Stored {
    bytes: u64,
    is_whole: bool,
    base: Option<BlobId>,
}

/// The stored blobs with their sizes, and the bases of patches.
#[derive(Clone, Debug, Default)]
pub struct Files(BTreeMap<BlobId, Stored>);

impl Files {
    /// Lists the blobs of a folder. Reads of a patch only its head.
    pub fn list(
        disk: &dyn Disk,
        dir: &Path,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Option<Self>, DiskError> {
        let mut files = Self::default();
        let names = disk.list(dir).with_context("list", dir)?;
        for shard in names.iter().filter(|name| name.len() == SHARD) {
            let shard = dir.join(shard);
            for name in disk.list(&shard).with_context("list", &shard)? {
                if is_interrupted() {
                    return Ok(None);
                }
                files.add(disk, &shard, &name)?;
            }
        }
        Ok(Some(files))
    }

    fn add(&mut self, disk: &dyn Disk, shard: &Path, name: &str) -> Result<(), DiskError> {
        let address = name.strip_suffix(EXTENSION);
        let Ok(id) = address.unwrap_or(name).parse::<BlobId>() else {
            return Ok(());
        };
        let path = shard.join(name);
        let mut file = match disk.open(&path) {
            // Moved aside meanwhile.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            opened => opened.with_context("open", &path)?,
        };
        let stored = self.0.entry(id).or_default();
        stored.bytes += file.size().with_context("read", &path)?;
        match address {
            Some(_) => stored.base = base_in(&mut *file).with_context("read", &path)?,
            None => stored.is_whole = true,
        }
        Ok(())
    }

    /// Bytes of all files.
    pub fn bytes(&self) -> u64 {
        self.0.values().map(|stored| stored.bytes).sum()
    }

    /// All blobs, each with the bytes of its files.
    pub(super) fn iter(&self) -> impl Iterator<Item = (BlobId, u64)> + '_ {
        self.0.iter().map(|(id, stored)| (*id, stored.bytes))
    }

    pub(super) fn size(&self, id: BlobId) -> u64 {
        self.0.get(&id).map_or(0, |stored| stored.bytes)
    }

    /// Returns the blob that this one is a patch of; none if it is stored whole.
    pub(super) fn base(&self, id: BlobId) -> Option<BlobId> {
        let stored = self.0.get(&id).filter(|stored| !stored.is_whole)?;
        stored.base
    }

    /// Returns the number of patches between a blob and a whole one.
    pub(super) fn links(&self, id: BlobId) -> usize {
        let mut passed = BTreeSet::from([id]);
        let mut next = self.base(id);
        while let Some(base) = next.filter(|base| passed.insert(*base)) {
            next = self.base(base);
        }
        passed.len() - 1
    }
}
