//! Measures a change in a scene of a million entities beside the same change in a scene of a thousand.

use std::time::{Duration, Instant};

use tempfile::TempDir;
use uuid::Uuid;
use vibesync_scene::Role;
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{Fallible, Harness, Receiving};
use crate::load::Load;
use crate::log::{self, Writer};
use crate::process;
use crate::report::{Bar, Report, Samples};
use crate::scene;

const FEW: u64 = 1_000;
const MANY: u64 = 1_000_000;

/// Objects that are moved, spread evenly over the scene; the smaller scene has no others.
const MOVED: usize = 1_000;

/// Intents of a round; each moves all of these objects.
const INTENTS: usize = 50;
const ROUNDS: usize = 5;

const BAR: Bar = Bar::AtMost(1.2);

/// Time for the projections to catch up: after the start, and after a round.
const LONGEST_CATCHING_UP: Duration = Duration::from_secs(90);
const SETTLING: Duration = Duration::from_secs(10);

/// Settings without the audit, which has a section of its own; it would need minutes to catch up with a generated
/// log.
const SETTINGS: &str = "[audit]\nenabled = false\n[wal]\ncheckpoint_every = 10000000\n";

/// A daemon with a scene of this size, and both editors.
struct Scene {
    folder: TempDir,
    daemon: Daemon,
    a: EditorSession,
    b: Receiving,
    moved: Vec<Uuid>,
    /// Microseconds a change: until the acknowledgment, and of processor time until the projections have followed.
    acked: Samples,
    worked: Samples,
}

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    // The larger scene comes first: while it is made, the editors of the other one would be silent for too long.
    let begin = Instant::now();
    let mut many = Scene::start(harness, MANY)?;
    report.value("made_and_joined", begin.elapsed().as_secs_f64(), "s")?;
    let mut few = Scene::start(harness, FEW)?;
    for round in 0..ROUNDS {
        few.round(round)?;
        many.round(round)?;
    }
    let (acked, worked) = (few.acked.p50(), few.worked.p50());
    report.against(
        "change_until_acknowledged",
        many.acked.p50(),
        acked,
        "µs",
        Some(BAR),
    )?;
    report.against("processor_a_change", many.worked.p50(), worked, "µs", None)?;
    if let Some(memory) = process::resident(many.daemon.pid()) {
        report.value("memory", memory, "MB")?;
    }
    few.end()?;
    many.end()
}

impl Scene {
    fn start(harness: &Harness, entities: u64) -> Fallible<Self> {
        let folder = harness.folder()?;
        harness.daemon(folder.path(), SETTINGS)?.stop()?;
        let objects = Writer::open(&log::folder(folder.path()))?.objects(entities)?;
        let daemon = harness.daemon(folder.path(), SETTINGS)?;
        let apart = (entities / MOVED as u64).try_into()?;
        let moved: Vec<Uuid> = objects
            .iter()
            .step_by(apart)
            .map(|(uuid, _)| *uuid)
            .collect();
        let mut a = scene::rejoin(&daemon, Role::Blender, &objects, &[])?;
        let b = Receiving::start(scene::rejoin(&daemon, Role::Unity, &objects, &moved)?);
        process::settle(&mut a, daemon.pid(), LONGEST_CATCHING_UP)?;
        Ok(Self {
            folder,
            daemon,
            a,
            b,
            moved,
            acked: Samples::default(),
            worked: Samples::default(),
        })
    }

    fn round(&mut self, round: usize) -> Fallible {
        let xs = (1 + round * INTENTS..).take(INTENTS);
        let moves = xs.map(|x| {
            self.moved
                .iter()
                .map(move |uuid| scene::moved(*uuid, x as f64))
        });
        let load = Load::new(&self.a, moves.map(Iterator::collect))?;
        let pid = self.daemon.pid();
        let before = process::ProcessorTimes::of(pid);
        let took = load.run(&mut self.a)?;
        process::settle(&mut self.a, pid, SETTLING)?;
        let changes = (INTENTS * MOVED) as f64;
        self.acked.push(took.as_secs_f64() * 1e6 / changes);
        if let Some(worked) = before.and_then(|before| before.passed()) {
            self.worked.push(worked.as_secs_f64() * 1e6 / changes);
        }
        Ok(())
    }

    fn end(self) -> Fallible {
        drop((self.a, self.daemon));
        self.b.end()?;
        Ok(self.folder.close()?)
    }
}
