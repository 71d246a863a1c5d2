//! A project as an older version left it, and one that a newer version has worked on.

use std::fs;
use std::path::{Path, PathBuf};

use vibesync_scene::{BlobId, LOG_VERSION, Role};
use vibesync_testkit::EditorSession;

use crate::project::{TestProject, copy_folder};
use crate::stage::{CUBE, PATIENCE, editor, start};

/// The `.vibesync` of a project after a day's work with the version before, whose log had been cut and compressed.
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

#[cfg(unix)]
#[test]
fn a_project_of_the_first_version_is_served_and_brought_to_this_one_in_the_open() {
    let project = first_version();
    let before = lines(&project, &["log", "replay"]);
    assert!(
        before.iter().any(|line| line.contains("sequence 943")),
        "{before:?}"
    );
    let doctor = project.run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    assert!(doctor.out.contains("version 1"), "{doctor:?}");

    let daemon = start(&project);
    let joined = EditorSession::join(&daemon, editor(&daemon, Role::Blender), PATIENCE);
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

    assert!(start(&project).stop().unwrap().success());
    assert_eq!(
        lines(&project, &["log", "grep", "--phase", "migrate"]),
        told
    );
}

/// Every file of a project but the program's own log and lock.
fn files(project: &TestProject) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![project.root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true if path.ends_with(".vibesync/log") => {}
                true => folders.push(path),
                false if path.ends_with("lock") => {}
                false => found.push((path.clone(), fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_a_newer_version_made_is_refused_by_name_and_not_touched() {
    let newer = "{\"schema_version\":99}\n";
    // What is damaged is not taken for newer, so its hash must be right.
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
