//! Reads the log and writes its records into audit and registry, in batches.
//!
//! The follower keeps no scene: it loads the rows that a record names from the registry, and stores them when the batch
//! ends. It writes the audit before the registry. So the registry is never ahead of the audit, and after a crash or a
//! failure both continue at the position of the registry. A commit that exists already is not made again.

use std::collections::BTreeSet;
use std::time::Duration;

use vibesync_scene::{Payload, Phase, Replay, Scene, Uuid};
use vibesync_store::registry::{Position, Registry};
use vibesync_store::wal::{Entry, Reader, Tip};

use super::audit_writer::{AuditFolder, AuditWriter, EndedTransaction};
use super::error::ProjectorError;
use super::maintenance::{Maintenance, Projections};
use super::open_registry;
use super::sources::Sources;

/// Maximum number of changed rows in a batch.
const BATCH_ROWS: usize = 2_000;
/// Maximum number of records in a batch, and so of records that a start reads again.
const BATCH_RECORDS: u64 = 50_000;

/// Follows the log.
pub(super) struct Follower {
    sources: Sources,
    audit: AuditWriter,
    /// None before it is opened, and after damage was found.
    registry: Option<Registry>,
    /// Open transactions and operations at `position`. The scene has only the rows that the batch needs.
    state: Replay,
    position: Position,
    /// Rows that the batch changed.
    changed: BTreeSet<Uuid>,
    maintenance: Maintenance,
}

impl Follower {
    pub fn new(
        sources: Sources,
        boot: &Replay,
        checkpointed: u64,
        audit: Option<AuditFolder>,
    ) -> Self {
        let state = Replay {
            operations: boot.operations.clone(),
            project_id: boot.project_id,
            epochs: boot.epochs.clone(),
            ..Replay::default()
        };
        Self {
            sources,
            audit: AuditWriter::new(audit),
            registry: None,
            state,
            position: Position::START,
            changed: BTreeSet::new(),
            maintenance: Maintenance::new(checkpointed),
        }
    }

    /// Reads records up to `head`, then does the maintenance that is due. Stops early when `is_interrupted` returns true.
    /// Returns true if maintenance is left to do.
    pub fn follow(
        &mut self,
        head: u64,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, ProjectorError> {
        self.audit.open(self.registry.as_ref(), self.position);
        let followed = self
            .open_registry(head)
            .and_then(|()| self.read(head, is_interrupted))
            .and_then(|()| self.maintain(is_interrupted));
        if let Err(error) = &followed {
            self.discard_batch(error);
        }
        followed
    }

    /// Returns the time until something is due, even if no record comes.
    pub fn next_due(&self) -> Option<Duration> {
        let flush = self.maintenance.flush_due(self.registry.as_ref());
        flush.into_iter().chain(self.audit.next_due()).min()
    }

    /// Returns the reason why the audit is not open.
    pub fn audit_health(&self) -> Option<String> {
        self.audit.health()
    }

    /// Flushes the registry.
    pub fn finish(mut self) {
        if let Err(error) = self.maintenance.flush(self.registry.as_mut()) {
            tracing::warn!(
                "the registry was not flushed; the next start reads the log again: {error}"
            );
        }
    }

    fn maintain(&mut self, is_interrupted: &dyn Fn() -> bool) -> Result<bool, ProjectorError> {
        let projections = Projections {
            sources: &self.sources,
            state: &self.state,
            position: self.position,
            registry: self.registry.as_mut(),
            audit: &mut self.audit,
        };
        self.maintenance.run(projections, is_interrupted)
    }

    fn open_registry(&mut self, head: u64) -> Result<(), ProjectorError> {
        if self.registry.is_some() {
            return Ok(());
        }
        let registry = open_registry::open(&mut self.sources, head)?;
        self.position = registry.position();
        self.registry = Some(registry);
        self.rewind();
        let begun = self
            .audit
            .begin_history(self.registry.as_ref(), self.position);
        if begun.is_err() {
            self.registry = None;
        }
        begun
    }

    /// Goes back to `position`. The next read begins at the oldest transaction that was open there.
    fn rewind(&mut self) {
        self.state.open.clear();
        self.state.last_end_seq = self.position.last_end_seq;
        self.clear_batch();
        self.audit.discard();
    }

    fn clear_batch(&mut self) {
        self.state.scene = Scene::default();
        self.changed.clear();
    }

    /// Drops the batch after a failure, so that it is read again. Closes the audit if it failed, and drops the registry if
    /// it is damaged; both are opened again.
    fn discard_batch(&mut self, error: &ProjectorError) {
        if let ProjectorError::Audit(error) = error {
            self.audit.close(error);
        }
        if let Some(damage) = error.registry_damage()
            && self.registry.take().is_some()
        {
            open_registry::move_aside(&self.sources, damage);
        }
        if let Some(registry) = &self.registry {
            self.position = registry.position();
        }
        self.rewind();
    }

    /// Reads records up to `head`, in batches.
    fn read(&mut self, head: u64, is_interrupted: &dyn Fn() -> bool) -> Result<(), ProjectorError> {
        if head <= self.position.tip.seq {
            return Ok(());
        }
        let (disk, wal) = (self.sources.disk.clone(), self.sources.wal.clone());
        // Open transactions that are in memory need not be read again.
        let first = match self.state.open.is_empty() {
            true => self.position.resume_seq,
            false => self.position.tip.seq + 1,
        };
        let mut written = self.position.tip.seq;
        for entry in Reader::new(disk, &wal, first, head)? {
            let entry = entry?;
            if entry.seq <= written {
                self.state.record(entry.seq, &entry.body);
                self.clear_batch();
                continue;
            }
            self.apply(&entry)?;
            let is_full = self.changed.len() >= BATCH_ROWS || entry.seq - written >= BATCH_RECORDS;
            let is_interrupted = is_interrupted();
            if is_full || is_interrupted {
                self.write_batch()?;
                written = self.position.tip.seq;
            }
            if is_interrupted {
                return Ok(());
            }
        }
        self.write_batch()
    }

    /// Applies one record to the batch.
    fn apply(&mut self, entry: &Entry) -> Result<(), ProjectorError> {
        let touched = self.state.touched_by(&entry.body);
        self.load_rows(&touched)?;
        let ended = match &entry.body.payload {
            Payload::End { begin, .. } => self.ended_transaction(*begin),
            _ => None,
        };
        self.state.record(entry.seq, &entry.body);
        self.position.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        // Only a rollback changes rows at the end of a transaction; otherwise its steps have changed them.
        if ended.is_none() || entry.body.phase == Phase::Rollback {
            self.changed.extend(&touched);
        }
        if let Some(ended) = ended {
            let scene = &self.state.scene;
            self.audit.add(entry, &ended, scene, &touched)?;
        }
        Ok(())
    }

    /// Loads rows from the registry that the batch does not have.
    fn load_rows(&mut self, uuids: &[Uuid]) -> Result<(), ProjectorError> {
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

    /// Returns the transaction that began at `begin`, if all its steps are known.
    fn ended_transaction(&self, begin: u64) -> Option<EndedTransaction> {
        let open = self.state.open.get(&begin)?;
        open.is_complete().then(|| EndedTransaction {
            operation_id: open.operation_id,
            label: open.label.clone(),
            origin: open.origin,
            agent: open.agent.clone(),
        })
    }

    /// Makes the batch durable in the audit, then writes its rows to the registry.
    fn write_batch(&mut self) -> Result<(), ProjectorError> {
        self.audit.flush()?;
        self.position = Position::from_state(&self.state, self.position.tip);
        if let Some(registry) = &mut self.registry {
            let scene = &self.state.scene;
            let rows = self.changed.iter().filter_map(|uuid| scene.row(*uuid));
            registry.apply(rows, self.position)?;
        }
        self.clear_batch();
        Ok(())
    }
}
