//! The invariants, checked independently of engine and store: every record as it was appended, the state that follows
//! from the records, and all messages that clients have received.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{AckStatus, DaemonMessage, VersionedChange};
use vibesync_scene::{
    Change, EntityKind, OperationId, Payload, Phase, RecordBody, Replay, Scene, Uuid,
    differing_components,
};

use super::compare::same;
use super::violation::{Check, must};
use crate::fakes::edit::{self, Entities};
use blake3::Hash;
use vibesync_store::wal::Tip;

/// All records and messages of a run.
#[derive(Clone, Default)]
pub struct Ledger {
    /// Records; record n is at index n - 1.
    pub(super) records: Vec<RecordBody>,
    /// Number of each record among all that were ever made; two logs share the records with the same numbers.
    ids: Vec<u64>,
    /// Hashes of the records that ended a sync.
    hashes: BTreeMap<u64, Hash>,
    /// State after all records.
    state: Replay,
    /// Sequence of the last record that a sync has confirmed.
    durable: u64,
    /// Operations that clients know to be accepted, with their BEGIN.
    acknowledged: BTreeMap<OperationId, u64>,
}

impl Ledger {
    /// Returns the state after all records.
    pub fn state(&self) -> &Replay {
        &self.state
    }

    /// Returns the sequence of the last record that a sync has confirmed.
    pub fn durable(&self) -> u64 {
        self.durable
    }

    /// Returns the sequence of the newest record.
    pub fn head(&self) -> u64 {
        self.records.len() as u64
    }

    /// Returns the number of each record among all that were ever made.
    pub fn ids(&self) -> &[u64] {
        &self.ids
    }

    /// Returns the hash of a record that ended a sync.
    pub fn hash_of(&self, seq: u64) -> Option<Hash> {
        self.hashes.get(&seq).copied()
    }

    /// Returns the same log without the records after this one; none if there is no such record.
    pub fn cut(&self, seq: u64) -> Option<Self> {
        (seq <= self.head()).then(|| {
            let mut cut = self.clone();
            cut.truncate(seq);
            cut.acknowledged.retain(|_, begin| *begin <= seq);
            cut
        })
    }

    /// Drops the records after this one.
    fn truncate(&mut self, seq: u64) {
        self.state = self.state_at(seq);
        self.records.truncate(seq as usize);
        self.ids.truncate(seq as usize);
        self.hashes.retain(|at, _| *at <= seq);
        self.durable = seq;
    }

    /// Returns the number of operations that clients know to be accepted.
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Returns the state after the first records.
    pub fn state_at(&self, seq: u64) -> Replay {
        let mut state = Replay::default();
        for (seq, record) in (1..=seq).zip(&self.records) {
            state.record(seq, record);
        }
        state
    }

    /// Checks and adds a record that the engine appends.
    pub fn append(&mut self, id: u64, record: RecordBody) -> Check {
        let seq = self.head() + 1;
        match &record.payload {
            Payload::End { begin, .. } => {
                let open = self.state.open.get(begin);
                let same = open.is_some_and(|open| Some(open.operation_id) == record.operation_id);
                must(
                    same,
                    "every end has one BEGIN, and every BEGIN one end",
                    || format!("record {seq} ends {begin}, which is not open"),
                )?;
                if record.phase == Phase::Rollback {
                    self.check_nothing_builds_on(*begin)?;
                }
            }
            Payload::Begin { decision, .. } => must(
                decision.is_some(),
                "the log is consulted before every mutation",
                || format!("record {seq} does not say so"),
            )?,
            Payload::Step { change, before, .. } => {
                must(
                    *before == self.before(change),
                    "a step says what it overwrites",
                    || format!("record {seq} says {before:?}"),
                )?;
                self.check_identity(seq, change)?;
            }
            _ => {}
        }
        self.state.record(seq, &record);
        self.records.push(record);
        self.ids.push(id);
        Ok(())
    }

    /// Checks the `before` value of a step. Earlier steps of the same transaction are about other entities.
    fn before(&self, change: &Change) -> Option<vibesync_scene::Entity> {
        self.state.scene.before(change)
    }

    /// Checks that dependent transactions are undone before the one they build on.
    fn check_nothing_builds_on(&self, begin: u64) -> Check {
        let uuids = |seq| {
            self.state
                .open
                .get(seq)
                .into_iter()
                .flat_map(|it| it.uuids())
        };
        let undone: BTreeSet<Uuid> = uuids(&begin).collect();
        let mut later = self.state.open.range(begin + 1..).map(|(seq, _)| seq);
        let left = later.find(|seq| uuids(seq).any(|uuid| undone.contains(&uuid)));
        must(
            left.is_none(),
            "what builds on a transaction is undone with it",
            || format!("{begin} is undone, {left:?} is not"),
        )
    }

    /// Checks that a uuid stays one entity of one kind for ever.
    fn check_identity(&self, seq: u64, change: &Change) -> Check {
        let row = self.state.scene.row(change.uuid());
        let sound = match (change, row) {
            (Change::Create { kind, .. }, Some(row)) => row.tombstone && row.entity.kind == *kind,
            (Change::Create { .. }, None) => true,
            (_, row) => row.is_some_and(|row| !row.tombstone),
        };
        must(sound, "a uuid is one entity of one kind for ever", || {
            format!("record {seq} does {change:?} to {row:?}")
        })
    }

    /// Notes that a sync has confirmed everything up to this record.
    pub fn synced(&mut self, tip: Tip) {
        self.durable = tip.seq;
        self.hashes.insert(tip.seq, tip.hash);
    }

    /// Checks a message at the time when the engine asks for it; all its records are in the ledger by then.
    /// `may_be_partial`: an object may be sent without its data.
    pub fn wants_said(&self, message: &DaemonMessage, may_be_partial: bool) -> Check {
        if let DaemonMessage::Apply { changes, .. } = message {
            let mut named = BTreeSet::new();
            for change in changes {
                let uuid = change.change.uuid();
                must(named.insert(uuid), "a batch names an entity once", || {
                    format!("{uuid} is in it twice")
                })?;
                let scene = &self.state.scene;
                let fits = is_of(scene, change) || may_be_partial && is_partial(scene, change);
                must(fits, "what is sent is what the log says", || {
                    let row = self.state.scene.row(uuid);
                    format!("{change:?} is sent, the log says {row:?}")
                })?;
            }
            self.check_deletion_order(changes)?;
        }
        Ok(())
    }

    /// Checks that no object is deleted before a child of it.
    fn check_deletion_order(&self, changes: &[VersionedChange]) -> Check {
        let deletes = changes.iter().map(|sent| &sent.change);
        let deletes = deletes.filter(|change| change.components().is_none());
        let mut gone = BTreeSet::new();
        for uuid in deletes.map(Change::uuid) {
            let row = self.state.scene.row(uuid);
            let parent = row.and_then(|row| row.entity.components.parent?.uuid);
            must(
                parent.is_none_or(|parent| !gone.contains(&parent)),
                "children are deleted before their parents",
                || format!("{uuid} comes after {parent:?}"),
            )?;
            gone.insert(uuid);
        }
        Ok(())
    }

    /// Checks a message at the time when it is sent; the receiver relies on it from now on.
    pub fn is_said(&mut self, message: &DaemonMessage) -> Check {
        match message {
            DaemonMessage::Apply {
                changes, head_seq, ..
            } => {
                let newest = changes.iter().map(|change| change.version).max();
                self.must_be_durable(newest.unwrap_or(0).max(*head_seq), "a change is sent")
            }
            DaemonMessage::Ack {
                operation_id,
                status,
                seq,
                ..
            } => {
                self.must_be_durable(*seq, "a sequence is acknowledged")?;
                match status {
                    AckStatus::Accepted => self.check_accepted(*operation_id, *seq),
                    AckStatus::Duplicate => self.check_known(*operation_id),
                    AckStatus::Waiting => self.check_waiting(*operation_id),
                    AckStatus::Refused | AckStatus::Unchanged => Ok(()),
                }
            }
            DaemonMessage::Outcome {
                operation_id, seq, ..
            } => {
                self.must_be_durable(*seq, "an outcome is told")?;
                let known = self.state.operations.get(*operation_id);
                let ended = known.is_some_and(|operation| operation.end.is_some());
                must(ended, "an outcome that is told is in the log", || {
                    format!("operation {operation_id} has not ended")
                })
            }
            DaemonMessage::Sync { head_seq, .. } => {
                self.must_be_durable(*head_seq, "a sequence is told")
            }
            _ => Ok(()),
        }
    }

    fn check_waiting(&self, id: OperationId) -> Check {
        let known = self.state.operations.get(id);
        let found = || format!("operation {id} is {known:?}");
        must(known.is_none(), "what waits is not done", found)
    }

    fn must_be_durable(&self, seq: u64, what: &str) -> Check {
        must(
            seq <= self.durable,
            "nothing is said before what it rests on is durable",
            || {
                format!(
                    "{what}, sequence {seq}; the log is durable up to {}",
                    self.durable
                )
            },
        )
    }

    fn check_accepted(&mut self, id: OperationId, seq: u64) -> Check {
        let begin = (seq as usize).checked_sub(1);
        let record = begin.and_then(|at| self.records.get(at));
        let steps = record.and_then(|record| match &record.payload {
            Payload::Begin { steps, .. } if record.operation_id == Some(id) => Some(*steps),
            _ => None,
        });
        must(
            steps.is_some_and(|steps| seq + u64::from(steps) <= self.durable),
            "what is acknowledged is in the log, whole and durable",
            || format!("operation {id} is acknowledged with {seq}, which is {record:?}"),
        )?;
        self.acknowledged.insert(id, seq);
        Ok(())
    }

    fn check_known(&self, id: OperationId) -> Check {
        let known = self.state.operations.get(id);
        must(
            known.is_some_and(|operation| operation.begin <= self.durable),
            "what is acknowledged is in the log, whole and durable",
            || format!("operation {id} is said to be known"),
        )
    }

    /// Checks a start that found this record as the last; `state` is the state that the start has read.
    pub fn found(&mut self, seq: u64, state: &Replay, alone: Option<&Replay>) -> Check {
        must(
            seq >= self.durable,
            "what was acknowledged survives",
            || {
                format!(
                    "the log ends at {seq}, sequence {} was confirmed",
                    self.durable
                )
            },
        )?;
        must(
            seq <= self.head(),
            "the log holds what was appended",
            || format!("it ends at {seq}, {} were appended", self.head()),
        )?;
        let expected = self.state_at(seq);
        if let Some(alone) = alone {
            same(
                alone,
                &expected,
                "the log alone replays to what was decided",
            )?;
        }
        same(
            state,
            &expected,
            "checkpoint and rest of the log are the whole log",
        )?;
        self.truncate(seq);
        Ok(())
    }

    /// Checks that a step of the engine leaves a consistent scene.
    pub fn check_scene(&self) -> Check {
        holds_together(&self.state.scene)
    }

    /// Checks that every transaction has exactly one end, and that every acknowledged one is in the log.
    pub fn check_ends(&self) -> Check {
        let open: Vec<_> = self.state.open.keys().collect();
        must(
            open.is_empty(),
            "every end has one BEGIN, and every BEGIN one end",
            || format!("{open:?} have none"),
        )?;
        let is_begin = |id: OperationId, seq: u64| {
            let record = self.records.get(seq as usize - 1);
            record.is_some_and(|it| it.phase == Phase::Begin && it.operation_id == Some(id))
        };
        let mut all = self.acknowledged.iter();
        let lost = all.find(|(id, seq)| !is_begin(**id, **seq));
        must(lost.is_none(), "what was acknowledged survives", || {
            format!("{lost:?} is not in the log")
        })
    }
}

/// Returns true if live entities refer to live entities only, and no entity is its own ancestor.
fn holds_together(scene: &Scene) -> Check {
    let rows = scene.rows().filter(|row| !row.tombstone);
    let live: Entities = rows
        .map(|row| (row.entity.uuid, row.entity.clone()))
        .collect();
    must(
        edit::holds_together(&live),
        "nothing stands on what is gone, or on itself",
        || format!("{live:?}"),
    )
}

/// Returns true if a change of a batch agrees with the scene.
fn is_of(scene: &Scene, sent: &VersionedChange) -> bool {
    let Some(row) = scene.row(sent.change.uuid()) else {
        return false;
    };
    let mut known = row.entity.components.clone();
    let camera = known.data.and_then(|data| scene.row(data.uuid?));
    let sent_data = sent.change.components().and_then(|sent| sent.data);
    if camera.is_some_and(|row| row.entity.kind == EntityKind::Camera)
        && sent_data.is_some_and(|data| data.uuid.is_none())
    {
        // Unity does not know cameras. Blender's end state shows that it got this one.
        known.data = sent_data;
    }
    let content = match (&sent.change, sent.change.components()) {
        (Change::Create { kind, .. }, Some(components)) => {
            // Unity does not get the locks, and in some runs no collections.
            known.retain(|name| name != "locks" || components.locks.is_some());
            known.retain(|name| name != "collections" || components.collections.is_some());
            known.retain(|name| name != "instance" || components.instance.is_some());
            let has_render = components.render_visibility.is_some();
            known.retain(|name| name != "render_visibility" || has_render);
            !row.tombstone && row.entity.kind == *kind && *components == known
        }
        (_, Some(components)) => {
            !row.tombstone && differing_components(components, &known).is_empty()
        }
        (_, None) => row.tombstone,
    };
    content && row.version == sent.version
}

/// Returns true if an object without its data agrees with the scene in all else. Its version is an older one.
fn is_partial(scene: &Scene, sent: &VersionedChange) -> bool {
    let data = |uuid| scene.live(uuid)?.components.data?.uuid;
    let uuid = sent.change.uuid();
    let mut whole = sent.clone();
    whole.version += 1;
    if let (Some(components), Some(row)) = (whole.change.components_mut(), scene.live(uuid))
        && components.data.is_none_or(|data| data.uuid.is_none())
    {
        components.data = components.data.and(row.components.data);
    }
    data(uuid).is_some() && is_of(scene, &whole)
}
