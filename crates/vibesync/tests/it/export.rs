//! `vibesync export`: a scene as a glTF file, with a daemon and without.

use std::fs;

use serde_json::Value;
use vibesync_scene::{Change, DataRef, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::harness::{CUBE, TIMEOUT, create, create_triangle, editor, moved};
use crate::project::TestProject;

const MESH: Uuid = Uuid::from_u128(0x3E54);

/// A project in which Blender has made a triangle and an object that shows it.
struct ExportHarness {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
}

fn triangle(editor: &mut FakeEditor, uuid: Uuid) -> Change {
    let corners = [0.0_f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
    let position = corners.iter().flat_map(|it| it.to_le_bytes()).collect();
    let index = [0_u32, 1, 2].iter().flat_map(|it| it.to_le_bytes());
    let content = vec![("index", index.collect()), ("position", position)];
    create_triangle(editor, uuid, "Triangle", content)
}

impl ExportHarness {
    fn new() -> Self {
        let project = TestProject::new();
        let daemon = project.start();
        let session = EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT);
        let mut blender = session.unwrap();
        let mesh = triangle(&mut blender.editor, MESH);
        let mut shows = create(CUBE, Transform::IDENTITY);
        if let Some(components) = shows.components_mut() {
            components.data = Some(DataRef { uuid: Some(MESH) });
        }
        let mut harness = Self {
            project,
            daemon,
            blender,
        };
        harness.edit(vec![mesh, shows]);
        harness
    }

    /// Makes an edit, and waits until it is acknowledged.
    fn edit(&mut self, changes: Vec<Change>) {
        self.blender.edit(changes).unwrap();
        while !self.blender.editor.outbox.is_empty() {
            self.blender.hear().unwrap();
        }
    }

    fn document(&self, name: &str) -> Value {
        let file = fs::read(self.project.root().join(name)).unwrap();
        let length = u32::from_le_bytes(file[12..16].try_into().unwrap()) as usize;
        serde_json::from_slice(&file[20..20 + length]).unwrap()
    }

    fn commits(&self) -> Vec<String> {
        let ran = self.project.run(&["audit", "log", "--json"]);
        let commits = ran.out.lines().map(|line| {
            let commit: Value = serde_json::from_str(line).unwrap();
            commit["commit"].as_str().unwrap().to_owned()
        });
        commits.collect()
    }
}

#[test]
fn export_has_the_scene_with_and_without_a_daemon() {
    let harness = ExportHarness::new();
    let ran = harness.project.run(&["export", "running.glb"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert!(
        ran.out.contains("running.glb: 1 objects of sequence"),
        "{}",
        ran.out
    );
    let document = harness.document("running.glb");
    assert_eq!(document["nodes"][0]["name"], "Cube");
    assert_eq!(
        document["meshes"][0]["primitives"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let uuid = &document["nodes"][0]["extras"]["vibesync"]["uuid"];
    assert_eq!(uuid.as_str(), Some(CUBE.to_string().as_str()));
    let ExportHarness {
        project, daemon, ..
    } = harness;
    daemon.kill();
    let ran = project.run(&["export", "alone.glb"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let read = |name: &str| fs::read(project.root().join(name)).unwrap();
    assert!(read("running.glb") == read("alone.glb"), "the same bytes");
}

#[test]
fn export_of_a_commit_has_the_scene_of_that_time() {
    let mut harness = ExportHarness::new();
    let deadline = std::time::Instant::now() + TIMEOUT;
    while harness.commits().is_empty() {
        assert!(std::time::Instant::now() < deadline, "no commit");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let old = harness.commits().remove(0);
    let transform = Transform {
        translation: [7.0, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    harness.edit(vec![moved(CUBE, transform)]);
    let ran = harness.project.run(&["export", &old[..8], "old.glb"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    assert_eq!(harness.project.run(&["export", "new.glb"]).code, Some(0));
    assert!(
        harness.document("old.glb")["nodes"][0]
            .get("translation")
            .is_none()
    );
    let moved = &harness.document("new.glb")["nodes"][0]["translation"];
    assert_eq!(moved, &serde_json::json!([7.0, 0.0, 0.0]));
    let ran = harness.project.run(&["export", "ffffffff", "none.glb"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("VS-5007"), "{}", ran.err);
    assert!(!harness.project.root().join("none.glb").exists());
}

#[test]
fn export_replaces_a_file_only_by_force() {
    let harness = ExportHarness::new();
    harness.project.file("scene.glb", "mine");
    let ran = harness.project.run(&["export", "scene.glb"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.err.contains("--force"), "{}", ran.err);
    let path = harness.project.root().join("scene.glb");
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    let ran = harness
        .project
        .run(&["export", "scene.glb", "--force", "--json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["objects"], 1);
    assert_eq!(report["bytes"], fs::metadata(&path).unwrap().len());
}

#[test]
fn export_notes_content_without_a_form() {
    let mut harness = ExportHarness::new();
    let lonely = triangle(&mut harness.blender.editor, Uuid::from_u128(0x10E));
    harness.edit(vec![lonely]);
    let ran = harness.project.run(&["export", "scene.glb"]);
    let note = "note: data that no object shows, actions that nothing plays, and objects outside of the scene are left \
                out (1): ";
    assert!(ran.err.contains(note), "{}", ran.err);
}
