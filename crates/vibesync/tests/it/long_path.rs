//! A project whose path is longer than 260 characters, with blanks and letters of other scripts. So is the path of its
//! user's folders.

use std::path::{Path, PathBuf};

use vibesync_testkit::{Daemon, process};

use crate::harness::exchange;

const PROGRAM: &str = env!("CARGO_BIN_EXE_vibesync");

/// Runs a command, from a folder with a short path: Windows allows no other one as the current folder.
fn run(folder: &Path, args: &[&str]) -> (Option<i32>, String) {
    let mut command = process::command(PROGRAM);
    command
        .arg("--project")
        .arg(folder.join("project"))
        .args(args)
        .env("VIBESYNC_RUNTIME_DIR", folder.join("run"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .env("APPDATA", folder.join("config"))
        .env("HOME", folder);
    let output = command.output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

#[track_caller]
fn succeeds(folder: &Path, args: &[&str]) -> String {
    let (code, text) = run(folder, args);
    assert_eq!(code, Some(0), "{args:?}: {text}");
    text
}

fn start(folder: &Path) -> Daemon {
    Daemon::start(Path::new(PROGRAM), folder).unwrap()
}

fn stop(folder: &Path, daemon: Daemon) {
    succeeds(folder, &["stop"]);
    drop(daemon);
}

#[test]
fn project_with_a_long_path_lives_as_any_other() {
    let temporary = tempfile::tempdir().unwrap();
    let part = "Käfer mit Blanks und 日本語, die lange heißen";
    let folder: PathBuf = [temporary.path(), [part; 8].join("/").as_ref()]
        .iter()
        .collect();
    // Each part has the system's own separator.
    let folder: PathBuf = folder.components().collect();
    std::fs::create_dir_all(folder.join("project/.vibesync")).unwrap();
    assert!(folder.as_os_str().to_str().unwrap().chars().count() > 300);
    let settings = folder.join("project/.vibesync/vibesync.toml");
    vibesync_store::durable::write(&settings, b"[wal]\r\ncheckpoint_every = 100\r\n").unwrap();

    let daemon = start(&folder);
    assert_eq!(daemon.discovery().project_root, folder.join("project"));
    exchange(&daemon);
    succeeds(&folder, &["status"]);
    succeeds(&folder, &["doctor", "--deep"]);
    // As a crash.
    daemon.kill();

    let daemon = start(&folder);
    let doctor = succeeds(&folder, &["doctor"]);
    assert!(doctor.contains("vibesync.toml"), "{doctor}");
    let backup = folder.join("Käfer.tar");
    succeeds(&folder, &["backup", backup.to_str().unwrap()]);
    stop(&folder, daemon);
    let commits = succeeds(&folder, &["audit", "log"]);
    assert!(commits.contains("blender"), "{commits}");
    let registry = succeeds(&folder, &["registry", "list"]);
    assert!(registry.contains("Cube"), "{registry}");
    succeeds(&folder, &["log", "verify"]);

    std::fs::remove_dir_all(folder.join("project/.vibesync/wal")).unwrap();
    succeeds(&folder, &["restore", backup.to_str().unwrap(), "--yes"]);
    let daemon = start(&folder);
    succeeds(&folder, &["doctor"]);
    stop(&folder, daemon);
    let registry = succeeds(&folder, &["registry", "list"]);
    assert!(registry.contains("Cube"), "{registry}");
}
