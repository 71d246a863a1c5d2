//! The scene, rebuilt from the newest checkpoint and the log after it, and kept up to date from the log.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_scene::{Replay, Scene};
use vibesync_store::boot::base;
use vibesync_store::checkpoint;
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Damage, Defect, Entry, Reader, Tip, WalError};

use super::names::NameIndex;

/// The files that the copy is made from.
#[derive(Clone, Debug)]
pub struct LogFiles {
    /// The disk that holds them.
    pub disk: Arc<dyn Disk>,
    /// The folder of the log.
    pub wal: PathBuf,
    /// The folder of the checkpoints.
    pub checkpoints: PathBuf,
}

/// The scene at a record of the log.
pub(super) struct FollowedScene {
    files: LogFiles,
    /// None before the first question, and after a failure.
    state: Option<State>,
}

/// The state after a record.
struct State {
    replay: Replay,
    names: NameIndex,
    tip: Tip,
}

/// The scene at a record, with its index.
pub(super) struct SceneAt<'a> {
    /// The record.
    pub seq: u64,
    pub scene: &'a Scene,
    pub names: &'a mut NameIndex,
}

impl FollowedScene {
    pub fn new(files: LogFiles) -> Self {
        Self { files, state: None }
    }

    /// Returns the scene at record `head`, which must be durable, or at a later one that it has reached already.
    pub fn at(&mut self, head: u64) -> Result<SceneAt<'_>, WalError> {
        let state = match self.state.take() {
            Some(state) => state,
            None => self.newest_checkpoint(head)?,
        };
        let state = match self.follow(state, head)? {
            Some(state) => state,
            // Retention dropped records that it had not read, or a checkpoint belongs to another log.
            None => {
                let (replay, tip) = base(&*self.files.disk, &self.files.wal)?;
                let state = State::new(replay, tip);
                self.follow(state, head)?.ok_or_else(unconnected)?
            }
        };
        let state = self.state.insert(state);
        Ok(SceneAt {
            seq: state.tip.seq,
            scene: &state.replay.scene,
            names: &mut state.names,
        })
    }

    /// Reads the newest checkpoint up to `head`; without one, the beginning of the log.
    fn newest_checkpoint(&self, head: u64) -> Result<State, WalError> {
        let (disk, dir) = (&*self.files.disk, &self.files.checkpoints);
        let mut found: Vec<_> = checkpoint::headers(disk, dir)?
            .into_iter()
            .filter_map(|(path, header)| Some((header.ok()?.0.seq, path)))
            .filter(|(seq, _)| *seq <= head)
            .collect();
        found.sort();
        for (_, path) in found.into_iter().rev() {
            // Ignores a damaged one: the start of the daemon reports it.
            if let Ok(loaded) = checkpoint::load(disk, &path)
                && !loaded.is_outdated()
            {
                return Ok(State::new(loaded.state, loaded.tip));
            }
        }
        let (replay, tip) = base(disk, &self.files.wal)?;
        Ok(State::new(replay, tip))
    }

    /// Applies the records up to `head`. Returns none if the first of them does not follow the state.
    fn follow(&self, mut state: State, head: u64) -> Result<Option<State>, WalError> {
        if head <= state.tip.seq {
            return Ok(Some(state));
        }
        let (disk, wal) = (Arc::clone(&self.files.disk), &self.files.wal);
        for entry in Reader::new(disk, wal, state.tip.seq + 1, head)? {
            let entry = entry?;
            if !state.apply(&entry) {
                return Ok(None);
            }
        }
        Ok(Some(state))
    }
}

impl State {
    fn new(replay: Replay, tip: Tip) -> Self {
        Self {
            replay,
            names: NameIndex::default(),
            tip,
        }
    }

    /// Applies the next record. Returns false if another one is next.
    fn apply(&mut self, entry: &Entry) -> bool {
        let is_next = entry.seq == self.tip.seq + 1 && entry.prev == self.tip.hash;
        if is_next {
            self.names.note_changes(self.replay.touched_by(&entry.body));
            self.replay.record(entry.seq, &entry.body);
            self.tip = Tip {
                seq: entry.seq,
                hash: entry.hash,
            };
        }
        is_next
    }
}

/// Builds the error for a log whose first record does not follow its beginning.
fn unconnected() -> WalError {
    let damage = Damage {
        segment: "the first segment".into(),
        line: 0,
        offset: 0,
        defect: Defect::Chain,
    };
    damage.into()
}
