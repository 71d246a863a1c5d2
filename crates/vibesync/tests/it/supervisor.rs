//! `vibesync service run`: wakes daemons, lets them sleep, and adopts them.

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::Role;
#[cfg(target_os = "linux")]
use vibesync_scene::Uuid;
use vibesync_testkit::ChildProcess;

use crate::service_user::{ServiceUser, until};
use crate::shutdown::intend;
use crate::user_processes::{is_running, kill};

/// Longer than any test.
const NEVER: f64 = 600.0;

#[test]
fn client_wakes_the_daemon_and_is_served() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let _supervisor = user.supervise();
    user.until_state("project", "asleep");
    let asleep = user.discovery("project").unwrap();
    assert!(asleep.asleep && asleep.token_path.exists());
    let mut held = user.dial("project");
    let end = held.receive().unwrap_err().kind();
    assert_eq!(end, ErrorKind::UnexpectedEof, "without a challenge");
    let serving = user.discovery("project").unwrap();
    assert!(!serving.asleep && serving.pid != asleep.pid, "{serving:?}");
    let mut client = user.try_join("project", Role::Agent).unwrap();
    user.edit("project", &mut client);
    let state = user.until_state("project", "serving");
    assert_eq!(state["pid"], serving.pid);
}

#[test]
fn commands_do_not_wake_the_daemon() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let _supervisor = user.supervise();
    user.until_state("project", "asleep");
    let status = user.project.run(&["status"]);
    assert_eq!(status.code, Some(1), "{status:?}");
    assert!(
        status.err.contains("VS-6003")
            && status
                .err
                .contains("asleep: starts when an editor connects"),
        "{status:?}"
    );
    for command in [&["stop"][..], &["log", "tail"], &["doctor"]] {
        let ran = user.project.run(command);
        assert_eq!(ran.code, Some(0), "{ran:?}");
    }
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(user.state("project")["state"], "asleep");
}

#[test]
fn idle_daemon_sleeps_and_wakes_again() {
    let user = ServiceUser::new(1.0);
    user.add("project");
    let _supervisor = user.supervise();
    let mut agent = user.join("project", Role::Agent);
    let intent = user.edit("project", &mut agent);
    let pid = user.until_state("project", "serving")["pid"].clone();
    std::thread::sleep(Duration::from_millis(2_500));
    assert!(is_running(&pid), "an agent uses it");
    let mut command = user.join("project", Role::Cli);
    drop(agent);
    user.until_state("project", "asleep");
    assert!(!is_running(&pid));
    let heard = std::iter::from_fn(|| command.receive().ok());
    let goodbye = heard.last().expect("a message");
    assert!(
        matches!(&goodbye, DaemonMessage::Goodbye { reason } if reason.contains("nobody")),
        "a command does not count: {goodbye:?}"
    );
    let last = user.project.run(&["log", "tail", "-n", "1"]).out;
    assert!(last.contains("SHUTDOWN"), "it stopped cleanly: {last}");
    assert!(user.discovery("project").unwrap().asleep);
    let mut agent = user.join("project", Role::Agent);
    assert_eq!(intend(&mut agent, &intent).0, AckStatus::Duplicate);
}

#[test]
fn idle_daemon_says_why_it_ends() {
    let user = ServiceUser::new(1.0);
    let started = Instant::now();
    let ran = user.project.run(&["run", "--stop-when-idle"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(started.elapsed() >= Duration::from_secs(1));
    let log = user.project.daemon_log();
    assert!(log.contains("nobody has used the daemon for 1s"), "{log}");
    assert!(ran.err.contains("nobody has used"), "{ran:?}");
    let quiet = user.project.run(&["run", "--stop-when-idle", "--quiet"]);
    assert_eq!((quiet.code, &*quiet.err), (Some(0), ""));
}

#[test]
fn daemon_without_the_option_stays() {
    let user = ServiceUser::new(0.1);
    let daemon = user.project.start();
    std::thread::sleep(Duration::from_millis(700));
    assert!(is_running(&Value::from(daemon.pid())));
}

#[test]
fn children_of_a_killed_supervisor_are_adopted() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    user.add("sleeper");
    let supervisor = user.supervise();
    let mut client = user.join("project", Role::Agent);
    let before = user.edit("project", &mut client);
    let pid = user.until_state("project", "serving")["pid"].clone();
    drop(supervisor);
    assert!(is_running(&pid), "the daemon stays");
    let meanwhile = user.edit("project", &mut client);
    let supervisor = user.supervise();
    let state = user.until_state("project", "serving");
    assert_eq!(state["pid"], pid, "no second daemon");
    assert_eq!(state["is_ours"], true);
    user.until_state("sleeper", "asleep");
    let after = user.edit("project", &mut client);
    for intent in [&before, &meanwhile, &after] {
        assert_eq!(intend(&mut client, intent).0, AckStatus::Duplicate);
    }
    // It was killed, and nobody restarts it; the next client wakes another one.
    kill(&pid);
    user.until_state("project", "asleep");
    let mut client = user.join("project", Role::Agent);
    for intent in [&before, &meanwhile, &after] {
        assert_eq!(intend(&mut client, intent).0, AckStatus::Duplicate);
    }
    drop(supervisor);
}

#[test]
fn clean_stop_stops_all_children() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    user.add("second");
    user.add("sleeper");
    let supervisor = user.supervise();
    let mut pids = Vec::new();
    let mut clients = Vec::new();
    for name in ["project", "second"] {
        clients.push(user.join(name, Role::Unity));
        pids.push(user.until_state(name, "serving")["pid"].clone());
    }
    let status = user.stop(supervisor);
    assert!(status.success(), "{status}");
    for (pid, client) in pids.iter().zip(&mut clients) {
        assert!(!is_running(pid));
        let reason = until("a goodbye", || match client.receive().unwrap() {
            DaemonMessage::Goodbye { reason } => Some(reason),
            _ => None,
        });
        assert!(reason.contains("by the service"), "{reason}");
    }
    let announced = ["project", "second", "sleeper"].map(|name| user.discovery(name));
    assert_eq!(announced, [None, None, None]);
}

#[test]
fn daemon_started_by_hand_is_left_alone() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let first = user.project.start();
    let supervisor = user.supervise();
    let state = user.until_state("project", "serving");
    assert_eq!(state["pid"], first.pid());
    assert_eq!(state["is_ours"], false);
    assert!(first.stop().unwrap().success());
    user.until_state("project", "asleep");
    // Started beside a supervisor that listens already.
    let second = user.project.start();
    let state = user.until_state("project", "serving");
    assert_eq!(state["pid"], second.pid());
    assert!(!user.discovery("project").unwrap().asleep);
    assert!(user.stop(supervisor).success());
    assert!(is_running(&Value::from(second.pid())));
    assert!(user.try_join("project", Role::Agent).is_ok());
    assert!(second.stop().unwrap().success());
}

#[test]
fn announcements_of_the_dead_go_at_the_next_start() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    user.add("other");
    let supervisor = user.supervise();
    user.until_state("other", "asleep");
    drop(supervisor);
    assert!(user.discovery("other").unwrap().asleep, "a kill leaves it");
    let other = user.root("other");
    let other = other.to_str().unwrap();
    assert_eq!(user.run(&["projects", "remove", other]).code, Some(0));
    let supervisor = user.supervise();
    user.until_state("project", "asleep");
    assert_eq!(user.discovery("other"), None);
    assert!(user.stop(supervisor).success());
    drop(user.project.start());
    assert!(user.discovery("project").is_some(), "a kill leaves it");
    let mut command = user.command(&["--project", other, "run"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _daemon = ChildProcess::spawn(&mut command).unwrap();
    until("the other daemon serves", || user.discovery("other"));
    until("the announcement of the dead is gone", || {
        user.discovery("project").is_none().then_some(())
    });
}

#[cfg(target_os = "linux")]
#[test]
fn announcement_that_blocks_its_reader_holds_up_no_start() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    // Without a writer, a pipe blocks its reader as a share that does not answer does.
    let folder = user.runtime();
    std::fs::create_dir_all(&folder).unwrap();
    let pipe = folder.join(format!("{}.json", Uuid::now_v7()));
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.unwrap().success());
    let root = user.root("project");
    let mut command = user.command(&["--project", root.to_str().unwrap(), "run"]);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let _daemon = ChildProcess::spawn(&mut command).unwrap();
    until("the daemon serves", || user.discovery("project"));
}

#[test]
fn second_supervisor_names_the_first() {
    let user = ServiceUser::new(NEVER);
    let first = user.supervise();
    let second = user.run(&["service", "run"]);
    assert_eq!(second.code, Some(1), "{second:?}");
    let pid = first.id().to_string();
    assert!(
        second.err.contains("VS-6007") && second.err.contains(&pid),
        "{second:?}"
    );
}
