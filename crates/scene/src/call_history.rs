//! The calls of add-ons' tools that are open or ended lately, rebuilt from the log like the scene.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::call::{Call, CallEnd};
use crate::code::Code;
use crate::id::OperationId;
use crate::record::{Payload, RecordBody};

/// Most ended calls that are kept.
const MAX_ENDED: usize = 1_000;

/// A call without an end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenCall {
    /// Sequence of its record.
    pub begin: u64,
    /// Its record.
    pub call: Call,
    /// The transaction with its changes, if it has begun.
    pub operation: Option<OperationId>,
}

/// A call that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndedCall {
    /// Its digest, as the record of its beginning has it.
    pub digest: String,
    /// Its end.
    pub end: CallEnd,
    /// The error, if it failed.
    pub code: Option<Code>,
    /// The transaction with its changes.
    pub operation: Option<OperationId>,
}

/// Open calls, and the newest that have ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CallHistory {
    open: BTreeMap<Uuid, OpenCall>,
    ended: BTreeMap<Uuid, EndedCall>,
    order: VecDeque<Uuid>,
}

impl CallHistory {
    /// Open calls by request.
    pub fn open(&self) -> impl Iterator<Item = &OpenCall> {
        self.open.values()
    }

    /// Ended calls, oldest first.
    pub fn ended(&self) -> impl Iterator<Item = &EndedCall> {
        self.order.iter().filter_map(|id| self.ended.get(id))
    }

    /// Returns an ended call.
    pub fn get_ended(&self, request_id: Uuid) -> Option<&EndedCall> {
        self.ended.get(&request_id)
    }

    /// Adds an open call.
    pub fn put_open(&mut self, call: OpenCall) {
        self.open.insert(call.call.request_id, call);
    }

    /// Adds an ended call. Removes the oldest if there are too many.
    pub fn put_ended(&mut self, call: EndedCall) {
        let id = call.end.request_id;
        if self.ended.insert(id, call).is_none() {
            self.order.push_back(id);
        }
        while self.order.len() > MAX_ENDED {
            if let Some(oldest) = self.order.pop_front() {
                self.ended.remove(&oldest);
            }
        }
    }

    /// Applies a record.
    pub fn record(&mut self, seq: u64, record: &RecordBody) {
        match &record.payload {
            Payload::Call(call) => self.put_open(OpenCall {
                begin: seq,
                call: call.clone(),
                operation: None,
            }),
            Payload::Begin {
                call: Some(request_id),
                ..
            } => {
                if let Some(open) = self.open.get_mut(request_id) {
                    open.operation = record.operation_id;
                }
            }
            Payload::CallEnd(end) => {
                if let Some(open) = self.open.remove(&end.request_id) {
                    self.put_ended(EndedCall {
                        digest: open.call.digest,
                        end: end.clone(),
                        code: record.error_code,
                        operation: record.operation_id,
                    });
                }
            }
            _ => {}
        }
    }
}
