//! After damage or loss of the log: what `recover`, `backup` and `restore` bring back.

mod backup;
pub mod fixture;

use std::fs;
use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_scene::{Change, Role};
use vibesync_testkit::EditorSession;

use self::fixture::{Fixture, OBJECTS, SEGMENTS, at, edit, join, object};
use crate::harness::{TIMEOUT, create, moved};

#[test]
fn damaged_log_is_recovered_from_the_registry() {
    let fixture = Fixture::new();
    fixture.damage_log();
    let refused = fixture.run(&["run"]);
    assert!(refused.err.contains("VS-5001"), "{refused:?}");
    assert!(refused.err.contains("vibesync recover"), "{refused:?}");
    let ran = fixture.recover("registry");
    assert!(
        ran.out
            .contains("not further: segment 00000000000000000001.jsonl, line "),
        "{ran:?}"
    );
    fixture.expect_whole_scene();
    let grep = fixture.run(&["log", "grep", "--phase", "recover"]);
    assert!(
        grep.out.contains("from registry by ada: segment"),
        "{grep:?}"
    );
}

#[test]
fn lost_log_is_recovered_from_the_registry() {
    let fixture = Fixture::new();
    fixture.lose(".vibesync/wal");
    let refused = fixture.run(&["run"]);
    assert!(refused.err.contains("VS-5010"), "{refused:?}");
    fixture.recover("registry");
    fixture.expect_whole_scene();
}

#[test]
fn lost_log_is_recovered_from_the_audit() {
    let fixture = Fixture::new();
    fixture.lose(".vibesync/wal");
    fixture.lose(".vibesync/registry");
    fixture.recover("audit:");
    fixture.expect_whole_scene();
}

#[test]
fn lost_log_is_recovered_from_a_checkpoint() {
    let fixture = Fixture::with("[wal]\ncheckpoint_every = 100\n", 10);
    fixture.lose(".vibesync/wal");
    fixture.lose(".vibesync/registry");
    fixture.lose(".git_safety");
    fixture.recover("checkpoint:");
    let daemon = fixture.project.start();
    let mut unity = join(&daemon, Role::Unity);
    let deadline = Instant::now() + TIMEOUT;
    while unity.editor.entities.len() < OBJECTS as usize {
        unity.linger(Duration::from_millis(20)).unwrap();
        assert!(Instant::now() < deadline, "{:#?}", unity.editor.entities);
    }
}

#[test]
fn project_without_project_json_is_recovered() {
    let fixture = Fixture::new();
    fixture.damage_log();
    fs::remove_file(fixture.path(".vibesync/project.json")).unwrap();
    fixture.recover("registry");
    fixture.expect_whole_scene();
}

#[test]
fn healthy_project_is_not_recovered() {
    let fixture = Fixture::new();
    let before = fs::read(fixture.path(".vibesync/wal/00000000000000000001.jsonl")).unwrap();
    let ran = fixture.run(&["recover", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.out.contains("nothing to recover"), "{ran:?}");
    let after = fs::read(fixture.path(".vibesync/wal/00000000000000000001.jsonl")).unwrap();
    assert!(before == after && !fixture.path(".vibesync/recovered").exists());
}

#[test]
fn recovery_without_an_answer_changes_nothing() {
    let fixture = Fixture::new();
    fixture.damage_log();
    let ran = fixture.run(&["recover"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.err.contains("A new log begins from"), "{ran:?}");
    assert!(ran.err.contains("Add --yes"), "{ran:?}");
    assert!(!fixture.path(".vibesync/recovered").exists());
    assert!(fixture.run(&["run"]).err.contains("VS-5001"));
}

#[test]
fn list_shows_every_witness_and_its_loss() {
    let fixture = Fixture::new();
    fixture.damage_log();
    let ran = fixture.run(&["recover", "--list", "--json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    let names: Vec<&str> = report["witnesses"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["witness"].as_str().unwrap().split(':').next().unwrap())
        .collect();
    assert_eq!(names, ["log", "registry", "audit"]);
    assert_eq!(report["best"], "registry");
    let log = &report["witnesses"][0];
    assert!(log["lost"]["records"].as_u64().unwrap() > 5, "{report}");
    assert_eq!(report["witnesses"][1]["lost"]["records"], 0);
    let text = fixture.run(&["recover", "--list"]).out;
    assert!(text.contains("commits of the audit"), "{text}");
    assert!(text.contains("editors: asked when they connect"), "{text}");
}

#[test]
fn recover_and_restore_are_refused_while_a_daemon_runs() {
    let fixture = Fixture::new();
    let backup = fixture.path("robot.tar").display().to_string();
    assert_eq!(fixture.run(&["backup", &backup]).code, Some(0));
    let _daemon = fixture.project.start();
    for args in [&["recover", "--yes"][..], &["restore", &backup, "--yes"]] {
        let ran = fixture.run(args);
        assert!(ran.err.contains("VS-6002"), "{ran:?}");
    }
}

#[test]
fn unknown_witness_is_refused() {
    let fixture = Fixture::new();
    for (from, code) in [("checkpoint:7", "VS-5001"), ("audit:ffffffffff", "VS-5007")] {
        let ran = fixture.run(&["recover", "--yes", "--from", from]);
        assert!(ran.err.contains(code), "{ran:?}");
    }
    assert_eq!(fixture.run(&["recover", "--from", "memory"]).code, Some(2));
}

#[test]
fn interrupted_recovery_is_finished_by_the_next_start() {
    let fixture = Fixture::new();
    fixture.damage_log();
    fixture.recover("registry");
    // Sets the files back to the moment at which the recovery was decided and nothing was moved.
    let kept = fs::read_dir(fixture.path(".vibesync/recovered")).unwrap();
    let kept = kept.map(|it| it.unwrap().path()).next().unwrap();
    let home = fixture.path(".vibesync");
    fs::rename(home.join("wal"), home.join("wal.recovering")).unwrap();
    fs::rename(kept.join("wal"), home.join("wal")).unwrap();
    fs::rename(kept.join("registry"), home.join("registry")).unwrap();
    let project_file = fs::read_to_string(home.join("project.json")).unwrap();
    let name = kept.file_name().unwrap().to_str().unwrap();
    let plan = serde_json::json!({
        "schema_version": 1,
        "kept": format!("recovered/{name}"),
        "staged": ["wal"],
        "project_file": project_file,
    });
    fixture
        .project
        .file(".vibesync/recovery.json", &plan.to_string());
    let doctor = fixture.run(&["doctor"]).out;
    assert!(doctor.contains("a recovery was interrupted"), "{doctor}");
    let backup = fixture.path("robot.tar").display().to_string();
    assert!(
        fixture
            .run(&["backup", &backup])
            .err
            .contains("interrupted")
    );
    fixture.expect_whole_scene();
    assert!(!home.join("recovery.json").exists());
}

#[test]
fn damage_that_a_checkpoint_covers_is_told_while_serving() {
    let fixture = Fixture::with(SEGMENTS, 20);
    // Compressed and plain segments; the last ones are not covered.
    for name in fs::read_dir(fixture.path(".vibesync/wal")).unwrap() {
        let path = name.unwrap().path();
        if path.to_str().unwrap().contains("0001.jsonl") {
            let mut bytes = fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            vibesync_store::durable::write(&path, &bytes).unwrap();
        }
    }
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    let deadline = Instant::now() + TIMEOUT;
    let status = loop {
        let status = fixture.run(&["status"]).out;
        if status.contains("the log is damaged") {
            break status;
        }
        assert!(Instant::now() < deadline, "{status}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(
        status.contains("VS-5001") && status.contains("segment 00000000000000000001"),
        "{status}"
    );
    edit(&mut blender, moved(object(1), at(-1.0)));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let logged = fixture.project.daemon_log();
    assert!(logged.contains("a part of the log that a checkpoint covers is damaged"));
    fixture.recover("checkpoint:");
}

#[test]
fn editor_brings_back_what_the_recovery_lost() {
    let mut fixture = Fixture::new();
    // The editor changes, creates and deletes once more.
    let daemon = fixture.project.start();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    edit(&mut blender, moved(object(1), at(-1.0)));
    edit(&mut blender, create(object(9), at(9.0)));
    edit(&mut blender, Change::Delete { uuid: object(2) });
    fixture.blender = blender.editor.clone();
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    fixture.damage_log();
    fixture.lose(".vibesync/registry");
    fixture.lose(".git_safety");
    fixture.recover("log");
    let daemon = fixture.project.start();
    let expected = fixture.blender.clone();
    fixture.blender.disconnect();
    let mut blender = EditorSession::join(&daemon, fixture.blender.clone(), TIMEOUT).unwrap();
    let mut unity = join(&daemon, Role::Unity);
    let deadline = Instant::now() + TIMEOUT;
    let has_all = |session: &EditorSession| {
        session.editor.entities == expected.entities && session.editor.outbox.is_empty()
    };
    while !has_all(&blender) || !has_all(&unity) {
        blender.linger(Duration::from_millis(20)).unwrap();
        unity.linger(Duration::from_millis(20)).unwrap();
        let found = [&blender.editor.entities, &unity.editor.entities];
        let wanted = &expected.entities;
        assert!(Instant::now() < deadline, "{found:#?} are not {wanted:#?}");
    }
    assert_eq!(blender.editor.refusals, []);
}
