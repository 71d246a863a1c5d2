//! Witnesses: what was made from the log, and so knows how far the log once went.
//!
//! A start compares each witness with the log before it changes anything. A log that lacks what a witness knows is an
//! older copy, or another log. Going on from it would use its sequences a second time.

use std::path::Path;
use std::sync::Arc;

use blake3::Hash;
use vibesync_scene::{EpochId, ProjectId, Replay};

use crate::disk::Disk;
pub use crate::wal::Divergence;
use crate::wal::{Reader, Tip};

/// Something that was made from the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    /// Its name in messages, such as `the registry`.
    pub name: String,
    /// The part of the log that it knows.
    pub knows: Known,
}

/// The part of the log that a witness knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// A record.
    Record(Tip),
    /// An epoch.
    Epoch(EpochId),
    /// The project.
    Project(ProjectId),
}

/// Fails if the log that ends at `tip`, and whose records give `state`, lacks what one of these witnesses knows.
pub fn check(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    tip: Tip,
    state: &Replay,
    witnesses: impl IntoIterator<Item = Witness>,
) -> Result<(), Divergence> {
    let before = None;
    let log = Log {
        disk,
        dir,
        tip,
        before,
        state,
    };
    witnesses
        .into_iter()
        .try_for_each(|witness| log.compare(witness))
}

/// The log that witnesses are compared with.
pub(crate) struct Log<'a> {
    pub disk: &'a Arc<dyn Disk>,
    pub dir: &'a Path,
    /// Its last record.
    pub tip: Tip,
    /// The record before the first one that the start has read. It may have been dropped.
    pub before: Option<Tip>,
    /// The state after its last record.
    pub state: &'a Replay,
}

impl Log<'_> {
    /// Fails if the log lacks what a witness knows.
    pub fn compare(&self, witness: Witness) -> Result<(), Divergence> {
        let Witness {
            name: witness,
            knows,
        } = witness;
        let end = self.tip.seq;
        match knows {
            Known::Record(Tip { seq, .. }) if seq > end => {
                Err(Divergence::Ahead { witness, seq, end })
            }
            Known::Record(Tip { seq, hash }) => match self.hash_of(seq) {
                Some(found) if found != hash => Err(Divergence::OtherRecord { witness, seq, end }),
                _ => Ok(()),
            },
            Known::Epoch(epoch) if !self.state.epochs.contains(epoch) => Err(Divergence::NoEpoch {
                witness,
                epoch,
                end,
            }),
            Known::Epoch(_) => Ok(()),
            Known::Project(project) => match self.state.project_id {
                Some(found) if found != project => Err(Divergence::OtherProject {
                    witness,
                    project,
                    found,
                }),
                _ => Ok(()),
            },
        }
    }

    /// Returns the hash of a record; none if the record was dropped, or cannot be read. A checkpoint covers it then, and
    /// stands for it.
    fn hash_of(&self, seq: u64) -> Option<Hash> {
        if seq == 0 {
            return None;
        }
        let known = [Some(self.tip), self.before].into_iter().flatten();
        if let Some(tip) = known.into_iter().find(|tip| tip.seq == seq) {
            return Some(tip.hash);
        }
        let mut records = Reader::new(self.disk.clone(), self.dir, seq, seq).ok()?;
        let entry = records.next()?.ok()?;
        (entry.seq == seq).then_some(entry.hash)
    }
}
