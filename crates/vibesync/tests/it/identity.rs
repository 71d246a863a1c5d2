//! The identity of a project survives the loss of `project.json`, and no new one is written beside an existing log.

use std::fs;
use std::path::PathBuf;

use vibesync_scene::{Role, Transform};
use vibesync_testkit::EditorSession;

use crate::harness::{CUBE, TIMEOUT, create, editor};
use crate::project::TestProject;
use crate::recover::fixture::Fixture;

fn identity_file(project: &TestProject) -> PathBuf {
    project.root().join(".vibesync").join("project.json")
}

/// Reads the project's id.
fn identity(project: &TestProject) -> String {
    let text = fs::read_to_string(identity_file(project)).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    file["project_id"].as_str().unwrap().to_owned()
}

/// Makes a project with one entity in log and audit. Returns its id; `project.json` is removed.
fn project_without_identity() -> (TestProject, String) {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    blender
        .edit(vec![create(CUBE, Transform::IDENTITY)])
        .unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
    daemon.stop().unwrap();
    let id = identity(&project);
    fs::remove_file(identity_file(&project)).unwrap();
    (project, id)
}

#[test]
fn missing_identity_is_restored_from_the_log() {
    let (project, id) = project_without_identity();
    fs::remove_dir_all(project.root().join(".git_safety")).unwrap();
    let daemon = project.start();
    assert_eq!(identity(&project), id);
    let status = project.run(&["status", "--json"]).out;
    assert!(status.contains("\"entities\": 1"), "{status}");
    daemon.stop().unwrap();
}

#[test]
fn missing_identity_comes_from_the_audit_if_the_log_is_damaged() {
    let (project, id) = project_without_identity();
    damage_log(&project);
    let ran = project.run(&["run"]);
    assert!(ran.err.contains("VS-5001"), "{}", ran.err);
    assert_eq!(identity(&project), id);
}

#[test]
fn no_new_identity_is_written_beside_an_existing_log() {
    let (project, _) = project_without_identity();
    damage_log(&project);
    fs::remove_dir_all(project.root().join(".git_safety")).unwrap();
    let ran = project.run(&["run"]);
    assert!(ran.err.contains("VS-6001"), "{}", ran.err);
    assert!(!identity_file(&project).exists());
}

#[test]
fn no_new_identity_is_written_beside_a_registry_without_log() {
    let (project, _) = project_without_identity();
    for lost in [".vibesync/wal", ".git_safety"] {
        fs::remove_dir_all(project.root().join(lost)).unwrap();
    }
    let ran = project.run(&["run"]);
    assert!(ran.err.contains("VS-6001"), "{}", ran.err);
    assert!(!identity_file(&project).exists());
}

#[test]
fn missing_identity_comes_from_a_checkpoint_if_the_log_is_lost() {
    let fixture = Fixture::with("[wal]\ncheckpoint_every = 100\n", 10);
    let id = identity(&fixture.project);
    fs::remove_file(identity_file(&fixture.project)).unwrap();
    fixture.lose(".vibesync/wal");
    fixture.lose(".git_safety");
    let ran = fixture.run(&["run"]);
    assert!(ran.err.contains("VS-5010"), "{}", ran.err);
    assert_eq!(identity(&fixture.project), id);
}

/// Overwrites the first line of the log.
fn damage_log(project: &TestProject) {
    let segment = project
        .root()
        .join(".vibesync")
        .join("wal/00000000000000000001.jsonl");
    let mut bytes = fs::read(&segment).unwrap();
    bytes[10] ^= 1;
    vibesync_store::durable::write(&segment, &bytes).unwrap();
}
