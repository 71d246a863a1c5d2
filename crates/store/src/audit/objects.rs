//! Git objects: those in packs, and the pending ones, which the next pack will contain.

use std::collections::HashMap;

use git2::{ObjectType, OdbLookupFlags, Oid, Repository};
use sha1::{Digest, Sha1};

use super::error::AuditError;
use super::pack::Pack;

/// Compression level: fast. Compaction later compresses the objects better.
const LEVEL: u32 = 1;

/// The objects of the next pack.
pub(super) struct PendingObjects {
    pack: Pack,
    contents: HashMap<Oid, Vec<u8>>,
    bytes: usize,
}

impl PendingObjects {
    pub fn new() -> Self {
        Self {
            pack: Pack::new(LEVEL),
            contents: HashMap::new(),
            bytes: 0,
        }
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

    /// Returns the bytes of the pack and of its index.
    pub fn finish(self) -> (Vec<u8>, Vec<u8>) {
        self.pack.finish()
    }

    /// Reads an object, pending or in the repository.
    pub fn read(&self, repository: &Repository, oid: Oid) -> Result<Vec<u8>, AuditError> {
        match self.contents.get(&oid) {
            Some(content) => Ok(content.clone()),
            None => Ok(repository.odb()?.read(oid)?.data().to_vec()),
        }
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

/// Computes the id of an object. libgit2's SHA-1 also detects forged collisions, which takes several times as long. It still
/// does so whenever an object is read.
fn address(kind: ObjectType, content: &[u8]) -> Result<Oid, AuditError> {
    let mut hash = Sha1::new();
    hash.update(format!("{} {}\0", kind.str(), content.len()));
    hash.update(content);
    Ok(Oid::from_bytes(&hash.finalize())?)
}
