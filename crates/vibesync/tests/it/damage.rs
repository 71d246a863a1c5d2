//! Faults of the disk, the clock and the git repository are reported, and lose no acknowledged change.

use std::fs;
#[cfg(target_os = "linux")]
use std::path::PathBuf;
use std::time::{Duration, Instant};

use vibesync_protocol::Status;
#[cfg(target_os = "linux")]
use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{Change, Role, Transform};
#[cfg(target_os = "linux")]
use vibesync_testkit::FakeEditor;
#[cfg(target_os = "linux")]
use vibesync_testkit::fault_injection::{Environment, FaultInjector};
use vibesync_testkit::{Daemon, EditorSession};

use crate::harness::{CUBE, TIMEOUT, create, editor, moved};
use crate::project::TestProject;

/// Waits until the condition holds; fails after [`TIMEOUT`].
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + TIMEOUT;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
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

fn height(height: f64) -> Transform {
    Transform {
        translation: [0.0, height, 0.0],
        ..Transform::IDENTITY
    }
}

fn status(project: &TestProject) -> Status {
    let ran = project.run(&["status", "--json"]);
    serde_json::from_str(&ran.out).unwrap()
}

#[test]
fn damaged_log_stops_the_daemon_with_segment_and_line() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let name = ".vibesync/wal/00000000000000000001.jsonl";
    let whole = fs::read_to_string(project.root().join(name)).unwrap();
    project.file(name, &whole.replacen("\"Cube\"", "\"Cuba\"", 1));
    let damaged = fs::read(project.root().join(name)).unwrap();
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(1));
    let location = "segment 00000000000000000001.jsonl, line ";
    assert!(
        ran.err.contains("VS-5001") && ran.err.contains(location),
        "{ran:?}"
    );
    assert_eq!(fs::read(project.root().join(name)).unwrap(), damaged);

    fs::remove_file(project.root().join(name)).unwrap();
    fs::create_dir(project.root().join(name)).unwrap();
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.err.contains("00000000000000000001.jsonl"), "{ran:?}");
    let doctor = project.run(&["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" log "));
    assert!(
        line.is_some_and(|line| line.starts_with("fail") && line.contains("0001.jsonl")),
        "{doctor:?}"
    );
}

#[cfg(target_os = "linux")]
struct FaultHarness {
    project: TestProject,
    injector: FaultInjector,
    folder: tempfile::TempDir,
}

#[cfg(target_os = "linux")]
impl FaultHarness {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let injector = FaultInjector::build(folder.path()).unwrap();
        let project = TestProject::new();
        Self {
            project,
            injector,
            folder,
        }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn user(&self) -> PathBuf {
        self.project.root().parent().unwrap().to_owned()
    }

    fn start(&self, environment: &Environment) -> Daemon {
        self.project.start_with(environment).unwrap()
    }
}

/// Sends a ping, and reads until its answer.
#[cfg(target_os = "linux")]
fn ping(session: &mut EditorSession) {
    let ping = ClientMessage::Ping {
        nonce: 7,
        head_seq: 0,
        editor_state: None,
    };
    session.client().send(&ping).unwrap();
    loop {
        if matches!(
            session.hear().unwrap().message,
            DaemonMessage::Pong { nonce: 7, .. }
        ) {
            return;
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn clients_are_served_while_a_change_waits_for_the_disk() {
    let harness = FaultHarness::new();
    let (flag, held) = (harness.file("slow"), harness.file("slow.held"));
    let log = harness.project.root().join(".vibesync/wal");
    let daemon = harness.start(&harness.injector.hold_syncs(&log, &flag));
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    let unity = editor(&daemon, Role::Unity);
    let mut unity = EditorSession::join(&daemon, unity, TIMEOUT).unwrap();
    ping(&mut unity);

    // It depends on the threads which one reads a change, and which one looks at the other connections.
    for x in 2..22 {
        fs::File::create(&flag).unwrap();
        blender
            .edit(vec![moved(CUBE, height(f64::from(x)))])
            .unwrap();
        wait_until("a sync waits", || held.exists());
        ping(&mut unity);
        ping(&mut blender);
        assert!(!blender.editor.outbox.is_empty(), "it is not durable");
        fs::remove_file(&flag).unwrap();
        while !blender.editor.outbox.is_empty() {
            blender.hear().unwrap();
        }
        fs::remove_file(&held).unwrap();
        unity.linger(Duration::from_millis(20)).unwrap();
    }
    assert!(daemon.stop().unwrap().success());
}

#[cfg(target_os = "linux")]
#[test]
fn full_disk_stops_the_daemon_and_loses_nothing_acknowledged() {
    let harness = FaultHarness::new();
    let flag = harness.file("full");
    let daemon = harness.start(&harness.injector.fill_disk(&harness.user(), &flag));
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    fs::File::create(&flag).unwrap();
    blender.edit(vec![moved(CUBE, height(2.0))]).unwrap();
    let error = loop {
        match blender.hear() {
            Ok(heard) => match heard.message {
                DaemonMessage::Error { error, fatal, .. } => break (error.code.to_string(), fatal),
                DaemonMessage::Ack { .. } => panic!("acknowledged, and not in the log"),
                _ => {}
            },
            Err(error) => panic!("closed without a word: {error}"),
        }
    };
    assert_eq!(error, ("VS-5003".to_owned(), true));
    assert_eq!(daemon.wait().unwrap().code(), Some(1));
    fs::remove_file(&flag).unwrap();

    let daemon = harness.project.start();
    let mut kept: FakeEditor = blender.editor;
    kept.disconnect();
    let mut blender = EditorSession::join(&daemon, kept, TIMEOUT).unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
    assert!(blender.editor.refusals.is_empty());
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let shown = harness
        .project
        .run(&["registry", "show", &CUBE.to_string()]);
    assert!(shown.out.contains("2.0"), "{shown:?}");
    assert_eq!(harness.project.run(&["doctor"]).code, Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn clock_that_goes_back_is_only_reported() {
    let harness = FaultHarness::new();
    let clock = harness.file("clock");
    let set = |seconds: i64| {
        let text = seconds.to_string();
        vibesync_store::durable::write(&clock, text.as_bytes()).unwrap();
    };
    set(0);
    let daemon = harness.start(&harness.injector.shift_clock(&clock));
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    // One hour back; then to before 1970, as on a machine whose clock has no battery.
    for (seconds, at) in [(-3_600, 2.0), (-4_000_000_000, 3.0)] {
        set(seconds);
        edit(&mut blender, moved(CUBE, height(at)));
        // Heartbeats and timeouts must not depend on this clock.
        blender.linger(Duration::from_millis(300)).unwrap();
    }
    wait_until("the log says so", || {
        harness
            .project
            .daemon_log()
            .matches("the clock went back")
            .count()
            >= 2
    });
    set(3_600);
    edit(&mut blender, moved(CUBE, height(4.0)));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let doctor = harness.project.run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    let line = doctor.out.lines().find(|line| line.contains(" clock "));
    assert!(
        line.is_some_and(|line| line.starts_with("warn")),
        "the log is an hour ahead: {doctor:?}"
    );
    assert_eq!(harness.project.run(&["log", "replay"]).code, Some(0));
    let times = harness
        .project
        .run(&["log", "grep", "--until", "1970-01-02T00:00:00Z"]);
    assert!(times.out.contains("1970-01-01T00:00:00"), "{times:?}");
}

/// Returns whether doctor reports that every verified change has a commit.
fn is_current(project: &TestProject) -> bool {
    let doctor = project.run(&["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" audit "));
    line.is_some_and(|line| line.starts_with("ok") && line.contains("every verified"))
}

/// Counts the reports that projections lag behind the log, and the reports that they have caught up.
fn count_lag_reports(project: &TestProject) -> (usize, usize) {
    let log = project.daemon_log();
    let count = |text: &str| log.matches(text).count();
    (
        count("projections lag behind"),
        count("projections follow the log again"),
    )
}

#[test]
fn locked_history_is_reported_once_and_catches_up() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    wait_until("the first commit", || is_current(&project));
    let lock = project.root().join(".git_safety/.git/refs/heads/main.lock");
    // Simulates another git process that takes the lock again and again.
    let hold = || drop(fs::File::create(&lock).unwrap());
    hold();
    for at in 2..5 {
        edit(&mut blender, moved(CUBE, height(f64::from(at))));
    }
    wait_until("the status names the lock", || {
        hold();
        let lagging = status(&project).lagging;
        lagging.is_some_and(|why| why.contains("held by another git"))
    });
    let text = project.run(&["status"]).out;
    assert!(text.contains("lag behind the log"), "{text}");
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until {
        hold();
        std::thread::sleep(Duration::from_millis(100));
    }
    // One report for all attempts. On a very slow machine the lock may look stale, which adds pairs of reports.
    let (lags, over) = count_lag_reports(&project);
    assert_eq!(lags, over + 1);
    fs::remove_file(&lock).unwrap();
    wait_until("the history catches up", || is_current(&project));
    wait_until("the status reports no lag", || {
        status(&project).lagging.is_none()
    });
    let (lags, over) = count_lag_reports(&project);
    assert_eq!(lags, over);
}

#[test]
fn moved_history_restarts_without_a_daemon_restart() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    wait_until("the first commit", || is_current(&project));
    let folder = project.root().join(".git_safety");
    fs::rename(&folder, project.root().join("moved")).unwrap();
    edit(&mut blender, moved(CUBE, height(2.0)));
    wait_until("it begins anew", || folder.exists() && is_current(&project));
}
