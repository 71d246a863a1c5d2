//! A log that lacks what a witness knows is refused, and nothing is changed.

use std::fs;
use std::path::{Path, PathBuf};

use vibesync_scene::{Change, Role, Transform};
use vibesync_testkit::EditorSession;

use crate::harness::{CUBE, TIMEOUT, create, editor, moved};
use crate::project::{TestProject, copy_folder};

const WITNESSES: [&str; 3] = [
    ".vibesync/registry",
    ".git_safety",
    ".vibesync/project.json",
];

fn height(height: f64) -> Transform {
    Transform {
        translation: [0.0, height, 0.0],
        ..Transform::IDENTITY
    }
}

/// Starts a daemon, makes one change, and stops the daemon.
fn run_once(project: &TestProject, change: Change) {
    let daemon = project.start();
    let mut blender =
        EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT).unwrap();
    blender.edit(vec![change]).unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
    drop(blender);
    assert!(daemon.stop().unwrap().success());
}

fn wal(project: &TestProject) -> PathBuf {
    project.root().join(".vibesync/wal")
}

/// Puts a copy of another log into a project.
fn exchange(project: &TestProject, other: &Path) {
    fs::remove_dir_all(wal(project)).unwrap();
    copy_folder(other, &wal(project));
}

fn remove(project: &TestProject, witness: &str) {
    let path = project.root().join(witness);
    match path.is_dir() {
        true => fs::remove_dir_all(path).unwrap(),
        false => fs::remove_file(path).unwrap(),
    }
}

fn segments(project: &TestProject) -> Vec<(PathBuf, Vec<u8>)> {
    let files = fs::read_dir(wal(project)).unwrap();
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

/// Starts the daemon, which must refuse; the log stays as it is. Returns what it says.
#[track_caller]
fn refused(project: &TestProject) -> String {
    let before = segments(project);
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.err.contains("VS-5010"), "{ran:?}");
    assert!(ran.err.contains("vibesync recover"), "{ran:?}");
    assert!(segments(project) == before, "the log was changed");
    ran.err
}

/// Copies a project, with this witness alone.
fn with_witness(project: &TestProject, kept: &str) -> TestProject {
    let copy = project.copied();
    let others = WITNESSES.into_iter().filter(|witness| *witness != kept);
    others.for_each(|witness| remove(&copy, witness));
    copy
}

#[test]
fn older_log_than_registry_is_refused() {
    let project = TestProject::new();
    run_once(&project, create(CUBE, height(1.0)));
    let older = tempfile::tempdir().unwrap();
    copy_folder(&wal(&project), older.path());
    run_once(&project, moved(CUBE, height(2.0)));
    for (witness, says) in [
        (".vibesync/registry", "the registry knows sequence "),
        (".git_safety", "the history in .git_safety knows sequence "),
        (".vibesync/project.json", "project.json names epoch "),
    ] {
        let copy = with_witness(&project, witness);
        exchange(&copy, older.path());
        let said = refused(&copy);
        assert!(said.contains(says), "{witness}: {said}");
        let doctor = copy.run(&["doctor"]).out;
        let line = doctor.lines().find(|line| line.contains(" witnesses "));
        let line = line.unwrap();
        assert!(line.starts_with("fail") && line.contains(says), "{line}");
        let rebuilt = copy.run(&["registry", "rebuild"]);
        assert!(rebuilt.err.contains("VS-5010"), "{rebuilt:?}");
        // The newer log is accepted again: nothing was changed.
        exchange(&copy, &wal(&project));
        run_once(&copy, moved(CUBE, height(3.0)));
    }
}

#[test]
fn log_with_other_history_is_refused() {
    let project = TestProject::new();
    run_once(&project, create(CUBE, height(1.0)));
    let other = project.copied();
    run_once(&project, moved(CUBE, height(2.0)));
    run_once(&other, moved(CUBE, height(3.0)));
    // The other log is longer, so that it has a record at each sequence that a witness knows.
    run_once(&other, moved(CUBE, height(4.0)));
    for (witness, says) in [
        (".vibesync/registry", "the registry knows another record"),
        (".git_safety", ".git_safety knows another record"),
        (".vibesync/project.json", "project.json names epoch "),
    ] {
        let copy = with_witness(&project, witness);
        exchange(&copy, &wal(&other));
        let said = refused(&copy);
        assert!(said.contains(says), "{witness}: {said}");
    }
}

#[test]
fn missing_log_beside_its_witnesses_is_refused() {
    let project = TestProject::new();
    run_once(&project, create(CUBE, height(1.0)));
    let empty = tempfile::tempdir().unwrap();
    exchange(&project, empty.path());
    let said = refused(&project);
    assert!(said.contains("the log ends at 0"), "{said}");
    let doctor = project.run(&["doctor"]);
    assert!(doctor.out.contains("VS-5010"), "{doctor:?}");
}

#[test]
fn restart_after_normal_crash_is_never_refused() {
    let project = TestProject::new();
    run_once(&project, create(CUBE, height(1.0)));
    for crash in 0..6 {
        let daemon = project.start();
        if crash % 2 == 0 {
            let session = EditorSession::join(&daemon, editor(&daemon, Role::Unity), TIMEOUT);
            let mut unity = session.unwrap();
            let change = moved(CUBE, height(f64::from(crash)));
            unity.edit(vec![change]).unwrap();
            unity.hear().unwrap();
        }
        daemon.kill();
    }
    run_once(&project, moved(CUBE, height(9.0)));
}

/// Without witnesses the older log is accepted. The editors know better, and bring back what it lacks.
#[test]
fn editor_ahead_of_an_older_log_brings_its_changes_back() {
    let project = TestProject::new();
    run_once(&project, create(CUBE, height(1.0)));
    let older = tempfile::tempdir().unwrap();
    copy_folder(&wal(&project), older.path());
    let daemon = project.start();
    let mut unity = EditorSession::join(&daemon, editor(&daemon, Role::Unity), TIMEOUT).unwrap();
    while !unity.editor.entities.contains_key(&CUBE) {
        unity.hear().unwrap();
    }
    unity.edit(vec![moved(CUBE, height(2.0))]).unwrap();
    while !unity.editor.outbox.is_empty() {
        unity.hear().unwrap();
    }
    daemon.kill();
    exchange(&project, older.path());
    WITNESSES
        .iter()
        .for_each(|witness| remove(&project, witness));

    let daemon = project.start();
    let mut kept = unity.editor;
    kept.disconnect();
    let mut unity = EditorSession::join(&daemon, kept, TIMEOUT).unwrap();
    while !unity.editor.outbox.is_empty() {
        unity.hear().unwrap();
    }
    let status = project.run(&["status"]).out;
    assert!(
        status.contains("unity knew records that the log lacks"),
        "{status}"
    );
    let (code, _) = &unity.editor.notices[0];
    assert_eq!(code.to_string(), "VS-5010");
    drop(unity);
    assert!(daemon.stop().unwrap().success());
    let shown = project.run(&["registry", "show", &CUBE.to_string()]).out;
    assert!(shown.contains("2.0"), "{shown}");
    assert!(project.daemon_log().contains("an editor knows records"));
    let found = project.run(&["log", "grep", "--code", "VS-5010"]).out;
    assert!(found.contains("diverged after"), "{found}");
}
