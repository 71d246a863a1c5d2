//! The program that Windows starts at login, which works on every system, and the Run key that names it.

use std::time::Duration;

use vibesync_testkit::ChildProcess;

use crate::service_user::{ServiceUser, until};
#[cfg(windows)]
use crate::user_processes::is_running;
use crate::user_processes::kill;

#[test]
fn starter_restarts_a_killed_service_and_ends_with_it() {
    let user = ServiceUser::new(600.0);
    user.add("project");
    let starter = env!("CARGO_BIN_EXE_vibesync-service");
    let mut command = vibesync_testkit::process::command(starter);
    for (name, value) in user.command(&[]).get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let mut starter = ChildProcess::spawn(&mut command).unwrap();
    user.until_state("project", "asleep");
    let first = user.report()["pid"].clone();
    kill(&first);
    let second = until("another supervisor", || {
        let pid = user.report()["pid"].clone();
        (pid != first).then_some(pid)
    });
    user.ask_to_stop(&second);
    assert!(starter.wait(Duration::from_secs(20)).unwrap().success());
    assert_eq!(user.discovery("project"), None);
}

/// Reads the Run key with the program of Windows; none without the value.
#[cfg(windows)]
fn run_key() -> Option<String> {
    const KEY: &str = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Run";
    let mut query = std::process::Command::new("reg");
    let output = query.args(["query", KEY, "/v", "VibeSync"]).output();
    let output = output.unwrap();
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(found)
}

/// One test, because all tests share the key.
#[cfg(windows)]
#[test]
fn run_key_registers_the_service_until_it_is_removed() {
    let user = ServiceUser::new(600.0);
    user.add("project");
    assert_eq!(user.run(&["service", "status"]).code, Some(1));
    let printed = user.run(&["service", "install", "--dry-run"]);
    assert!(printed.out.contains("write HKCU"), "{printed:?}");
    assert_eq!(run_key(), None, "nothing was changed");
    let installed = user.run(&["service", "install"]);
    assert_eq!(installed.code, Some(0), "{installed:?}");
    user.until_state("project", "asleep");
    let value = run_key().unwrap();
    assert!(value.contains("vibesync-service.exe\""), "{value}");
    let status = user.run(&["service", "status"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    for part in ["installed  HKCU", "runs       process", "asleep"] {
        assert!(status.out.contains(part), "{part} in {status:?}");
    }
    let checked = user.project.run(&["doctor"]).out;
    let line = checked.lines().find(|line| line.contains(" service "));
    let line = line.unwrap();
    assert!(line.starts_with("ok ") && line.contains("installed, runs"));
    assert!(line.ends_with("this project is in its list"), "{line}");
    let first = user.report()["pid"].clone();
    let again = user.run(&["service", "install"]);
    assert_eq!(again.code, Some(0), "as after an update: {again:?}");
    let pid = until("another process", || {
        let pid = user.report()["pid"].clone();
        (pid != first && !is_running(&first)).then_some(pid)
    });
    let removed = user.run(&["service", "remove"]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    assert_eq!(run_key(), None);
    assert!(!is_running(&pid));
    assert_eq!(user.run(&["service", "status"]).code, Some(1));
    let mut by_hand = user.supervise();
    assert_eq!(user.run(&["service", "remove"]).code, Some(0));
    let ended = by_hand.wait(Duration::from_secs(10)).unwrap();
    assert!(ended.success(), "{ended}");
    assert!(!user.root("run/service.stop").exists());
}
