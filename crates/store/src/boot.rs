//! The state at start: the newest checkpoint that belongs to the log, and the log after it.

use std::path::Path;
use std::sync::Arc;

use vibesync_scene::Replay;

use crate::checkpoint::{self, Skipped};
use crate::disk::Disk;
use crate::wal::{Damage, Defect, Options, Reader, Recovered, Tip, Wal, WalError};

/// What a start finds.
#[derive(Debug)]
pub struct Boot {
    /// The log, ready for appending.
    pub wal: Wal,
    /// The state that it says.
    pub state: Replay,
    /// What was found when the log was opened.
    pub recovered: Recovered,
    /// Sequence of the checkpoint that was used.
    pub checkpoint: Option<u64>,
    /// Checkpoints that could not be used.
    pub skipped: Vec<Skipped>,
}

/// Opens the log and rebuilds the state. Every line of the log is checked, also those that a checkpoint covers.
/// A log that ends before a whole checkpoint has lost durable records, and is refused.
pub fn boot(options: Options, disk: Arc<dyn Disk>, checkpoints: &Path) -> Result<Boot, WalError> {
    let dir = options.dir.clone();
    let (checkpoint, mut skipped) = checkpoint::newest(&*disk, checkpoints)?;
    let (mut state, base) = match checkpoint {
        Some(checkpoint) => (checkpoint.state, Some(checkpoint.tip)),
        None => (Replay::default(), None),
    };
    let from = base.map_or(1, |tip| tip.seq + 1);
    let mut prev = None;
    let (wal, recovered) = Wal::open(options, Arc::clone(&disk), from, &mut |entry| {
        prev.get_or_insert(entry.prev);
        state.record(entry.seq, &entry.body);
    })?;
    let mut used = base.map(|tip| tip.seq);
    if let Some(base) = base {
        if recovered.tip.seq < base.seq {
            return Err(too_short(recovered.tip, base).into());
        }
        if prev.unwrap_or(recovered.tip.hash) != base.hash {
            let why = format!("sequence {} of the log is another record", base.seq);
            skipped.push(Skipped {
                path: checkpoints.to_owned(),
                why,
            });
            used = None;
            state = replay(disk, &dir, recovered.tip)?;
        }
    }
    Ok(Boot {
        wal,
        state,
        recovered,
        checkpoint: used,
        skipped,
    })
}

/// The state that the log alone says.
pub fn replay(disk: Arc<dyn Disk>, dir: &Path, tip: Tip) -> Result<Replay, WalError> {
    let mut state = Replay::default();
    for entry in Reader::new(disk, dir, 1, tip.seq)? {
        let entry = entry?;
        state.record(entry.seq, &entry.body);
    }
    Ok(state)
}

fn too_short(tip: Tip, base: Tip) -> Damage {
    Damage {
        segment: "the last segment".into(),
        line: 0,
        offset: 0,
        defect: Defect::Ends {
            last: tip.seq,
            expected: base.seq,
        },
    }
}
