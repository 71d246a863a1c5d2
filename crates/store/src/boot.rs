//! Boot: rebuilds the state from the newest checkpoint that belongs to the log, and the log after it.

use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{LOG_VERSION, Outcome, Payload, Phase, RecordBody, Replay};

use crate::checkpoint::{self, Checkpoint, LoadError, SkippedCheckpoint};
use crate::disk::Disk;
use crate::wal::{self, Damage, Defect, Options, Reader, Recovery, Tip, Wal, WalError};

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
    /// If the log has an older format version, appends a MIGRATE record, durably and before any other record. Returns the
    /// older version.
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
/// Segments that a checkpoint covers are not read, except for the one with its last record. The checkpoint is used only if
/// that record has the hash that the checkpoint names. A log that ends before an intact checkpoint has lost durable
/// records, and is refused.
pub fn boot(options: Options, disk: Arc<dyn Disk>, checkpoints: &Path) -> Result<Boot, WalError> {
    let dir = options.dir.clone();
    let (checkpoint, mut skipped) = checkpoint::newest(&*disk, checkpoints)?;
    let checkpoint = match checkpoint {
        Some(checkpoint) if !checkpoint.is_outdated() => checkpoint,
        outdated => {
            let known = outdated.map_or(0, |outdated| {
                let Checkpoint { tip, version, .. } = outdated;
                skipped.push(SkippedCheckpoint {
                    path: checkpoints.to_owned(),
                    why: format!(
                        "version {version}, of sequence {}: the log says more",
                        tip.seq
                    )
                    .into(),
                });
                tip.seq
            });
            return without_checkpoint(options, disk, known, skipped);
        }
    };
    let (mut state, base) = (checkpoint.state, Some(checkpoint.tip));
    let from = base.map_or(1, |tip| tip.seq + 1);
    let mut prev = None;
    let (wal, recovery) = Wal::open(options, Arc::clone(&disk), from, &mut |entry| {
        prev.get_or_insert(entry.prev);
        state.record(entry.seq, &entry.body);
    })?;
    let mut used = base.map(|tip| tip.seq);
    if let Some(base) = base {
        if recovery.tip.seq < base.seq {
            return Err(too_short(recovery.tip, base.seq).into());
        }
        if prev.unwrap_or(recovery.tip.hash) != base.hash {
            let why = format!("sequence {} of the log is another record", base.seq);
            skipped.push(SkippedCheckpoint {
                path: checkpoints.to_owned(),
                why: why.into(),
            });
            used = None;
            state = replay(disk, &dir, recovery.tip)?;
        }
    }
    Ok(Boot {
        wal,
        state,
        recovery,
        checkpoint: used,
        skipped,
    })
}

/// Rebuilds the state from the log alone. The log must contain the record `known`.
fn without_checkpoint(
    options: Options,
    disk: Arc<dyn Disk>,
    known: u64,
    skipped: Vec<SkippedCheckpoint>,
) -> Result<Boot, WalError> {
    let (mut state, base) = base(&*disk, &options.dir)?;
    let (wal, recovery) = Wal::open(options, disk, base.seq + 1, &mut |entry| {
        state.record(entry.seq, &entry.body);
    })?;
    let known = known.max(base.seq);
    if recovery.tip.seq < known {
        return Err(too_short(recovery.tip, known).into());
    }
    Ok(Boot {
        wal,
        state,
        recovery,
        checkpoint: None,
        skipped,
    })
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
