//! The events that share one fsync.

use std::time::SystemTime;

use vibesync_engine::Action;
use vibesync_scene::RecordBody;
use vibesync_store::wal::timestamp;

/// Events whose records become durable together. All other actions follow after that.
pub(super) struct Group {
    /// Time of the records: RFC 3339, UTC.
    pub timestamp: String,
    pub events: usize,
    pub records: usize,
    /// All actions except the records.
    pub deferred_actions: Vec<Action>,
    /// The records, if the program's log is verbose enough to show them.
    pub traced_records: Vec<RecordBody>,
}

impl Group {
    /// Begins with the present time.
    pub fn begin() -> Self {
        Self {
            timestamp: timestamp(SystemTime::now()),
            events: 0,
            records: 0,
            deferred_actions: Vec::new(),
            traced_records: Vec::new(),
        }
    }
}
