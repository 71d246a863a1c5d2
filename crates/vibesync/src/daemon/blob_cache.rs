//! Keeps bulk data that has just arrived in memory, for the client that gets it next.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::bytes::Bytes;
use vibesync_scene::BlobId;

/// Time until an entry is removed. Later readers use the disk.
pub const RETENTION: Duration = Duration::from_secs(5);

/// Maximum number of bytes: those of the largest frame.
const CAPACITY: usize = 256 << 20;

/// Contents by their address, in pieces.
#[derive(Debug, Default)]
pub struct BlobCache(Mutex<BTreeMap<BlobId, Vec<Bytes>>>);

impl BlobCache {
    /// Adds a content if it fits.
    pub fn insert(&self, id: BlobId, pieces: Vec<Bytes>) {
        let mut entries = self.entries();
        let all = entries.values().flatten().chain(&pieces);
        let size: usize = all.map(Bytes::len).sum();
        if size <= CAPACITY {
            entries.insert(id, pieces);
        }
    }

    /// Removes a content and returns it.
    pub fn take(&self, id: BlobId) -> Option<Vec<Bytes>> {
        self.entries().remove(&id)
    }

    /// Locks the entries. A poisoned lock is used, because no entry can be half-written.
    fn entries(&self) -> MutexGuard<'_, BTreeMap<BlobId, Vec<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_is_taken_once_and_capacity_is_kept() {
        let cache = BlobCache::default();
        let [a, b] = [BlobId::hash(b"a"), BlobId::hash(b"b")];
        let full = vec![Bytes::from(vec![7; CAPACITY / 256]); 256];
        cache.insert(a, full.clone());
        cache.insert(b, vec![Bytes::from_static(b"b")]);
        assert_eq!(cache.take(b), None);
        assert_eq!(cache.take(a), Some(full));
        assert_eq!(cache.take(a), None);
        cache.insert(b, vec![Bytes::from_static(b"b")]);
        assert!(cache.take(b).is_some());
    }
}
