//! Remembers buffers that were made of an earlier one and a patch: the next patch needs the content, and the other editor
//! gets the patch. Also remembers which buffers were checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::bytes::Bytes;
use vibesync_scene::{BlobId, Buffer};

/// Time until a content is forgotten that nobody patches again.
pub const RETENTION: Duration = Duration::from_secs(60);

/// Most bytes of all contents and patches.
const CAPACITY: usize = 256 << 20;

/// Most buffers that are known to be checked. Beyond, all are forgotten.
const MAX_CHECKED: usize = 4_096;

/// The buffers whose words are vertices.
const INDICES: &[&str] = &["index", "vertex"];

/// A buffer that was made of another one.
#[derive(Clone, Debug)]
pub struct Patched {
    /// The address of the other one.
    pub base: BlobId,
    /// The words that differ from it.
    pub patch: Bytes,
    /// The whole content.
    pub content: Bytes,
}

/// A buffer that was checked: its address, its length, and for indices the number of vertices.
type Checked = (BlobId, u64, Option<u32>);

/// The buffers that are remembered.
#[derive(Debug, Default)]
pub struct Patches {
    made: Mutex<BTreeMap<BlobId, (Instant, Patched)>>,
    checked: Mutex<BTreeSet<Checked>>,
}

impl Patches {
    /// Adds a buffer in place of its base, if there is room.
    pub fn insert(&self, id: BlobId, patched: Patched, now: Instant) {
        let mut made = lock(&self.made);
        made.remove(&patched.base);
        let size = |it: &Patched| it.content.len() + it.patch.len();
        let others: usize = made.values().map(|(_, it)| size(it)).sum();
        if others + size(&patched) <= CAPACITY {
            made.insert(id, (now, patched));
        }
    }

    /// Returns a buffer.
    pub fn get(&self, id: BlobId) -> Option<Patched> {
        lock(&self.made).get(&id).map(|(_, it)| it.clone())
    }

    /// Forgets what is older than [`RETENTION`].
    pub fn drop_old(&self, now: Instant) {
        lock(&self.made).retain(|_, (since, _)| now.duration_since(*since) < RETENTION);
    }

    /// Returns whether a buffer of a mesh or of its shape keys was checked, with the same counts.
    pub fn is_checked(&self, vertex_count: u32, name: &str, buffer: &Buffer) -> bool {
        let checked = checked(vertex_count, name, buffer);
        checked.is_some_and(|it| lock(&self.checked).contains(&it))
    }

    /// Remembers that these buffers were checked and are stored.
    pub fn note_checked(&self, vertex_count: u32, buffers: &BTreeMap<String, Buffer>) {
        let mut all = lock(&self.checked);
        if all.len() >= MAX_CHECKED {
            all.clear();
        }
        let checked = |(name, buffer): (&String, &Buffer)| checked(vertex_count, name, buffer);
        all.extend(buffers.iter().filter_map(checked));
    }
}

fn checked(vertex_count: u32, name: &str, buffer: &Buffer) -> Option<Checked> {
    let vertices = INDICES.contains(&name).then_some(vertex_count);
    Some((buffer.blob?, buffer.bytes, vertices))
}

/// Locks, and ignores the poisoning of a lock by a panic: no entry can be half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use vibesync_scene::Buffer;

    use super::*;

    fn patched(base: BlobId, bytes: usize) -> Patched {
        Patched {
            base,
            patch: Bytes::new(),
            content: vec![0; bytes].into(),
        }
    }

    #[test]
    fn patched_buffer_replaces_its_base_and_grows_old() {
        let patches = Patches::default();
        let [a, b, c, d] = [b"a", b"b", b"c", b"d"].map(|name| BlobId::hash(name));
        let now = Instant::now();
        patches.insert(b, patched(a, CAPACITY), now);
        patches.insert(d, patched(a, 1), now);
        assert!(patches.get(d).is_none(), "there is no room");
        patches.insert(c, patched(b, CAPACITY), now);
        assert!(patches.get(b).is_none() && patches.get(c).is_some());
        patches.drop_old(now + RETENTION / 2);
        assert_eq!(patches.get(c).map(|it| it.base), Some(b));
        patches.drop_old(now + RETENTION);
        assert!(patches.get(c).is_none());
    }

    #[test]
    fn index_is_checked_for_its_number_of_vertices() {
        let buffer = |name: &[u8]| Buffer::stored(BlobId::hash(name), 36);
        let names = ["index", "vertex", "position"];
        let buffers = names.map(|name| (name.to_owned(), buffer(name.as_bytes())));
        let buffers = BTreeMap::from(buffers);
        let patches = Patches::default();
        let is_checked = |vertices, name: &str| {
            let buffer = buffers.get(name).unwrap();
            patches.is_checked(vertices, name, buffer)
        };
        assert!(!names.iter().any(|name| is_checked(3, name)));
        patches.note_checked(3, &buffers);
        assert!(names.iter().all(|name| is_checked(3, name)));
        assert!(!is_checked(2, "index") && !is_checked(2, "vertex"));
        assert!(is_checked(2, "position"));
    }
}
