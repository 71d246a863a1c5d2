//! The transactions under way: which editors each waits for, which entities it touches, and which build on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_scene::{Change, Entity, OpenTransaction, Path, Role, Uuid};

use crate::transaction::pending_index::{PendingRef, PendingRefs};

/// A transaction that waits for editors.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub open: OpenTransaction,
    /// Per editor, of how many entities the read-back is still to come.
    pub waiting: BTreeMap<Role, usize>,
    pub verified_by: Vec<Role>,
    pub owed_to: Vec<Role>,
}

/// All transactions under way.
#[derive(Debug, Default)]
pub(crate) struct OpenTransactions {
    by_begin: BTreeMap<u64, Transaction>,
    by_entity: HashMap<Uuid, PendingRefs>,
    /// Changes in all of them.
    changes: usize,
}

impl OpenTransactions {
    /// Changes in all of them.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Whether it is under way and waits for nobody.
    pub fn is_settled(&self, begin: u64) -> bool {
        let transaction = self.by_begin.get(&begin);
        transaction.is_some_and(|transaction| transaction.waiting.is_empty())
    }

    pub fn len(&self) -> usize {
        self.by_begin.len()
    }

    pub fn insert(&mut self, transaction: Transaction) {
        let OpenTransaction { begin, path, .. } = transaction.open;
        for uuid in touched(&transaction.open) {
            let awaited = transaction.waiting.keys().copied();
            let touches = self.by_entity.entry(uuid).or_default();
            touches.push(PendingRef::new(begin, path, awaited));
        }
        self.changes += transaction.open.steps.len();
        self.by_begin.insert(begin, transaction);
    }

    pub fn remove(&mut self, begin: u64) -> Option<Transaction> {
        let transaction = self.by_begin.remove(&begin)?;
        for uuid in touched(&transaction.open) {
            if let Some(touches) = self.by_entity.get_mut(&uuid) {
                touches.remove(begin);
                if touches.is_empty() {
                    self.by_entity.remove(&uuid);
                }
            }
        }
        self.changes -= transaction.open.steps.len();
        Some(transaction)
    }

    /// OpenTransactions that wait for this editor to hold this entity.
    pub fn waiting_for(&self, role: Role, uuid: Uuid) -> impl Iterator<Item = &Transaction> + '_ {
        let touches = self.by_entity.get(&uuid).into_iter();
        touches
            .flat_map(PendingRefs::iter)
            .filter(move |touch| touch.awaits(role))
            .filter_map(|touch| self.by_begin.get(&touch.begin))
            // It may have stopped waiting for that editor altogether.
            .filter(move |transaction| transaction.waiting.contains_key(&role))
    }

    /// A structural change of this entity that holds back a later one by `origin` until it is verified. One that only
    /// waits for `origin` itself, or for an editor whose user is busy, holds back nothing.
    pub fn blocker(
        &self,
        uuid: Uuid,
        origin: Role,
        is_deferring: impl Fn(Role) -> bool,
    ) -> Option<u64> {
        let slow = self.by_entity.get(&uuid)?.slow();
        let mut begins = slow.map(|touch| touch.begin);
        begins.find(|begin| {
            let awaits_origin = self
                .by_begin
                .get(begin)
                .is_some_and(|transaction| transaction.waiting.contains_key(&origin));
            !awaits_origin && self.blocks(*begin, &is_deferring)
        })
    }

    /// Whether this transaction is structural and is being verified by an editor that has not put it off.
    pub fn blocks(&self, begin: u64, is_deferring: impl Fn(Role) -> bool) -> bool {
        let slow = self
            .by_begin
            .get(&begin)
            .filter(|transaction| transaction.open.path == Path::Slow);
        slow.is_some_and(|transaction| transaction.waiting.keys().any(|role| !is_deferring(*role)))
    }

    /// Notes that the editor holds the entity at `version`; says which transactions may now be settled.
    pub fn verified(&mut self, role: Role, uuid: Uuid, version: u64) -> Vec<u64> {
        let mut begins = Vec::new();
        let touches = self.by_entity.get_mut(&uuid).into_iter();
        for touch in touches.flat_map(PendingRefs::iter_mut) {
            if touch.begin > version || !touch.awaits(role) {
                continue;
            }
            touch.arrived(role);
            let Some(transaction) = self.by_begin.get_mut(&touch.begin) else {
                continue;
            };
            let Some(count) = transaction.waiting.get_mut(&role) else {
                continue;
            };
            begins.push(touch.begin);
            *count -= 1;
            if *count == 0 {
                transaction.waiting.remove(&role);
                transaction.verified_by.push(role);
            }
        }
        begins
    }

    /// Stops waiting for an editor to hold an entity that it will not be sent; says which transactions may now be
    /// settled, as owed to it.
    pub fn give_up(&mut self, role: Role, uuid: Uuid) -> Vec<u64> {
        let mut begins = Vec::new();
        let touches = self.by_entity.get_mut(&uuid).into_iter();
        for touch in touches.flat_map(PendingRefs::iter_mut) {
            let Some(transaction) = self.by_begin.get_mut(&touch.begin) else {
                continue;
            };
            // All that it lacks is one debt: the rest of the transaction is not waited for either.
            if touch.awaits(role) && transaction.waiting.remove(&role).is_some() {
                transaction.owed_to.push(role);
                begins.push(touch.begin);
            }
        }
        begins
    }

    /// Stops waiting for an editor that is gone; says which transactions may now be settled.
    pub fn stop_waiting(&mut self, role: Role) -> Vec<u64> {
        let mut begins = Vec::new();
        for (begin, transaction) in &mut self.by_begin {
            if transaction.waiting.remove(&role).is_some() {
                transaction.owed_to.push(role);
                begins.push(*begin);
            }
        }
        begins
    }

    /// The oldest transaction stops waiting, for whomever; says which it is, if any waits.
    pub fn give_up_oldest(&mut self) -> Option<u64> {
        let mut waiting = self.by_begin.iter_mut();
        let (begin, transaction) = waiting.find(|(_, it)| !it.waiting.is_empty())?;
        let roles = std::mem::take(&mut transaction.waiting).into_keys();
        transaction.owed_to.extend(roles);
        Some(*begin)
    }

    /// This transaction does not wait for anybody anymore.
    pub fn stays_owed(&mut self, begin: u64) {
        if let Some(transaction) = self.by_begin.get_mut(&begin) {
            let roles = std::mem::take(&mut transaction.waiting).into_keys();
            transaction.owed_to.extend(roles);
        }
    }

    /// A transaction and all later ones that build on it, newest first: those are undone together, so that what
    /// remains is exactly the state before the first. Where asked for, all later structural ones are among them.
    pub fn with_dependents(&self, begin: u64, structural: bool) -> Vec<u64> {
        let mut uuids: BTreeSet<Uuid> = BTreeSet::new();
        let mut cascade = Vec::new();
        for (at, transaction) in self.by_begin.range(begin..) {
            let mut touched = touched(&transaction.open);
            let related = structural && transaction.open.path == Path::Slow;
            if *at == begin || related || touched.any(|uuid| uuids.contains(&uuid)) {
                uuids.extend(self::touched(&transaction.open));
                cascade.push(*at);
            }
        }
        cascade.reverse();
        cascade
    }

    /// The steps of these, newest first.
    pub fn steps<'a>(
        &'a self,
        begins: &'a [u64],
    ) -> impl Iterator<Item = &'a (Change, Option<Entity>)> + 'a {
        let all = begins.iter().filter_map(|begin| self.by_begin.get(begin));
        all.flat_map(|transaction| transaction.open.steps.iter().rev())
    }
}

/// The entities that a transaction is about.
pub(crate) fn touched(open: &OpenTransaction) -> impl Iterator<Item = Uuid> + '_ {
    open.steps.iter().map(|(change, _)| change.uuid())
}
