//! Writes the audit: opens its repository when possible, and adds commits.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use vibesync_scene::{AgentName, Code, OperationId, Phase, ProjectId, Role, Row, Scene, Uuid};
use vibesync_store::audit::{Audit, AuditCommit, AuditError, move_aside};
use vibesync_store::disk::Disk;
use vibesync_store::registry::{Position, Registry};
use vibesync_store::wal::{Entry, Tip, timestamp};

use super::error::ProjectorError;
use super::retry::Backoff;

/// Most damaged repositories that one run of the daemon moves aside. A disk that damages each new one is then left alone.
const MAX_MOVED: u32 = 3;

/// The place of the repository.
pub struct AuditFolder {
    /// The disk that holds it.
    pub disk: Arc<dyn Disk>,
    /// The repository.
    pub root: PathBuf,
    /// The folder that keeps damaged repositories.
    pub recovered: PathBuf,
    /// The project.
    pub project: ProjectId,
}

impl AuditFolder {
    fn open(&self) -> Result<Audit, AuditError> {
        let audit = Audit::open(Arc::clone(&self.disk), &self.root, self.project)?;
        for file in audit.repaired() {
            tracing::warn!(error_code = %Code::AuditDamaged, "the history's file {file} was damaged; it is written anew");
        }
        Ok(audit)
    }
}

/// The transaction that a record ends.
pub(super) struct EndedTransaction {
    pub operation_id: OperationId,
    pub label: String,
    pub origin: Role,
    pub agent: Option<AgentName>,
}

/// The audit, open or not.
pub(super) struct AuditWriter {
    /// None if the user turned the audit off.
    folder: Option<AuditFolder>,
    audit: Option<Audit>,
    /// Number of damaged repositories that were moved aside.
    moved: u32,
    /// The last failure to open the repository.
    failure: Option<OpenFailure>,
}

struct OpenFailure {
    why: String,
    retry_at: Instant,
    backoff: Backoff,
}

impl AuditWriter {
    pub fn new(folder: Option<AuditFolder>) -> Self {
        Self {
            folder,
            audit: None,
            moved: 0,
            failure: None,
        }
    }

    pub fn is_open(&self) -> bool {
        self.audit.is_some()
    }

    /// Returns the reason why the repository is not open.
    pub fn health(&self) -> Option<String> {
        self.failure.as_ref().map(|failure| failure.why.clone())
    }

    /// Returns the time until the next attempt to open the repository.
    pub fn next_due(&self) -> Option<Duration> {
        let failure = self.failure.as_ref()?;
        Some(failure.retry_at.saturating_duration_since(Instant::now()))
    }

    /// Opens the repository if it is closed and an attempt is due. The other projections go on without the audit; once
    /// it is open, the history continues with a commit of the whole scene.
    pub fn open(&mut self, registry: Option<&Registry>, position: Position) {
        let is_due = self.next_due().is_none_or(|due| due.is_zero());
        if self.audit.is_some() || !is_due {
            return;
        }
        let mut begun = self.begin(registry, position);
        if let Err(ProjectorError::Audit(error)) = &begun
            && self.move_aside_if_damaged(error)
        {
            begun = self.begin(registry, position);
        }
        match begun {
            Ok(()) => self.failure = None,
            Err(error) => {
                let why = match &error {
                    ProjectorError::Audit(error) => format!("{}: {error}", error.code()),
                    other => other.to_string(),
                };
                self.audit = None;
                let failure = self.failure.take();
                let mut backoff = failure.map_or_else(Backoff::default, |it| it.backoff);
                self.failure = Some(OpenFailure {
                    why,
                    retry_at: Instant::now() + backoff.next_delay(),
                    backoff,
                });
            }
        }
    }

    fn begin(
        &mut self,
        registry: Option<&Registry>,
        position: Position,
    ) -> Result<(), ProjectorError> {
        if let Some(folder) = &self.folder {
            self.audit = Some(folder.open()?);
        }
        self.begin_history(registry, position)
    }

    /// Closes the repository after an error, and moves it aside if it is damaged. The next attempt opens it again, or
    /// creates a new one, whose history begins with the whole scene.
    pub fn close(&mut self, error: &AuditError) {
        self.audit = None;
        self.move_aside_if_damaged(error);
    }

    /// Returns true if the repository is damaged and was moved aside.
    fn move_aside_if_damaged(&mut self, error: &AuditError) -> bool {
        let Some(folder) = self.folder.as_ref().filter(|_| error.is_damage()) else {
            return false;
        };
        self.audit = None;
        if self.moved >= MAX_MOVED {
            return false;
        }
        let (root, now) = (&folder.root, timestamp(SystemTime::now()));
        match move_aside(&*folder.disk, root, &folder.recovered, &now) {
            Ok(kept) => {
                self.moved += 1;
                tracing::error!(error_code = %Code::AuditDamaged, path = %kept.display(), "the history is damaged and was moved aside; a new one begins with the whole scene: {error}");
                true
            }
            Err(failed) => {
                tracing::error!(error_code = %Code::AuditDamaged, "the damaged history stays: {failed}; {error}");
                false
            }
        }
    }

    /// Drops the commits that are not durable.
    pub fn discard(&mut self) {
        if let Some(audit) = &mut self.audit {
            audit.discard();
        }
    }

    /// Adds a commit of the whole scene if the audit ends before the registry. That is so after the audit was turned off
    /// or removed.
    pub fn begin_history(
        &mut self,
        registry: Option<&Registry>,
        position: Position,
    ) -> Result<(), ProjectorError> {
        let (Some(audit), Some(registry)) = (&mut self.audit, registry) else {
            return Ok(());
        };
        if audit.last_seq() >= position.last_end_seq && audit.has_current_layout()? {
            return Ok(());
        }
        let Tip { seq, hash } = position.tip;
        let now = timestamp(SystemTime::now());
        let commit = AuditCommit {
            rows: &[],
            operation_id: None,
            seq,
            chain_hash: hash,
            phase: Phase::Boot,
            label: &format!("The whole scene at sequence {seq}"),
            origin: None,
            agent: None,
            timestamp: &now,
        };
        let live = registry
            .iter()
            .filter(|row| !matches!(row, Ok(row) if row.tombstone))
            .map(|row| row.map(|row| row.entity).map_err(ProjectorError::from));
        audit.add_snapshot(&commit, live)?;
        audit.flush()?;
        tracing::info!(seq, "the history goes on with the whole scene");
        Ok(())
    }

    /// Adds the commit of a transaction that `entry` ends.
    pub fn add(
        &mut self,
        entry: &Entry,
        ended: &EndedTransaction,
        scene: &Scene,
        uuids: &[Uuid],
    ) -> Result<(), ProjectorError> {
        let Some(audit) = &mut self.audit else {
            return Ok(());
        };
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
            agent: ended.agent.as_ref(),
            timestamp: &entry.timestamp,
        };
        if let Some(id) = audit.add(&commit)? {
            tracing::debug!(operation_id = %ended.operation_id, seq = entry.seq, commit = id, ?uuids, "committed");
        }
        Ok(())
    }

    /// Makes all commits durable.
    pub fn flush(&mut self) -> Result<(), ProjectorError> {
        if let Some(audit) = &mut self.audit {
            audit.flush()?;
        }
        Ok(())
    }

    /// Compacts packs, one step. Returns true if a step was done.
    pub fn compact(&mut self, is_interrupted: &dyn Fn() -> bool) -> Result<bool, ProjectorError> {
        match &mut self.audit {
            Some(audit) => Ok(audit.compact(is_interrupted)?),
            None => Ok(false),
        }
    }
}
