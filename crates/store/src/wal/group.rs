//! Records that become durable together, and the values that wait for them.

use vibesync_scene::RecordBody;

use super::entry::Tip;
use super::error::WalError;
use super::writer::Wal;

/// Records that become durable with one fsync, and values that nobody may use before.
///
/// Only [`Wal::commit`] gives the values back. So a message that waits in a group cannot be sent before the records that
/// it relies on are durable, whichever thread commits the group.
#[derive(Debug)]
pub struct Group<T> {
    first_seq: u64,
    timestamp: String,
    records: Vec<RecordBody>,
    waiting: Vec<T>,
    bytes: usize,
}

/// A group whose records are durable.
#[derive(Debug)]
pub struct Committed<T> {
    /// The last durable record of the log.
    pub tip: Tip,
    /// The records of the group.
    pub records: Vec<RecordBody>,
    /// The values that waited for them, in order.
    pub released: Vec<T>,
}

impl<T> Group<T> {
    /// Begins a group whose first record gets the sequence `first_seq`. `timestamp` is RFC 3339, UTC.
    pub fn begin(first_seq: u64, timestamp: String) -> Self {
        Self {
            first_seq,
            timestamp,
            records: Vec::new(),
            waiting: Vec::new(),
            bytes: 0,
        }
    }

    /// Adds a record.
    pub fn append(&mut self, record: RecordBody) {
        self.bytes += record.estimate_bytes();
        self.records.push(record);
    }

    /// Adds a value that waits for all records of this group and of the groups before it.
    pub fn defer(&mut self, value: T) {
        self.waiting.push(value);
    }

    /// Number of records.
    pub fn records(&self) -> usize {
        self.records.len()
    }

    /// Estimated size of the records in the log, bytes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Wal {
    /// Makes the records of a group durable, and returns the values that waited for them.
    ///
    /// Groups must be committed in the order of their records. After a failure no group can be committed any more.
    pub fn commit<T>(&mut self, group: Group<T>) -> Result<Committed<T>, WalError> {
        self.check_follows(group.first_seq)?;
        self.append(&group.records, &group.timestamp)?;
        let tip = self.sync()?;
        Ok(Committed {
            tip,
            records: group.records,
            released: group.waiting,
        })
    }
}
