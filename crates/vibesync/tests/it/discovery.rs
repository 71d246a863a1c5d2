//! The two runtime folders of Linux: the session's, and the one in the home folder, which a sandbox shows.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Instant;

use vibesync_testkit::ChildProcess;

use crate::harness::TIMEOUT;
use crate::project::{TestProject, is_announced};

#[test]
fn daemon_is_found_in_the_session_and_in_the_home() {
    let project = TestProject::new();
    let user = project.runtime().parent().unwrap().to_owned();
    let environment = [
        ("VIBESYNC_RUNTIME_DIR", PathBuf::new()),
        ("XDG_RUNTIME_DIR", user.join("session")),
    ];
    let places = [
        user.join("session/vibesync"),
        user.join(".local/state/vibesync/run"),
    ];
    let mut command = project.command(&["run"]);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut daemon = ChildProcess::spawn(&mut command).unwrap();
    let start = Instant::now();
    while !places.iter().all(|place| is_announced(place)) {
        assert!(start.elapsed() < TIMEOUT, "announced in both folders");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let tokens = places.each_ref().map(|it| std::fs::read(it.join("token")));
    let [first, second] = tokens.map(Result::unwrap);
    assert_eq!(first, second);
    let in_session = project.run_with(&["status"], &environment);
    assert_eq!(in_session.code, Some(0), "{}", in_session.err);
    let in_sandbox = [
        ("VIBESYNC_RUNTIME_DIR", PathBuf::new()),
        ("XDG_RUNTIME_DIR", PathBuf::new()),
    ];
    let in_sandbox = project.run_with(&["status"], &in_sandbox);
    assert_eq!(in_sandbox.code, Some(0), "{}", in_sandbox.err);
    daemon.terminate().unwrap();
    assert!(daemon.wait(TIMEOUT).unwrap().success());
    assert!(!places.iter().any(|place| is_announced(place)));
}

#[test]
fn doctor_warns_of_a_second_folder_that_others_may_write() {
    use std::os::unix::fs::PermissionsExt;
    let project = TestProject::new();
    let user = project.runtime().parent().unwrap().to_owned();
    let second = user.join(".local/state/vibesync/run");
    std::fs::create_dir_all(&second).unwrap();
    std::fs::set_permissions(&second, std::fs::Permissions::from_mode(0o777)).unwrap();
    let environment = [
        ("VIBESYNC_RUNTIME_DIR", PathBuf::new()),
        ("XDG_RUNTIME_DIR", user.join("session")),
    ];
    let ran = project.run_with(&["doctor"], &environment);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let line = ran.out.lines().find(|line| line.contains(" runtime "));
    let line = line.unwrap();
    assert!(
        line.starts_with("warn") && line.contains("VS-6005"),
        "{line}"
    );
}
