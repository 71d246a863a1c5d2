//! Objects of the repository: those that are in packs, and those that gather for the next one.

use std::collections::HashMap;

use git2::{ObjectType, OdbLookupFlags, Oid, Repository};
use sha1::{Digest, Sha1};

use super::AuditError;
use super::pack::Pack;

/// Quick rather than small: packs are joined later, and made smaller then.
const LEVEL: u32 = 1;

/// What is not yet in the repository.
pub(super) struct Gathering {
    pack: Pack,
    contents: HashMap<Oid, Vec<u8>>,
    bytes: usize,
}

impl Gathering {
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

    /// How many objects.
    pub fn len(&self) -> usize {
        self.contents.len()
    }

    /// Whether the object is among them.
    pub fn contains(&self, oid: Oid) -> bool {
        self.pack.contains(oid)
    }

    /// What it takes in memory, about.
    pub fn bytes(&self) -> usize {
        self.bytes + self.pack.len()
    }

    /// The bytes of a pack and its index.
    pub fn finish(self) -> (Vec<u8>, Vec<u8>) {
        self.pack.finish()
    }

    /// The content of an object, wherever it is.
    pub fn read(&self, repository: &Repository, oid: Oid) -> Result<Vec<u8>, AuditError> {
        match self.contents.get(&oid) {
            Some(content) => Ok(content.clone()),
            None => Ok(repository.odb()?.read(oid)?.data().to_vec()),
        }
    }

    /// Adds an object unless it is there already; `before` is an earlier version of it. What names an object that
    /// gathers (`names_new`) cannot be in the repository: it is not looked for in every pack.
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
        let known = self.pack.contains(oid) || (!names_new && is_stored(oid)?);
        if !known {
            let base = before.and_then(|oid| Some((oid, self.contents.get(&oid)?.as_slice())));
            self.pack.add(oid, kind, &content, base)?;
            self.bytes += content.len();
            self.contents.insert(oid, content);
        }
        Ok(oid)
    }
}

/// The id of an object. libgit2's own hash also looks for forged collisions, which takes several times as long; it does
/// so whenever an object is read.
fn address(kind: ObjectType, content: &[u8]) -> Result<Oid, AuditError> {
    let mut hash = Sha1::new();
    hash.update(format!("{} {}\0", kind.str(), content.len()));
    hash.update(content);
    Ok(Oid::from_bytes(&hash.finalize())?)
}
