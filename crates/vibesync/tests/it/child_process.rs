//! A daemon that a test started ends with that test, and never holds the output of the test run open.

use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::project::TestProject;

/// Makes [`fails_while_daemon_runs`] fail, in this way: `panic`, `abort`, or `leak`.
const FAILURE: &str = "VIBESYNC_PANIC_TEST";
/// The file to which the failing test writes the process id of its daemon.
const PID_FILE: &str = "VIBESYNC_PANIC_TEST_PID";

/// Passes at once, unless one of the tests below or that of the step runner asks for a failure.
#[test]
fn fails_while_daemon_runs() {
    let Ok(failure) = std::env::var(FAILURE) else {
        return;
    };
    let project = TestProject::new();
    let daemon = project.start();
    let pid_file = std::env::var(PID_FILE).unwrap();
    let pid = daemon.pid().to_string();
    vibesync_store::durable::write(pid_file.as_ref(), pid.as_bytes()).unwrap();
    match failure.as_str() {
        "abort" => std::process::abort(),
        "leak" => std::mem::forget(daemon),
        _ => {}
    }
    panic!("{FAILURE} asks for a failure");
}

/// Runs the test above in a process of its own, and returns its output and the process id of its daemon.
fn fail(failure: &str) -> (Output, u32) {
    let folder = tempfile::tempdir().unwrap();
    let pid_file = folder.path().join("pid");
    // Returns only when every process that holds the output has ended.
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_process::fails_while_daemon_runs"])
        .env(FAILURE, failure)
        .env(PID_FILE, &pid_file)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let pid = fs::read_to_string(pid_file).unwrap();
    (output, pid.parse().unwrap())
}

/// Returns whether the process runs. A zombie does not.
fn is_running(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let state = stat
        .rsplit_once(") ")
        .map(|(_, rest)| rest.starts_with('Z'));
    state == Some(false)
}

#[test]
fn daemon_is_dead_when_its_test_panicked() {
    let (output, pid) = fail("panic");
    assert!(!output.status.success(), "{output:?}");
    assert!(!is_running(pid));
}

/// The kernel kills the daemon here: neither test runs a destructor.
#[test]
fn daemon_is_dead_when_its_test_ran_no_destructor() {
    for failure in ["abort", "leak"] {
        let (output, pid) = fail(failure);
        assert!(!output.status.success(), "{output:?}");
        let deadline = Instant::now() + Duration::from_secs(20);
        while is_running(pid) {
            assert!(Instant::now() < deadline, "{failure}: the daemon lives on");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
