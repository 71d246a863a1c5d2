//! The head of the registry: its log position and the summary of its rows.

use blake3::Hash;

use vibesync_scene::Replay;

use super::error::RegistryError;
use super::root::{RootHash, Summary};
use crate::wal::Tip;

/// The log position of a projection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The last record that it includes.
    pub tip: Tip,
    /// Sequence to continue reading at: the BEGIN of the oldest transaction that is open at `tip`, or the next record.
    pub resume_seq: u64,
    /// Sequence of the last record up to `tip` that ended a transaction; 0 if there is none. The audit has its commit.
    pub last_end_seq: u64,
}

impl Position {
    /// Before the first record.
    pub const START: Self = Self {
        tip: Tip::START,
        resume_seq: 1,
        last_end_seq: 0,
    };

    /// Returns the position of a state whose last record is `tip`.
    pub fn from_state(state: &Replay, tip: Tip) -> Self {
        let oldest = state.open.keys().next();
        Self {
            tip,
            resume_seq: oldest.copied().unwrap_or(tip.seq + 1),
            last_end_seq: state.last_end_seq,
        }
    }
}

/// Version of the registry: of the head and of the rows. A head of version 1 does not begin with its version.
const VERSION: u32 = 2;
/// Length of a head of version 1, bytes.
const VERSION_1_LENGTH: usize = 96;

/// Position and summary, stored as one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub position: Position,
    pub rows: u64,
    pub root: RootHash,
}

impl Default for Head {
    fn default() -> Self {
        Self {
            position: Position::START,
            rows: 0,
            root: RootHash::default(),
        }
    }
}

impl Head {
    pub fn summary(&self) -> Summary {
        Summary {
            seq: self.position.tip.seq,
            rows: self.rows,
            root: self.root,
        }
    }

    /// Encodes the version and four numbers in big-endian order, then the hash of the record and the root hash.
    pub fn encode(&self) -> Vec<u8> {
        let Position {
            tip,
            resume_seq,
            last_end_seq,
        } = self.position;
        let numbers = [tip.seq, resume_seq, last_end_seq, self.rows];
        let mut bytes = VERSION.to_be_bytes().to_vec();
        bytes.extend(numbers.into_iter().flat_map(u64::to_be_bytes));
        bytes.extend(tip.hash.as_bytes());
        bytes.extend(self.root.as_bytes());
        bytes
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, RegistryError> {
        if bytes.len() == VERSION_1_LENGTH {
            return Err(RegistryError::Outdated(1));
        }
        let damaged = || RegistryError::Disagrees("its head is damaged".to_owned());
        let (version, rest) = bytes.split_first_chunk().ok_or_else(damaged)?;
        match u32::from_be_bytes(*version) {
            VERSION => Self::read(rest).ok_or_else(damaged),
            found if found > VERSION => Err(RegistryError::Newer {
                found,
                known: VERSION,
            }),
            _ => Err(damaged()),
        }
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let (seq, rest) = bytes.split_first_chunk()?;
        let (resume, rest) = rest.split_first_chunk()?;
        let (ended, rest) = rest.split_first_chunk()?;
        let (rows, rest) = rest.split_first_chunk()?;
        let (hash, root) = rest.split_first_chunk::<32>()?;
        let tip = Tip {
            seq: u64::from_be_bytes(*seq),
            hash: Hash::from_bytes(*hash),
        };
        let position = Position {
            tip,
            resume_seq: u64::from_be_bytes(*resume),
            last_end_seq: u64::from_be_bytes(*ended),
        };
        Some(Self {
            position,
            rows: u64::from_be_bytes(*rows),
            root: RootHash::from_bytes(root.try_into().ok()?),
        })
    }
}
