//! Work that is done between records: flushes, checkpoints, compaction.

use std::time::{Duration, Instant, SystemTime};

use vibesync_scene::Replay;
use vibesync_store::checkpoint;
use vibesync_store::registry::{Position, Registry};
use vibesync_store::retention::LogRetention;

use super::audit_writer::AuditWriter;
use super::error::ProjectorError;
use super::sources::Sources;

/// Time between two flushes of the registry. A crash loses at most this much of it, which is then read from the log.
const FLUSH_EVERY: Duration = Duration::from_secs(5);

/// The schedule of the maintenance.
pub(super) struct Maintenance {
    /// Sequence of the newest checkpoint.
    checkpointed: u64,
    last_flush: Instant,
    /// True if no file of the log can be compressed or dropped before the next checkpoint.
    is_log_compact: bool,
}

/// The projections, as far as the maintenance needs them.
pub(super) struct Projections<'a> {
    pub sources: &'a Sources,
    pub state: &'a Replay,
    pub position: Position,
    pub registry: Option<&'a mut Registry>,
    pub audit: &'a mut AuditWriter,
}

impl Maintenance {
    pub fn new(checkpointed: u64) -> Self {
        Self {
            checkpointed,
            last_flush: Instant::now(),
            is_log_compact: false,
        }
    }

    /// Returns the time until the next flush; none if nothing needs a flush.
    pub fn flush_due(&self, registry: Option<&Registry>) -> Option<Duration> {
        let is_dirty = registry.is_some_and(Registry::is_dirty);
        is_dirty.then(|| FLUSH_EVERY.saturating_sub(self.last_flush.elapsed()))
    }

    /// Makes the registry durable.
    pub fn flush(&mut self, registry: Option<&mut Registry>) -> Result<(), ProjectorError> {
        if let Some(registry) = registry {
            registry.flush()?;
        }
        self.last_flush = Instant::now();
        Ok(())
    }

    /// Does what is due. Returns true if more is left to do.
    pub fn run(
        &mut self,
        mut projections: Projections<'_>,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, ProjectorError> {
        let due = self.flush_due(projections.registry.as_deref());
        if due.is_some_and(|due| due.is_zero()) {
            self.flush(projections.registry.as_deref_mut())?;
        }
        if is_interrupted() {
            return Ok(false);
        }
        let next = self.checkpointed + records_between_checkpoints(&projections);
        if projections.position.tip.seq >= next {
            self.checkpoint(&mut projections)?;
            self.is_log_compact = false;
        }
        let has_compacted = projections.audit.compact(is_interrupted)?;
        if !has_compacted && !self.is_log_compact {
            self.is_log_compact = !compact_log(&projections, is_interrupted);
        }
        Ok(has_compacted || !self.is_log_compact)
    }

    fn checkpoint(&mut self, projections: &mut Projections<'_>) -> Result<(), ProjectorError> {
        self.flush(projections.registry.as_deref_mut())?;
        let Some(registry) = projections.registry.as_deref() else {
            return Ok(());
        };
        let Sources {
            disk, checkpoints, ..
        } = projections.sources;
        let tip = projections.position.tip;
        let (rows, summary) = (registry.rows(), registry.summary());
        let path = checkpoint::write(&**disk, checkpoints, projections.state, tip, rows, &summary)?;
        self.checkpointed = tip.seq;
        tracing::info!(seq = tip.seq, path = %path.display(), "checkpoint");
        Ok(())
    }
}

/// Returns the number of the settings, but at least the number of rows, because a checkpoint has a line for each row.
fn records_between_checkpoints(projections: &Projections<'_>) -> u64 {
    let registry = projections.registry.as_deref();
    let rows = registry.map_or(0, |registry| registry.summary().rows);
    projections.sources.checkpoint_every.max(rows)
}

/// Compresses or drops one segment of the log that a checkpoint covers. Returns true if more may be left. A failure is
/// only logged, because the log works without it; the next attempt follows after the next checkpoint.
fn compact_log(projections: &Projections<'_>, is_interrupted: &dyn Fn() -> bool) -> bool {
    let sources = projections.sources;
    let log = LogRetention {
        disk: &sources.disk,
        dir: &sources.wal,
        checkpoints: &sources.checkpoints,
        audited: match projections.audit.is_open() {
            true => projections.position.tip.seq,
            false => 0,
        },
    };
    let compacted = log.run_step(sources.retention, SystemTime::now(), is_interrupted);
    compacted.unwrap_or_else(|error| {
        tracing::warn!(error_code = %error.code(), "the log was not tidied: {error}");
        false
    })
}
