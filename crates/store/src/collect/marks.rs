//! The names of each blob.

use std::collections::BTreeMap;

use vibesync_scene::BlobId;

/// Stands for the sequence of what is never removed.
const NEEDED: u64 = u64::MAX;

/// The newest name of one blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Sequence of the newest record or commit that names it; [`NEEDED`] for the present scene; 0 if nothing names it.
    last: u64,
    is_in_log: bool,
}

impl Mark {
    /// Whether the blob must stay, however large the folder is.
    pub fn is_needed(self) -> bool {
        self.last == NEEDED
    }

    /// Whether a record of the log names it.
    pub fn is_in_log(self) -> bool {
        self.is_in_log
    }

    /// Sequence until which it was in use. The blob with the lowest goes first.
    pub fn last(self) -> u64 {
        self.last
    }

    /// Adds what another mark says. Returns false if that is nothing new.
    fn add(&mut self, other: Self) -> bool {
        let before = *self;
        self.last = self.last.max(other.last);
        self.is_in_log |= other.is_in_log;
        *self != before
    }
}

/// The newest name of each blob: addresses and sequences, no contents.
#[derive(Clone, Debug, Default)]
pub struct Marks(BTreeMap<BlobId, Mark>);

impl Marks {
    /// Adds a blob of the present scene, of a checkpoint, or of work in progress.
    pub fn need(&mut self, id: BlobId) {
        self.put(id, NEEDED, false);
    }

    /// Adds a blob that a record of the log names.
    pub fn name_in_log(&mut self, id: BlobId, seq: u64) {
        self.put(id, seq, true);
    }

    /// Adds a blob that a commit of the history names.
    pub fn name_in_history(&mut self, id: BlobId, seq: u64) {
        self.put(id, seq, false);
    }

    fn put(&mut self, id: BlobId, last: u64, is_in_log: bool) {
        self.0.entry(id).or_default().add(Mark { last, is_in_log });
    }

    pub(super) fn of(&self, id: BlobId) -> Mark {
        self.0.get(&id).copied().unwrap_or_default()
    }

    /// Gives the blobs that others are a patch of the marks of those. `base` returns the blob that one is a patch of.
    pub(super) fn close(&mut self, base: impl Fn(BlobId) -> Option<BlobId>) {
        let all: Vec<(BlobId, Mark)> = self.0.iter().map(|(id, mark)| (*id, *mark)).collect();
        for (id, mark) in all {
            let mut next = base(id);
            while let Some(id) = next {
                // A blob with this mark has given it to its own base.
                if !self.0.entry(id).or_default().add(mark) {
                    break;
                }
                next = base(id);
            }
        }
    }
}
