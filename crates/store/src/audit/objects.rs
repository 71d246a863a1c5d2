//! Git objects: those in packs, and the pending ones, which the next pack will contain.

use std::collections::HashMap;

use git2::{ObjectType, OdbLookupFlags, Oid, Repository};
use sha1::{Digest, Sha1};

use super::error::AuditError;
use super::folders::RecentFolders;
use super::pack::Pack;
use super::zlib::Effort;

/// The objects of the next pack.
pub(super) struct PendingObjects {
    pack: Pack,
    contents: HashMap<Oid, Vec<u8>>,
    bytes: usize,
    /// Folders, pending or not. They outlive the pack: the next commit changes some of them again.
    folders: RecentFolders,
}

impl PendingObjects {
    pub fn new() -> Self {
        Self {
            pack: new_pack(),
            contents: HashMap::new(),
            bytes: 0,
            folders: RecentFolders::default(),
        }
    }

    /// Drops all of them but the recent folders, which are known by their content.
    pub fn clear(&mut self) {
        self.take_pack();
    }

    /// Returns the pack of all of them, and begins the next one.
    pub fn take_pack(&mut self) -> Pack {
        self.contents = HashMap::new();
        self.bytes = 0;
        std::mem::replace(&mut self.pack, new_pack())
    }

    pub fn is_empty(&self) -> bool {
        self.contents.is_empty()
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.contents.len()
    }

    /// Whether the object is pending.
    pub fn contains(&self, oid: Oid) -> bool {
        self.pack.contains(oid)
    }

    /// Memory that they take, about, in bytes.
    pub fn bytes(&self) -> usize {
        self.bytes + self.pack.len()
    }

    /// Reads an object, pending or in the repository.
    pub fn read(&self, repository: &Repository, oid: Oid) -> Result<Vec<u8>, AuditError> {
        match self.contents.get(&oid) {
            Some(content) => Ok(content.clone()),
            None => Ok(repository.odb()?.read(oid)?.data().to_vec()),
        }
    }

    /// Reads a folder that its next version will replace.
    pub fn read_folder(
        &mut self,
        repository: &Repository,
        oid: Oid,
    ) -> Result<Vec<u8>, AuditError> {
        match self.folders.take(oid) {
            Some(folder) => Ok(folder),
            None => self.read(repository, oid),
        }
    }

    /// Adds a folder unless it exists, as [`PendingObjects::put`].
    pub fn put_folder(
        &mut self,
        repository: &Repository,
        folder: Vec<u8>,
        before: Option<Oid>,
        names_new: bool,
    ) -> Result<Oid, AuditError> {
        let kept = folder.clone();
        let oid = self.put(repository, ObjectType::Tree, folder, before, names_new)?;
        self.folders.put(oid, kept);
        Ok(oid)
    }

    /// Adds an object unless it exists; `before` is its previous version. An object that refers to a pending one
    /// (`names_new`) cannot exist in the repository, so the search in all packs is skipped.
    pub fn put(
        &mut self,
        repository: &Repository,
        kind: ObjectType,
        content: Vec<u8>,
        before: Option<Oid>,
        names_new: bool,
    ) -> Result<Oid, AuditError> {
        let oid = address(kind, &content)?;
        let is_stored = |oid| -> Result<bool, AuditError> {
            let odb = repository.odb()?;
            Ok(odb.exists_ext(oid, OdbLookupFlags::NO_REFRESH))
        };
        let exists = self.pack.contains(oid) || (!names_new && is_stored(oid)?);
        if !exists {
            let base = before.and_then(|oid| Some((oid, self.contents.get(&oid)?.as_slice())));
            self.pack.add(oid, kind, &content, base)?;
            self.bytes += content.len();
            self.contents.insert(oid, content);
        }
        Ok(oid)
    }
}

/// Compaction later compresses the objects better.
fn new_pack() -> Pack {
    Pack::new(Effort::Fast)
}

/// Computes the id of an object. libgit2's SHA-1 also detects forged collisions, which takes several times as long. It
/// still does so whenever an object is read.
fn address(kind: ObjectType, content: &[u8]) -> Result<Oid, AuditError> {
    let mut hash = Sha1::new();
    hash.update(format!("{} {}\0", kind.str(), content.len()));
    hash.update(content);
    Ok(Oid::from_bytes(&hash.finalize())?)
}
