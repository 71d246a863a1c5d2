//! The daemon as the program runs it: decides groups of inputs while earlier groups are not durable yet, and sends only
//! what waited for durable records. It starts from the files that the disk has left.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vibesync_engine::{Action, Engine, Input, Options};
use vibesync_scene::{Replay, Row};
use vibesync_store::boot::{self, Boot};
use vibesync_store::checkpoint::{self, CheckpointError};
use vibesync_store::disk::Disk;
use vibesync_store::registry::{RegistryError, Summary};
use vibesync_store::retention::{LogRetention, Policy, RetentionError};
use vibesync_store::wal::{self, Group, Tip, Wal, WalError};

use super::witnesses::SimWitnesses;
use crate::fault_disk::FaultDisk;

/// Wall-clock time at the beginning of each run.
const EPOCH: Duration = Duration::from_secs(1_767_323_045);

/// Folder of the log.
pub fn wal_dir() -> PathBuf {
    PathBuf::from("/p/wal")
}

/// Folder of the checkpoints.
pub fn checkpoint_dir() -> PathBuf {
    PathBuf::from("/p/checkpoints")
}

/// Returns true for an uncompressed segment of the log.
pub fn is_segment(path: &Path) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    path.starts_with(wal_dir())
        && path.extension().is_some_and(|end| end == "jsonl")
        && stem.bytes().all(|byte| byte.is_ascii_digit())
}

/// A running daemon.
pub struct Daemon {
    /// The engine under test.
    pub engine: Engine,
    wal: Wal,
    /// Start of this process, in milliseconds of the run.
    started: u64,
    /// The group that is decided.
    open: Option<Group<Action>>,
    /// Decided groups that are not durable, oldest first.
    in_flight: VecDeque<Group<Action>>,
}

/// Result of reading the disk at a start.
pub struct Found {
    /// The last record.
    pub seq: u64,
    /// State that the start read from the newest checkpoint and the log.
    pub state: Replay,
    /// State of the log alone, without any checkpoint; or the reason why the log cannot be read.
    pub alone: Result<Replay, WalError>,
    wal: Wal,
}

/// Opens the log as the program does.
pub fn find(
    disk: &FaultDisk,
    segment_bytes: u64,
    witnesses: &SimWitnesses,
) -> Result<Found, WalError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let options = wal::Options {
        segment_bytes,
        process_id: 1,
        ..wal::Options::new(wal_dir())
    };
    let Boot {
        wal,
        state,
        recovery,
        ..
    } = boot::boot(options, shared.clone(), &checkpoint_dir(), &mut || {
        witnesses.ask()
    })?;
    let alone = boot::replay(shared, &wal_dir(), recovery.tip);
    Ok(Found {
        seq: recovery.tip.seq,
        state,
        alone,
        wal,
    })
}

impl Daemon {
    /// Continues with the state that the start has read.
    pub fn start(found: Found, options: Options, now: u64) -> (Self, Vec<Action>) {
        let (engine, boot) = Engine::restore(options, "sim", found.state);
        let daemon = Self {
            engine,
            wal: found.wal,
            started: now,
            open: None,
            in_flight: VecDeque::new(),
        };
        (daemon, boot)
    }

    /// Returns the actions for an input.
    pub fn decide(&mut self, input: Input, now: u64) -> Vec<Action> {
        self.engine.step(input, now - self.started)
    }

    /// Returns the time of the next tick.
    pub fn deadline(&self) -> Option<u64> {
        Some(self.engine.next_deadline()? + self.started)
    }

    /// Accepts an action: adds a record to the open group, or lets anything else wait for the records.
    pub fn gather(&mut self, action: Action, now: u64) {
        let first_seq = self.next_seq();
        let group = self.open.get_or_insert_with(|| {
            let at = SystemTime::UNIX_EPOCH + clock(now);
            Group::begin(first_seq, wal::timestamp(at))
        });
        match action {
            Action::Append(record) => group.append(*record),
            other => group.defer(other),
        }
    }

    /// Returns the sequence of the next record.
    fn next_seq(&self) -> u64 {
        let groups = self.in_flight.iter().chain(&self.open);
        let records: usize = groups.map(Group::records).sum();
        self.wal.next_seq() + records as u64
    }

    /// Ends the open group.
    pub fn end_group(&mut self) {
        self.in_flight.extend(self.open.take());
    }

    /// Returns the number of groups that are decided and not durable.
    pub fn in_flight(&self) -> usize {
        self.in_flight.len()
    }

    /// Makes the oldest group durable and returns the actions that may run now; none if nothing is in flight.
    pub fn commit_oldest(&mut self) -> Result<Option<Vec<Action>>, WalError> {
        let Some(group) = self.in_flight.pop_front() else {
            return Ok(None);
        };
        Ok(Some(self.wal.commit(group)?.released))
    }

    /// Returns the last durable record.
    pub fn tip(&self) -> Tip {
        self.wal.durable()
    }
}

/// Converts a time of the run to wall-clock time.
fn clock(now: u64) -> Duration {
    EPOCH + Duration::from_millis(now)
}

/// Writes a checkpoint of the state whose last record is `tip`.
pub fn checkpoint(disk: &FaultDisk, state: &Replay, tip: Tip) -> Result<(), CheckpointError> {
    let summary = Summary::from_rows(state.scene.rows(), tip.seq)?;
    let json = |row: &Row| {
        serde_json::to_vec(row).map_err(|error| RegistryError::Disagrees(error.to_string()))
    };
    let rows = state.scene.rows().map(json);
    checkpoint::write(disk, &checkpoint_dir(), state, tip, rows, &summary)?;
    Ok(())
}

/// Compresses covered segments, or drops them.
pub fn tidy(disk: &FaultDisk, audited: u64, drop: bool, now: u64) -> Result<bool, RetentionError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let (dir, checkpoints): (&Path, &Path) = (&wal_dir(), &checkpoint_dir());
    let log = LogRetention {
        disk: &shared,
        dir,
        checkpoints,
        audited,
    };
    let policy = Policy {
        compress: true,
        keep: drop.then_some(Duration::ZERO),
    };
    log.run_step(policy, SystemTime::UNIX_EPOCH + clock(now), &|| false)
}
