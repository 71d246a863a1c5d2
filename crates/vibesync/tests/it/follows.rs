//! What is made from the log goes on where it ended, however the daemon ends.

use std::time::{Duration, Instant};

use vibesync_protocol::{AckStatus, Intent, SCHEMA_VERSION};
use vibesync_scene::{Change, OperationId, ProjectId, Transform, Uuid};
use vibesync_store::audit::History;
use vibesync_testkit::{Client, Daemon};

use crate::endings::intend;
use crate::project::TestProject;
use crate::stage::{PATIENCE, agent, create};

/// Changes before each end.
const CHANGES: u128 = 25;

/// An object that is new, or the first one at another place.
fn change(number: u128) -> Change {
    let transform = Transform {
        translation: [number as f64, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    let uuid = if number.is_multiple_of(2) { number } else { 1 };
    create(Uuid::from_u128(uuid), transform)
}

fn work(daemon: &Daemon, client: &mut Client, done: &mut u128) {
    let project: ProjectId = daemon.discovery().project_id;
    for _ in 0..CHANGES {
        *done += 1;
        let intent = Intent {
            operation_id: OperationId(Uuid::from_u128(*done)),
            project_id: project,
            schema_version: SCHEMA_VERSION,
            base_seq: 0,
            label: format!("Change {done}"),
            changes: vec![change(*done)],
        };
        assert_eq!(intend(client, &intent).0, AckStatus::Accepted);
    }
}

fn commits(project: &TestProject) -> usize {
    let history = History::open(&project.root().join(".git_safety")).unwrap();
    history.map_or(0, |history| {
        history.log().unwrap().map(Result::unwrap).count()
    })
}

/// What the daemon said, over all its runs.
fn said(project: &TestProject) -> String {
    let files = std::fs::read_dir(project.root().join(".vibesync/log")).unwrap();
    files
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

#[cfg(unix)]
#[test]
fn a_kill_costs_no_commit_and_no_rebuild() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[wal]\ncheckpoint_every = 100\n");
    let mut done = 0;
    for end in 0..6_u64 {
        let daemon = project.start();
        work(&daemon, &mut agent(&daemon), &mut done);
        // At once, in the middle of a round, after it.
        std::thread::sleep(Duration::from_millis(end * 130));
        drop(daemon);
    }
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut done);
    let expected = done as usize;
    let deadline = Instant::now() + PATIENCE;
    while commits(&project) < expected {
        assert!(Instant::now() < deadline, "{} commits", commits(&project));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(daemon.stop().unwrap().success());
    assert_eq!(commits(&project), expected, "one commit for each change");
    let said = said(&project);
    assert!(!said.contains("VS-5004"), "{said}");
    // A kill may leave git's lock on the branch, which counts as somebody else's for five seconds.
    let mut lags = said.lines().filter(|line| line.contains("try again"));
    assert!(
        lags.all(|line| line.contains("main.lock is held")),
        "{said}"
    );
    assert!(said.contains("\"checkpoint\""), "no checkpoint was written");
    for args in [&["registry", "verify"][..], &["log", "replay"], &["doctor"]] {
        let ran = project.run(args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_history_that_is_gone_goes_on_with_the_whole_scene() {
    let project = TestProject::new();
    let mut done = 0;
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut done);
    assert!(daemon.stop().unwrap().success());
    std::fs::remove_dir_all(project.root().join(".git_safety")).unwrap();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut done);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(commits(&project), CHANGES as usize + 1);
    let history = History::open(&project.root().join(".git_safety"))
        .unwrap()
        .unwrap();
    let newest = history.log().unwrap().next().unwrap().unwrap();
    let entities = history.entities(&newest.commit).unwrap();
    assert_eq!(
        entities.len(),
        done as usize / 2 + 1,
        "all that is even, and the first"
    );
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn a_damaged_registry_is_made_anew_from_checkpoint_and_log() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[wal]\ncheckpoint_every = 100\n");
    let mut done = 0;
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut done);
    work(&daemon, &mut agent(&daemon), &mut done);
    assert!(daemon.stop().unwrap().success());
    let db = project.root().join(".vibesync/registry/db");
    let mut bytes = std::fs::read(&db).unwrap();
    bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x55);
    vibesync_store::durable::write(&db, &bytes).unwrap();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut done);
    assert!(daemon.stop().unwrap().success());
    assert!(said(&project).contains("VS-5004"), "{}", said(&project));
    assert_eq!(commits(&project), done as usize);
    let ran = project.run(&["registry", "verify"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
