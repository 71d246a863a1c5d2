//! Files and sockets of a running daemon, and the state after a stop or a kill.

#[cfg(target_os = "linux")]
use std::collections::BTreeSet;
#[cfg(unix)]
use std::fs;
use std::time::{Duration, Instant};

use vibesync_protocol::{AckStatus, ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{OperationId, Role, Transform, Uuid};
use vibesync_testkit::Client;
#[cfg(target_os = "linux")]
use vibesync_testkit::Daemon;

use crate::harness::{EditorsHarness, agent, create, dial, editor, hear};
use crate::project::{TestProject, is_announced};

#[cfg(unix)]
#[test]
fn only_the_user_can_read_token_and_discovery_file() {
    use std::os::unix::fs::PermissionsExt;
    let harness = EditorsHarness::new("");
    let discovery = harness.daemon.discovery();
    let name = format!("{}.json", discovery.project_id);
    for file in [
        discovery.token_path.clone(),
        harness.project.runtime().join(name),
    ] {
        let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
}

/// Lists the local addresses on which the process listens, in the notation of /proc/net/tcp.
#[cfg(target_os = "linux")]
fn listening(daemon: &Daemon) -> Vec<String> {
    let process = format!("/proc/{}", daemon.pid());
    let open = fs::read_dir(format!("{process}/fd")).unwrap().flatten();
    let links = open.filter_map(|file| fs::read_link(file.path()).ok());
    let sockets: BTreeSet<String> = links.map(|it| it.display().to_string()).collect();
    let tables =
        ["tcp", "tcp6"].map(|table| fs::read_to_string(format!("{process}/net/{table}")).unwrap());
    let rows = tables.iter().flat_map(|table| table.lines().skip(1));
    let fields = rows.map(|row| row.split_whitespace().collect::<Vec<_>>());
    let ours =
        fields.filter(|it| it[3] == "0A" && sockets.contains(&format!("socket:[{}]", it[9])));
    ours.map(|it| it[1].to_owned()).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn daemon_listens_on_loopback_only() {
    let harness = EditorsHarness::new("");
    let loopback = u32::from_ne_bytes([127, 0, 0, 1]);
    let expected = format!("{loopback:08X}:{:04X}", harness.daemon.discovery().port);
    assert_eq!(listening(&harness.daemon), [expected]);
}

#[test]
fn second_daemon_leaves_the_first_running() {
    let mut harness = EditorsHarness::new("");
    let project = &harness.project;
    let second = project.run(&["run"]);
    assert!(second.err.contains("VS-6002"), "{second:?}");
    assert_eq!(second.code, Some(1));
    assert!(is_announced(&project.runtime()));
    harness.disturb(|daemon| drop(agent(daemon)));
}

#[test]
fn stop_is_quick_and_clean_with_clients_connected() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let _stranger = dial(&daemon);
    let mut half = agent(&daemon);
    half.send_bytes(&[0, 0, 1, 0, 0, 0, 0, 99, b'{']).unwrap();
    let started = Instant::now();
    let status = daemon.stop().unwrap();
    assert!(
        started.elapsed() < Duration::from_secs(5),
        "{:?}",
        started.elapsed()
    );
    assert!(status.success(), "{status}");
    assert!(!is_announced(&project.runtime()));
    let last = project.run(&["log", "tail", "-n", "1"]).out;
    assert!(last.contains("SHUTDOWN"), "{last}");
}

#[cfg(unix)]
#[test]
fn closed_terminal_stops_the_daemon_cleanly() {
    let project = TestProject::new();
    let status = project.start().hang_up().unwrap();
    assert!(status.success(), "{status}");
    assert!(!is_announced(&project.runtime()));
    let last = project.run(&["log", "tail", "-n", "1"]).out;
    assert!(last.contains("SHUTDOWN"), "{last}");
}

pub fn intend(client: &mut Client, intent: &Intent) -> (AckStatus, u64) {
    client.send(&ClientMessage::Intent(intent.clone())).unwrap();
    loop {
        if let DaemonMessage::Ack { status, seq, .. } = hear(client) {
            return (status, seq);
        }
    }
}

#[test]
fn acknowledged_intent_survives_a_kill() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let intent = Intent {
        operation_id: OperationId(Uuid::from_u128(1)),
        project_id: editor(&daemon, Role::Agent).project,
        schema_version: SCHEMA_VERSION,
        base_seq: 0,
        label: "Add Cube".into(),
        dry_run: false,
        changes: vec![create(Uuid::from_u128(2), Transform::IDENTITY)],
        request_id: None,
    };
    let (status, seq) = intend(&mut agent(&daemon), &intent);
    assert_eq!(status, AckStatus::Accepted);
    drop(daemon);
    assert!(
        is_announced(&project.runtime()),
        "it was killed: nothing was cleaned up"
    );
    let verified = project.run(&["log", "verify"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    let daemon = project.start();
    let again = intend(&mut agent(&daemon), &intent);
    assert_eq!(again, (AckStatus::Duplicate, seq));
}

#[test]
fn stop_right_after_the_announcement_is_clean() {
    for _ in 0..10 {
        let project = TestProject::new();
        let daemon = project.start();
        assert!(daemon.stop().unwrap().success());
    }
}
