//! Bulk data that has just arrived, in memory for who gets it next: mostly that is at once.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio_util::bytes::Bytes;
use vibesync_scene::BlobId;

/// How long it is kept. Whoever comes later reads the disk.
pub const KEPT: Duration = Duration::from_secs(5);

/// Bytes that are kept at most: of the largest frame.
const MOST: usize = 256 << 20;

/// Content by its address, in pieces.
#[derive(Debug, Default)]
pub struct Recent(Mutex<BTreeMap<BlobId, Vec<Bytes>>>);

impl Recent {
    /// Keeps a content, if there is room.
    pub fn keep(&self, id: BlobId, pieces: Vec<Bytes>) {
        let mut kept = self.kept();
        let size: usize = kept.values().flatten().chain(&pieces).map(Bytes::len).sum();
        if size <= MOST {
            kept.insert(id, pieces);
        }
    }

    /// Gives a content away.
    pub fn take(&self, id: BlobId) -> Option<Vec<Bytes>> {
        self.kept().remove(&id)
    }

    /// A lock that a panic left is taken over: each entry is whole.
    fn kept(&self) -> MutexGuard<'_, BTreeMap<BlobId, Vec<Bytes>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_given_once_and_no_more_than_fits() {
        let recent = Recent::default();
        let [a, b] = [BlobId::hash(b"a"), BlobId::hash(b"b")];
        let all = vec![Bytes::from(vec![7; MOST / 256]); 256];
        recent.keep(a, all.clone());
        recent.keep(b, vec![Bytes::from_static(b"b")]);
        assert_eq!(recent.take(b), None);
        assert_eq!(recent.take(a), Some(all));
        assert_eq!(recent.take(a), None);
        recent.keep(b, vec![Bytes::from_static(b"b")]);
        assert!(recent.take(b).is_some());
    }
}
