//! A hash of all rows that does not depend on their order and is updated per change.

use std::fmt;

use vibesync_scene::Row;

/// XOR of BLAKE3 over each row's JSON. A row goes in and out by the same operation, and since uuids are unique no two
/// rows cancel each other. It guards against damage and bugs, not against someone who forges rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RootHash([u8; 32]);

impl RootHash {
    /// Of bytes read back.
    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Puts a row, as JSON, in; or takes it out.
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

/// What a set of rows is, in three numbers: two that agree hold the same rows at the same point of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Log sequence up to which the rows are current.
    pub seq: u64,
    /// How many, tombstones included.
    pub rows: u64,
    /// Of all of them.
    pub root: RootHash,
}

impl Summary {
    /// Of rows as the log gives them.
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

    /// Counts a row, as JSON.
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
