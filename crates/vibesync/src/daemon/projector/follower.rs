//! One reader of the log, and what it makes of each record.
//!
//! It holds no scene: rows are taken from the registry when a record is about them, and go back when a batch is
//! settled. Audit first, then the registry, whose position is that of both: so the registry is never ahead of the
//! audit, and after a crash or a failure everything goes on from it. A commit that is there already is not made again.

use std::collections::BTreeSet;
use std::time::{Duration, Instant, SystemTime};

use vibesync_scene::{Payload, Phase, Replay, Role, Row, Uuid};
use vibesync_store::audit::{Audit, AuditCommit, AuditError};
use vibesync_store::checkpoint::{self, CheckpointError};
use vibesync_store::registry::{Position, Registry, RegistryError};
use vibesync_store::retention::LogRetention;
use vibesync_store::wal::{Entry, Reader, Tip, timestamp};

use super::{OpenAudit, Patience, Places, registry};

/// Rows that change before a batch is settled.
const BATCH_ROWS: usize = 2_000;
/// Records that are read before a batch is settled: what a start reads again at most.
const BATCH_RECORDS: u64 = 50_000;
/// How long what the registry took may be lost by a crash: it is read from the log again.
const FLUSH_EVERY: Duration = Duration::from_secs(5);

pub(super) type Failure = Box<dyn std::error::Error>;

/// Follows the log.
pub(super) struct Follower {
    places: Places,
    audit: Option<Audit>,
    /// None where the user turned the audit off.
    open_audit: Option<OpenAudit>,
    /// Why it is not open, and when that is tried again.
    closed: Option<Closed>,
    /// None before it is opened, and after it was found damaged.
    registry: Option<Registry>,
    /// Open transactions and operations as of `at`; of the scene what the batch is about.
    state: Replay,
    at: Position,
    /// Rows that the batch changed.
    changed: BTreeSet<Uuid>,
    checkpointed: u64,
    flushed: Instant,
    /// Nothing is left to compress or to drop before the next checkpoint.
    is_tidy: bool,
}

/// An audit that could not be opened.
struct Closed {
    why: String,
    again: Instant,
    patience: Patience,
}

/// The transaction that a record ends.
struct Ended {
    operation_id: vibesync_scene::OperationId,
    label: String,
    origin: Role,
}

impl Follower {
    pub fn new(
        places: Places,
        boot: &Replay,
        checkpointed: u64,
        open_audit: Option<OpenAudit>,
    ) -> Self {
        let state = Replay {
            operations: boot.operations.clone(),
            project_id: boot.project_id,
            ..Replay::default()
        };
        Self {
            places,
            audit: None,
            open_audit,
            closed: None,
            registry: None,
            state,
            at: Position::START,
            changed: BTreeSet::new(),
            checkpointed,
            flushed: Instant::now(),
            is_tidy: false,
        }
    }

    /// Takes in records up to `head`, or until `enough`; then does what is due. True where more of that is left.
    pub fn follow(&mut self, head: u64, enough: &dyn Fn() -> bool) -> Result<bool, Failure> {
        self.open_audit();
        let followed = self.open(head).and_then(|()| self.read(head, enough));
        if let Err(error) = followed {
            self.abandon(&*error);
            return Err(error);
        }
        let upkeep = self.upkeep(enough);
        if let Err(error) = &upkeep {
            self.abandon(&**error);
        }
        upkeep
    }

    /// When there is something to do, even if nothing comes.
    pub fn due(&self) -> Option<Duration> {
        let again = self.closed.as_ref().map(|closed| closed.again);
        let retry = again.map(|again| again.saturating_duration_since(Instant::now()));
        self.flush_due().into_iter().chain(retry).min()
    }

    /// Why there is no history at the moment, if that is so.
    pub fn audit_trouble(&self) -> Option<String> {
        self.closed.as_ref().map(|closed| closed.why.clone())
    }

    /// Opens the audit where it is not open. The rest follows the log without it meanwhile; once it is open, its
    /// history goes on with the whole scene.
    fn open_audit(&mut self) {
        let Some(open) = self.open_audit.as_ref().filter(|_| self.audit.is_none()) else {
            return;
        };
        if self
            .closed
            .as_ref()
            .is_some_and(|it| it.again > Instant::now())
        {
            return;
        }
        let opened = open().map_err(|error| format!("{}: {error}", error.code()));
        let begun = opened.and_then(|audit| {
            self.audit = Some(audit);
            self.begin_history().map_err(|error| error.to_string())
        });
        match begun {
            Ok(()) => self.closed = None,
            Err(why) => {
                self.audit = None;
                let mut patience = self
                    .closed
                    .take()
                    .map_or_else(Patience::default, |it| it.patience);
                let again = Instant::now() + patience.next();
                self.closed = Some(Closed {
                    why,
                    again,
                    patience,
                });
            }
        }
    }

    /// When the registry has to be flushed, if it has to.
    fn flush_due(&self) -> Option<Duration> {
        let unflushed = self.registry.as_ref().is_some_and(Registry::is_dirty);
        unflushed.then(|| FLUSH_EVERY.saturating_sub(self.flushed.elapsed()))
    }

    pub fn finish(mut self) {
        if let Err(error) = self.flush() {
            tracing::warn!(
                "the registry was not flushed; the next start reads the log again: {error}"
            );
        }
    }

    fn open(&mut self, head: u64) -> Result<(), Failure> {
        if self.registry.is_some() {
            return Ok(());
        }
        let registry = registry::open(&self.places, head)?;
        self.at = registry.position();
        self.registry = Some(registry);
        self.resume();
        let begun = self.begin_history();
        if begun.is_err() {
            self.registry = None;
        }
        begun
    }

    /// Reading goes on where the oldest open transaction begins.
    fn resume(&mut self) {
        self.state.open.clear();
        self.state.last_end_seq = self.at.last_end_seq;
        self.clear_batch();
        if let Some(audit) = &mut self.audit {
            audit.discard();
        }
    }

    fn clear_batch(&mut self) {
        self.state.scene = vibesync_scene::Scene::default();
        self.changed.clear();
    }

    /// Forgets the batch: it is read again. A registry that is damaged is opened again, which makes it anew; so is the
    /// audit, which may have been repaired or moved away.
    fn abandon(&mut self, error: &(dyn std::error::Error + 'static)) {
        if error.is::<AuditError>() {
            self.audit = None;
        }
        let from_registry = error.downcast_ref::<RegistryError>();
        let from_checkpoint = match error.downcast_ref::<CheckpointError>() {
            Some(CheckpointError::Rows(error)) => Some(error),
            _ => None,
        };
        let damage = from_registry.or(from_checkpoint);
        if let (Some(error), Some(_)) = (damage.filter(|error| error.is_damage()), &self.registry) {
            self.registry = None;
            registry::distrust(&self.places, error);
        }
        if let Some(registry) = &self.registry {
            self.at = registry.position();
        }
        self.resume();
    }

    /// Where the audit does not reach up to the registry (it was turned off, or removed), it goes on with a commit
    /// of the whole scene.
    fn begin_history(&mut self) -> Result<(), Failure> {
        let (Some(audit), Some(registry)) = (&mut self.audit, &self.registry) else {
            return Ok(());
        };
        if audit.last_seq() >= self.at.last_end_seq && audit.has_current_layout()? {
            return Ok(());
        }
        let Tip { seq, hash } = self.at.tip;
        let now = timestamp(SystemTime::now());
        let commit = AuditCommit {
            rows: &[],
            operation_id: None,
            seq,
            chain_hash: hash,
            phase: Phase::Boot,
            label: &format!("The whole scene at sequence {seq}"),
            origin: None,
            timestamp: &now,
        };
        let live = registry
            .iter()
            .filter(|row| !matches!(row, Ok(row) if row.tombstone))
            .map(|row| row.map(|row| row.entity).map_err(Failure::from));
        audit.add_snapshot(&commit, live)?;
        audit.flush()?;
        tracing::info!(seq, "the history goes on with the whole scene");
        Ok(())
    }

    fn read(&mut self, head: u64, enough: &dyn Fn() -> bool) -> Result<(), Failure> {
        if head <= self.at.tip.seq {
            return Ok(());
        }
        let (disk, wal) = (self.places.disk.clone(), self.places.wal.clone());
        // Open transactions that are known need not be read again.
        let first = match self.state.open.is_empty() {
            true => self.at.resume_seq,
            false => self.at.tip.seq + 1,
        };
        let mut settled = self.at.tip.seq;
        for entry in Reader::new(disk, &wal, first, head)? {
            let entry = entry?;
            if entry.seq <= settled {
                self.state.record(entry.seq, &entry.body);
                self.clear_batch();
                continue;
            }
            self.take(&entry)?;
            let full = self.changed.len() >= BATCH_ROWS || entry.seq - settled >= BATCH_RECORDS;
            let stop = enough();
            if full || stop {
                self.settle()?;
                settled = self.at.tip.seq;
            }
            if stop {
                return Ok(());
            }
        }
        self.settle()
    }

    /// Takes in one record.
    fn take(&mut self, entry: &Entry) -> Result<(), Failure> {
        let touched = self.state.touched_by(&entry.body);
        self.load(&touched)?;
        let ended = match &entry.body.payload {
            Payload::End { begin, .. } => self.ended(*begin),
            _ => None,
        };
        self.state.record(entry.seq, &entry.body);
        self.at.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        // Any other end leaves the rows as the steps made them.
        if ended.is_none() || entry.body.phase == Phase::Rollback {
            self.changed.extend(&touched);
        }
        if let Some(ended) = ended {
            self.commit(entry, &ended, &touched)?;
        }
        Ok(())
    }

    /// Takes rows from the registry that the batch does not have yet.
    fn load(&mut self, uuids: &[Uuid]) -> Result<(), Failure> {
        let Some(registry) = &self.registry else {
            return Ok(());
        };
        for uuid in uuids {
            if self.state.scene.row(*uuid).is_none()
                && let Some(row) = registry.get(*uuid)?
            {
                self.state.scene.put(row);
            }
        }
        Ok(())
    }

    fn ended(&self, begin: u64) -> Option<Ended> {
        let open = self.state.open.get(&begin)?;
        open.is_complete().then(|| Ended {
            operation_id: open.operation_id,
            label: open.label.clone(),
            origin: open.origin,
        })
    }

    fn commit(&mut self, entry: &Entry, ended: &Ended, uuids: &[Uuid]) -> Result<(), Failure> {
        let Some(audit) = &mut self.audit else {
            return Ok(());
        };
        let scene = &self.state.scene;
        let rows: Vec<Row> = uuids
            .iter()
            .filter_map(|uuid| scene.row(*uuid).cloned())
            .collect();
        let commit = AuditCommit {
            rows: &rows,
            operation_id: Some(ended.operation_id),
            seq: entry.seq,
            chain_hash: entry.hash,
            phase: entry.body.phase,
            label: &ended.label,
            origin: Some(ended.origin),
            timestamp: &entry.timestamp,
        };
        if let Some(id) = audit.add(&commit)? {
            tracing::debug!(operation_id = %ended.operation_id, seq = entry.seq, commit = id, ?uuids, "committed");
        }
        Ok(())
    }

    /// Makes the batch durable in the audit, and gives its rows to the registry.
    fn settle(&mut self) -> Result<(), Failure> {
        if let Some(audit) = &mut self.audit {
            audit.flush()?;
        }
        self.at = Position::from_state(&self.state, self.at.tip);
        if let Some(registry) = &mut self.registry {
            let scene = &self.state.scene;
            let rows = self.changed.iter().filter_map(|uuid| scene.row(*uuid));
            registry.apply(rows, self.at)?;
        }
        self.clear_batch();
        Ok(())
    }

    fn upkeep(&mut self, enough: &dyn Fn() -> bool) -> Result<bool, Failure> {
        if self.flush_due().is_some_and(|due| due.is_zero()) {
            self.flush()?;
        }
        if enough() {
            return Ok(false);
        }
        if self.at.tip.seq >= self.checkpointed + self.records_between_checkpoints() {
            self.checkpoint()?;
            self.is_tidy = false;
        }
        let joined = match &mut self.audit {
            Some(audit) => audit.compact(enough)?,
            None => false,
        };
        if !joined && !self.is_tidy {
            self.is_tidy = !self.tidy_log(enough);
        }
        Ok(joined || !self.is_tidy)
    }

    /// Compresses or drops a part of the log that is covered. True where more may be left. The log serves as well
    /// without it, so a failure is said, and it is tried again after the next checkpoint.
    fn tidy_log(&self, enough: &dyn Fn() -> bool) -> bool {
        let log = LogRetention {
            disk: &self.places.disk,
            dir: &self.places.wal,
            checkpoints: &self.places.checkpoints,
            audited: if self.audit.is_some() {
                self.at.tip.seq
            } else {
                0
            },
        };
        let tidied = log.run_step(self.places.retention, SystemTime::now(), enough);
        tidied.unwrap_or_else(|error| {
            tracing::warn!(error_code = %error.code(), "the log was not tidied: {error}");
            false
        })
    }

    /// As many as the settings say, but not fewer than there are rows: each of them is a line of the checkpoint.
    fn records_between_checkpoints(&self) -> u64 {
        let rows = self
            .registry
            .as_ref()
            .map_or(0, |registry| registry.summary().rows);
        self.places.checkpoint_every.max(rows)
    }

    fn flush(&mut self) -> Result<(), Failure> {
        if let Some(registry) = &mut self.registry {
            registry.flush()?;
        }
        self.flushed = Instant::now();
        Ok(())
    }

    fn checkpoint(&mut self) -> Result<(), Failure> {
        self.flush()?;
        let Some(registry) = &self.registry else {
            return Ok(());
        };
        let Places {
            disk, checkpoints, ..
        } = &self.places;
        let (rows, summary) = (registry.rows(), registry.summary());
        let path = checkpoint::write(
            &**disk,
            checkpoints,
            &self.state,
            self.at.tip,
            rows,
            &summary,
        )?;
        self.checkpointed = self.at.tip.seq;
        tracing::info!(seq = self.checkpointed, path = %path.display(), "checkpoint");
        Ok(())
    }
}
