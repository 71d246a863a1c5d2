//! Measures what agents cost: their calls beside the same messages without the protocol of agents, and an editor's
//! changes while agents are busy.

mod change;
mod flood;
mod http;
mod manifests;
mod questions;
mod raw;
mod server;
mod start;
mod undisturbed;

use tempfile::TempDir;
use uuid::Uuid;
use vibesync_scene::Role;
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{Fallible, Harness};
use crate::log::{self, Writer};
use crate::report::Report;
use crate::scene;

const ENTITIES: u64 = 100_000;

/// Objects that editor A holds, spread evenly over the scene.
const HELD: usize = 1_000;

/// Settings in which agents work without questions, and more of them may connect than usual. The audit is off as in the
/// section `scale`: it would take long to catch up with a generated log.
const SETTINGS: &str =
    "[audit]\nenabled = false\n[agents]\nmode = \"work\"\n[net]\nmax_connections = 128\n";

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    change::run(harness, report)?;
    manifests::run(report)?;
    let mut scene = LargeScene::start(harness)?;
    start::run(harness, &scene, report)?;
    questions::run(harness, &mut scene, report)?;
    undisturbed::run(&mut scene, report)
}

/// A daemon with [`ENTITIES`], and editor A in session with it.
struct LargeScene {
    folder: TempDir,
    daemon: Daemon,
    a: EditorSession,
    /// The objects that A holds.
    held: Vec<Uuid>,
}

impl LargeScene {
    fn start(harness: &Harness) -> Fallible<Self> {
        let folder = harness.folder()?;
        harness.daemon(folder.path(), SETTINGS)?.stop()?;
        let objects = Writer::open(&log::folder(folder.path()))?.objects(ENTITIES)?;
        let daemon = harness.daemon(folder.path(), SETTINGS)?;
        let apart = objects.len() / HELD;
        let held = objects.iter().step_by(apart).map(|(uuid, _)| *uuid);
        let held: Vec<Uuid> = held.collect();
        let a = scene::rejoin(&daemon, Role::Blender, &objects, &held)?;
        Ok(Self {
            folder,
            daemon,
            a,
            held,
        })
    }
}
