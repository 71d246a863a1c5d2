//! The scene, rebuilt from the newest checkpoint and the log after it, and kept up to date from the log.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_scene::{Replay, Scene};
use vibesync_store::boot::base;
use vibesync_store::checkpoint;
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Damage, Defect, Entry, Position, Reader, Tip, WalError};

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
    /// The place in the log after that record. None before the first record is read, and after a failure.
    position: Option<Position>,
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

    /// Reads up to record `head`, which must be durable, before a question needs it. That question meets a failure again.
    pub fn follow_ahead(&mut self, head: u64) {
        if self.state.is_some()
            && let Err(error) = self.at(head)
        {
            tracing::debug!("the log cannot be followed: {error}");
        }
    }

    /// Closes the log until the next question. Windows removes no file that is open.
    pub fn close_log(&mut self) {
        let position = self
            .state
            .as_mut()
            .and_then(|state| state.position.as_mut());
        if let Some(position) = position {
            position.close();
        }
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
        let (disk, wal) = (&self.files.disk, &self.files.wal);
        if let Some(position) = state.position.take() {
            let reader = Reader::continue_from(Arc::clone(disk), wal, position, head);
            match reader.and_then(|reader| state.read(reader)) {
                Ok(true) => return Ok(Some(state)),
                // The file may have been replaced or dropped since. All applied records follow the chain.
                Ok(false) => tracing::debug!("the log is searched again: another record is next"),
                Err(error) => tracing::debug!("the log is searched again: {error}"),
            }
        }
        let reader = Reader::new(Arc::clone(disk), wal, state.tip.seq + 1, head)?;
        Ok(state.read(reader)?.then_some(state))
    }
}

impl State {
    fn new(replay: Replay, tip: Tip) -> Self {
        Self {
            replay,
            names: NameIndex::default(),
            tip,
            position: None,
        }
    }

    /// Applies the records of a reader. Returns false if the first of them does not follow the state.
    fn read(&mut self, mut reader: Reader) -> Result<bool, WalError> {
        for entry in &mut reader {
            if !self.apply(&entry?) {
                return Ok(false);
            }
        }
        self.position = reader.into_position();
        Ok(true)
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

#[cfg(test)]
mod tests {
    use vibesync_scene::{
        Change, Components, EntityKind, OperationId, Outcome, Path, Payload, Phase, RecordBody,
        Role, Uuid,
    };
    use vibesync_store::wal::{Options, Wal};
    use vibesync_testkit::{FaultDisk, Tear};

    use super::*;

    /// A log on a disk in memory, each transaction in a segment of its own.
    struct Log {
        disk: FaultDisk,
        wal: Wal,
    }

    fn files(disk: &FaultDisk) -> LogFiles {
        LogFiles {
            disk: Arc::new(disk.clone()),
            wal: "/p/wal".into(),
            checkpoints: "/p/checkpoints".into(),
        }
    }

    fn record(operation_id: OperationId, phase: Phase, payload: Payload) -> RecordBody {
        RecordBody {
            session_id: None,
            operation_id: Some(operation_id),
            uuids: Vec::new(),
            phase,
            outcome: Outcome::Ok,
            error_code: None,
            payload,
        }
    }

    impl Log {
        fn new() -> Self {
            let disk = FaultDisk::new(1, Tear::Prefix);
            let options = Options {
                segment_bytes: 1,
                ..Options::new("/p/wal")
            };
            let opened = Wal::open(options, Arc::new(disk.clone()), 1, &mut |_| {});
            let wal = opened.unwrap().0;
            Self { disk, wal }
        }

        /// Creates an object of this name. Returns the last durable record.
        fn create(&mut self, name: &str) -> u64 {
            let begin = Payload::Begin {
                agent: None,
                origin: Role::Blender,
                path: Path::Slow,
                label: String::new(),
                base_seq: 0,
                steps: 1,
                digest: "d".repeat(64),
                decision: None,
                call: None,
            };
            let name = Some(name.into());
            let operation = OperationId(Uuid::from_u128(self.wal.next_seq().into()));
            let change = Change::Create {
                uuid: Uuid::from_u128(self.wal.next_seq().into()),
                kind: EntityKind::Object,
                components: Components {
                    name,
                    ..Components::default()
                },
            };
            let step = Payload::Step {
                index: 0,
                change,
                before: None,
            };
            let end = Payload::End {
                begin: self.wal.next_seq(),
                verified_by: Vec::new(),
                undelivered_to: Vec::new(),
                detail: None,
            };
            let records = [
                record(operation, Phase::Begin, begin),
                record(operation, Phase::Step, step),
                record(operation, Phase::Commit, end),
            ];
            let time = "2026-01-02T03:04:05.678901Z";
            self.wal.append(&records, time).unwrap();
            self.wal.sync().unwrap().seq
        }
    }

    /// The names of the scene at a record.
    fn names(followed: &mut FollowedScene, head: u64) -> Vec<String> {
        let scene = followed.at(head).unwrap().scene;
        let names = scene.rows().map(|row| row.entity.components.name.clone());
        names.flatten().collect()
    }

    #[test]
    fn scene_follows_the_log_from_segment_to_segment() {
        let mut log = Log::new();
        let mut followed = FollowedScene::new(files(&log.disk));
        for count in 1..=6 {
            let head = log.create("stone");
            assert_eq!(names(&mut followed, head).len(), count);
            if count % 2 == 0 {
                followed.close_log();
            }
        }
    }

    #[test]
    fn closed_log_holds_no_file() {
        let mut log = Log::new();
        let mut followed = FollowedScene::new(files(&log.disk));
        let head = log.create("stone");
        names(&mut followed, head);
        log.create("stone");
        let first = "/p/wal/00000000000000000001.jsonl".as_ref();
        log.disk.remove(first).expect_err("it is open");
        followed.close_log();
        log.disk.remove(first).unwrap();
    }

    #[test]
    fn replaced_log_is_read_from_its_beginning() {
        for is_closed in [false, true] {
            let (mut log, mut other) = (Log::new(), Log::new());
            let mut followed = FollowedScene::new(files(&log.disk));
            let head = log.create("stone");
            names(&mut followed, head);
            if is_closed {
                followed.close_log();
            }
            other.create("tower");
            let head = other.create("wall");
            for path in other.disk.files() {
                log.disk.put(&path, &other.disk.bytes(&path).unwrap());
            }
            assert_eq!(names(&mut followed, head), ["tower", "wall"]);
        }
    }
}
