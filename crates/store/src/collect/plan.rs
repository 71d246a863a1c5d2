//! Decides which blobs go. Reads and removes nothing.

use std::cmp::Reverse;

use vibesync_scene::BlobId;

use super::files::Files;
use super::marks::{Mark, Marks};

/// A number of blobs, and the bytes of their files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Number of blobs.
    pub blobs: u64,
    /// Bytes of their files.
    pub bytes: u64,
}

impl Count {
    pub(super) fn add(&mut self, bytes: u64) {
        self.blobs += 1;
        self.bytes += bytes;
    }
}

/// The stored blobs by what keeps them. Each counts once, for the first that applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Blobs of the present scene, of checkpoints and of work in progress.
    pub scene: Count,
    /// Blobs that records of the log name.
    pub log: Count,
    /// Blobs that commits of the history name.
    pub history: Count,
    /// Blobs that nothing names.
    pub unnamed: Count,
    /// Blobs that go: the unnamed ones, and the oldest of log and history beyond the bound.
    pub removable: Count,
}

/// The blobs that go.
#[derive(Debug)]
pub struct Plan {
    /// The stored blobs by what keeps them.
    pub summary: Summary,
    /// In the order of their removal: a patch before its base, and older ones first.
    pub(super) removals: Vec<BlobId>,
    pub(super) files: Files,
}

impl Plan {
    /// Makes a plan. The oldest named blobs go if all named ones have more than three quarters of `max_bytes`. The rest then
    /// has half of it, so that the next collection is not due at once. 0: no bound.
    pub fn new(files: Files, mut marks: Marks, max_bytes: u64) -> Self {
        marks.close(|id| files.base(id));
        let mut summary = Summary::default();
        let mut removable = Vec::new();
        for (id, bytes) in files.iter() {
            let mark = marks.of(id);
            keeper(&mut summary, mark).add(bytes);
            if !mark.is_needed() {
                removable.push((mark.last(), Reverse(files.links(id)), id, bytes));
            }
        }
        removable.sort_unstable();
        let named = files.bytes() - summary.unnamed.bytes;
        let mut excess = match max_bytes > 0 && named > max_bytes / 4 * 3 {
            true => named.saturating_sub(max_bytes / 2),
            false => 0,
        };
        let mut removals = Vec::new();
        for (last, _, id, bytes) in removable {
            if last > 0 {
                if excess == 0 {
                    break;
                }
                excess = excess.saturating_sub(bytes);
            }
            summary.removable.add(bytes);
            removals.push(id);
        }
        Self {
            summary,
            removals,
            files,
        }
    }
}

/// Returns the count of those that the same keeps.
fn keeper(summary: &mut Summary, mark: Mark) -> &mut Count {
    match mark {
        mark if mark.is_needed() => &mut summary.scene,
        mark if mark.is_in_log() => &mut summary.log,
        mark if mark.last() > 0 => &mut summary.history,
        _ => &mut summary.unnamed,
    }
}
