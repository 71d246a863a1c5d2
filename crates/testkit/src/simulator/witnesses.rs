//! The witnesses of a run, and the copies of its log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use vibesync_scene::{Entity, EpochId, OperationId};
use vibesync_store::wal::Tip;
use vibesync_store::witness::{Known, Witness};

use super::ledger::Ledger;

/// Number of copies that a person keeps.
pub const COPIES: usize = 4;

/// The files of a log, with their bytes.
pub type Files = Vec<(PathBuf, Vec<u8>)>;

/// The registry, the history and project.json as witnesses. Each of them survives every crash.
#[derive(Clone, Debug, Default)]
pub struct SimWitnesses {
    /// The last record in the registry.
    pub registry: Option<Tip>,
    /// The record of the newest commit.
    pub history: Option<Tip>,
    /// The epoch in project.json.
    pub epoch: Option<EpochId>,
}

/// A copy of the log's files, with the records in them.
#[derive(Clone)]
pub struct LogCopy {
    /// The files.
    pub files: Files,
    /// The records in them.
    pub ledger: Ledger,
    /// The witnesses at the same time.
    pub witnesses: SimWitnesses,
}

/// The parts of the world that a person loses and exchanges.
#[derive(Default)]
pub struct LostLogs {
    /// The witnesses beside the checkpoints.
    pub witnesses: SimWitnesses,
    /// Copies that a person has made.
    pub copies: Vec<LogCopy>,
    /// Set if another log is on the disk: the records in it, and the log that it has replaced.
    pub exchanged: Option<(Ledger, LogCopy)>,
    /// Entities that an editor sends again after a divergence, with the common end.
    pub resent: BTreeMap<OperationId, (Entity, u64)>,
}

impl SimWitnesses {
    /// Lists the witnesses as a start asks for them.
    pub fn ask(&self) -> Vec<Witness> {
        let known = [
            ("the registry", self.registry.map(Known::Record)),
            ("the history", self.history.map(Known::Record)),
            ("project.json", self.epoch.map(Known::Epoch)),
        ];
        let known = known.into_iter();
        known
            .filter_map(|(name, knows)| {
                let (name, knows) = (name.to_owned(), knows?);
                Some(Witness { name, knows })
            })
            .collect()
    }

    /// Notes the epoch of a start whose records are durable.
    pub fn record_epoch(&mut self, epoch: EpochId) {
        self.epoch = Some(epoch);
    }
}
