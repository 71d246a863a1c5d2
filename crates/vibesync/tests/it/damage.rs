//! What can be wrong with a disk, a clock or another git: nothing acknowledged is lost, and a person is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vibesync_protocol::DaemonMessage;
use vibesync_protocol::Status;
use vibesync_scene::{Change, Role, Transform};
use vibesync_testkit::trap::{Environment, Trap};
use vibesync_testkit::{Daemon, EditorSession, FakeEditor};

use crate::project::TestProject;
use crate::stage::{CUBE, PATIENCE, create, editor, moved, start};

/// Until something is so, but not for ever.
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn join(daemon: &Daemon) -> EditorSession {
    EditorSession::join(daemon, editor(daemon, Role::Blender), PATIENCE).unwrap()
}

/// One change, acknowledged.
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

/// What the daemon said in its own log, over all its runs.
fn said(project: &TestProject) -> String {
    let files = fs::read_dir(project.root().join(".vibesync/log")).unwrap();
    files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

#[test]
fn a_log_that_cannot_be_trusted_stops_the_daemon_with_segment_and_line() {
    let project = TestProject::new();
    let daemon = start(&project);
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

struct Trapped {
    project: TestProject,
    trap: Trap,
    folder: tempfile::TempDir,
}

impl Trapped {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trap = Trap::build(folder.path()).unwrap();
        let project = TestProject::new();
        Self {
            project,
            trap,
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
        let program = Path::new(env!("CARGO_BIN_EXE_vibesync"));
        Daemon::start_in(program, &self.user(), environment).unwrap()
    }
}

#[test]
fn a_full_disk_ends_the_daemon_with_its_code_and_nothing_acknowledged_is_lost() {
    let trapped = Trapped::new();
    let flag = trapped.file("full");
    let daemon = trapped.start(&trapped.trap.filling(&trapped.user(), &flag));
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    fs::File::create(&flag).unwrap();
    blender.edit(vec![moved(CUBE, height(2.0))]).unwrap();
    let told = loop {
        match blender.hear() {
            Ok(heard) => match heard.message {
                DaemonMessage::Error { error, fatal, .. } => break (error.code.to_string(), fatal),
                DaemonMessage::Ack { .. } => panic!("acknowledged, and not in the log"),
                _ => {}
            },
            Err(error) => panic!("closed without a word: {error}"),
        }
    };
    assert_eq!(told, ("VS-5003".to_owned(), true));
    assert_eq!(daemon.wait().unwrap().code(), Some(1));
    fs::remove_file(&flag).unwrap();

    let daemon = start(&trapped.project);
    let mut kept: FakeEditor = blender.editor;
    kept.disconnect();
    let mut blender = EditorSession::join(&daemon, kept, PATIENCE).unwrap();
    while !blender.editor.outbox.is_empty() {
        blender.hear().unwrap();
    }
    assert!(blender.editor.refusals.is_empty());
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let shown = trapped
        .project
        .run(&["registry", "show", &CUBE.to_string()]);
    assert!(shown.out.contains("2.0"), "{shown:?}");
    assert_eq!(trapped.project.run(&["doctor"]).code, Some(0));
}

#[test]
fn a_clock_that_goes_back_is_told_and_changes_nothing_else() {
    let trapped = Trapped::new();
    let clock = trapped.file("clock");
    let set = |seconds: i64| {
        let text = seconds.to_string();
        vibesync_store::durable::write(&clock, text.as_bytes()).unwrap();
    };
    set(0);
    let daemon = trapped.start(&trapped.trap.misdating(&clock));
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    // An hour; then to before 1970, as on a machine without a battery.
    for (seconds, at) in [(-3_600, 2.0), (-4_000_000_000, 3.0)] {
        set(seconds);
        edit(&mut blender, moved(CUBE, height(at)));
        // Heartbeats and time limits go on.
        blender.linger(Duration::from_millis(300)).unwrap();
    }
    wait_until("the log says so", || {
        said(&trapped.project)
            .matches("the clock went back")
            .count()
            >= 2
    });
    set(3_600);
    edit(&mut blender, moved(CUBE, height(4.0)));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    let doctor = trapped.project.run(&["doctor"]);
    assert_eq!(doctor.code, Some(0), "{doctor:?}");
    let line = doctor.out.lines().find(|line| line.contains(" clock "));
    assert!(
        line.is_some_and(|line| line.starts_with("warn")),
        "the log is an hour ahead: {doctor:?}"
    );
    assert_eq!(trapped.project.run(&["log", "replay"]).code, Some(0));
    let times = trapped
        .project
        .run(&["log", "grep", "--until", "1970-01-02T00:00:00Z"]);
    assert!(times.out.contains("1970-01-01T00:00:00"), "{times:?}");
}

/// The last sequence that the history has a commit of, and whether doctor is content with it.
fn is_current(project: &TestProject) -> bool {
    let doctor = project.run(&["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" audit "));
    line.is_some_and(|line| line.starts_with("ok") && line.contains("every verified"))
}

/// How often the daemon said that what is made from the log lags behind, and that it does not any more.
fn told(project: &TestProject) -> (usize, usize) {
    let said = said(project);
    let count = |text: &str| said.matches(text).count();
    (
        count("projections lag behind"),
        count("projections follow the log again"),
    )
}

#[test]
fn a_history_held_by_another_git_is_told_once_and_catches_up_by_itself() {
    let project = TestProject::new();
    let daemon = start(&project);
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    wait_until("the first commit", || is_current(&project));
    let lock = project.root().join(".git_safety/.git/refs/heads/main.lock");
    // Another git that holds it again and again.
    let hold = || drop(fs::File::create(&lock).unwrap());
    hold();
    for at in 2..5 {
        edit(&mut blender, moved(CUBE, height(f64::from(at))));
    }
    wait_until("the status tells", || {
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
    // Tried again, and told once; unless this test was so slow that the lock looked like one that was left behind.
    let (lags, over) = told(&project);
    assert_eq!(lags, over + 1);
    fs::remove_file(&lock).unwrap();
    wait_until("it catches up", || is_current(&project));
    wait_until("the status is content", || {
        status(&project).lagging.is_none()
    });
    let (lags, over) = told(&project);
    assert_eq!(lags, over);
}

#[test]
fn a_history_that_is_damaged_is_told_and_goes_on_once_it_is_repaired() {
    let project = TestProject::new();
    let daemon = start(&project);
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    wait_until("the first commit", || is_current(&project));
    drop(blender);
    daemon.stop().unwrap();
    let head = project.root().join(".git_safety/.git/HEAD");
    let whole = fs::read(&head).unwrap();
    fs::remove_file(&head).unwrap();
    let doctor = project.run(&["doctor"]);
    let line = doctor.out.lines().find(|line| line.contains(" audit "));
    assert!(
        line.is_some_and(|line| line.starts_with("fail") && line.contains("VS-5005")),
        "{doctor:?}"
    );

    let daemon = start(&project);
    let mut blender = join(&daemon);
    edit(&mut blender, moved(CUBE, height(2.0)));
    wait_until("the status tells", || {
        let lagging = status(&project).lagging;
        lagging.is_some_and(|why| why.contains("VS-5005"))
    });
    vibesync_store::durable::write(&head, &whole).unwrap();
    wait_until("it goes on", || is_current(&project));
    drop(blender);
    assert!(daemon.stop().unwrap().success());
    assert_eq!(project.run(&["registry", "verify"]).code, Some(0));
}

#[test]
fn a_history_that_was_moved_away_begins_anew_without_a_restart() {
    let project = TestProject::new();
    let daemon = start(&project);
    let mut blender = join(&daemon);
    edit(&mut blender, create(CUBE, height(1.0)));
    wait_until("the first commit", || is_current(&project));
    let folder = project.root().join(".git_safety");
    fs::rename(&folder, project.root().join("moved")).unwrap();
    edit(&mut blender, moved(CUBE, height(2.0)));
    wait_until("it begins anew", || folder.exists() && is_current(&project));
}
