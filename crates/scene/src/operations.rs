//! The most recent operations, kept to answer repeated intents.

use std::collections::{HashMap, VecDeque};

use crate::code::Code;
use crate::id::OperationId;
use crate::record::{Outcome, Payload, Phase, RecordBody};

/// Most operations that are kept.
const MAX_TRACKED_OPERATIONS: usize = 65_536;

/// The state of an operation.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    /// Content digest of the intent.
    pub digest: String,
    /// Sequence of its BEGIN.
    pub begin: u64,
    /// Its end; none while it is open.
    pub end: Option<OperationEnd>,
}

/// The end of an operation, as its client is told.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationEnd {
    /// Phase of the record.
    pub phase: Phase,
    /// Outcome of the record.
    pub outcome: Outcome,
    /// Sequence of the record.
    pub seq: u64,
    /// Code and message of a rollback.
    pub error: Option<(Code, String)>,
}

impl OperationEnd {
    /// Returns the end that a record of this sequence makes.
    pub fn from_record(seq: u64, record: &RecordBody) -> Self {
        let detail = match &record.payload {
            Payload::End { detail, .. } => detail.clone(),
            _ => None,
        };
        let code = record
            .error_code
            .filter(|_| record.phase == Phase::Rollback);
        Self {
            phase: record.phase,
            outcome: record.outcome,
            seq,
            error: code.map(|code| (code, detail.unwrap_or_default())),
        }
    }
}

/// The most recent operations. Their number is bounded.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    by_id: HashMap<OperationId, Operation>,
    order: VecDeque<OperationId>,
}

impl Operations {
    /// Returns the operation of this id, if it is kept.
    pub fn get(&self, id: OperationId) -> Option<&Operation> {
        self.by_id.get(&id)
    }

    /// Adds an operation that begins. Removes the oldest if there are too many.
    pub fn begin(&mut self, id: OperationId, digest: String, begin: u64) {
        let operation = Operation {
            digest,
            begin,
            end: None,
        };
        if self.by_id.insert(id, operation).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MAX_TRACKED_OPERATIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
    }

    /// Removes an operation that was never complete, so that its client can send it again.
    pub fn forget(&mut self, id: OperationId) {
        if self.by_id.remove(&id).is_some() {
            self.order.retain(|other| *other != id);
        }
    }

    /// All kept operations, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.order
            .iter()
            .filter_map(|id| Some((*id, self.by_id.get(id)?)))
    }

    /// Sets the end of an operation.
    pub fn end(&mut self, id: OperationId, end: OperationEnd) {
        if let Some(operation) = self.by_id.get_mut(&id) {
            operation.end = Some(end);
        }
    }
}
