//! The state at start: the newest checkpoint that belongs to the log, and the log after it.

use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{LOG_VERSION, Outcome, Payload, Phase, RecordBody, Replay};

use crate::checkpoint::{self, Checkpoint, LoadError, SkippedCheckpoint};
use crate::disk::Disk;
use crate::wal::{self, Damage, Defect, Options, Reader, Recovery, Tip, Wal, WalError};

/// What a start finds.
#[derive(Debug)]
pub struct Boot {
    /// The log, ready for appending.
    pub wal: Wal,
    /// The state that it says.
    pub state: Replay,
    /// What was found when the log was opened.
    pub recovery: Recovery,
    /// Sequence of the checkpoint that was used.
    pub checkpoint: Option<u64>,
    /// Checkpoints that could not be used.
    pub skipped: Vec<SkippedCheckpoint>,
}

impl Boot {
    /// Where the log was written in an older version of the format: says in it, durably and before anything else is
    /// appended, that what follows is of this version. The version before, where there was one.
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

/// Opens the log and rebuilds the state. Lines that a checkpoint covers are not read, but for those of the segment that
/// it stands in: that the record is there, and is the one that the checkpoint says, is what vouches for it. A log that
/// ends before a whole checkpoint has lost durable records, and is refused.
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
                    ),
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
                why,
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

/// From the log alone, in which the record `known` must be.
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

/// The state that the log begins with, and the record that it includes as the last: nothing, unless records were
/// dropped from its beginning.
pub fn base(disk: &dyn Disk, dir: &Path) -> Result<(Replay, Tip), WalError> {
    let Some(cut) = wal::newest_truncation(disk, dir)? else {
        return Ok((Replay::default(), Tip::START));
    };
    let path = wal::truncation::base_path(dir, cut.base);
    let loaded = checkpoint::load(disk, &path).map_err(|why| match why {
        LoadError::Newer(defect) => Damage::of_file(&path, 1, defect),
        LoadError::Damaged(why) => Damage::of_file(&path, 0, Defect::Base(why)),
    })?;
    Ok((loaded.state, loaded.tip))
}

/// The state that the log alone says, up to a record.
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
