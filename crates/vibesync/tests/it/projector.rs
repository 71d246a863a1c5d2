//! Registry and git history resume after a restart, however the daemon ended.

use std::time::{Duration, Instant};

use vibesync_protocol::{AckStatus, Intent, SCHEMA_VERSION};
use vibesync_scene::{Change, OperationId, ProjectId, Transform, Uuid};
use vibesync_store::audit::History;
use vibesync_testkit::{Client, Daemon};

use crate::harness::{TIMEOUT, agent, create};
use crate::project::{AGENTS_WORK, TestProject};
use crate::shutdown::intend;

/// Number of changes before each end of the daemon.
const CHANGES: u128 = 25;

/// Creates an object, or moves the first one.
fn change(number: u128) -> Change {
    let transform = Transform {
        translation: [number as f64, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    let uuid = if number.is_multiple_of(2) { number } else { 1 };
    create(Uuid::from_u128(uuid), transform)
}

/// The changes that were made so far.
#[derive(Default)]
struct Progress {
    done: u128,
    /// Sequence of the newest. An agent may change only what it has seen.
    seq: u64,
}

fn work(daemon: &Daemon, client: &mut Client, progress: &mut Progress) {
    let project: ProjectId = daemon.discovery().project_id;
    for _ in 0..CHANGES {
        progress.done += 1;
        let done = progress.done;
        let intent = Intent {
            operation_id: OperationId(Uuid::from_u128(done)),
            project_id: project,
            schema_version: SCHEMA_VERSION,
            base_seq: progress.seq,
            label: format!("Change {done}"),
            dry_run: false,
            changes: vec![change(done)],
            request_id: None,
        };
        let (status, seq) = intend(client, &intent);
        assert_eq!(status, AckStatus::Accepted);
        progress.seq = seq;
    }
}

fn commits(project: &TestProject) -> usize {
    let history = History::open(&project.root().join(".git_safety")).unwrap();
    history.map_or(0, |history| {
        history.log().unwrap().map(Result::unwrap).count()
    })
}

#[test]
fn kill_loses_no_commit_and_needs_no_rebuild() {
    let project = TestProject::with_working_agents();
    project.file(
        ".vibesync/vibesync.toml",
        &format!("[wal]\ncheckpoint_every = 100\n\n{AGENTS_WORK}"),
    );
    let mut progress = Progress::default();
    for end in 0..6_u64 {
        let daemon = project.start();
        work(&daemon, &mut agent(&daemon), &mut progress);
        // Kills at once, in the middle of a round of the projector, and after the round.
        std::thread::sleep(Duration::from_millis(end * 130));
        drop(daemon);
    }
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut progress);
    let expected = progress.done as usize;
    let deadline = Instant::now() + TIMEOUT;
    while commits(&project) < expected {
        assert!(Instant::now() < deadline, "{} commits", commits(&project));
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(daemon.stop().unwrap().success());
    assert_eq!(commits(&project), expected, "one commit for each change");
    let log = project.daemon_log();
    assert!(!log.contains("VS-5004"), "{log}");
    // A kill may leave git's lock on the branch. For five seconds the daemon takes it for the lock of another git.
    let mut lags = log.lines().filter(|line| line.contains("try again"));
    assert!(lags.all(|line| line.contains("main.lock is held")), "{log}");
    assert!(log.contains("\"checkpoint\""), "no checkpoint was written");
    for args in [&["registry", "verify"][..], &["log", "replay"], &["doctor"]] {
        let ran = project.run(args);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
}

#[test]
fn deleted_history_restarts_with_the_whole_scene() {
    let project = TestProject::with_working_agents();
    let mut progress = Progress::default();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut progress);
    assert!(daemon.stop().unwrap().success());
    std::fs::remove_dir_all(project.root().join(".git_safety")).unwrap();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut progress);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(commits(&project), CHANGES as usize + 1);
    let history = History::open(&project.root().join(".git_safety"))
        .unwrap()
        .unwrap();
    let newest = history.log().unwrap().next().unwrap().unwrap();
    let entities = history.entities(&newest.commit).unwrap();
    assert_eq!(
        entities.len(),
        progress.done as usize / 2 + 1,
        "all that is even, and the first"
    );
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}

#[test]
fn damaged_registry_is_rebuilt_from_checkpoint_and_log() {
    let project = TestProject::with_working_agents();
    project.file(
        ".vibesync/vibesync.toml",
        &format!("[wal]\ncheckpoint_every = 100\n\n{AGENTS_WORK}"),
    );
    let mut progress = Progress::default();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut progress);
    work(&daemon, &mut agent(&daemon), &mut progress);
    assert!(daemon.stop().unwrap().success());
    let db = project.root().join(".vibesync/registry/db");
    let mut bytes = std::fs::read(&db).unwrap();
    bytes.iter_mut().step_by(97).for_each(|byte| *byte ^= 0x55);
    vibesync_store::durable::write(&db, &bytes).unwrap();
    let daemon = project.start();
    work(&daemon, &mut agent(&daemon), &mut progress);
    assert!(daemon.stop().unwrap().success());
    assert!(
        project.daemon_log().contains("VS-5004"),
        "{}",
        project.daemon_log()
    );
    assert_eq!(commits(&project), progress.done as usize);
    let ran = project.run(&["registry", "verify"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
}
