//! `vibesync stop`, and the goodbye of a daemon that ends.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use vibesync_protocol::{ClientMessage, DaemonMessage, Intent, Query, SCHEMA_VERSION};
use vibesync_scene::{OperationId, ProjectId, Role, Transform, Uuid};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{TIMEOUT, agent, create, dial, editor, expect_error, hear, status};
use crate::project::{TestProject, is_announced};

/// Number of answers of some 20 kB each.
const ANSWERS: u32 = 400;

/// The number of objects before each end of a daemon, the end, and its reason in the goodbye.
#[cfg(unix)]
const ENDS: [End; 2] = [
    (0, Daemon::stop, "the daemon was stopped (SIGTERM)"),
    (
        51,
        Daemon::hang_up,
        "the daemon was stopped (its terminal was closed)",
    ),
];
#[cfg(windows)]
const ENDS: [End; 1] = [(0, Daemon::stop, "the test has ended")];
type End = (
    usize,
    fn(Daemon) -> std::io::Result<std::process::ExitStatus>,
    &'static str,
);

/// Connects with a role and completes the handshake.
fn join(daemon: &Daemon, role: Role) -> Client {
    let mut client = dial(daemon);
    client
        .shake_hands(daemon, &mut editor(daemon, role))
        .unwrap();
    client
}

/// Receives until the daemon says goodbye, and then the end of the connection. Returns the reason.
fn goodbye(client: &mut Client) -> String {
    let reason = loop {
        if let DaemonMessage::Goodbye { reason } = hear(client) {
            break reason;
        }
    };
    assert_eq!(
        client.receive().unwrap_err().kind(),
        ErrorKind::UnexpectedEof
    );
    reason
}

#[test]
fn stop_ends_the_daemon_cleanly_and_waits() {
    let project = TestProject::new();
    let none = project.run(&["stop"]);
    assert_eq!(none.code, Some(0), "{none:?}");
    assert!(none.out.starts_with("no daemon runs in "), "{none:?}");
    let daemon = project.start();
    let mut agent = agent(&daemon);
    let stopped = project.run(&["stop"]);
    assert_eq!(stopped.code, Some(0), "{stopped:?}");
    assert!(stopped.out.ends_with("has stopped\n"), "{stopped:?}");
    assert!(!is_announced(&project.runtime()));
    assert!(goodbye(&mut agent).ends_with("(vibesync stop)"));
    let registry = project.run(&["registry", "verify"]);
    assert_eq!(registry.code, Some(0), "the registry is free: {registry:?}");
    let last = project.run(&["log", "tail", "-n", "1"]).out;
    assert!(last.contains("SHUTDOWN"), "{last}");
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn only_the_command_line_may_stop_the_daemon() {
    let project = TestProject::new();
    let daemon = project.start();
    for role in [Role::Agent, Role::Blender, Role::Unity] {
        let mut client = join(&daemon, role);
        let reason = "mischief".to_owned();
        client.send(&ClientMessage::Stop { reason }).unwrap();
        expect_error(&mut client, "VS-1005");
    }
}

/// Sends an intent that adds so many objects.
fn add(client: &mut Client, project_id: ProjectId, count: usize) {
    let changes = (0..count).map(|_| create(Uuid::new_v4(), Transform::IDENTITY));
    let intent = Intent {
        operation_id: OperationId(Uuid::new_v4()),
        project_id,
        schema_version: SCHEMA_VERSION,
        base_seq: 0,
        label: "Add".into(),
        dry_run: false,
        changes: changes.collect(),
        request_id: None,
    };
    client.send(&ClientMessage::Intent(intent)).unwrap();
}

#[test]
fn clients_hear_goodbye_after_all_answers() {
    let project = TestProject::with_working_agents();
    for (before, end, expected) in ENDS {
        let daemon = project.start();
        let (mut agent, mut unity) = (agent(&daemon), join(&daemon, Role::Unity));
        let mut observer = join(&daemon, Role::Cli);
        let project_id = daemon.discovery().project_id;
        add(&mut agent, project_id, 50);
        // More answers than the socket takes while nobody reads.
        for _ in 0..ANSWERS {
            let query = ClientMessage::Query {
                request_id: Uuid::new_v4(),
                what: Query::Entities,
                after: None,
                limit: Some(50),
            };
            agent.send(&query).unwrap();
        }
        add(&mut agent, project_id, 1);
        let deadline = Instant::now() + TIMEOUT;
        while status(&mut observer).entities < before + 51 {
            assert!(Instant::now() < deadline, "the messages are not taken");
        }
        let reader = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(500));
            let mut answers = 0;
            loop {
                match hear(&mut agent) {
                    DaemonMessage::Result { .. } => answers += 1,
                    DaemonMessage::Goodbye { reason } => break (answers, reason),
                    _ => {}
                }
            }
        });
        assert!(end(daemon).unwrap().success());
        assert_eq!(reader.join().unwrap(), (ANSWERS, expected.to_owned()));
        assert_eq!(goodbye(&mut unity), expected);
    }
}

#[test]
fn command_that_waits_hears_of_the_stop() {
    let project = TestProject::new();
    let daemon = project.start();
    let mut watch = project.follow(&["status", "--watch", "--json"]);
    assert!(watch.next_line().contains("\"head_seq\""));
    assert_eq!(project.run(&["stop"]).code, Some(0));
    let line = watch.next_line();
    assert!(line.contains("VS-6003"), "{line}");
    assert!(daemon.wait().unwrap().success());
}

#[test]
fn process_that_cannot_be_asked_to_stop_is_named() {
    let project = TestProject::new();
    let daemon = project.start();
    let name = format!("{}.json", daemon.discovery().project_id);
    std::fs::remove_file(project.runtime().join(name)).unwrap();
    let ran = project.run(&["stop"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let process = format!("process {}", daemon.pid());
    assert!(
        ran.err.contains("VS-6003") && ran.err.matches(&process).count() == 2,
        "{ran:?}"
    );
}
