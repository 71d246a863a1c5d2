//! Blobs that are missing or damaged on the disk of a daemon: they come back from an editor that holds the mesh.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use vibesync_protocol::{DaemonMessage, Status};
use vibesync_scene::{BlobId, Change, Code, DataRef, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{CUBE, TIMEOUT, create, create_triangle, editor};
use crate::project::TestProject;

const MESH: Uuid = Uuid::from_u128(0x3E54);
const LONELY: Uuid = Uuid::from_u128(0x1);

/// A project whose Blender has made a mesh, an object that shows it, and another object.
struct Scenario {
    project: TestProject,
    daemon: Option<Daemon>,
    blender: Option<FakeEditor>,
}

impl Scenario {
    fn new() -> Self {
        let project = TestProject::new();
        let daemon = project.start();
        let mut blender = join(&daemon, editor(&daemon, Role::Blender));
        let mesh = triangle(&mut blender.editor);
        let mut shows = create(CUBE, Transform::IDENTITY);
        if let Some(components) = shows.components_mut() {
            components.data = Some(DataRef { uuid: Some(MESH) });
        }
        let changes = vec![mesh, shows, create(LONELY, Transform::IDENTITY)];
        blender.edit(changes).unwrap();
        while !blender.editor.outbox.is_empty() {
            blender.hear().unwrap();
        }
        Self {
            project,
            daemon: Some(daemon),
            blender: Some(blender.editor),
        }
    }

    fn stop(&mut self) {
        assert!(self.daemon.take().unwrap().stop().unwrap().success());
    }

    fn start(&mut self) {
        self.daemon = Some(self.project.start());
    }

    fn join_unity(&self) -> EditorSession {
        let daemon = self.daemon.as_ref().unwrap();
        join(daemon, editor(daemon, Role::Unity))
    }

    fn join_blender(&mut self) -> EditorSession {
        join(self.daemon.as_ref().unwrap(), self.blender.take().unwrap())
    }

    fn blobs(&self) -> PathBuf {
        self.project.root().join(".vibesync/blobs")
    }

    /// Returns the file of the mesh's positions.
    fn file(&self) -> PathBuf {
        let name = BlobId::hash(&positions()).to_string();
        self.blobs().join(&name[..2]).join(name)
    }

    fn status(&self) -> Status {
        let mut command = self.project.command(&["status", "--json"]);
        serde_json::from_slice(&command.output().unwrap().stdout).unwrap()
    }

    fn doctor(&self, args: &[&str]) -> String {
        let ran = self.project.run(&[&["doctor"], args].concat());
        let line = ran.out.lines().find(|line| line.contains(" blobs "));
        line.unwrap().to_owned()
    }

    /// Returns the number of transactions in the log.
    fn transactions(&self) -> usize {
        let ran = self
            .project
            .run(&["log", "grep", "--phase", "begin", "--json"]);
        ran.out.lines().count()
    }
}

fn join(daemon: &Daemon, editor: FakeEditor) -> EditorSession {
    EditorSession::join(daemon, editor, TIMEOUT).unwrap()
}

fn positions() -> Vec<u8> {
    let corners = [0.0_f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    corners.into_iter().flat_map(f32::to_le_bytes).collect()
}

/// Creates a mesh of one triangle.
fn triangle(editor: &mut FakeEditor) -> Change {
    let index: Vec<u8> = [0_u32, 1, 2]
        .into_iter()
        .flat_map(u32::to_le_bytes)
        .collect();
    let content = vec![("index", index), ("position", positions())];
    create_triangle(editor, MESH, "Gear", content)
}

/// Serves an editor until it holds an entity.
fn serve_until_held(session: &mut EditorSession, uuid: Uuid) {
    while !session.editor.entities.contains_key(&uuid) {
        session.hear().unwrap();
    }
}

/// Serves both editors until Unity shows the mesh.
fn serve_until_shown(blender: &mut EditorSession, unity: &mut EditorSession) {
    while !matches!(blender.hear().unwrap().message, DaemonMessage::Want { .. }) {}
    serve_until_held(unity, MESH);
    let shown = |unity: &EditorSession| unity.editor.entities[&CUBE].components.data;
    while shown(unity) != Some(DataRef { uuid: Some(MESH) }) {
        unity.hear().unwrap();
    }
}

#[test]
fn folder_of_blobs_that_was_removed_is_filled_again() {
    let mut scenario = Scenario::new();
    scenario.stop();
    fs::remove_dir_all(scenario.blobs()).unwrap();
    let line = scenario.doctor(&[]);
    assert!(
        line.starts_with("fail") && line.contains("VS-5006"),
        "{line}"
    );
    assert!(line.contains("\"Gear\""), "{line}");
    scenario.start();
    let mut unity = scenario.join_unity();
    serve_until_held(&mut unity, CUBE);
    serve_until_held(&mut unity, LONELY);
    let shown = unity.editor.entities[&CUBE].components.data;
    assert_eq!(shown, Some(DataRef { uuid: None }));
    let status = scenario.status();
    let names: Vec<_> = status
        .lost_entities
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!((status.lost, names), (1, vec!["Gear"]));
    let page = scenario.project.run(&["status"]).out;
    assert!(
        page.contains("VS-5006") && page.contains("\"Gear\""),
        "{page}"
    );
    let told = |(code, uuids): &(Code, Vec<Uuid>)| *code == Code::BlobDamaged && uuids == &[MESH];
    while !unity.editor.notices.iter().any(told) {
        unity.hear().unwrap();
    }
    let grep = scenario.project.run(&["log", "grep", "--code", "VS-5006"]);
    assert!(grep.out.contains("\"Gear\""), "{grep:?}");
    assert!(scenario.project.daemon_log().contains("\\\"Gear\\\""));

    let before = scenario.transactions();
    let mut blender = scenario.join_blender();
    serve_until_shown(&mut blender, &mut unity);
    assert_eq!(scenario.transactions(), before);
    assert_eq!(scenario.status().lost, 0);
    assert!(scenario.doctor(&["--deep"]).starts_with("ok"));
}

#[test]
fn damaged_blob_is_found_moved_aside_and_replaced() {
    let mut scenario = Scenario::new();
    let mut damaged = positions();
    damaged[5] ^= 1;
    scenario.stop();
    vibesync_store::durable::write(&scenario.file(), &damaged).unwrap();
    assert!(scenario.doctor(&[]).starts_with("ok"));
    let line = scenario.doctor(&["--deep"]);
    assert!(
        line.starts_with("fail") && line.contains("\"Gear\""),
        "{line}"
    );
    scenario.start();
    let mut blender = scenario.join_blender();
    let mut unity = scenario.join_unity();
    serve_until_shown(&mut blender, &mut unity);
    let name = BlobId::hash(&positions()).to_string();
    let aside = scenario.blobs().join("damaged").join(name);
    assert_eq!(fs::read(aside).unwrap(), damaged);
    assert_eq!(fs::read(scenario.file()).unwrap(), positions());
}

#[test]
fn blob_that_is_lost_while_the_daemon_runs_comes_back() {
    let mut scenario = Scenario::new();
    let mut blender = scenario.join_blender();
    fs::remove_file(scenario.file()).unwrap();
    let mut unity = scenario.join_unity();
    serve_until_shown(&mut blender, &mut unity);
    // Unity may have got the content from memory, before the daemon noticed the loss.
    let end = Instant::now() + Duration::from_secs(10);
    while (scenario.status().lost > 0 || !scenario.file().exists()) && Instant::now() < end {
        blender.linger(Duration::from_millis(20)).unwrap();
        unity.linger(Duration::from_millis(20)).unwrap();
    }
    assert_eq!(fs::read(scenario.file()).unwrap(), positions());
}
