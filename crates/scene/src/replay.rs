//! From log records back to state: what boot, projections and `log replay` all do the same way.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::change::{Change, Path};
use crate::entity::Entity;
use crate::failure_history::FailureHistory;
use crate::id::{OperationId, ProjectId, SessionId, Uuid};
use crate::last_writers::{Author, Quarantine};
use crate::record::{Outcome, Payload, Phase, RecordBody, Role};
use crate::scene::Scene;
use crate::scope::Scope;

/// How many ended operations are remembered to answer repeated intents.
const MAX_TRACKED_OPERATIONS: usize = 65_536;

/// A transaction that has a BEGIN and no end yet.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenTransaction {
    /// Sequence of its BEGIN; the version of every entity in it.
    pub begin: u64,
    /// Its id.
    pub operation_id: OperationId,
    /// Session that sent it.
    pub session_id: Option<SessionId>,
    /// Who made the change.
    pub origin: Role,
    /// Fast or slow.
    pub path: Path,
    /// For people.
    pub label: String,
    /// What the origin had seen.
    pub base_seq: u64,
    /// How many steps were announced.
    pub announced_steps: u32,
    /// The steps: redo and undo.
    pub steps: Vec<(Change, Option<Entity>)>,
}

impl OpenTransaction {
    /// Whether every announced step is on disk; else the daemon died before anyone was told of it.
    pub fn is_complete(&self) -> bool {
        self.steps.len() == self.announced_steps as usize
    }

    /// The entities that its steps are about.
    pub fn uuids(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.steps.iter().map(|(change, _)| change.uuid())
    }

    /// A person's edit is one more try for what failed.
    pub fn record_begin(&self, failures: &mut FailureHistory) {
        if self.origin.is_person() && !failures.is_quiet() {
            self.uuids().for_each(|uuid| failures.reset_on_edit(uuid));
        }
    }

    /// It was verified: what was wrong with it is not anymore.
    pub fn record_verified(&self, failures: &mut FailureHistory) {
        let uuids: Vec<Uuid> = self.uuids().collect();
        failures.record_success(&uuids, None);
        if self.origin == Role::Agent && !failures.is_quiet() {
            let changes = self.steps.iter().map(|(change, _)| change);
            let operations = changes.flat_map(Scope::operations_of);
            let coarser = [Scope::Automation, Scope::SafeMode];
            failures.record_automation_success(operations.chain(coarser));
        }
    }

    /// Where its changes come from.
    pub fn author(&self) -> Author {
        Author {
            seq: self.begin,
            by: Some(self.origin),
            base_seq: self.base_seq,
        }
    }
}

/// State rebuilt from records, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The scene, open transactions included once all their steps are there.
    pub scene: Scene,
    /// Open transactions by the sequence of their BEGIN.
    pub open: BTreeMap<u64, OpenTransaction>,
    /// Content digest, BEGIN sequence and end of past operations, to answer repeated intents.
    pub operations: Operations,
    /// What failed and is not known to work again.
    pub failures: FailureHistory,
    /// Sequence of the last record seen.
    pub last_seq: u64,
    /// Sequence of the last record that ended a whole transaction, 0 if none.
    pub last_end_seq: u64,
    /// Project named by the last BOOT.
    pub project_id: Option<ProjectId>,
    /// Whether the last record was SHUTDOWN.
    pub is_clean_shutdown: bool,
}

/// How an operation stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Content digest of the intent.
    pub digest: String,
    /// Sequence of its BEGIN.
    pub begin: u64,
    /// Phase and outcome of its end.
    pub end: Option<(Phase, Outcome)>,
}

/// The most recent operations, bounded.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    by_id: HashMap<OperationId, Operation>,
    order: VecDeque<OperationId>,
}

impl Operations {
    /// The operation of this id, if it is among the most recent.
    pub fn get(&self, id: OperationId) -> Option<&Operation> {
        self.by_id.get(&id)
    }

    /// Remembers a BEGIN, forgetting the oldest operation where there are too many.
    pub fn begin(&mut self, id: OperationId, digest: String, begin: u64) {
        if self
            .by_id
            .insert(
                id,
                Operation {
                    digest,
                    begin,
                    end: None,
                },
            )
            .is_none()
        {
            self.order.push_back(id);
        }
        while self.order.len() > MAX_TRACKED_OPERATIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }

    /// Forgets an operation that never happened, so that it can be asked for again.
    pub fn forget(&mut self, id: OperationId) {
        if self.by_id.remove(&id).is_some() {
            self.order.retain(|other| *other != id);
        }
    }

    /// All that are remembered, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.order
            .iter()
            .filter_map(|id| Some((*id, self.by_id.get(id)?)))
    }

    /// Remembers how it ended.
    pub fn end(&mut self, id: OperationId, phase: Phase, outcome: Outcome) {
        if let Some(operation) = self.by_id.get_mut(&id) {
            operation.end = Some((phase, outcome));
        }
    }
}

impl Replay {
    /// The entities whose rows [`Replay::record`] will look at, for whoever holds a part of the scene only. Where the
    /// record ends a transaction these are all that it changed.
    pub fn touched_by(&self, record: &RecordBody) -> Vec<Uuid> {
        match &record.payload {
            Payload::Step { change, .. } => match self.open.values().next_back() {
                Some(open) if open.steps.len() + 1 == open.announced_steps as usize => {
                    open.uuids().chain([change.uuid()]).collect()
                }
                _ => Vec::new(),
            },
            Payload::End { begin, .. } => match self.open.get(begin) {
                Some(open) if open.is_complete() => open.uuids().collect(),
                _ => Vec::new(),
            },
            Payload::Quarantine { .. } => record.uuids.clone(),
            Payload::Begin { .. }
            | Payload::Boot { .. }
            | Payload::Provisional {}
            | Payload::Deliver { .. }
            | Payload::Session { .. }
            | Payload::Presence { .. }
            | Payload::Consult { .. }
            | Payload::Failure { .. }
            | Payload::Reset { .. }
            | Payload::SafeMode { .. }
            | Payload::Steady {}
            | Payload::Migrate { .. }
            | Payload::Shutdown {} => Vec::new(),
        }
    }

    /// Takes in the next record.
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        self.last_seq = seq;
        self.is_clean_shutdown = match record.phase {
            // Written by a start, before its BOOT says how the run before ended.
            Phase::Migrate => self.is_clean_shutdown,
            phase => phase == Phase::Shutdown,
        };
        self.failures.record(seq, record);
        match &record.payload {
            Payload::Begin {
                origin,
                path,
                label,
                base_seq,
                steps,
                digest,
                decision: _,
            } => {
                let Some(operation_id) = record.operation_id else {
                    return;
                };
                self.operations.begin(operation_id, digest.clone(), seq);
                let open = OpenTransaction {
                    begin: seq,
                    operation_id,
                    session_id: record.session_id,
                    origin: *origin,
                    path: *path,
                    label: label.clone(),
                    base_seq: *base_seq,
                    announced_steps: *steps,
                    steps: Vec::new(),
                };
                self.open.insert(seq, open);
            }
            Payload::Step { change, before, .. } => {
                // Steps follow their BEGIN without anything between.
                let Some((_, open)) = self.open.iter_mut().next_back() else {
                    return;
                };
                open.steps.push((change.clone(), before.clone()));
                // Only a whole transaction happened: one that was cut off while it was written leaves no trace.
                if open.is_complete() {
                    let author = open.author();
                    open.record_begin(&mut self.failures);
                    open.steps
                        .iter()
                        .for_each(|(change, _)| self.scene.apply(change, &author));
                }
            }
            Payload::End { begin, .. } => {
                let Some(ended) = self.open.remove(begin) else {
                    return;
                };
                if !ended.is_complete() {
                    return self.operations.forget(ended.operation_id);
                }
                self.last_end_seq = seq;
                self.operations
                    .end(ended.operation_id, record.phase, record.outcome);
                if record.outcome == Outcome::Verified {
                    ended.record_verified(&mut self.failures);
                }
                if record.phase == Phase::Rollback {
                    for (change, before) in ended.steps.iter().rev() {
                        self.scene.undo(change, before.as_ref(), seq);
                    }
                }
            }
            Payload::Quarantine {
                origin,
                digest,
                is_whole_intent,
                ..
            } => {
                let quarantine = Quarantine {
                    seq,
                    origin: *origin,
                };
                for uuid in &record.uuids {
                    self.scene.quarantine(*uuid, quarantine);
                }
                if let Some(id) = record.operation_id.filter(|_| *is_whole_intent) {
                    self.operations.begin(id, digest.clone(), seq);
                    self.operations.end(id, record.phase, record.outcome);
                }
            }
            Payload::Boot { project_id, .. } => self.project_id = Some(*project_id),
            Payload::Provisional {}
            | Payload::Deliver { .. }
            | Payload::Session { .. }
            | Payload::Presence { .. }
            | Payload::Consult { .. }
            | Payload::Failure { .. }
            | Payload::Reset { .. }
            | Payload::SafeMode { .. }
            | Payload::Steady {}
            | Payload::Migrate { .. }
            | Payload::Shutdown {} => {}
        }
    }
}
