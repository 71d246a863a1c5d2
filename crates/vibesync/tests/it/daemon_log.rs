//! The daemon's own log in `.vibesync/log`: what is in it, and that clients cannot fill it.

use serde_json::json;
use vibesync_protocol::ClientMessage;
use vibesync_scene::Role;

use crate::harness::{agent, dial, expect_fatal_error, with_fields};
use crate::hostile::challenged;
use crate::project::TestProject;

#[test]
fn probe_of_the_port_is_no_warning() {
    let project = TestProject::new();
    project.file(
        ".vibesync/vibesync.toml",
        "[net]\nhandshake_timeout_ms = 100\n",
    );
    let daemon = project.start();
    drop(dial(&daemon));
    for bytes in [&b"x"[..], b"GET / HTTP/1.1\r\n\r\n"] {
        dial(&daemon).send_bytes(bytes).unwrap();
    }
    expect_fatal_error(&mut silent(&daemon), "VS-2004");
    assert!(daemon.stop().unwrap().success());
    let log = project.daemon_log();
    assert!(!log.contains("WARN"), "{log}");
}

/// Connects and takes the challenge, and says nothing.
fn silent(daemon: &vibesync_testkit::Daemon) -> vibesync_testkit::Client {
    challenged(daemon, Role::Agent).0
}

#[test]
fn first_start_claims_no_stop_before_it() {
    let project = TestProject::new();
    for text in ["the first start", "after a clean stop"] {
        assert!(project.start().stop().unwrap().success());
        let boots = project.run(&["log", "grep", "--phase", "boot"]).out;
        assert!(boots.lines().last().unwrap().contains(text), "{boots}");
    }
    let log = project.daemon_log();
    assert!(
        log.lines().next().unwrap().contains("a new log begins"),
        "{log}"
    );
    assert_eq!(log.matches("log read").count(), 1, "{log}");
}

#[test]
fn repeated_wrong_proofs_are_counted_in_one_line() {
    let project = TestProject::new();
    let daemon = project.start();
    for _ in 0..20 {
        let (mut client, hello) = challenged(&daemon, Role::Agent);
        let fields = json!({"proof": "0".repeat(64)});
        let bytes = with_fields(&ClientMessage::Hello(hello), fields);
        client.send_bytes(&bytes).unwrap();
        expect_fatal_error(&mut client, "VS-2002");
    }
    assert!(daemon.stop().unwrap().success());
    let log = project.daemon_log();
    let lines: Vec<_> = log
        .lines()
        .filter(|line| line.contains("VS-2002"))
        .collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].contains("\"count\":19"), "{lines:?}");
}

#[test]
fn log_files_are_limited_in_number_and_size() {
    let project = TestProject::new();
    project.file(
        ".vibesync/vibesync.toml",
        "[log]\nmax_files = 2\nmax_file_bytes = 4096\n",
    );
    let daemon = project.start();
    for _ in 0..30 {
        // Two lines each, of some 250 bytes.
        drop(agent(&daemon));
    }
    assert!(daemon.stop().unwrap().success());
    let files = std::fs::read_dir(project.root().join(".vibesync/log")).unwrap();
    let sizes: Vec<_> = files
        .map(|it| it.unwrap().metadata().unwrap().len())
        .collect();
    assert_eq!(sizes.len(), 2);
    assert!(sizes.iter().all(|size| *size <= 4096), "{sizes:?}");
    assert!(
        project.daemon_log().contains("stopping"),
        "the newest lines are kept"
    );
}
