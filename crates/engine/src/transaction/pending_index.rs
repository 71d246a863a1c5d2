//! Which transactions an entity is part of, and who has still to read it back.

use std::collections::VecDeque;

use vibesync_scene::{Path, Role};

/// An entity in a transaction.
#[derive(Debug)]
pub(crate) struct PendingRef {
    pub begin: u64,
    path: Path,
    /// Editors whose read-back of it is still to come, a bit each.
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

    pub fn awaits(&self, role: Role) -> bool {
        self.awaited & bit(role) != 0
    }

    /// The editor has read it back.
    pub fn arrived(&mut self, role: Role) {
        self.awaited &= !bit(role);
    }
}

fn bit(role: Role) -> u8 {
    1 << role as u8
}

/// All transactions that an entity is part of, oldest first. One that is moved all the time has thousands.
#[derive(Debug, Default)]
pub(crate) struct PendingRefs {
    all: VecDeque<PendingRef>,
    /// How many of them are structural.
    slow: usize,
}

impl PendingRefs {
    pub fn push(&mut self, touch: PendingRef) {
        self.slow += usize::from(touch.path == Path::Slow);
        self.all.push_back(touch);
    }

    /// Takes a transaction out. The oldest, which usually end first, cost least.
    pub fn remove(&mut self, begin: u64) {
        let found = self.all.binary_search_by_key(&begin, |touch| touch.begin);
        if let Some(touch) = found.ok().and_then(|at| self.all.remove(at)) {
            self.slow -= usize::from(touch.path == Path::Slow);
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

    /// The structural ones. Where there is none, the others are not looked at.
    pub fn slow(&self) -> impl Iterator<Item = &PendingRef> {
        let slow = self.all.iter().filter(|touch| touch.path == Path::Slow);
        slow.take(self.slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn structural_ones_are_found_among_many() {
        let mut touches = PendingRefs::default();
        for begin in 1..=9 {
            let path = if begin % 4 == 0 {
                Path::Slow
            } else {
                Path::Fast
            };
            touches.push(PendingRef::new(begin, path, [Role::Unity].into_iter()));
        }
        let begins = |touches: &PendingRefs| touches.slow().map(|it| it.begin).collect::<Vec<_>>();
        assert_eq!(begins(&touches), [4, 8]);
        touches.remove(4);
        touches.remove(4);
        touches.remove(5);
        assert_eq!(begins(&touches), [8]);
        assert_eq!(touches.iter().count(), 7);
        assert!(touches.iter().all(|touch| touch.awaits(Role::Unity)));
        touches
            .iter_mut()
            .for_each(|touch| touch.arrived(Role::Unity));
        assert!(!touches.iter().any(|touch| touch.awaits(Role::Unity)));
        touches.remove(8);
        assert_eq!(touches.slow, 0, "nothing is searched");
        assert!(!touches.is_empty());
        (1..=9).for_each(|begin| touches.remove(begin));
        assert!(touches.is_empty());
    }
}
