//! The folders that were read or written last, in memory: a commit changes few of the thousands in a scene.

use std::collections::HashMap;

use git2::Oid;

/// Bytes of folders that a generation holds at most.
const GENERATION: usize = 4 * 1024 * 1024;
/// Memory of an entry beside its content, about, bytes.
const ENTRY: usize = 96;

/// Folders by their id, in two generations. When the younger one is full, it becomes the older one, and that is dropped.
/// So a folder that is used stays.
#[derive(Default)]
pub(super) struct RecentFolders {
    young: HashMap<Oid, Vec<u8>>,
    old: HashMap<Oid, Vec<u8>>,
    /// Memory of the younger generation, bytes.
    young_bytes: usize,
}

impl RecentFolders {
    /// Takes a folder out: its next version replaces it.
    pub fn take(&mut self, oid: Oid) -> Option<Vec<u8>> {
        if let Some(folder) = self.young.remove(&oid) {
            self.young_bytes -= folder.len() + ENTRY;
            return Some(folder);
        }
        self.old.remove(&oid)
    }

    /// Remembers a folder.
    pub fn put(&mut self, oid: Oid, folder: Vec<u8>) {
        let bytes = folder.len() + ENTRY;
        if bytes > GENERATION {
            return;
        }
        if self.young_bytes + bytes > GENERATION {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        if self.young.insert(oid, folder).is_none() {
            self.young_bytes += bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(n: u32) -> Oid {
        let mut bytes = [0; 20];
        bytes[..4].copy_from_slice(&n.to_be_bytes());
        Oid::from_bytes(&bytes).unwrap()
    }

    fn held(folders: &RecentFolders) -> usize {
        let all = folders.young.values().chain(folders.old.values());
        all.map(|folder| folder.len() + ENTRY).sum()
    }

    #[test]
    fn folders_are_bounded_and_the_used_ones_stay() {
        let mut folders = RecentFolders::default();
        folders.put(oid(0), vec![7; 1_600]);
        for n in 1..50_000 {
            folders.put(oid(n), vec![0; 1_600]);
            let used = folders.take(oid(0)).expect("it was used just before");
            folders.put(oid(0), used);
            assert!(folders.young_bytes <= GENERATION);
        }
        assert!(held(&folders) <= 2 * GENERATION, "{}", held(&folders));
        assert!(folders.take(oid(1)).is_none());
        assert!(folders.take(oid(49_999)).is_some());
    }

    #[test]
    fn folder_larger_than_a_generation_is_not_kept() {
        let mut folders = RecentFolders::default();
        folders.put(oid(1), vec![0; GENERATION]);
        assert_eq!(held(&folders), 0);
    }

    #[test]
    fn count_of_bytes_follows_what_is_held() {
        let mut folders = RecentFolders::default();
        for round in 0..3 {
            for n in 0..100 {
                folders.put(oid(n), vec![0; 10 + round]);
                folders.put(oid(n), vec![0; 10 + round]);
            }
            for n in 0..100 {
                folders.take(oid(n));
            }
        }
        assert_eq!((folders.young_bytes, held(&folders)), (0, 0));
    }
}
