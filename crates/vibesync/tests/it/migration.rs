//! Projects that an older or a newer version of the program has written.

use std::fs;
use std::path::{Path, PathBuf};

use vibesync_scene::{BlobId, LOG_VERSION, Role};
use vibesync_testkit::EditorSession;

use crate::harness::{CUBE, TIMEOUT, editor};
use crate::project::{TestProject, copy_folder};

/// Copies the fixture of version 1: a project after a day of work, with a truncated and compressed log.
fn first_version() -> TestProject {
    let project = TestProject::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/project-v1");
    copy_folder(&fixture, &project.root().join(".vibesync"));
    project
}

fn lines(project: &TestProject, args: &[&str]) -> Vec<String> {
    let ran = project.run(args);
    assert_eq!(ran.code, Some(0), "{args:?}: {ran:?}");
    ran.out.lines().map(str::to_owned).collect()
}

#[test]
fn project_of_version_1_is_served_and_migrated_visibly() {
    let project = first_version();
    let before = lines(&project, &["log", "replay"]);
    assert!(
        before.iter().any(|line| line.contains("sequence 943")),
        "{before:?}"
    );
    let doctor = project.run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    assert!(doctor.out.contains("version 1"), "{doctor:?}");

    let daemon = project.start();
    let joined = EditorSession::join(&daemon, editor(&daemon, Role::Blender), TIMEOUT);
    let mut blender = joined.unwrap();
    while !blender.editor.entities.contains_key(&CUBE) {
        blender.hear().unwrap();
    }
    drop(blender);
    assert!(daemon.stop().unwrap().success());

    let told = lines(&project, &["log", "grep", "--phase", "migrate"]);
    let said = format!("log: version {LOG_VERSION} after 1");
    assert!(told.len() == 1 && told[0].contains(&said), "{told:?}");
    let now = format!("schema={LOG_VERSION}");
    assert!(told[0].ends_with(&now), "{told:?}");
    lines(&project, &["log", "verify"]);
    lines(&project, &["log", "replay"]);
    lines(&project, &["registry", "verify"]);
    let doctor = lines(&project, &["doctor"]).join("\n");
    assert!(!doctor.contains("version 1"), "{doctor}");

    assert!(project.start().stop().unwrap().success());
    assert_eq!(
        lines(&project, &["log", "grep", "--phase", "migrate"]),
        told
    );
}

/// Reads every file of a project except the log messages of the program and its lock.
fn files(project: &TestProject) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![project.root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with(".vibesync/log") => {}
                true => folders.push(path),
                false if path.ends_with("lock") || path.ends_with("lock.pid") => {}
                false => found.push((path.clone(), fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn project_of_newer_version_is_refused_and_left_unchanged() {
    let newer = "{\"schema_version\":99}\n";
    // The hash must be right: a damaged file counts as damaged, not as newer.
    let whole = format!(
        "{newer}{{\"hash\":\"{}\"}}\n",
        BlobId::hash(newer.as_bytes())
    );
    for (file, text, location) in [
        (
            "project.json",
            r#"{"schema_version":99,"new":1}"#,
            "project.json",
        ),
        ("wal/cuts.jsonl", newer, "cuts.jsonl, line 1"),
        (
            "checkpoints/00000000000000000925.checkpoint.jsonl",
            &whole,
            "00000000000000000925.checkpoint.jsonl, line 1",
        ),
    ] {
        let project = first_version();
        project.file(&format!(".vibesync/{file}"), text);
        for folder in ["blobs", "checkpoints", "wal"] {
            fs::create_dir_all(project.root().join(".vibesync").join(folder)).unwrap();
        }
        let before = files(&project);
        let ran = project.run(&["run"]);
        assert_eq!(ran.code, Some(1), "{file}: {ran:?}");
        assert!(
            ran.err.contains("VS-5008") && ran.err.contains(location) && ran.err.contains("99"),
            "{ran:?}"
        );
        assert_eq!(files(&project), before, "{file}");
        let doctor = project.run(&["doctor"]);
        let named = doctor.out.lines().any(|line| {
            line.starts_with("fail") && line.contains("VS-5008") && line.contains(location)
        });
        assert!(named && doctor.code == Some(1), "{file}: {doctor:?}");
    }
}
