//! Requests to stop that come from a Windows console: a clean stop, as after SIGINT elsewhere.
//!
//! Every process of the console gets such an event. So each test starts this program once more with a hidden console of
//! its own; there it starts the program under test and sends the event.

use std::io::{BufRead, BufReader};
use std::os::windows::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use send_ctrlc::Interruptible;
use std::time::Duration;
use vibesync::platform::signals::Interrupt;
use vibesync_testkit::{ChildProcess, Daemon};

use crate::harness::TIMEOUT;
use crate::project::{TestProject, is_announced};

/// The command that the host starts instead of a daemon.
const COMMAND: &str = "VIBESYNC_TEST_COMMAND";
/// The event that the host sends: `c` or `break`.
const EVENT: &str = "VIBESYNC_TEST_EVENT";
/// The folder in which the host starts a daemon.
const FOLDER: &str = "VIBESYNC_TEST_FOLDER";
/// Gives a process a console without a window.
const CREATE_NO_WINDOW: u32 = 0x0800_0000;

/// All processes of this console.
struct Console;

impl Interruptible for Console {
    fn pid(&mut self) -> std::io::Result<Option<u32>> {
        Ok(Some(0))
    }
}

/// Runs a daemon and stops it by an event, if one of the tests below asks for it.
#[test]
fn host_with_a_console() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else {
        return;
    };
    // The event comes to this process too.
    let _survives = Interrupt::listen();
    let send = || match std::env::var(EVENT).unwrap().as_str() {
        "break" => Console.terminate().unwrap(),
        _ => Console.interrupt().unwrap(),
    };
    let program = env!("CARGO_BIN_EXE_vibesync");
    let Ok(command) = std::env::var(COMMAND) else {
        let daemon = Daemon::start(program.as_ref(), &folder).unwrap();
        send();
        assert!(daemon.wait().unwrap().success());
        return;
    };
    let mut waits = Command::new(program);
    waits
        .args(command.split(' '))
        .current_dir(folder.join("project"))
        .env("VIBESYNC_RUNTIME_DIR", folder.join("run"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    let mut waits = ChildProcess::spawn(&mut waits).unwrap();
    let mut lines = BufReader::new(waits.take_stdout().unwrap()).lines();
    lines.next().unwrap().unwrap();
    // One of the commands begins to listen after its first line.
    std::thread::sleep(Duration::from_secs(1));
    send();
    assert_eq!(waits.wait(TIMEOUT).unwrap().code(), Some(0));
}

/// Runs the host above.
fn host(event: &str, project: &TestProject, command: Option<&str>) -> ExitStatus {
    let mut host = Command::new(std::env::current_exe().unwrap());
    host.envs(command.map(|command| (COMMAND, command)));
    host.args(["--exact", "console::host_with_a_console"])
        .env(EVENT, event)
        .env(FOLDER, project.root().parent().unwrap())
        .creation_flags(CREATE_NO_WINDOW)
        .stdin(Stdio::null())
        .status()
        .unwrap()
}

fn is_a_clean_stop(event: &str, name: &str) {
    let project = TestProject::new();
    let host = host(event, &project, None);
    assert!(host.success(), "{host}");
    assert!(!is_announced(&project.runtime()));
    let last = project.run(&["log", "tail", "-n", "1"]).out;
    assert!(last.contains("SHUTDOWN"), "{last}");
    let log = project.daemon_log();
    assert!(log.contains(name), "{log}");
}

#[test]
fn ctrl_c_stops_the_daemon_cleanly() {
    is_a_clean_stop("c", "Ctrl+C");
}

#[test]
fn commands_that_wait_end_at_ctrl_c() {
    let project = TestProject::new();
    assert!(project.start().stop().unwrap().success());
    for command in ["log tail -f -n 1", "status --watch --json"] {
        let host = host("c", &project, Some(command));
        assert!(host.success(), "{command}: {host}");
    }
}

#[ignore = "Wine ends the processes itself"]
#[test]
fn ctrl_break_stops_the_daemon_cleanly() {
    is_a_clean_stop("break", "Ctrl+Break");
}
