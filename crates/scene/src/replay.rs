//! Rebuilds the state from log records, for boot, the projections and `vibesync log replay` alike.

use std::collections::BTreeMap;

use crate::agent_history::AgentHistory;
use crate::call_history::CallHistory;
use crate::change::Change;
use crate::entity::Entity;
use crate::epoch::{Epoch, Epochs};
use crate::failure_history::FailureHistory;
use crate::grants::Grants;
use crate::id::{ProjectId, Uuid};
use crate::last_writers::Quarantine;
use crate::open_transaction::OpenTransaction;
use crate::operations::{OperationEnd, Operations};
use crate::record::{Outcome, Payload, Phase, RecordBody};
use crate::scene::Scene;

/// The state after some records of the log.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// The scene, with the changes of open transactions whose steps are complete.
    pub scene: Scene,
    /// Open transactions by the sequence of their BEGIN.
    pub open: BTreeMap<u64, OpenTransaction>,
    /// Recent operations, to answer repeated intents.
    pub operations: Operations,
    /// The failures of scopes that are not known to work again.
    pub failures: FailureHistory,
    /// The decisions about agents, and what agents created.
    pub agents: AgentHistory,
    /// The add-ons that persons allowed to agents.
    pub grants: Grants,
    /// Calls of their tools: the open ones, and the ends of recent ones.
    pub calls: CallHistory,
    /// Sequence of the last record.
    pub last_seq: u64,
    /// Sequence of the last record that ended a complete transaction; 0 if there is none.
    pub last_end_seq: u64,
    /// The project that the last BOOT record names.
    pub project_id: Option<ProjectId>,
    /// The epochs of the log.
    pub epochs: Epochs,
    /// Whether the last record is SHUTDOWN.
    pub is_clean_shutdown: bool,
}

impl Replay {
    /// Returns the entities whose rows [`Replay::record`] will read. A caller that keeps only a part of the scene loads
    /// them first. For the end of a transaction, these are all entities that it changed.
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
            | Payload::Refusal { .. }
            | Payload::Failure { .. }
            | Payload::Agent { .. }
            | Payload::Approval { .. }
            | Payload::Reset { .. }
            | Payload::SafeMode { .. }
            | Payload::Steady {}
            | Payload::Call(_)
            | Payload::CallEnd(_)
            | Payload::Grant(_)
            | Payload::Revocation(_)
            | Payload::View(_)
            | Payload::Migrate { .. }
            | Payload::Recover { .. }
            | Payload::Shutdown {} => Vec::new(),
        }
    }

    /// Returns the first record of an epoch whose own first record has this sequence. A transaction without all its steps
    /// belongs to the new epoch, which undoes it. An editor may know it from a log that had all steps.
    pub fn first_seq_of_epoch(&self, seq: u64) -> u64 {
        let mut open = self.open.values();
        let incomplete = open.find(|open| !open.is_complete());
        incomplete.map_or(seq, |open| open.begin.min(seq))
    }

    /// Applies the next record.
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        self.last_seq = seq;
        self.is_clean_shutdown = match record.phase {
            // MIGRATE and RECOVER come before the BOOT record of a start, which reads this field.
            Phase::Migrate | Phase::Recover => self.is_clean_shutdown,
            phase => phase == Phase::Shutdown,
        };
        self.failures.record(seq, record);
        self.agents.record(seq, record);
        self.grants.record(seq, record);
        self.calls.record(seq, record);
        match &record.payload {
            Payload::Begin { .. } => self.begin(seq, record),
            Payload::Step { change, before, .. } => self.step(change, before.as_ref()),
            Payload::End { begin, .. } => self.end(seq, record, *begin),
            Payload::Quarantine { .. } => self.quarantine(seq, record),
            Payload::Boot {
                project_id, epoch, ..
            } => {
                self.project_id = Some(*project_id);
                if let Some(id) = *epoch {
                    let first_seq = self.first_seq_of_epoch(seq);
                    self.epochs.begin(Epoch { id, first_seq });
                }
            }
            Payload::Recover {
                epoch,
                recovered_seq,
                ..
            } => {
                let (id, first_seq) = (*epoch, self.first_seq_of_epoch(recovered_seq + 1));
                self.epochs.begin(Epoch { id, first_seq });
            }
            Payload::Provisional {}
            | Payload::Deliver { .. }
            | Payload::Session { .. }
            | Payload::Presence { .. }
            | Payload::Consult { .. }
            | Payload::Refusal { .. }
            | Payload::Failure { .. }
            | Payload::Agent { .. }
            | Payload::Approval { .. }
            | Payload::Reset { .. }
            | Payload::SafeMode { .. }
            | Payload::Call(_)
            | Payload::CallEnd(_)
            | Payload::Grant(_)
            | Payload::Revocation(_)
            | Payload::View(_)
            | Payload::Steady {}
            | Payload::Migrate { .. }
            | Payload::Shutdown {} => {}
        }
    }

    fn begin(&mut self, seq: u64, record: &RecordBody) {
        let Payload::Begin {
            origin,
            agent,
            path,
            label,
            base_seq,
            steps,
            digest,
            decision: _,
            call: _,
        } = &record.payload
        else {
            return;
        };
        let Some(operation_id) = record.operation_id else {
            return;
        };
        self.operations.begin(operation_id, digest.clone(), seq);
        let open = OpenTransaction {
            begin: seq,
            operation_id,
            session_id: record.session_id,
            origin: *origin,
            agent: agent.clone(),
            path: *path,
            label: label.clone(),
            base_seq: *base_seq,
            announced_steps: *steps,
            steps: Vec::new(),
        };
        self.open.insert(seq, open);
    }

    fn quarantine(&mut self, seq: u64, record: &RecordBody) {
        let Payload::Quarantine {
            origin,
            digest,
            is_whole_intent,
            ..
        } = &record.payload
        else {
            return;
        };
        let operation = record.operation_id.filter(|_| *is_whole_intent);
        if let Some(id) = operation {
            self.operations.begin(id, digest.clone(), seq);
            self.operations
                .end(id, OperationEnd::from_record(seq, record));
        }
        let origin = *origin;
        for uuid in &record.uuids {
            self.scene.quarantine(*uuid, Quarantine { seq, origin });
        }
    }

    fn step(&mut self, change: &Change, before: Option<&Entity>) {
        // The steps of a transaction directly follow its BEGIN.
        let Some((_, open)) = self.open.iter_mut().next_back() else {
            return;
        };
        open.steps.push((change.clone(), before.cloned()));
        // An incomplete transaction was never acknowledged, so it must not change the scene.
        if open.is_complete() {
            let author = open.author();
            open.record_begin(&mut self.failures);
            open.steps
                .iter()
                .for_each(|(change, _)| self.scene.apply(change, &author));
        }
    }

    fn end(&mut self, seq: u64, record: &RecordBody, begin: u64) {
        let Some(ended) = self.open.remove(&begin) else {
            return;
        };
        if !ended.is_complete() {
            return self.operations.forget(ended.operation_id);
        }
        self.last_end_seq = seq;
        let end = OperationEnd::from_record(seq, record);
        self.operations.end(ended.operation_id, end);
        if record.outcome == Outcome::Verified {
            ended.record_verified(&mut self.failures);
        }
        if record.phase == Phase::Rollback {
            for (change, before) in ended.steps.iter().rev() {
                self.scene.undo(change, before.as_ref(), seq);
            }
        }
    }
}
