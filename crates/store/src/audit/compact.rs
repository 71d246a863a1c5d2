//! Compaction: joins small packs, so that git finds objects quickly, and successive versions share a pack.

use std::collections::HashSet;

use git2::{ObjectType, Oid, Repository};

use super::error::AuditError;
use super::pack::Pack;
use super::packs::{Name, Packs};
use super::zlib::Effort;
use super::{message, tree};

/// Number of packs of one size class that are joined to one.
const FANOUT: usize = 16;
/// Upper limits of the size classes, bytes. Joining [`FANOUT`] packs of a class gives one of the next, so an object is
/// rewritten once for each class.
const CLASSES: [u64; 4] = [16 << 10, 256 << 10, 4 << 20, 64 << 20];
/// Up to this total size, bytes, the objects are encoded again, each as the delta to its previous version. Larger packs
/// are joined byte for byte.
const MAX_REWRITE: u64 = 16 << 20;

/// Returns the newest packs that should be joined; none if there are too few of one size class.
pub(super) fn due(packs: &Packs) -> Result<Option<Vec<Name>>, AuditError> {
    let names = packs.list()?;
    let sizes: Vec<u64> = names
        .iter()
        .map(|name| packs.size(*name))
        .collect::<Result<_, _>>()?;
    let mut smaller = 0;
    for class in CLASSES {
        let run = sizes.iter().rev().take_while(|size| **size < class).count();
        // Packs of smaller classes are joined, too, but do not count. Otherwise a few of them would cause a large
        // rewrite.
        let members = sizes.iter().rev().take(run);
        let members = members.filter(|size| **size >= smaller).count();
        smaller = class;
        if members >= FANOUT {
            return Ok(Some(names.into_iter().rev().take(run).rev().collect()));
        }
    }
    Ok(None)
}

/// Writes one pack with the objects of these packs, which must be the newest. Returns false if `should_stop` ended it, or
/// if they cannot be joined. The caller removes the joined packs.
pub(super) fn compact(
    repository: &Repository,
    packs: &Packs,
    tip: Oid,
    names: &[Name],
    should_stop: &dyn Fn() -> bool,
) -> Result<bool, AuditError> {
    let (Some(first), Some(last)) = (
        names.iter().map(|name| name.first).min(),
        names.iter().map(|name| name.last).max(),
    ) else {
        return Ok(false);
    };
    let joined = packs.free_name((first, last))?;
    let mut bytes = 0;
    for name in names {
        bytes += packs.size(*name)?;
    }
    Ok(if bytes <= MAX_REWRITE {
        let pack = rewrite(repository, packs, tip, names, first, should_stop)?;
        pack.map(|pack| {
            let (pack, index) = pack.finish()?;
            packs.write(joined, &pack, &index)
        })
        .transpose()?
        .is_some()
    } else {
        packs.join(names, joined)?
    })
}

fn rewrite(
    repository: &Repository,
    packs: &Packs,
    tip: Oid,
    names: &[Name],
    first: u64,
    should_stop: &dyn Fn() -> bool,
) -> Result<Option<Pack>, AuditError> {
    let mut contained = HashSet::new();
    for name in names {
        contained.extend(packs.entries(*name)?.into_iter().map(|entry| entry.oid));
    }
    let mut commits = Vec::new();
    let mut next = Some(repository.find_commit(tip)?);
    while let Some(commit) = next.take() {
        if message::seq(&commit)? < first {
            break;
        }
        next = commit.parents().next();
        let before = next.as_ref().map(git2::Commit::tree_id);
        commits.push((commit.id(), before, commit.tree_id()));
    }
    let mut copy = Copy {
        repository,
        contained,
        pack: Pack::new(Effort::Thorough),
    };
    for (commit, before, tree) in commits.into_iter().rev() {
        if should_stop() {
            return Ok(None);
        }
        copy.object(ObjectType::Commit, None, commit)?;
        copy.object(ObjectType::Tree, before, tree)?;
    }
    Ok(Some(copy.pack))
}

struct Copy<'a> {
    repository: &'a Repository,
    contained: HashSet<Oid>,
    pack: Pack,
}

impl Copy<'_> {
    /// Copies an object if these packs contain it; for a folder, first its changed entries.
    fn object(
        &mut self,
        kind: ObjectType,
        before: Option<Oid>,
        oid: Oid,
    ) -> Result<(), AuditError> {
        if !self.contained.contains(&oid) || self.pack.contains(oid) {
            return Ok(());
        }
        let odb = self.repository.odb()?;
        let content = odb.read(oid)?;
        let is_tree = kind == ObjectType::Tree;
        let base = before.filter(|before| is_tree || self.pack.contains(*before));
        let old = base.map(|before| odb.read(before)).transpose()?;
        let old = old.as_ref().map_or(&[][..], |object| object.data());
        if is_tree {
            // Both folders are sorted by name.
            let mut olds = tree::items(old).map(|(_, item)| item).peekable();
            for (_, item) in tree::items(content.data()) {
                let kind = if item.is_folder {
                    ObjectType::Tree
                } else {
                    ObjectType::Blob
                };
                while olds.next_if(|old| old.name < item.name).is_some() {}
                let before = olds.next_if(|old| old.name == item.name);
                let before = before.map(|old| old.oid);
                if before != Some(item.oid) {
                    self.object(kind, before, item.oid)?;
                }
            }
        }
        let base = base.map(|before| (before, old));
        self.pack.add(oid, kind, content.data(), base)
    }
}
