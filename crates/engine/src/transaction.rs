//! Transactions: BEGIN, STEPs, PROVISIONAL, and one of FINAL, COMMIT, ROLLBACK.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use vibesync_protocol::{ApplyReason, DaemonMessage, ErrorBody, Intent, Severity};
use vibesync_scene::{
    Author, Change, Code, Consultation, Entity, Invalid, OpenTransaction, Outcome, Path, Payload,
    Phase, RecordBody, Role, SessionId, Uuid, Verdict,
};

use crate::Engine;
use crate::check::holds_without;
use crate::touch::{Touch, Touches};

/// A transaction that waits for editors.
#[derive(Debug)]
pub(crate) struct Transaction {
    pub open: OpenTransaction,
    /// Per editor, of how many entities the read-back is still to come.
    waiting: BTreeMap<Role, usize>,
    verified_by: Vec<Role>,
    owed_to: Vec<Role>,
}

/// All transactions under way.
#[derive(Debug, Default)]
pub(crate) struct Transactions {
    by_begin: BTreeMap<u64, Transaction>,
    touching: HashMap<Uuid, Touches>,
    /// Changes in all of them.
    changes: usize,
}

impl Transactions {
    pub fn len(&self) -> usize {
        self.by_begin.len()
    }

    fn insert(&mut self, transaction: Transaction) {
        let OpenTransaction { begin, path, .. } = transaction.open;
        for uuid in touched(&transaction.open) {
            let awaited = transaction.waiting.keys().copied();
            let touches = self.touching.entry(uuid).or_default();
            touches.push(Touch::new(begin, path, awaited));
        }
        self.changes += transaction.open.steps.len();
        self.by_begin.insert(begin, transaction);
    }

    fn remove(&mut self, begin: u64) -> Option<Transaction> {
        let transaction = self.by_begin.remove(&begin)?;
        for uuid in touched(&transaction.open) {
            if let Some(touches) = self.touching.get_mut(&uuid) {
                touches.remove(begin);
                if touches.is_empty() {
                    self.touching.remove(&uuid);
                }
            }
        }
        self.changes -= transaction.open.steps.len();
        Some(transaction)
    }

    /// Transactions that wait for this editor to hold this entity.
    pub fn waiting_for(&self, role: Role, uuid: Uuid) -> impl Iterator<Item = &Transaction> + '_ {
        let touches = self.touching.get(&uuid).into_iter();
        touches
            .flat_map(Touches::iter)
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
        let slow = self.touching.get(&uuid)?.slow();
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
        let touches = self.touching.get_mut(&uuid).into_iter();
        for touch in touches.flat_map(Touches::iter_mut) {
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
        let touches = self.touching.get_mut(&uuid).into_iter();
        for touch in touches.flat_map(Touches::iter_mut) {
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
    fn stop_waiting(&mut self, role: Role) -> Vec<u64> {
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
    fn give_up_oldest(&mut self) -> Option<u64> {
        let mut waiting = self.by_begin.iter_mut();
        let (begin, transaction) = waiting.find(|(_, it)| !it.waiting.is_empty())?;
        let roles = std::mem::take(&mut transaction.waiting).into_keys();
        transaction.owed_to.extend(roles);
        Some(*begin)
    }

    /// This transaction does not wait for anybody anymore.
    fn stays_owed(&mut self, begin: u64) {
        if let Some(transaction) = self.by_begin.get_mut(&begin) {
            let roles = std::mem::take(&mut transaction.waiting).into_keys();
            transaction.owed_to.extend(roles);
        }
    }

    /// A transaction and all later ones that build on it, newest first: those are undone together, so that what
    /// remains is exactly the state before the first. Where asked for, all later structural ones are among them.
    fn with_dependents(&self, begin: u64, structural: bool) -> Vec<u64> {
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
    fn steps<'a>(
        &'a self,
        begins: &'a [u64],
    ) -> impl Iterator<Item = &'a (Change, Option<Entity>)> + 'a {
        let all = begins.iter().filter_map(|begin| self.by_begin.get(begin));
        all.flat_map(|transaction| transaction.open.steps.iter().rev())
    }
}

impl Engine {
    /// Logs the transaction, applies it to the authority's scene, and owes it to the other editors.
    pub(crate) fn begin(
        &mut self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        digest: String,
        consulted: Consultation,
        changes: Vec<Change>,
    ) -> u64 {
        let paths = changes.iter().map(Change::path);
        // What failed before is done on the slow path, whatever it is.
        let careful = (consulted.verdict > Verdict::Allow).then_some(Path::Slow);
        let path = paths.chain(careful).max().unwrap_or(Path::Fast);
        let uuids: Vec<Uuid> = changes.iter().map(Change::uuid).collect();
        let record = |phase, uuids, payload| RecordBody {
            session_id: Some(session),
            operation_id: Some(intent.operation_id),
            uuids,
            phase,
            outcome: Outcome::Ok,
            error_code: None,
            payload,
        };
        let announced = u32::try_from(changes.len()).unwrap_or(u32::MAX);
        let payload = Payload::Begin {
            origin,
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            steps: announced,
            digest: digest.clone(),
            consulted: Some(consulted),
        };
        let begin = self.append(record(Phase::Begin, uuids.clone(), payload));
        self.operations.begin(intent.operation_id, digest, begin);
        let author = Author {
            seq: begin,
            by: Some(origin),
            base_seq: intent.base_seq,
        };
        let mut steps = Vec::with_capacity(changes.len());
        for (index, change) in (0..).zip(changes) {
            let before = self.scene.before(&change);
            let payload = Payload::Step {
                index,
                change: change.clone(),
                before: before.clone(),
            };
            self.append(record(Phase::Step, vec![change.uuid()], payload));
            self.scene.apply(&change, &author);
            steps.push((change, before));
        }
        if path == Path::Fast {
            self.append(record(Phase::Provisional, uuids, Payload::Provisional {}));
        }
        let open = OpenTransaction {
            begin,
            operation_id: intent.operation_id,
            session_id: Some(session),
            origin,
            path,
            label: intent.label.clone(),
            base_seq: intent.base_seq,
            announced,
            steps,
        };
        open.remember_begin(&mut self.memory);
        self.owe(open);
        begin
    }

    /// Queues an open transaction's changes for every other editor, and for its origin where older values are on
    /// their way and will overwrite what it has.
    fn owe(&mut self, open: OpenTransaction) {
        let receivers = self.receivers(open.origin);
        let mut waiting = BTreeMap::new();
        for role in &receivers {
            if let Some(peer) = self.sessions.peer_mut(*role) {
                open.steps
                    .iter()
                    .for_each(|(change, _)| peer.queue.push(change));
                waiting.insert(*role, open.steps.len());
            }
        }
        if let Some(peer) = self.sessions.peer_mut(open.origin) {
            for (change, _) in &open.steps {
                let uuid = change.uuid();
                if peer.is_expecting(uuid) {
                    peer.queue.push(change);
                } else {
                    peer.held.insert(uuid, open.begin);
                }
            }
        }
        let absent = |role: &Role| *role != open.origin && !receivers.contains(role);
        let owed_to = Role::EDITORS.into_iter().filter(absent).collect();
        self.transactions.insert(Transaction {
            open,
            waiting,
            verified_by: Vec::new(),
            owed_to,
        });
    }

    /// An editor that is too far behind delays what it lacks as little as one that is away: the oldest transactions end
    /// as owed. It gets what it lacks all the same, in its own time.
    pub(crate) fn bound_open(&mut self) {
        while self.transactions.changes > self.options.max_open {
            let Some(begin) = self.transactions.give_up_oldest() else {
                return;
            };
            self.finish_if_settled(begin);
        }
    }

    /// Ends a transaction that waits for nobody anymore.
    pub(crate) fn finish_if_settled(&mut self, begin: u64) {
        if self
            .transactions
            .by_begin
            .get(&begin)
            .is_none_or(|transaction| !transaction.waiting.is_empty())
        {
            return;
        }
        let Some(transaction) = self.transactions.remove(begin) else {
            return;
        };
        let outcome = if transaction.verified_by.is_empty() {
            Outcome::Owed
        } else {
            Outcome::Verified
        };
        self.end(
            &transaction.open,
            outcome,
            transaction.verified_by,
            transaction.owed_to,
            None,
        );
    }

    /// Editors that leave are owed what they had not verified.
    pub(crate) fn owe_to_absent(&mut self, role: Role) {
        for begin in self.transactions.stop_waiting(role) {
            self.finish_if_settled(begin);
        }
    }

    /// Undoes a transaction and all that build on it, in the log, in the scene, and in every editor. Says what was undone,
    /// with the digests of its contents: nothing where what is finished stands on it; then it stays, and is owed to whoever
    /// does not hold it.
    pub(crate) fn rollback(
        &mut self,
        begin: u64,
        error: &ErrorBody,
    ) -> Vec<(OpenTransaction, String)> {
        let mut undone = Vec::new();
        let Some(cascade) = self.cascade(begin) else {
            self.transactions.stays_owed(begin);
            self.finish_if_settled(begin);
            return undone;
        };
        for begin in cascade {
            let Some(transaction) = self.transactions.remove(begin) else {
                continue;
            };
            self.undo(&transaction.open, error);
            let uuids: Vec<Uuid> = touched(&transaction.open).collect();
            let invalid = Invalid::new(error.code, &error.place, &error.message);
            self.refuse_dependents(&uuids, &invalid);
            let known = self.operations.get(transaction.open.operation_id);
            let digest = known.map(|known| known.digest.clone()).unwrap_or_default();
            undone.push((transaction.open, digest));
        }
        undone
    }

    /// What has to be undone with a transaction so that the scene holds together: what changed the same entities; else
    /// all that may have put something under what it made, or taken away what it had let go.
    fn cascade(&self, begin: u64) -> Option<Vec<u64>> {
        let cascades = [false, true].map(|all| self.transactions.with_dependents(begin, all));
        let holds = |it: &Vec<u64>| holds_without(&self.scene, self.transactions.steps(it));
        cascades.into_iter().find(holds)
    }

    fn undo(&mut self, open: &OpenTransaction, error: &ErrorBody) {
        let seq = self.end(
            open,
            Outcome::RolledBack,
            Vec::new(),
            Vec::new(),
            Some(error),
        );
        for (change, before) in open.steps.iter().rev() {
            self.scene.undo(change, before.as_ref(), seq);
        }
        let uuids: Vec<Uuid> = touched(open).collect();
        for role in Role::EDITORS {
            let Some(peer) = self.sessions.peer_mut(role) else {
                continue;
            };
            uuids
                .iter()
                .for_each(|uuid| peer.queue.push_whole(*uuid, ApplyReason::Rollback));
            let session = peer.session;
            self.notice(session, Severity::Error, error, uuids.clone());
        }
    }

    /// Tells a client's user that something failed, or did not come out as they made it.
    pub(crate) fn notice(
        &mut self,
        session: SessionId,
        severity: Severity,
        error: &ErrorBody,
        uuids: Vec<Uuid>,
    ) {
        self.note_error(error, uuids.iter().copied());
        let ErrorBody {
            code,
            message,
            help,
            ..
        } = error.clone();
        self.send(
            session,
            DaemonMessage::Notice {
                severity,
                code,
                message,
                help,
                uuids,
            },
        );
    }

    /// What a transaction comes to that the last run of the daemon left open. One that is not whole was never
    /// acknowledged nor sent: its editor asks for it again.
    pub(crate) fn settle_interrupted(&mut self, open: OpenTransaction) {
        if open.is_complete() {
            let owed_to = Role::EDITORS
                .into_iter()
                .filter(|role| *role != open.origin)
                .collect();
            self.end(&open, Outcome::Owed, Vec::new(), owed_to, None);
            return;
        }
        let error = ErrorBody {
            code: Code::Interrupted,
            message: "the daemon stopped before all steps were on disk".into(),
            place: String::new(),
            help: Code::Interrupted.help().to_owned(),
        };
        self.end(
            &open,
            Outcome::RolledBack,
            Vec::new(),
            Vec::new(),
            Some(&error),
        );
        self.operations.forget(open.operation_id);
        self.count_interrupted(&open);
    }

    /// Writes the record that ends a transaction, and tells its origin.
    fn end(
        &mut self,
        open: &OpenTransaction,
        outcome: Outcome,
        verified_by: Vec<Role>,
        owed_to: Vec<Role>,
        error: Option<&ErrorBody>,
    ) -> u64 {
        let phase = match (error, open.path) {
            (Some(_), _) => Phase::Rollback,
            (None, Path::Fast) => Phase::Final,
            (None, Path::Slow) => Phase::Commit,
        };
        let detail = error.map(|error| error.message.clone());
        let seq = self.append(RecordBody {
            session_id: open.session_id,
            operation_id: Some(open.operation_id),
            uuids: touched(open).collect(),
            phase,
            outcome,
            error_code: error.map(|error| error.code),
            payload: Payload::End {
                begin: open.begin,
                verified_by,
                owed_to,
                detail,
            },
        });
        self.operations.end(open.operation_id, phase, outcome);
        if outcome == Outcome::Verified {
            open.remember_verified(&mut self.memory);
        }
        if let Some(session) = open
            .session_id
            .filter(|session| self.sessions.get(*session).is_some())
        {
            let operation_id = open.operation_id;
            self.send(
                session,
                DaemonMessage::Outcome {
                    operation_id,
                    phase,
                    outcome,
                    seq,
                    error: error.cloned(),
                },
            );
        }
        seq
    }
}

/// The entities that a transaction is about.
fn touched(open: &OpenTransaction) -> impl Iterator<Item = Uuid> + '_ {
    open.steps.iter().map(|(change, _)| change.uuid())
}
