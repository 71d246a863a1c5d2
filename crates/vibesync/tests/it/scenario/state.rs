//! A project folder with its two editors, and the checks after a kill.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
#[cfg(target_os = "linux")]
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vibesync_scene::{Entity, Outcome, Phase, Replay, Uuid};
use vibesync_store::boot;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::verify;
use vibesync_testkit::Daemon;

use super::{DetachedEditors, EditorPair, ScenarioStep, check_deadline};
use crate::harness::TIMEOUT;
use crate::project::TestProject;

/// Small segments and frequent checkpoints, so that a short scenario compresses and drops parts of the log.
pub const SETTINGS: &str = "[wal]\nsegment_bytes = 4096\ncheckpoint_every = 100\nkeep_days = 1\n";

pub type Entities = BTreeMap<Uuid, Entity>;
/// A project folder, its editors between two sessions, and their acknowledged intents.
pub struct State {
    pub project: TestProject,
    editors: DetachedEditors,
    /// Intents of the scenario so far that the daemon has acknowledged.
    acknowledged: BTreeSet<Uuid>,
}

impl State {
    pub fn new() -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", SETTINGS);
        Self {
            project,
            editors: None,
            acknowledged: BTreeSet::new(),
        }
    }

    pub fn copied(&self) -> Self {
        Self {
            project: self.project.copied(),
            editors: self.editors.clone(),
            acknowledged: self.acknowledged.clone(),
        }
    }

    #[cfg(target_os = "linux")]
    pub fn folder(&self) -> PathBuf {
        self.project.root().parent().unwrap().to_owned()
    }

    /// Runs a step with a daemon that `start` starts. Returns an error if the daemon ended before the step did.
    pub fn play(
        &mut self,
        step: &ScenarioStep,
        start: impl FnOnce(&TestProject) -> io::Result<Daemon>,
    ) -> io::Result<()> {
        let daemon = start(&self.project)?;
        let mut pair = EditorPair::join(&daemon, &self.editors)?;
        let done = (step.work)(&mut pair);
        self.detach(pair);
        done?;
        match daemon.stop()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("it did not stop by itself")),
        }
    }

    /// Connects both editors to a daemon of this project.
    #[cfg(target_os = "linux")]
    pub fn join(&self, daemon: &Daemon) -> io::Result<EditorPair> {
        EditorPair::join(daemon, &self.editors)
    }

    /// Returns the number of acknowledged intents.
    #[cfg(target_os = "linux")]
    pub fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    pub fn detach(&mut self, mut pair: EditorPair) {
        let sent = std::mem::take(&mut pair.sent);
        self.editors = pair.detach();
        let editors = self.editors.iter().flatten();
        let waiting: BTreeSet<Uuid> = editors
            .flat_map(|editor| editor.outbox.iter().map(|intent| intent.operation_id.0))
            .collect();
        self.acknowledged
            .extend(sent.into_iter().filter(|id| !waiting.contains(id)));
    }

    /// Starts the daemon after a kill and checks that nothing is lost or damaged.
    pub fn check_recovery(mut self) -> Result<(), String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
        let logged = self.project.root().join(".vibesync/wal");
        verify(&RealDisk, &logged).map_err(|error| failed("the log", &error))?;
        self.run_successfully(&["doctor"])?;
        let daemon = self
            .project
            .start_with(&[])
            .map_err(|error| failed("a start", &error))?;
        let pair = EditorPair::join(&daemon, &self.editors);
        let mut pair = pair.map_err(|error| failed("joining", &error))?;
        self.settle(&mut pair)?;
        self.detach(pair);
        self.wait_for_audit()?;
        let stopped = daemon.stop().map_err(|error| failed("a stop", &error))?;
        if !stopped.success() {
            return Err(failed("a stop", &stopped));
        }
        self.run_successfully(&["log", "replay"])?;
        self.run_successfully(&["registry", "verify"])?;
        self.run_successfully(&["doctor"])?;
        self.check_agreement()
    }

    /// Waits until both editors and the log agree, and nothing is in flight.
    pub fn settle(&self, pair: &mut EditorPair) -> Result<(), String> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            // Both editors may be equal for a moment, while a later change is still in flight to both.
            let settled = pair.settle();
            settled.map_err(|error| format!("the editors do not agree: {error}"))?;
            let sessions = [&pair.blender, &pair.unity].into_iter().flatten();
            let mut held = sessions.map(|session| &session.editor.entities);
            // The daemon may compress or drop segments while this reads them.
            let agreed = self.authority().is_ok_and(|authority| {
                authority.open.is_empty() && held.all(|held| *held == live_entities(&authority))
            });
            if agreed {
                break;
            }
            check_deadline(deadline)
                .map_err(|_| "the editors do not agree with the log".to_owned())?;
        }
        Ok(())
    }

    pub fn run_successfully(&self, args: &[&str]) -> Result<String, String> {
        let ran = self.project.run(args);
        match ran.code {
            Some(0) => Ok(ran.out),
            _ => Err(format!("{args:?}: {} {}", ran.out, ran.err)),
        }
    }

    /// Waits until the git history has caught up with the log.
    pub fn wait_for_audit(&self) -> Result<(), String> {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let found = self.run_successfully(&["doctor"])?;
            let line = found.lines().find(|line| line.contains(" audit "));
            if line.is_some_and(|line| line.starts_with("ok")) {
                return Ok(());
            }
            check_deadline(deadline)
                .map_err(|_| format!("the audit does not catch up: {line:?}"))?;
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Replays the log as far as it is written; returns the state.
    pub fn authority(&self) -> Result<Replay, String> {
        let logged = self.project.root().join(".vibesync/wal");
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let told = |error| format!("the log: {error}");
        let tip = verify(&*disk, &logged).map_err(told)?.tip;
        boot::replay(disk, &logged, tip).map_err(told)
    }

    /// Checks that the replayed log equals both editors, and contains every acknowledged intent.
    pub fn check_agreement(&self) -> Result<(), String> {
        let state = self.authority()?;
        let authority = live_entities(&state);
        for editor in self.editors.iter().flatten() {
            if editor.entities != authority {
                let (role, refusals) = (editor.role, &editor.refusals);
                let different_uuids = different_uuids(&editor.entities, &authority);
                return Err(format!(
                    "{role:?} and the log differ in {different_uuids:?}; refused: {refusals:?}"
                ));
            }
            if !editor.refusals.is_empty() {
                return Err(format!(
                    "{:?} was refused: {:?}",
                    editor.role, editor.refusals
                ));
            }
        }
        for id in &self.acknowledged {
            let found = state.operations.get(vibesync_scene::OperationId(*id));
            let end = found.and_then(|operation| operation.end.as_ref());
            let end = end.map(|end| (end.phase, end.outcome));
            if !matches!(
                end,
                Some((
                    Phase::Final | Phase::Commit,
                    Outcome::Verified | Outcome::Undelivered
                ))
            ) {
                return Err(format!("the acknowledged operation {id} ended as {end:?}"));
            }
        }
        match state.open.len() {
            0 => Ok(()),
            open => Err(format!("{open} transactions have no end")),
        }
    }
}

/// Returns the entities that are not deleted.
pub fn live_entities(state: &Replay) -> Entities {
    let rows = state.scene.rows().filter(|row| !row.tombstone);
    rows.map(|row| (row.entity.uuid, row.entity.clone()))
        .collect()
}

/// Lists the entities that are missing in one of the two scenes, or differ.
pub fn different_uuids(one: &Entities, other: &Entities) -> Vec<Uuid> {
    let uuids: BTreeSet<&Uuid> = one.keys().chain(other.keys()).collect();
    let differs = |uuid: &&&Uuid| one.get(**uuid) != other.get(**uuid);
    uuids.iter().filter(differs).map(|uuid| **uuid).collect()
}
