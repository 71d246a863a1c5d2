//! The group that the core is deciding.

use std::collections::BTreeSet;
use std::time::SystemTime;

use vibesync_engine::Action;
use vibesync_scene::{BlobId, SessionId};
use vibesync_store::wal;
use vibesync_store::wal::timestamp;

use super::event::BlobsInUse;

/// Maximum number of events in a group. The events of a group share one fsync.
const MAX_EVENTS: usize = 1_024;

/// Number of log bytes that end a group. More would cost memory and delay the first event without a gain.
const MAX_BYTES: usize = 4 << 20;

/// An effect that must not happen before the records of its group are durable.
#[derive(Debug)]
pub(super) enum Effect {
    /// Carry out an action of the engine.
    Act(Action),
    /// Drop the client of this session, whose connection has ended.
    Drop(SessionId),
    /// Answer the collector.
    BlobsInUse(BlobsInUse, BTreeSet<BlobId>),
}

/// Records that become durable together, and the effects that wait for them.
pub(super) type Group = wal::Group<Effect>;

/// A group that takes more events until it is full or passed on.
pub(super) struct OpenGroup {
    group: Group,
    events: usize,
}

impl OpenGroup {
    /// Begins with the present time. `first_seq` is the sequence of the first record.
    pub fn begin(first_seq: u64) -> Self {
        Self {
            group: Group::begin(first_seq, timestamp(SystemTime::now())),
            events: 0,
        }
    }

    /// Adds the actions for one event.
    pub fn add(&mut self, actions: Vec<Action>) {
        self.events += 1;
        for action in actions {
            match action {
                Action::Append(record) => self.group.append(*record),
                other => self.group.defer(Effect::Act(other)),
            }
        }
    }

    /// Drops a client once everything before has been sent to it.
    pub fn drop_client(&mut self, session: SessionId) {
        self.group.defer(Effect::Drop(session));
    }

    /// Tells the collector which blobs are in use, once everything before is durable and has begun.
    pub fn answer(&mut self, reply: BlobsInUse, blobs: BTreeSet<BlobId>) {
        self.group.defer(Effect::BlobsInUse(reply, blobs));
    }

    /// Whether the group must take no more events.
    pub fn is_full(&self) -> bool {
        self.events >= MAX_EVENTS || self.group.bytes() >= MAX_BYTES
    }

    /// Number of records.
    pub fn records(&self) -> usize {
        self.group.records()
    }

    /// Ends the group.
    pub fn end(self) -> Group {
        self.group
    }
}
