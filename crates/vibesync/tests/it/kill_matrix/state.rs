//! A folder and the editors that belong to it, and whether all is well with them.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use vibesync_scene::{Entity, Outcome, Phase, Replay, Uuid};
use vibesync_store::boot;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::verify;
use vibesync_testkit::Daemon;
use vibesync_testkit::fault_injection::{Environment, FaultInjector};

use super::story::{Chapter, Kept, Pair, in_time};
use crate::project::TestProject;
use crate::stage::PATIENCE;

/// Small segments and frequent checkpoints: a short story compresses and drops parts of the log.
pub(super) const SETTINGS: &str =
    "[wal]\nsegment_bytes = 4096\ncheckpoint_every = 100\nkeep_days = 1\n";

pub(super) type Held = BTreeMap<Uuid, Entity>;
/// A folder, the editors that belong to it, and what they did.
pub(super) struct State {
    project: TestProject,
    kept: Kept,
    /// Intents of the story so far, as far as an editor was told that they are kept.
    acknowledged: BTreeSet<Uuid>,
}

impl State {
    pub(super) fn new() -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", SETTINGS);
        Self {
            project,
            kept: None,
            acknowledged: BTreeSet::new(),
        }
    }

    pub(super) fn copied(&self) -> Self {
        Self {
            project: self.project.copied(),
            kept: self.kept.clone(),
            acknowledged: self.acknowledged.clone(),
        }
    }

    pub(super) fn folder(&self) -> PathBuf {
        self.project.root().parent().unwrap().to_owned()
    }

    pub(super) fn start(&self, environment: &Environment) -> io::Result<Daemon> {
        self.project.start_with(environment)
    }

    /// Plays a chapter; an error is where the daemon ended before it.
    pub(super) fn play(
        &mut self,
        injector: &FaultInjector,
        chapter: &Chapter,
        mut environment: Environment,
    ) -> io::Result<()> {
        let clock = self.folder().join("clock");
        let seconds = format!("{}", chapter.days * 24 * 3_600);
        vibesync_store::durable::write(&clock, seconds.as_bytes()).map_err(io::Error::other)?;
        environment.extend(injector.shift_clock(&clock));
        let daemon = self.start(&environment)?;
        let mut pair = Pair::join(&daemon, &self.kept)?;
        let done = (chapter.work)(&mut pair);
        self.part(pair);
        done?;
        match daemon.stop()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("it did not stop by itself")),
        }
    }

    pub(super) fn part(&mut self, mut pair: Pair) {
        let sent = std::mem::take(&mut pair.sent);
        self.kept = pair.part();
        let editors = self.kept.iter().flatten();
        let waiting: BTreeSet<Uuid> = editors
            .flat_map(|editor| editor.outbox.iter().map(|intent| intent.operation_id.0))
            .collect();
        self.acknowledged
            .extend(sent.into_iter().filter(|id| !waiting.contains(id)));
    }

    /// What must be so whenever the daemon was killed: a plain start, and all is there.
    pub(super) fn recovers(mut self) -> Result<(), String> {
        let failed = |what: &str, error: &dyn std::fmt::Display| format!("{what}: {error}");
        let logged = self.project.root().join(".vibesync/wal");
        verify(&RealDisk, &logged).map_err(|error| failed("the log", &error))?;
        self.finds(&["doctor"])?;
        let daemon = self
            .start(&Environment::new())
            .map_err(|error| failed("a start", &error))?;
        let pair = Pair::join(&daemon, &self.kept);
        let mut pair = pair.map_err(|error| failed("joining", &error))?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Both may hold the same for a moment, while a later change is still on its way to both.
            let settled = pair.settle();
            settled.map_err(|error| failed("the editors do not agree", &error))?;
            let sessions = [&pair.blender, &pair.unity].into_iter().flatten();
            let mut held = sessions.map(|session| &session.editor.entities);
            // The daemon may be about to compress or drop what is read here.
            let agreed = self.authority().is_ok_and(|authority| {
                authority.open.is_empty() && held.all(|held| *held == live(&authority))
            });
            if agreed {
                break;
            }
            in_time(deadline).map_err(|_| "the editors do not agree with the log".to_owned())?;
        }
        self.part(pair);
        self.audited()?;
        let stopped = daemon.stop().map_err(|error| failed("a stop", &error))?;
        if !stopped.success() {
            return Err(failed("a stop", &stopped));
        }
        self.finds(&["log", "replay"])?;
        self.finds(&["registry", "verify"])?;
        self.finds(&["doctor"])?;
        self.agrees()
    }

    pub(super) fn finds(&self, args: &[&str]) -> Result<String, String> {
        let ran = self.project.run(args);
        match ran.code {
            Some(0) => Ok(ran.out),
            _ => Err(format!("{args:?}: {} {}", ran.out, ran.err)),
        }
    }

    /// The audit catches up by itself.
    pub(super) fn audited(&self) -> Result<(), String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.finds(&["doctor"])?;
            let line = found.lines().find(|line| line.contains(" audit "));
            if line.is_some_and(|line| line.starts_with("ok")) {
                return Ok(());
            }
            in_time(deadline).map_err(|_| format!("the audit does not catch up: {line:?}"))?;
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// What the log alone gives, as far as it is written.
    pub(super) fn authority(&self) -> Result<Replay, String> {
        let logged = self.project.root().join(".vibesync/wal");
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let told = |error| format!("the log: {error}");
        let tip = verify(&*disk, &logged).map_err(told)?.tip;
        boot::replay(disk, &logged, tip).map_err(told)
    }

    /// The log alone gives what both editors hold, and what was acknowledged is in it.
    pub(super) fn agrees(&self) -> Result<(), String> {
        let state = self.authority()?;
        let authority = live(&state);
        for editor in self.kept.iter().flatten() {
            if editor.entities != authority {
                let (role, refusals) = (editor.role, &editor.refusals);
                let differing = differing(&editor.entities, &authority);
                return Err(format!(
                    "{role:?} and the log differ in {differing:?}; refused: {refusals:?}"
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
            let end = found.and_then(|operation| operation.end);
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

/// The entities of a scene that are not deleted.
pub(super) fn live(state: &Replay) -> Held {
    let rows = state.scene.rows().filter(|row| !row.tombstone);
    rows.map(|row| (row.entity.uuid, row.entity.clone()))
        .collect()
}

/// What one holds and the other does not, or holds as something else.
pub(super) fn differing(one: &Held, other: &Held) -> Vec<Uuid> {
    let uuids: BTreeSet<&Uuid> = one.keys().chain(other.keys()).collect();
    let differs = |uuid: &&&Uuid| one.get(**uuid) != other.get(**uuid);
    uuids.iter().filter(differs).map(|uuid| **uuid).collect()
}
