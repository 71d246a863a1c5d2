//! The open transactions: the editors each one waits for, its entities, and the transactions that build on it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_scene::{Change, Entity, OpenTransaction, Path, Role, SessionId, Uuid};

use crate::transaction::pending_index::{PendingRef, PendingRefs};

/// A transaction that waits for editors.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub open: OpenTransaction,
    /// Editors that have not confirmed the transaction, each with the number of missing entities.
    pub awaited: BTreeMap<Role, usize>,
    pub verified_by: Vec<Role>,
    /// Editors that are no longer waited for. They get the changes later.
    pub undelivered_to: Vec<Role>,
    /// The connection that repeated the intent meanwhile. It is told of the end, too.
    pub repeated_by: Option<SessionId>,
}

impl Transaction {
    fn is_awaiting(&self, role: Role) -> bool {
        self.awaited.contains_key(&role)
    }

    /// Stops waiting for one editor. Returns false if the transaction did not wait for it.
    fn stop_waiting_for(&mut self, role: Role) -> bool {
        let was_awaiting = self.awaited.remove(&role).is_some();
        if was_awaiting {
            self.undelivered_to.push(role);
        }
        was_awaiting
    }

    /// Stops waiting for all editors.
    fn stop_waiting(&mut self) {
        let roles = std::mem::take(&mut self.awaited).into_keys();
        self.undelivered_to.extend(roles);
    }
}

/// All open transactions.
#[derive(Debug, Default)]
pub(crate) struct OpenTransactions {
    by_begin: BTreeMap<u64, Transaction>,
    by_entity: HashMap<Uuid, PendingRefs>,
    /// Number of changes in all of them.
    changes: usize,
}

impl OpenTransactions {
    /// Returns the number of changes in all open transactions.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// Returns true if the transaction is open and waits for no editor.
    pub fn is_settled(&self, begin: u64) -> bool {
        let transaction = self.by_begin.get(&begin);
        transaction.is_some_and(|transaction| transaction.awaited.is_empty())
    }

    /// Returns the open transaction with this BEGIN.
    pub fn get(&self, begin: u64) -> Option<&Transaction> {
        self.by_begin.get(&begin)
    }

    pub fn len(&self) -> usize {
        self.by_begin.len()
    }

    pub fn insert(&mut self, transaction: Transaction) {
        let OpenTransaction { begin, path, .. } = transaction.open;
        for uuid in transaction.open.uuids() {
            let awaited = transaction.awaited.keys().copied();
            let refs = self.by_entity.entry(uuid).or_default();
            refs.push(PendingRef::new(begin, path, awaited));
        }
        self.changes += transaction.open.steps.len();
        self.by_begin.insert(begin, transaction);
    }

    pub fn remove(&mut self, begin: u64) -> Option<Transaction> {
        let transaction = self.by_begin.remove(&begin)?;
        for uuid in transaction.open.uuids() {
            if let Some(refs) = self.by_entity.get_mut(&uuid) {
                refs.remove(begin);
                if refs.is_empty() {
                    self.by_entity.remove(&uuid);
                }
            }
        }
        self.changes -= transaction.open.steps.len();
        Some(transaction)
    }

    /// Lists the transactions that wait for this editor to confirm this entity.
    pub fn awaiting(&self, role: Role, uuid: Uuid) -> impl Iterator<Item = &Transaction> + '_ {
        let refs = self.by_entity.get(&uuid).into_iter();
        refs.flat_map(PendingRefs::iter)
            .filter(move |it| it.is_awaiting(role))
            .filter_map(|it| self.by_begin.get(&it.begin))
            // The transaction may have stopped waiting for that editor altogether.
            .filter(move |transaction| transaction.is_awaiting(role))
    }

    /// Returns a structural transaction of this entity that a later one by `origin` has to wait for. A transaction that
    /// waits only for `origin` itself, or for an editor that has deferred its batch, blocks nothing.
    pub fn find_blocker(
        &self,
        uuid: Uuid,
        origin: Role,
        is_deferring: impl Fn(Role) -> bool,
    ) -> Option<u64> {
        let slow = self.by_entity.get(&uuid)?.slow();
        let mut begins = slow.map(|it| it.begin);
        begins.find(|begin| {
            let transaction = self.by_begin.get(begin);
            let is_awaiting_origin = transaction.is_some_and(|it| it.is_awaiting(origin));
            !is_awaiting_origin && self.is_blocking(*begin, &is_deferring)
        })
    }

    /// Returns true if this transaction is structural and waits for an editor that has not deferred its batch.
    pub fn is_blocking(&self, begin: u64, is_deferring: impl Fn(Role) -> bool) -> bool {
        let transaction = self.by_begin.get(&begin);
        let slow = transaction.filter(|transaction| transaction.open.path == Path::Slow);
        slow.is_some_and(|transaction| transaction.awaited.keys().any(|role| !is_deferring(*role)))
    }

    /// Notes that an editor has this version of an entity. Returns the transactions that may be settled now.
    pub fn confirm(&mut self, role: Role, uuid: Uuid, version: u64) -> Vec<u64> {
        let mut begins = Vec::new();
        let refs = self.by_entity.get_mut(&uuid).into_iter();
        for pending in refs.flat_map(PendingRefs::iter_mut) {
            if pending.begin > version || !pending.is_awaiting(role) {
                continue;
            }
            pending.confirm(role);
            let Some(transaction) = self.by_begin.get_mut(&pending.begin) else {
                continue;
            };
            let Some(missing) = transaction.awaited.get_mut(&role) else {
                continue;
            };
            begins.push(pending.begin);
            *missing -= 1;
            if *missing == 0 {
                transaction.awaited.remove(&role);
                transaction.verified_by.push(role);
            }
        }
        begins
    }

    /// Stops waiting for an editor to confirm an entity that it will not be sent. Returns the transactions that may be
    /// settled now.
    pub fn stop_waiting_for_entity(&mut self, role: Role, uuid: Uuid) -> Vec<u64> {
        let mut begins = Vec::new();
        let refs = self.by_entity.get_mut(&uuid).into_iter();
        for pending in refs.flat_map(PendingRefs::iter_mut) {
            let Some(transaction) = self.by_begin.get_mut(&pending.begin) else {
                continue;
            };
            // The transaction is undelivered as a whole: its other entities are not waited for either.
            if pending.is_awaiting(role) && transaction.stop_waiting_for(role) {
                begins.push(pending.begin);
            }
        }
        begins
    }

    /// Stops waiting for an editor that has left. Returns the transactions that may be settled now.
    pub fn stop_waiting_for_editor(&mut self, role: Role) -> Vec<u64> {
        let mut begins = Vec::new();
        for (begin, transaction) in &mut self.by_begin {
            if transaction.stop_waiting_for(role) {
                begins.push(*begin);
            }
        }
        begins
    }

    /// Lets the oldest transaction that waits for an editor wait no longer, and returns it.
    pub fn stop_waiting_for_oldest(&mut self) -> Option<u64> {
        let mut transactions = self.by_begin.iter_mut();
        let (begin, oldest) = transactions.find(|(_, it)| !it.awaited.is_empty())?;
        oldest.stop_waiting();
        Some(*begin)
    }

    /// Notes that a connection has repeated the intent of a transaction.
    pub fn note_repeated(&mut self, begin: u64, session: SessionId) {
        if let Some(transaction) = self.by_begin.get_mut(&begin) {
            transaction.repeated_by = Some(session);
        }
    }

    /// Lets one transaction wait no longer.
    pub fn stop_waiting(&mut self, begin: u64) {
        if let Some(transaction) = self.by_begin.get_mut(&begin) {
            transaction.stop_waiting();
        }
    }

    /// Returns a transaction and all later ones that build on it, newest first. Undone together, they leave exactly the
    /// state before the first. With `structural`, all later structural transactions are included.
    pub fn with_dependents(&self, begin: u64, structural: bool) -> Vec<u64> {
        let mut uuids: BTreeSet<Uuid> = BTreeSet::new();
        let mut cascade = Vec::new();
        for (at, transaction) in self.by_begin.range(begin..) {
            let open = &transaction.open;
            let is_included = structural && open.path == Path::Slow;
            let is_dependent = || open.uuids().any(|uuid| uuids.contains(&uuid));
            if *at == begin || is_included || is_dependent() {
                uuids.extend(open.uuids());
                cascade.push(*at);
            }
        }
        cascade.reverse();
        cascade
    }

    /// Lists the steps of all open transactions.
    pub fn all_steps(&self) -> impl Iterator<Item = &(Change, Option<Entity>)> {
        let all = self.by_begin.values();
        all.flat_map(|transaction| &transaction.open.steps)
    }

    /// Lists the steps of these transactions, newest first.
    pub fn steps<'a>(
        &'a self,
        begins: &'a [u64],
    ) -> impl Iterator<Item = &'a (Change, Option<Entity>)> + 'a {
        let all = begins.iter().filter_map(|begin| self.by_begin.get(begin));
        all.flat_map(|transaction| transaction.open.steps.iter().rev())
    }
}
