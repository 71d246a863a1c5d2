//! Witnesses: what was made from the log, and so knows how far the log once went.
//!
//! A start compares each witness with the log before it changes anything. A log that lacks what a witness knows is an
//! older copy, or another log. Going on from it would use its sequences a second time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use blake3::Hash;
use vibesync_scene::{Code, EpochId, ProjectId, Replay};

use crate::disk::Disk;
use crate::wal::{Entry, Reader, Tip, WalError};

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

/// The log lacks what a witness knows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Divergence {
    /// The log ends too early.
    #[error("{witness} knows sequence {seq}, but the log ends at {end}")]
    Ahead {
        /// Name of the witness.
        witness: String,
        /// The record that it knows.
        seq: u64,
        /// The last record of the log.
        end: u64,
    },
    /// The log has another record.
    #[error("{witness} knows another record at sequence {seq} than the log, which ends at {end}")]
    OtherRecord {
        /// Name of the witness.
        witness: String,
        /// The record that it knows.
        seq: u64,
        /// The last record of the log.
        end: u64,
    },
    /// The log has no such epoch.
    #[error("{witness} names epoch {epoch}, which is not in the log; the log ends at {end}")]
    NoEpoch {
        /// Name of the witness.
        witness: String,
        /// The epoch that it knows.
        epoch: EpochId,
        /// The last record of the log.
        end: u64,
    },
    /// The log belongs to another project.
    #[error("the log belongs to project {found}, {witness} names project {project}")]
    OtherProject {
        /// Name of the witness.
        witness: String,
        /// The project that it knows.
        project: ProjectId,
        /// The project of the log.
        found: ProjectId,
    },
}

impl Divergence {
    /// VS-2003 for another project, else VS-5010.
    pub fn code(&self) -> Code {
        match self {
            Divergence::OtherProject { .. } => Code::WrongProject,
            _ => Code::LogDiverged,
        }
    }

    /// Name of the witness.
    pub fn witness(&self) -> &str {
        match self {
            Divergence::Ahead { witness, .. }
            | Divergence::OtherRecord { witness, .. }
            | Divergence::NoEpoch { witness, .. }
            | Divergence::OtherProject { witness, .. } => witness,
        }
    }
}

/// Collects the hashes that the witnesses are compared with, while the log is read.
pub(crate) struct Check<'a> {
    witnesses: &'a [Witness],
    /// Hashes of the log's records, as far as they were read.
    found: BTreeMap<u64, Option<Hash>>,
}

impl<'a> Check<'a> {
    pub fn new(witnesses: &'a [Witness]) -> Self {
        let records = witnesses.iter().filter_map(|witness| match witness.knows {
            Known::Record(tip) => Some((tip.seq, None)),
            Known::Epoch(_) | Known::Project(_) => None,
        });
        Self {
            witnesses,
            found: records.collect(),
        }
    }

    /// Notes a record that was read, and the one before it.
    pub fn note(&mut self, entry: &Entry) {
        self.note_tip(entry.seq, entry.hash);
        self.note_tip(entry.seq.saturating_sub(1), entry.prev);
    }

    /// Notes the hash of a record.
    pub fn note_tip(&mut self, seq: u64, hash: Hash) {
        if let Some(found) = self.found.get_mut(&seq) {
            *found = Some(hash);
        }
    }

    /// Compares the witnesses with the log that ends at `tip`, and whose records give `state`.
    pub fn finish(
        mut self,
        disk: &Arc<dyn Disk>,
        dir: &Path,
        tip: Tip,
        state: &Replay,
    ) -> Result<(), WalError> {
        self.note_tip(tip.seq, tip.hash);
        let witnesses = self.witnesses;
        for witness in witnesses {
            let name = witness.name.clone();
            match witness.knows {
                Known::Record(known) => self.check_record(disk, dir, tip.seq, (name, known))?,
                Known::Epoch(epoch) if !state.epochs.contains(epoch) => {
                    let (witness, end) = (name, tip.seq);
                    return Err(Divergence::NoEpoch {
                        witness,
                        epoch,
                        end,
                    }
                    .into());
                }
                Known::Project(project) if state.project_id.is_some_and(|it| it != project) => {
                    return Err(Divergence::OtherProject {
                        witness: name,
                        project,
                        found: state.project_id.unwrap_or(project),
                    }
                    .into());
                }
                Known::Epoch(_) | Known::Project(_) => {}
            }
        }
        Ok(())
    }

    fn check_record(
        &self,
        disk: &Arc<dyn Disk>,
        dir: &Path,
        end: u64,
        (witness, known): (String, Tip),
    ) -> Result<(), WalError> {
        let seq = known.seq;
        if seq == 0 {
            return Ok(());
        }
        if seq > end {
            return Err(Divergence::Ahead { witness, seq, end }.into());
        }
        let found = match self.found.get(&seq).copied().flatten() {
            Some(hash) => Some(hash),
            None => read_hash(disk, dir, seq),
        };
        match found {
            Some(hash) if hash != known.hash => {
                Err(Divergence::OtherRecord { witness, seq, end }.into())
            }
            _ => Ok(()),
        }
    }
}

/// Returns the hash of a record that the start has not read; none if the record was dropped, or cannot be read. A
/// checkpoint covers it, and stands for it.
fn read_hash(disk: &Arc<dyn Disk>, dir: &Path, seq: u64) -> Option<Hash> {
    let mut records = Reader::new(disk.clone(), dir, seq, seq).ok()?;
    let entry = records.next()?.ok()?;
    (entry.seq == seq).then_some(entry.hash)
}
