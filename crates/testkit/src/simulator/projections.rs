//! Registry and audit, made from the log of a run, must hold the authority's state. They live in real files, so only
//! a sample of the seeds does this.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{Entity, Payload, Phase, Replay, Row, Scene, Uuid};
use vibesync_store::audit::{Audit, AuditCommit, AuditError};
use vibesync_store::boot;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::registry::{Position, Registry};
use vibesync_store::wal::{Entry, Reader, Tip};

use super::daemon::wal_dir;
use super::plan::PROJECT;
use super::violation::{Check, must};
use super::world::World;

/// One of this many seeds is checked.
const SAMPLE: u64 = 500;

type Fallible<T = ()> = Result<T, Box<dyn Error>>;

impl World {
    /// Builds both projections from the log, and compares them with the scene.
    pub fn check_projections(&mut self) -> Check {
        if !self.plan.seed.is_multiple_of(SAMPLE) || self.unsound {
            return Ok(());
        }
        self.counts.one("logs projected into registry and audit");
        let Some(daemon) = &self.daemon else {
            return Ok(());
        };
        let (disk, tip) = (Arc::new(self.disk.clone()), daemon.tip());
        let scene = daemon.engine.scene();
        let compared = tempfile::tempdir()
            .map_err(Into::into)
            .and_then(|folder| compare(disk, tip, scene, folder.path()));
        let differs = compared.unwrap_or_else(|error| Some(error.to_string()));
        must(
            differs.is_none(),
            "registry and audit hold what the log says",
            || differs.unwrap_or_default(),
        )
    }
}

/// Returns the first difference, if any.
fn compare(
    disk: Arc<dyn Disk>,
    tip: Tip,
    scene: &Scene,
    folder: &Path,
) -> Fallible<Option<String>> {
    let mut made = Projections::new(&*disk, folder)?;
    for entry in Reader::new(disk, &wal_dir(), made.tip.seq + 1, tip.seq)? {
        made.take(&entry?)?;
    }
    made.registry.check()?;
    let rows: Vec<Row> = made.registry.iter().collect::<Result<_, _>>()?;
    if !rows.iter().eq(scene.rows()) {
        return Ok(Some("the registry has other rows".to_owned()));
    }
    let live = scene.rows().filter(|row| !row.tombstone);
    let live: BTreeMap<Uuid, Entity> = live
        .map(|row| (row.entity.uuid, row.entity.clone()))
        .collect();
    made.audit.flush()?;
    let history = made.audit.history();
    let held = match history.log()?.next().transpose()? {
        Some(newest) => history.entities(&newest.commit)?,
        None => Vec::new(),
    };
    let held: BTreeMap<Uuid, Entity> = held.into_iter().map(|it| (it.uuid, it)).collect();
    Ok((held != live).then(|| "the newest commit has other entities".to_owned()))
}

/// Builds both projections up to a record.
struct Projections {
    state: Replay,
    tip: Tip,
    registry: Registry,
    audit: Audit,
}

impl Projections {
    /// Applies the state that replaces dropped records at the beginning of the log.
    fn new(disk: &dyn Disk, folder: &Path) -> Fallible<Self> {
        let (state, tip) = boot::base(disk, &wal_dir())?;
        let position = Position::from_state(&state, tip);
        let registry = Registry::rebuild(&folder.join("registry"), state.scene.rows(), position)?;
        let mut audit = Audit::open(Arc::new(RealDisk), &folder.join("audit"), PROJECT)?;
        if tip.seq > 0 {
            let live = state.scene.rows().filter(|row| !row.tombstone);
            let live = live.map(|row| Ok::<_, AuditError>(row.entity.clone()));
            audit.add_snapshot(&commit(&[], tip, Phase::Boot), live)?;
        }
        Ok(Self {
            state,
            tip,
            registry,
            audit,
        })
    }

    fn take(&mut self, entry: &Entry) -> Fallible {
        let touched: BTreeSet<Uuid> = self.state.touched_by(&entry.body).into_iter().collect();
        self.state.record(entry.seq, &entry.body);
        self.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        let rows = touched
            .iter()
            .filter_map(|uuid| self.state.scene.row(*uuid));
        let rows: Vec<Row> = rows.cloned().collect();
        let position = Position::from_state(&self.state, self.tip);
        self.registry.apply(rows.iter(), position)?;
        if matches!(entry.body.payload, Payload::End { .. }) && !rows.is_empty() {
            self.audit.add(&commit(&rows, self.tip, entry.body.phase))?;
        }
        Ok(())
    }
}

fn commit(rows: &[Row], tip: Tip, phase: Phase) -> AuditCommit<'_> {
    AuditCommit {
        rows,
        operation_id: None,
        seq: tip.seq,
        chain_hash: tip.hash,
        phase,
        label: "simulated",
        origin: None,
        agent: None,
        timestamp: "2026-01-02T03:04:05.000000Z",
    }
}
