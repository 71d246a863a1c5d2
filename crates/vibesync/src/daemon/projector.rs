//! What is made from the log, in a thread of its own: registry, audit commits, checkpoints.
//!
//! It reads the log itself, from the files, as far as records are durable. So nothing queues up when git is slow or
//! locked, nothing is lost when it fails, and after a start it catches up with what the last run did not get to.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vibesync_scene::{OpenTransaction, Payload, Phase, Replay, Row, Uuid};
use vibesync_store::audit::{Audit, AuditCommit};
use vibesync_store::checkpoint;
use vibesync_store::disk::Disk;
use vibesync_store::registry::Registry;
use vibesync_store::wal::{Entry, Reader, Tip};

/// Records gather this long before they are followed: the change that brought them has the processor and the disk for
/// itself until it has arrived, and one look at the log is enough for many records.
const GATHER: Duration = Duration::from_millis(20);

/// How long to wait before something that failed is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// How long a stop may go on committing; the next start catches up with the rest.
const LAST_CHANCE: Duration = Duration::from_secs(3);

/// Rows gathered before the registry takes them.
const REGISTRY_BATCH: usize = 1_000;

/// Where things are and how often.
pub struct Places {
    /// The disk.
    pub disk: Arc<dyn Disk>,
    /// Log segments.
    pub wal: PathBuf,
    /// Checkpoints.
    pub checkpoints: PathBuf,
    /// Records between two checkpoints.
    pub checkpoint_every: u64,
}

/// The thread's handle.
pub struct Projector {
    control: Arc<Control>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Control {
    head: AtomicU64,
    stop: AtomicBool,
}

impl Projector {
    /// Starts following the log. `audit` is none where the user turned it off.
    pub fn start(
        places: Places,
        registry: Registry,
        audit: Option<Audit>,
    ) -> std::io::Result<Self> {
        let control = Arc::new(Control::default());
        let checkpointed = registry.summary().seq;
        let follower = Follower {
            places,
            registry,
            audit,
            state: Replay::default(),
            tip: Tip::START,
            checkpointed,
            changed: Vec::new(),
        };
        let for_thread = control.clone();
        let thread = std::thread::Builder::new()
            .name("projector".into())
            .spawn(move || follower.run(&for_thread))?;
        Ok(Self {
            control,
            thread: Some(thread),
        })
    }

    /// Records up to here are durable.
    pub fn follow(&self, head: u64) {
        self.control.head.store(head, Ordering::Release);
        if let Some(thread) = &self.thread {
            thread.thread().unpark();
        }
    }

    /// Catches up once more, flushes, and ends.
    pub fn stop(&mut self) {
        self.control.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            if thread.join().is_err() {
                tracing::error!("the projector thread had panicked");
            }
        }
    }
}

struct Follower {
    places: Places,
    registry: Registry,
    audit: Option<Audit>,
    /// The state as of `tip`.
    state: Replay,
    tip: Tip,
    checkpointed: u64,
    /// Rows changed since the registry was last told.
    changed: Vec<Row>,
}

type Failure = Box<dyn std::error::Error>;

impl Follower {
    fn run(mut self, control: &Control) {
        loop {
            let stop = control.stop.load(Ordering::Acquire);
            let head = control.head.load(Ordering::Acquire);
            let until = stop.then(|| Instant::now() + LAST_CHANCE);
            let followed = self.follow(head, || {
                let stopping = control.stop.load(Ordering::Acquire);
                until.map_or(stopping, |until| Instant::now() > until)
            });
            if let Err(error) = &followed {
                tracing::warn!(
                    seq = self.tip.seq,
                    "projections lag behind the log and try again: {error}"
                );
            }
            if stop {
                return self.finish();
            }
            match followed {
                Ok(()) => {
                    if control.head.load(Ordering::Acquire) == head {
                        std::thread::park();
                    }
                    std::thread::sleep(GATHER);
                }
                Err(_) => std::thread::park_timeout(RETRY),
            }
        }
    }

    /// Takes in records up to `head`, or until `enough`.
    fn follow(&mut self, head: u64, enough: impl Fn() -> bool) -> Result<(), Failure> {
        if head <= self.tip.seq {
            return Ok(());
        }
        let disk = Arc::clone(&self.places.disk);
        for entry in Reader::new(disk, &self.places.wal, self.tip.seq + 1, head)? {
            self.take(&entry?)?;
            if enough() {
                break;
            }
            if self.changed.len() >= REGISTRY_BATCH {
                self.tell_registry()?;
            }
        }
        self.tell_registry()?;
        if self.tip.seq >= self.checkpointed + self.places.checkpoint_every {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Takes in one record. What can fail comes first, so that trying again changes nothing twice.
    fn take(&mut self, entry: &Entry) -> Result<(), Failure> {
        let ended = match &entry.body.payload {
            Payload::End { begin, .. } => self
                .state
                .open
                .get(begin)
                .filter(|open| open.is_complete())
                .cloned(),
            _ => None,
        };
        let mut undone = Vec::new();
        if let Some(open) = &ended {
            // The rows as they are once the record counts; a roll-back changes them.
            let mut state = Replay {
                scene: self.part(open),
                ..Replay::default()
            };
            state.open.insert(open.begin, open.clone());
            state.record(entry.seq, &entry.body);
            let rows: Vec<Row> = state.scene.rows().cloned().collect();
            self.commit(entry, open, &rows)?;
            // Any other end leaves the rows as its steps made them.
            if entry.body.phase == Phase::Rollback {
                undone = rows;
            }
        }
        self.state.record(entry.seq, &entry.body);
        self.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        if entry.seq > self.registry.summary().seq {
            self.changed.extend(self.just_completed(entry));
            self.changed.extend(undone);
            if entry.body.phase == Phase::Quarantine {
                let rows = entry.body.uuids.iter();
                let rows = rows.filter_map(|uuid| self.state.scene.row(*uuid));
                self.changed.extend(rows.cloned());
            }
        }
        Ok(())
    }

    /// Rows of a transaction whose last step this is.
    fn just_completed(&self, entry: &Entry) -> Vec<Row> {
        let stepped = matches!(entry.body.payload, Payload::Step { .. });
        let open = self
            .state
            .open
            .values()
            .next_back()
            .filter(|open| stepped && open.is_complete());
        let uuids = open
            .into_iter()
            .flat_map(|open| open.steps.iter().map(|(change, _)| change.uuid()));
        uuids
            .filter_map(|uuid| self.state.scene.row(uuid))
            .cloned()
            .collect()
    }

    /// The part of the scene that a transaction is about.
    fn part(&self, open: &OpenTransaction) -> vibesync_scene::Scene {
        let mut part = vibesync_scene::Scene::default();
        for (change, _) in &open.steps {
            if let Some(row) = self.state.scene.row(change.uuid()) {
                part.put(row.clone());
            }
        }
        part
    }

    fn commit(
        &mut self,
        entry: &Entry,
        open: &OpenTransaction,
        rows: &[Row],
    ) -> Result<(), Failure> {
        let Some(audit) = &mut self.audit else {
            return Ok(());
        };
        let commit = AuditCommit {
            rows,
            operation_id: Some(open.operation_id),
            seq: entry.seq,
            chain_hash: entry.hash,
            phase: entry.body.phase,
            label: &open.label,
            origin: Some(open.origin),
            timestamp: &entry.timestamp,
        };
        if let Some(id) = audit.commit(&commit)? {
            let uuids: Vec<Uuid> = rows.iter().map(|row| row.entity.uuid).collect();
            tracing::debug!(operation_id = %open.operation_id, seq = entry.seq, commit = id, ?uuids, "committed");
        }
        Ok(())
    }

    fn tell_registry(&mut self) -> Result<(), Failure> {
        if !self.changed.is_empty() {
            self.registry.apply(&self.changed, self.tip.seq)?;
            self.changed.clear();
        }
        Ok(())
    }

    /// The registry is flushed first: a checkpoint vouches for it.
    fn checkpoint(&mut self) -> Result<(), Failure> {
        self.registry.flush()?;
        let operations = self.state.operations.iter();
        let path = checkpoint::write(
            &*self.places.disk,
            &self.places.checkpoints,
            &self.state,
            self.tip,
            operations,
        )?;
        self.checkpointed = self.tip.seq;
        tracing::info!(seq = self.tip.seq, path = %path.display(), "checkpoint");
        Ok(())
    }

    fn finish(mut self) {
        // A row count and root hash that agree at the next start spare a rebuild.
        let flushed = self
            .registry
            .apply(&self.changed, self.tip.seq)
            .and_then(|()| self.registry.flush());
        if let Err(error) = flushed {
            tracing::warn!("the registry was not flushed and will be rebuilt: {error}");
        }
    }
}
