//! A project that was served once, and functions that damage and recover it.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use vibesync_scene::{Change, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{TIMEOUT, create, editor, moved};
use crate::project::{CommandOutput, TestProject};

/// Number of objects that [`Fixture::new`] creates.
pub const OBJECTS: u32 = 6;

/// Small segments and frequent checkpoints, so that the log is compressed.
pub const SEGMENTS: &str = "[wal]\nsegment_bytes = 4096\ncheckpoint_every = 100\n";

pub fn object(n: u32) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub fn at(x: f64) -> Transform {
    Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    }
}

pub fn join(daemon: &Daemon, role: Role) -> EditorSession {
    EditorSession::join(daemon, editor(daemon, role), TIMEOUT).unwrap()
}

/// Makes one change and waits until it is acknowledged.
pub fn edit(session: &mut EditorSession, change: Change) {
    session.edit(vec![change]).unwrap();
    while !session.editor.outbox.is_empty() {
        session.hear().unwrap();
    }
}

/// Waits until the daemon has answered all that the editor sends after it has joined.
pub fn wait_for_answers(session: &mut EditorSession) {
    let deadline = Instant::now() + TIMEOUT;
    session.linger(Duration::from_millis(200)).unwrap();
    while !session.editor.outbox.is_empty() {
        session.linger(Duration::from_millis(20)).unwrap();
        assert!(Instant::now() < deadline, "{:?}", session.editor.outbox);
    }
}

/// Waits until an editor holds the same scene as another one.
#[track_caller]
pub fn wait_for_scene(session: &mut EditorSession, expected: &FakeEditor) {
    let deadline = Instant::now() + TIMEOUT;
    while session.editor.entities != expected.entities {
        session.linger(Duration::from_millis(20)).unwrap();
        let (found, wanted) = (&session.editor.entities, &expected.entities);
        assert!(Instant::now() < deadline, "{found:#?} is not {wanted:#?}");
    }
}

/// A project that was served once, and the editor that made its objects.
pub struct Fixture {
    pub project: TestProject,
    pub blender: FakeEditor,
}

impl Fixture {
    pub fn new() -> Self {
        Self::with("", 2)
    }

    /// Moves all objects in each of some rounds.
    pub fn with(settings: &str, rounds: u32) -> Self {
        let project = TestProject::new();
        project.file(".vibesync/vibesync.toml", settings);
        let daemon = project.start();
        let mut blender = join(&daemon, Role::Blender);
        for n in 1..=OBJECTS {
            edit(&mut blender, create(object(n), at(f64::from(n))));
        }
        for round in 1..=rounds {
            for n in 1..=OBJECTS {
                edit(
                    &mut blender,
                    moved(object(n), at(f64::from(10 * n * round))),
                );
            }
        }
        let fixture = Self {
            project,
            blender: blender.editor.clone(),
        };
        drop(blender);
        assert!(daemon.stop().unwrap().success());
        fixture
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.project.root().join(name)
    }

    pub fn lose(&self, name: &str) {
        let path = self.path(name);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        }
    }

    /// Changes one letter in the middle of the first segment of the log.
    pub fn damage_log(&self) {
        let name = ".vibesync/wal/00000000000000000001.jsonl";
        let mut bytes = fs::read(self.path(name)).unwrap();
        let middle = bytes.len() / 2;
        let at = bytes[middle..].iter().position(u8::is_ascii_alphabetic);
        bytes[middle + at.unwrap()] ^= 1;
        vibesync_store::durable::write(&self.path(name), &bytes).unwrap();
    }

    pub fn run(&self, args: &[&str]) -> CommandOutput {
        self.project.run(args)
    }

    #[track_caller]
    pub fn recover(&self, expected: &str) -> CommandOutput {
        let ran = self.run(&["recover", "--yes", "--who", "ada"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        assert!(
            ran.out.contains(&format!("recovered from {expected}")),
            "{ran:?}"
        );
        self.expect_recorded_epoch();
        ran
    }

    /// `project.json` must name the epoch that the RECOVER record begins. Else an older log would not be noticed.
    #[track_caller]
    pub fn expect_recorded_epoch(&self) {
        let file = fs::read(self.path(".vibesync/project.json")).unwrap();
        let file: serde_json::Value = serde_json::from_slice(&file).unwrap();
        let epoch = file["epoch"].as_str().unwrap();
        let grep = self.run(&["log", "grep", "--phase", "recover", "--json"]);
        let newest = grep.out.lines().last().unwrap();
        assert!(newest.contains(epoch), "{epoch} is not in {newest}");
    }

    /// Starts the daemon; an editor without a scene must get all of it.
    #[track_caller]
    pub fn expect_whole_scene(&self) {
        let daemon = self.project.start();
        wait_for_scene(&mut join(&daemon, Role::Unity), &self.blender);
        assert!(daemon.stop().unwrap().success());
        let verified = self.run(&["registry", "verify"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        // The newest commit is the scene.
        let differences = self.run(&["audit", "diff", "@1000000"]);
        assert_eq!(
            (differences.code, differences.out.as_str()),
            (Some(0), "no difference\n")
        );
        // The next start is an ordinary one.
        assert!(self.project.start().stop().unwrap().success());
        let doctor = self.run(&["doctor"]);
        assert_eq!(doctor.code, Some(0), "{doctor:?}");
    }
}
