//! The root hash of all rows. It does not depend on their order, and is updated by each change.

use std::fmt;

use vibesync_scene::Row;

/// XOR of BLAKE3 over the JSON of each row. Adding and removing a row are the same operation. Rows cannot cancel each other,
/// since uuids are unique. It detects damage and bugs, not forged rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootHash([u8; 32]);

impl RootHash {
    /// Makes a root hash from stored bytes.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Adds or removes a row, given as JSON.
    pub(crate) fn toggle(&mut self, row: &[u8]) {
        let hash = blake3::hash(row);
        for (mine, other) in self.0.iter_mut().zip(hash.as_bytes()) {
            *mine ^= other;
        }
    }
}

impl fmt::Display for RootHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        blake3::Hash::from_bytes(self.0).fmt(f)
    }
}

/// The summary of a set of rows. Two sets with equal summaries have the same rows at the same record of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Log sequence up to which the rows are current.
    pub seq: u64,
    /// Number of rows, including tombstones.
    pub rows: u64,
    /// Root hash of the rows.
    pub root: RootHash,
}

impl Summary {
    /// Computes the summary of rows.
    pub fn from_rows<'a>(
        rows: impl Iterator<Item = &'a Row>,
        seq: u64,
    ) -> Result<Self, serde_json::Error> {
        let mut summary = Self {
            seq,
            ..Self::default()
        };
        for row in rows {
            summary.add(&serde_json::to_vec(row)?);
        }
        Ok(summary)
    }

    /// Adds a row, given as JSON.
    pub(crate) fn add(&mut self, row: &[u8]) {
        self.root.toggle(row);
        self.rows += 1;
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seq, rows, root } = self;
        write!(f, "{rows} rows at sequence {seq} with root {root}")
    }
}
