//! The most recent operations, kept to answer repeated intents.

use std::collections::{BTreeMap, VecDeque};

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

/// The most recent operations. Their number is bounded, and so is their memory. They are no hash table: where each new
/// entry replaces another one, it doubles its size after some 600,000 operations.
#[derive(Clone, Debug, Default)]
pub struct Operations {
    by_id: BTreeMap<OperationId, Operation>,
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
        if let Some(known) = self.by_id.get_mut(&id) {
            *known = operation;
            return;
        }
        // Removed first: one more than the power of two would double the memory of the order.
        while self.order.len() >= MAX_TRACKED_OPERATIONS {
            if let Some(oldest) = self.order.pop_front() {
                self.by_id.remove(&oldest);
            }
        }
        self.by_id.insert(id, operation);
        self.order.push_back(id);
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

#[cfg(test)]
mod tests {
    use allocation_counter::measure;
    use uuid::Uuid;

    use super::*;

    /// Begins and ends operations with ids that grow with time, as those of editors do.
    fn work(operations: &mut Operations, numbers: std::ops::Range<u128>) {
        for n in numbers {
            let id = OperationId(Uuid::from_u128(n << 64 | (n * n) & 0xffff));
            operations.begin(id, "0".repeat(64), n as u64);
            let end = OperationEnd {
                phase: Phase::Commit,
                outcome: Outcome::Ok,
                seq: n as u64,
                error: None,
            };
            operations.end(id, end);
        }
    }

    #[test]
    fn memory_of_full_operations_stays() {
        let mut operations = Operations::default();
        let full = MAX_TRACKED_OPERATIONS as u128;
        let filled = measure(|| work(&mut operations, 0..full)).bytes_current;
        let later = measure(|| work(&mut operations, full..11 * full));
        assert_eq!(operations.iter().count(), MAX_TRACKED_OPERATIONS);
        assert!(later.bytes_current.abs() < filled / 100, "{later:?}");
        assert!(later.bytes_max < 1 << 16, "{later:?}");
    }
}
