//! The folder of packs.
//!
//! The name of a pack contains the log sequences of its commits. So the names alone determine the order of the packs,
//! which of them can be joined, and which a crash left behind.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha1::{Digest, Sha1};

use super::error::AuditError;
use super::pack::{self, HEADER, TRAILER};
use super::pack_index::{self, Entry};
use crate::disk::{Access, Disk, DiskError, DiskFile, WithContext, read_range};
use crate::{durable, held_open};

const PACK: &str = "pack";
const INDEX: &str = "idx";

/// The name of a pack: sequences of its first and last commit, and a number for packs with the same sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub first: u64,
    pub last: u64,
    pub part: u32,
}

impl Name {
    fn file(self, suffix: &str) -> String {
        let Self { first, last, part } = self;
        format!("pack-{first:020}-{last:020}-{part:04}.{suffix}")
    }

    fn parse(name: &str) -> Option<(Self, &str)> {
        let (stem, suffix) = name.strip_prefix("pack-")?.split_once('.')?;
        let mut numbers = stem.split('-');
        let name = Self {
            first: numbers.next()?.parse().ok()?,
            last: numbers.next()?.parse().ok()?,
            part: numbers.next()?.parse().ok()?,
        };
        (name.file(suffix) == format!("pack-{stem}.{suffix}")).then_some((name, suffix))
    }

    /// Whether this pack was joined from others that include the `other` one.
    fn replaces(self, other: Self) -> bool {
        let includes = self.first <= other.first && other.last <= self.last;
        includes && (self.first, self.last) != (other.first, other.last)
    }
}

/// The folder.
pub(super) struct Packs {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
}

impl Packs {
    /// Opens the folder. Removes the files that a crash left: incomplete packs, packs of commits after `tip` (the end
    /// of the branch), and packs that were joined to a larger one.
    pub fn open(disk: Arc<dyn Disk>, dir: &Path, tip: u64) -> Result<Self, AuditError> {
        let dir = dir.to_owned();
        disk.create_dir(&dir).with_context("create folder", &dir)?;
        durable::sweep(&*disk, &dir)?;
        let packs = Self { disk, dir };
        packs.remove_all(packs.obsolete(tip)?)?;
        Ok(packs)
    }

    /// The complete packs that no larger one replaces, in the order of their commits.
    pub fn list(&self) -> Result<Vec<Name>, AuditError> {
        let packs = self.names(|suffix| suffix == PACK)?;
        let indices = self.names(|suffix| suffix == INDEX)?;
        let complete: Vec<Name> = packs.intersection(&indices).copied().collect();
        let is_replaced = |name: &Name| complete.iter().any(|other| other.replaces(*name));
        let listed = complete.iter().filter(|name| !is_replaced(name));
        Ok(listed.copied().collect())
    }

    fn names(&self, is_wanted: impl Fn(&str) -> bool) -> Result<BTreeSet<Name>, AuditError> {
        let names = self.disk.list(&self.dir).with_context("list", &self.dir)?;
        let ours = names.iter().filter_map(|name| Name::parse(name));
        Ok(ours
            .filter(|(_, suffix)| is_wanted(suffix))
            .map(|(name, _)| name)
            .collect())
    }

    /// Returns an unused name for a pack of these commits. A pack never overwrites another.
    pub fn free_name(&self, (first, last): (u64, u64)) -> Result<Name, AuditError> {
        let taken = self.names(|_| true)?;
        let names = (0..=u32::MAX).map(|part| Name { first, last, part });
        let free = names.into_iter().find(|name| !taken.contains(name));
        free.ok_or_else(|| AuditError::Content("too many packs".to_owned()))
    }

    /// Size of a pack, bytes.
    pub fn size(&self, name: Name) -> Result<u64, AuditError> {
        let path = self.path(name, PACK);
        Ok(self
            .open_file(name, PACK)?
            .size()
            .with_context("read", &path)?)
    }

    /// Writes a pack; durable on return. The index comes last: git ignores a pack without one.
    pub fn write(&self, name: Name, pack: &[u8], index: &[u8]) -> Result<(), AuditError> {
        for (bytes, suffix) in [(pack, PACK), (index, INDEX)] {
            let path = self.path(name, suffix);
            durable::replace(&*self.disk, &path, bytes, Access::Default)?;
        }
        self.disk
            .sync_dir(&self.dir)
            .with_context("fsync", &self.dir)?;
        Ok(())
    }

    /// Removes packs that were joined to a larger one: these, and what earlier calls have left.
    pub fn remove_joined(&self, names: Vec<Name>) -> Result<(), AuditError> {
        let mut joined = BTreeSet::from_iter(names);
        joined.extend(self.obsolete(u64::MAX)?);
        self.remove_all(joined)
    }

    /// Returns incomplete packs, packs of commits after `tip`, and packs that were joined to a larger one.
    fn obsolete(&self, tip: u64) -> Result<Vec<Name>, AuditError> {
        let listed = self.list()?;
        let is_obsolete = |name: &Name| !listed.contains(name) || name.first > tip;
        Ok(self
            .names(|_| true)?
            .into_iter()
            .filter(is_obsolete)
            .collect())
    }

    /// Removes packs. It leaves one that another program has open for the next time: git and this program ignore it, or
    /// read the same from it.
    fn remove_all(&self, names: impl IntoIterator<Item = Name>) -> Result<(), AuditError> {
        for name in names {
            match self.remove(name) {
                Err(error) if held_open::is_refused(&error.source) => {
                    tracing::warn!(%error, "a pack that is no longer needed stays for now");
                    // Each attempt waits, so one is enough.
                    return Ok(());
                }
                removed => removed?,
            }
        }
        Ok(())
    }

    /// Removes a pack: first its index, so that git ignores it.
    fn remove(&self, name: Name) -> Result<(), DiskError> {
        for suffix in [INDEX, PACK] {
            let path = self.path(name, suffix);
            if self.disk.exists(&path).with_context("look for", &path)? {
                self.disk.remove(&path).with_context("remove", &path)?;
            }
        }
        Ok(())
    }

    /// Opens the folder as it is; changes nothing.
    pub fn unopened(disk: Arc<dyn Disk>, dir: &Path) -> Self {
        let dir = dir.to_owned();
        Self { disk, dir }
    }

    /// Checks that a pack has its whole length, and that its index is whole. Does not read its objects.
    pub fn check(&self, name: Name) -> Result<(), AuditError> {
        let index = self.index(name)?;
        pack_index::read(&index)?;
        let path = self.path(name, PACK);
        let mut end = Vec::new();
        let mut file = self.open_file(name, PACK)?;
        let size = file.size().with_context("read", &path)?;
        let from = size.saturating_sub(TRAILER as u64);
        read_range(&mut *file, from, size, &mut |chunk| {
            end.extend_from_slice(chunk);
            Ok(())
        })
        .with_context("read", &path)?;
        match pack_index::pack_checksum(&index) {
            Some(checksum) if checksum == end => Ok(()),
            _ => {
                let name = name.file(PACK);
                Err(AuditError::Damaged(format!("{name} is not whole")))
            }
        }
    }

    /// Reads the index of a pack.
    pub fn entries(&self, name: Name) -> Result<Vec<Entry>, AuditError> {
        pack_index::read(&self.index(name)?)
    }

    fn index(&self, name: Name) -> Result<Vec<u8>, AuditError> {
        let mut file = self.open_file(name, INDEX)?;
        let path = self.path(name, INDEX);
        let size = file.size().with_context("read", &path)?;
        let mut bytes = Vec::new();
        read_range(&mut *file, 0, size, &mut |chunk| {
            bytes.extend_from_slice(chunk);
            Ok(())
        })
        .with_context("read", &path)?;
        Ok(bytes)
    }

    /// Joins packs byte for byte to one, and keeps them. Returns false, without a new pack, if two of them contain the
    /// same object.
    pub fn join(&self, names: &[Name], joined: Name) -> Result<bool, AuditError> {
        let mut entries = Vec::new();
        let mut size = HEADER as u64;
        for name in names {
            let shift = u32::try_from(size - HEADER as u64)
                .map_err(|_| AuditError::Content("packs to join are too large".to_owned()))?;
            let of_pack = self.entries(*name)?.into_iter();
            entries.extend(of_pack.map(|entry| Entry {
                offset: entry.offset + shift,
                ..entry
            }));
            size += self.size(*name)? - (HEADER + TRAILER) as u64;
        }
        let distinct: BTreeSet<_> = entries.iter().map(|entry| entry.oid).collect();
        if distinct.len() < entries.len() {
            return Ok(false);
        }
        let path = self.path(joined, PACK);
        let staged = durable::temporary(&path);
        let checksum = self.write_joined(names, entries.len(), &staged)?;
        self.disk
            .rename(&staged, &path)
            .with_context("rename", &staged)?;
        let index = pack_index::write(&mut entries, &checksum);
        let path = self.path(joined, INDEX);
        durable::write_on(&*self.disk, &path, &index, Access::Default)?;
        Ok(true)
    }

    fn write_joined(
        &self,
        names: &[Name],
        count: usize,
        staged: &Path,
    ) -> Result<[u8; TRAILER], AuditError> {
        let mut out = self
            .disk
            .create(staged, Access::Default)
            .with_context("create", staged)?;
        let mut hash = Sha1::new();
        let mut put = |chunk: &[u8]| {
            hash.update(chunk);
            out.append(chunk)
        };
        put(&pack::head(count)).with_context("write", staged)?;
        for name in names {
            let path = self.path(*name, PACK);
            let mut file = self.open_file(*name, PACK)?;
            let end = file.size().with_context("read", &path)? - TRAILER as u64;
            read_range(&mut *file, HEADER as u64, end, &mut put).with_context("copy", &path)?;
        }
        let checksum: [u8; TRAILER] = hash.finalize().into();
        out.append(&checksum).with_context("write", staged)?;
        out.sync_data().with_context("fsync", staged)?;
        Ok(checksum)
    }

    fn open_file(&self, name: Name, suffix: &str) -> Result<Box<dyn DiskFile>, DiskError> {
        let path = self.path(name, suffix);
        self.disk.open(&path).with_context("open", &path)
    }

    fn path(&self, name: Name, suffix: &str) -> PathBuf {
        self.dir.join(name.file(suffix))
    }
}
