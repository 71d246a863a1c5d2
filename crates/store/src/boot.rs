//! Boot: rebuilds the state from the newest checkpoint that belongs to the log, and the log after it.

use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{LOG_VERSION, Outcome, Payload, Phase, RecordBody, Replay};

use crate::checkpoint::{self, Checkpoint, LoadError, SkippedCheckpoint};
use crate::disk::Disk;
use crate::wal::{self, Damage, Defect, Options, Reader, Recovery, Tip, Wal, WalError};
use crate::witness::{Known, Log, Witness};

/// The result of a start.
#[derive(Debug)]
pub struct Boot {
    /// The log, open for appending.
    pub wal: Wal,
    /// The state after its last record.
    pub state: Replay,
    /// The result of opening the log.
    pub recovery: Recovery,
    /// Sequence of the checkpoint that was used.
    pub checkpoint: Option<u64>,
    /// The checkpoints that could not be used.
    pub skipped: Vec<SkippedCheckpoint>,
}

impl Boot {
    /// If the log has an older format version, appends a MIGRATE record, durably and before any other record. Returns
    /// the older version.
    pub fn migrate(&mut self, timestamp: &str) -> Result<Option<u32>, WalError> {
        let version = self.recovery.version;
        let Some(from) = version.filter(|version| *version < LOG_VERSION) else {
            return Ok(None);
        };
        let record = RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase: Phase::Migrate,
            outcome: Outcome::Ok,
            error_code: None,
            payload: Payload::Migrate {
                what: "log".into(),
                from,
                to: LOG_VERSION,
            },
        };
        self.wal.append([&record], timestamp)?;
        let tip = self.wal.sync()?;
        self.state.record(tip.seq, &record);
        Ok(Some(from))
    }
}

/// Opens the log and rebuilds the state.
///
/// Segments that a checkpoint covers are not read, except for the one with its last record. A log that lacks what a
/// witness knows is refused, and no record is changed. An intact checkpoint is a witness, too. The others are asked for
/// once the log is known to be whole.
pub fn boot(
    options: Options,
    disk: Arc<dyn Disk>,
    checkpoints: &Path,
    witnesses: &mut dyn FnMut() -> Vec<Witness>,
) -> Result<Boot, WalError> {
    let (found, mut skipped) = checkpoint::newest(&*disk, checkpoints)?;
    let checkpointed = found.as_ref().map(witness);
    let dropped = wal::newest_truncation(&*disk, &options.dir)?;
    let dropped = dropped.map_or(0, |truncation| truncation.seq);
    let usable = match found {
        Some(old) if old.is_outdated() || old.tip.seq < dropped => {
            skipped.push(skip(checkpoints, &old));
            None
        }
        usable => usable,
    };
    let checkpoint = usable.as_ref().map(|checkpoint| checkpoint.tip.seq);
    let (mut state, base) = match usable {
        Some(Checkpoint { state, tip, .. }) => (state, tip),
        None => base(&*disk, &options.dir)?,
    };
    let mut before = None;
    let inspected = Wal::inspect(&options, &*disk, base.seq + 1, &mut |entry| {
        before.get_or_insert(Tip {
            seq: entry.seq - 1,
            hash: entry.prev,
        });
        state.record(entry.seq, &entry.body);
    })?;
    let tip = inspected.recovery.tip;
    if checkpoint.is_none() && tip.seq < base.seq {
        return Err(too_short(tip, base.seq).into());
    }
    let log = Log {
        disk: &disk,
        dir: &options.dir,
        tip,
        before,
        state: &state,
    };
    let all = checkpointed.into_iter().chain(witnesses());
    for witness in all {
        log.compare(witness)?;
    }
    let recovery = inspected.recovery.clone();
    Ok(Boot {
        wal: Wal::open_inspected(options, disk, inspected)?,
        state,
        recovery,
        checkpoint,
        skipped,
    })
}

/// Returns an intact checkpoint as a witness.
fn witness(checkpoint: &Checkpoint) -> Witness {
    Witness {
        name: format!("the checkpoint {}", checkpoint.tip.seq),
        knows: Known::Record(checkpoint.tip),
    }
}

/// Returns an intact checkpoint as one that is skipped: the log contains more, or no longer the records after it.
fn skip(checkpoints: &Path, old: &Checkpoint) -> SkippedCheckpoint {
    let (version, seq) = (old.version, old.tip.seq);
    let why = match old.is_outdated() {
        true => format!("version {version}, at sequence {seq}: the log contains more"),
        false => format!("sequence {seq}: records after it were dropped"),
    };
    SkippedCheckpoint {
        path: checkpoints.to_owned(),
        why: why.into(),
    }
}

/// Returns the base state and its last record: an empty state, unless records were dropped from the beginning of the
/// log.
pub fn base(disk: &dyn Disk, dir: &Path) -> Result<(Replay, Tip), WalError> {
    let Some(truncation) = wal::newest_truncation(disk, dir)? else {
        return Ok((Replay::default(), Tip::START));
    };
    let path = wal::truncation::base_path(dir, truncation.base);
    let loaded = checkpoint::load(disk, &path).map_err(|error| match error {
        LoadError::Newer(defect) => Damage::in_file(&path, 1, defect),
        LoadError::Damaged(cause) => Damage::in_file(&path, 0, Defect::Base(cause)),
    })?;
    Ok((loaded.state, loaded.tip))
}

/// Rebuilds the state at a record from the log alone.
pub fn replay(disk: Arc<dyn Disk>, dir: &Path, tip: Tip) -> Result<Replay, WalError> {
    let (mut state, base) = base(&*disk, dir)?;
    if tip.seq < base.seq {
        let (dropped, wanted) = (base.seq, tip.seq);
        return Err(Damage {
            segment: "cuts.jsonl".into(),
            line: 0,
            offset: 0,
            defect: Defect::Dropped { dropped, wanted },
        }
        .into());
    }
    for entry in Reader::new(disk, dir, base.seq + 1, tip.seq)? {
        let entry = entry?;
        state.record(entry.seq, &entry.body);
    }
    Ok(state)
}

fn too_short(tip: Tip, expected: u64) -> Damage {
    Damage {
        segment: "the last segment".into(),
        line: 0,
        offset: 0,
        defect: Defect::Ends {
            last: tip.seq,
            expected,
        },
    }
}
