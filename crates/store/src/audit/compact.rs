//! Many small packs into few: so that git finds objects quickly, and versions that are far apart share a pack.

use std::collections::HashSet;

use git2::{ObjectType, Oid, Repository};

use super::pack::Pack;
use super::packs::{Name, Packs};
use super::{AuditError, message, tree};

/// How many packs of one size class become one.
const FANOUT: usize = 16;
/// Bytes below which a pack is in each size class: so many of one make one of the next, so that an object is written
/// anew once a class.
const CLASSES: [u64; 4] = [16 << 10, 256 << 10, 4 << 20, 64 << 20];
/// Up to this many bytes of packs are taken apart and written anew, each object as the difference to its version
/// before; more are joined as they are.
const REWRITTEN: u64 = 16 << 20;
const LEVEL: u32 = 6;

/// The newest packs that should become one: as many of one size class as make one of the next.
pub(super) fn due(packs: &Packs) -> Result<Option<Vec<Name>>, AuditError> {
    let names = packs.list()?;
    let sizes: Vec<u64> = names
        .iter()
        .map(|name| packs.size(*name))
        .collect::<Result<_, _>>()?;
    let mut smaller = 0;
    for class in CLASSES {
        let run = sizes.iter().rev().take_while(|size| **size < class).count();
        // Those of smaller classes go along and do not count: else a large one would be written anew for a few of them.
        let members = sizes.iter().rev().take(run);
        let members = members.filter(|size| **size >= smaller).count();
        smaller = class;
        if members >= FANOUT {
            return Ok(Some(names.into_iter().rev().take(run).rev().collect()));
        }
    }
    Ok(None)
}

/// Makes one pack of these, the newest, and removes them. False where `enough` stopped it or nothing was gained.
pub(super) fn compact(
    repository: &Repository,
    packs: &Packs,
    tip: Oid,
    names: &[Name],
    enough: &dyn Fn() -> bool,
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
    let done = if bytes <= REWRITTEN {
        let pack = rewrite(repository, packs, tip, names, first, enough)?;
        pack.map(|pack| {
            let (pack, index) = pack.finish();
            packs.write(joined, &pack, &index)
        })
        .transpose()?
        .is_some()
    } else {
        packs.join(names, joined)?
    };
    if done {
        names
            .iter()
            .copied()
            .try_for_each(|name| packs.remove(name))?;
    }
    Ok(done)
}

fn rewrite(
    repository: &Repository,
    packs: &Packs,
    tip: Oid,
    names: &[Name],
    first: u64,
    enough: &dyn Fn() -> bool,
) -> Result<Option<Pack>, AuditError> {
    let mut held = HashSet::new();
    for name in names {
        held.extend(packs.entries(*name)?.into_iter().map(|entry| entry.oid));
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
        held,
        pack: Pack::new(LEVEL),
    };
    for (commit, before, tree) in commits.into_iter().rev() {
        if enough() {
            return Ok(None);
        }
        copy.object(ObjectType::Commit, None, commit)?;
        copy.object(ObjectType::Tree, before, tree)?;
    }
    Ok(Some(copy.pack))
}

struct Copy<'a> {
    repository: &'a Repository,
    held: HashSet<Oid>,
    pack: Pack,
}

impl Copy<'_> {
    /// Copies an object, if these packs hold it, and for a folder what is new in it.
    fn object(
        &mut self,
        kind: ObjectType,
        before: Option<Oid>,
        oid: Oid,
    ) -> Result<(), AuditError> {
        if !self.held.contains(&oid) || self.pack.contains(oid) {
            return Ok(());
        }
        let odb = self.repository.odb()?;
        let content = odb.read(oid)?;
        let is_tree = kind == ObjectType::Tree;
        let wanted = before.filter(|before| is_tree || self.pack.contains(*before));
        let old = wanted.map(|before| odb.read(before)).transpose()?;
        let old = old.as_ref().map_or(&[][..], |object| object.data());
        if is_tree {
            // Both are sorted by name.
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
        let base = wanted.map(|before| (before, old));
        self.pack.add(oid, kind, content.data(), base)
    }
}
