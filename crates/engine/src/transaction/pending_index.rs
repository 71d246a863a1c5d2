//! An index from an entity to the open transactions that contain it, and to the editors that have not confirmed it.

use std::collections::VecDeque;

use vibesync_scene::{Path, Role};

/// One entity in one open transaction.
#[derive(Debug)]
pub(crate) struct PendingRef {
    pub begin: u64,
    path: Path,
    /// Editors that have not confirmed the entity, one bit each.
    awaited: u8,
}

impl PendingRef {
    pub fn new(begin: u64, path: Path, awaited: impl Iterator<Item = Role>) -> Self {
        let awaited = awaited.fold(0, |all, role| all | bit(role));
        Self {
            begin,
            path,
            awaited,
        }
    }

    pub fn is_awaiting(&self, role: Role) -> bool {
        self.awaited & bit(role) != 0
    }

    /// Notes that the editor has confirmed the entity.
    pub fn confirm(&mut self, role: Role) {
        self.awaited &= !bit(role);
    }
}

fn bit(role: Role) -> u8 {
    1 << role as u8
}

/// All open transactions that contain one entity, oldest first. An entity that moves all the time has thousands.
#[derive(Debug, Default)]
pub(crate) struct PendingRefs {
    all: VecDeque<PendingRef>,
    /// Number of structural ones.
    slow: usize,
}

impl PendingRefs {
    pub fn push(&mut self, pending: PendingRef) {
        self.slow += usize::from(pending.path == Path::Slow);
        self.all.push_back(pending);
    }

    /// Removes a transaction. The oldest, which usually ends first, is the cheapest to remove.
    pub fn remove(&mut self, begin: u64) {
        let found = self.all.binary_search_by_key(&begin, |it| it.begin);
        if let Some(removed) = found.ok().and_then(|at| self.all.remove(at)) {
            self.slow -= usize::from(removed.path == Path::Slow);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &PendingRef> {
        self.all.iter()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut PendingRef> {
        self.all.iter_mut()
    }

    /// Lists the structural ones. Looks at none of the others if there is no structural one.
    pub fn slow(&self) -> impl Iterator<Item = &PendingRef> {
        let slow = self.all.iter().filter(|it| it.path == Path::Slow);
        slow.take(self.slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns transactions 1 to 9, of which 4 and 8 are structural.
    fn nine_refs() -> PendingRefs {
        let mut refs = PendingRefs::default();
        for begin in 1..=9 {
            let path = match begin % 4 {
                0 => Path::Slow,
                _ => Path::Fast,
            };
            refs.push(PendingRef::new(begin, path, [Role::Unity].into_iter()));
        }
        refs
    }

    #[test]
    fn structural_transactions_are_found_among_many() {
        let mut refs = nine_refs();
        let begins = |refs: &PendingRefs| refs.slow().map(|it| it.begin).collect::<Vec<_>>();
        assert_eq!(begins(&refs), [4, 8]);
        refs.remove(4);
        refs.remove(4);
        refs.remove(5);
        assert_eq!(begins(&refs), [8]);
        assert_eq!(refs.iter().count(), 7);
        refs.remove(8);
        assert_eq!(refs.slow, 0, "nothing is searched");
        assert!(!refs.is_empty());
        (1..=9).for_each(|begin| refs.remove(begin));
        assert!(refs.is_empty());
    }

    #[test]
    fn confirmed_entity_is_no_longer_awaited() {
        let mut refs = nine_refs();
        assert!(refs.iter().all(|it| it.is_awaiting(Role::Unity)));
        refs.iter_mut().for_each(|it| it.confirm(Role::Unity));
        assert!(!refs.iter().any(|it| it.is_awaiting(Role::Unity)));
    }
}
