//! Backups: taken from a working daemon, restored beside editors that know more.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::Value;
use vibesync_scene::Role;
use vibesync_store::backup::Archive;
use vibesync_store::boot;
use vibesync_store::disk::RealDisk;
use vibesync_testkit::EditorSession;

use super::fixture::{
    Fixture, OBJECTS, SEGMENTS, at, edit, join, object, wait_for_answers, wait_for_scene,
};
use crate::harness::{TIMEOUT, moved};
use crate::project::TestProject;
use crate::scenario::create_triangle;

/// Backs up again and again while an editor works; returns the backups.
fn back_up_while_editing(fixture: &Fixture, count: usize) -> Vec<PathBuf> {
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    std::thread::scope(|scope| {
        let backups = scope.spawn(|| {
            let back_up = |n| {
                let path = fixture.path(&format!("backup{n}.tar"));
                let ran = fixture.run(&["backup", path.to_str().unwrap()]);
                assert_eq!(ran.code, Some(0), "{ran:?}");
                path
            };
            (0..count).map(back_up).collect::<Vec<_>>()
        });
        let mut x = 0.0;
        while !backups.is_finished() {
            x += 1.0;
            edit(&mut blender, moved(object(1), at(x)));
        }
        backups.join().unwrap()
    })
}

#[test]
fn backup_of_a_working_daemon_is_consistent() {
    let fixture = Fixture::with(SEGMENTS, 2);
    let mut last = 0;
    for path in back_up_while_editing(&fixture, 5) {
        let disk = Arc::new(RealDisk);
        let archive = Archive::open(disk, &path).unwrap();
        let tip = archive.verify().unwrap();
        let state = boot::replay(Arc::new(archive), Archive::wal(), tip).unwrap();
        assert_eq!(state.scene.live_count(), OBJECTS as usize);
        assert!(tip.seq >= last);
        last = tip.seq;
    }
}

#[test]
fn backup_is_restored_into_an_empty_folder() {
    let mut fixture = Fixture::new();
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    let mesh = create_triangle(&mut blender.editor);
    edit(&mut blender, mesh);
    fixture.blender = blender.editor.clone();
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let backup = fixture.path("robot.tar").display().to_string();
    let ran = fixture.run(&["backup", &backup, "--json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(report["entities"], OBJECTS + 1);
    let other = Fixture {
        project: TestProject::new(),
        blender: fixture.blender.clone(),
    };
    let ran = other.run(&["restore", &backup, "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    other.expect_whole_scene();
    // All of the log is there.
    let first = other.run(&["log", "show", "1"]);
    assert_eq!(first.code, Some(0), "{first:?}");
    assert!(
        other
            .run(&["log", "grep", "--phase", "begin"])
            .out
            .lines()
            .count()
            >= 12
    );
}

#[test]
fn backup_of_another_project_is_refused() {
    let (fixture, other) = (Fixture::new(), Fixture::new());
    let backup = fixture.path("robot.tar").display().to_string();
    fixture.run(&["backup", &backup]);
    let ran = other.run(&["restore", &backup, "--yes"]);
    assert!(ran.err.contains("VS-2003"), "{ran:?}");
    other.expect_whole_scene();
}

#[test]
fn damaged_backup_is_refused_before_anything_changes() {
    let fixture = Fixture::new();
    let path = fixture.path("robot.tar");
    let backup = path.display().to_string();
    fixture.run(&["backup", &backup]);
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    vibesync_store::durable::write(&path, &bytes).unwrap();
    let ran = fixture.run(&["restore", &backup, "--yes"]);
    assert!(ran.err.contains("VS-5011"), "{ran:?}");
    assert!(!fixture.path(".vibesync/recovered").exists());
    fixture.expect_whole_scene();
}

#[test]
fn older_backup_replaces_the_newer_log() {
    let mut fixture = Fixture::new();
    let backup = fixture.path("robot.tar").display().to_string();
    fixture.run(&["backup", &backup]);
    let expected = fixture.blender.clone();
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    edit(&mut blender, moved(object(1), at(-5.0)));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let ran = fixture.run(&["restore", &backup, "--yes", "--why", "the move was wrong"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("more than the backup"), "{ran:?}");
    fixture.expect_recorded_epoch();
    let grep = fixture.run(&["log", "grep", "--phase", "recover"]);
    assert!(grep.out.contains("the move was wrong"), "{grep:?}");
    fixture.blender = expected;
    fixture.expect_whole_scene();
}

#[test]
fn editor_that_is_ahead_of_the_backup_brings_its_part_back() {
    let mut fixture = Fixture::new();
    let backup = fixture.path("robot.tar").display().to_string();
    fixture.run(&["backup", &backup]);
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    edit(&mut blender, moved(object(1), at(-5.0)));
    fixture.blender = blender.editor.clone();
    fixture.blender.disconnect();
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(fixture.run(&["restore", &backup, "--yes"]).code, Some(0));
    let daemon = fixture.project.start();
    let expected = fixture.blender.clone();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    wait_for_answers(&mut blender);
    wait_for_scene(&mut join(&daemon, Role::Unity), &expected);
    assert_eq!(blender.editor.entities, expected.entities);
}
