//! A damaged history is moved aside, and a new one begins with the whole scene. The daemon serves meanwhile.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vibesync_scene::{Change, Role, Transform, Uuid};
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor, moved};
use crate::project::TestProject;

/// An entity in another folder of the history than CUBE.
const OTHER: Uuid = Uuid::from_u128(0xAA << 120 | 0xBB);

fn at(height: f64) -> Transform {
    Transform {
        translation: [0.0, height, 0.0],
        ..Transform::IDENTITY
    }
}

fn join(daemon: &Daemon) -> EditorSession {
    EditorSession::join(daemon, editor(daemon, Role::Blender), TIMEOUT).unwrap()
}

/// Makes one change and waits until it is acknowledged.
fn edit(session: &mut EditorSession, change: Change) {
    session.edit(vec![change]).unwrap();
    while !session.editor.outbox.is_empty() {
        session.hear().unwrap();
    }
}

fn audit_line(project: &TestProject) -> String {
    let doctor = project.run(&["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" audit "));
    line.unwrap().to_owned()
}

fn wait_until_current(project: &TestProject) {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let line = audit_line(project);
        if line.starts_with("ok") && line.contains("every verified") {
            return;
        }
        assert!(Instant::now() < deadline, "{line}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Returns the labels of the history, newest first.
fn labels(project: &TestProject) -> Vec<String> {
    let ran = project.run(&["audit", "log", "--json"]);
    let lines = ran.out.lines().map(|line| {
        let item: serde_json::Value = serde_json::from_str(line).unwrap();
        item["label"].as_str().unwrap().to_owned()
    });
    lines.collect()
}

fn packs(project: &TestProject) -> Vec<PathBuf> {
    let dir = project.root().join(".git_safety/.git/objects/pack");
    let entries = fs::read_dir(dir).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

/// Returns the damaged histories that were moved aside.
fn moved_aside(project: &TestProject) -> usize {
    let recovered = project.root().join(".vibesync/recovered");
    fs::read_dir(recovered).map_or(0, Iterator::count)
}

fn truncate_packs(project: &TestProject) {
    for path in packs(project) {
        if path.extension().is_some_and(|end| end == "pack") {
            replace(&path, &fs::read(&path).unwrap()[..40]);
        }
    }
}

fn replace(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    vibesync_store::durable::write(path, bytes).unwrap();
}

/// Damages the history of a stopped daemon. The commands must name the damage, and the next daemon must begin anew.
fn must_begin_anew(damage: impl FnOnce(&TestProject)) {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, at(1.0)));
    wait_until_current(&project);
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    damage(&project);
    let line = audit_line(&project);
    assert!(
        line.starts_with("fail") && line.contains("VS-5012"),
        "{line}"
    );
    assert!(line.contains(".vibesync/recovered"), "the advice: {line}");
    let ran = project.run(&["audit", "log"]);
    assert!(
        ran.code == Some(1) && ran.err.contains("VS-5012"),
        "{ran:?}"
    );

    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, moved(CUBE, at(2.0)));
    wait_until_current(&project);
    let labels = labels(&project);
    assert!(
        labels.last().unwrap().starts_with("The whole scene"),
        "{labels:?}"
    );
    assert_eq!(moved_aside(&project), 1);
    assert!(audit_line(&project).contains("damaged histories are kept in"));
    assert!(project.daemon_log().contains("VS-5012"));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(project.run(&["registry", "verify"]).code, Some(0));
}

#[test]
fn history_with_truncated_packs_begins_anew() {
    must_begin_anew(truncate_packs);
}

#[test]
fn history_with_a_garbage_branch_begins_anew() {
    must_begin_anew(|project| {
        let branch = project.root().join(".git_safety/.git/refs/heads/main");
        replace(&branch, b"garbage");
    });
}

#[test]
fn history_without_its_objects_begins_anew() {
    must_begin_anew(|project| {
        for path in packs(project) {
            fs::remove_file(path).unwrap();
        }
    });
}

/// The daemon runs, and has not read the older pack when it disappears. A commit that changes the older object needs it.
#[test]
fn history_that_is_damaged_at_a_commit_begins_anew() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, at(1.0)));
    wait_until_current(&project);
    let old = packs(&project);
    edit(&mut blender, create(OTHER, at(1.0)));
    wait_until_current(&project);
    drop(blender);
    assert!(daemon.stop().unwrap().success());

    let daemon = project.start();
    let mut blender = join(&daemon);
    wait_until_current(&project);
    for path in old {
        fs::remove_file(path).unwrap();
    }
    edit(&mut blender, moved(CUBE, at(2.0)));
    let deadline = Instant::now() + TIMEOUT;
    while moved_aside(&project) == 0 {
        assert!(Instant::now() < deadline, "the damage is never found");
        blender.linger(Duration::from_millis(100)).unwrap();
    }
    wait_until_current(&project);
    assert!(
        labels(&project)
            .last()
            .unwrap()
            .starts_with("The whole scene")
    );
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(project.run(&["registry", "verify"]).code, Some(0));
}

#[test]
fn history_that_is_damaged_at_its_compaction_begins_anew() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, at(0.0)));
    wait_until_current(&project);
    // Sixteen packs are joined.
    let mut height = 1.0;
    while packs(&project).len() < 2 * 15 {
        edit(&mut blender, moved(CUBE, at(height)));
        wait_until_current(&project);
        height += 1.0;
    }
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    // The first object of a pack is the old state of an entity, which only the compaction reads.
    let mut old = packs(&project);
    old.retain(|path| path.extension().is_some_and(|end| end == "pack"));
    old.sort();
    let mut bytes = fs::read(&old[5]).unwrap();
    bytes[24] ^= 0xff;
    replace(&old[5], &bytes);
    let daemon = project.start();
    let mut blender = join(&daemon);
    let deadline = Instant::now() + TIMEOUT;
    while moved_aside(&project) == 0 {
        edit(&mut blender, moved(CUBE, at(height)));
        height += 1.0;
        blender.linger(Duration::from_millis(700)).unwrap();
        assert!(Instant::now() < deadline, "the damage is never found");
    }
    wait_until_current(&project);
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(project.run(&["registry", "verify"]).code, Some(0));
}

#[test]
fn damaged_head_of_the_history_is_written_anew() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, at(1.0)));
    wait_until_current(&project);
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    replace(&project.root().join(".git_safety/.git/HEAD"), b"garbage");
    let line = audit_line(&project);
    assert!(
        line.starts_with("fail") && line.contains("VS-5012"),
        "{line}"
    );
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, moved(CUBE, at(2.0)));
    wait_until_current(&project);
    assert_eq!(labels(&project).len(), 2, "the history stays");
    assert_eq!(moved_aside(&project), 0);
    drop(blender);
    assert!(daemon.stop().unwrap().success());
}
