//! The daemon as a service: one per project, announced while it runs, with notifications for a service manager.

use crate::project::{TestProject, is_announced};

#[test]
fn second_daemon_names_the_first() {
    let project = TestProject::new();
    let daemon = project.start();
    let second = project.run(&["run"]);
    assert_eq!(second.code, Some(1));
    assert!(
        second.err.contains("VS-6002") && second.err.contains(&daemon.pid().to_string()),
        "{}",
        second.err
    );
    let status = project.run(&["status", "--json"]);
    assert_eq!(status.code, Some(0), "{status:?}");
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(status["entities"], 0);
    assert!(daemon.stop().unwrap().success());
    assert!(
        !is_announced(&project.runtime()),
        "a clean stop takes the discovery file away"
    );
}

#[cfg(unix)]
#[test]
fn service_manager_is_notified_of_each_state() {
    use std::os::unix::net::UnixDatagram;
    use std::process::Stdio;
    use std::time::Duration;

    use crate::harness::TIMEOUT;
    use vibesync_testkit::ChildProcess;

    let project = TestProject::new();
    let path = project.root().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    let hear = || {
        let mut buffer = [0; 256];
        let count = socket.recv(&mut buffer).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    };
    let mut command = project.command(&["run"]);
    command
        .env("NOTIFY_SOCKET", &path)
        .env("WATCHDOG_USEC", "200000")
        .env_remove("WATCHDOG_PID")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut daemon = ChildProcess::spawn(&mut command).unwrap();
    assert!(hear().contains("READY=1"));
    assert!(hear().contains("WATCHDOG=1"));
    assert!(hear().contains("WATCHDOG=1"));
    daemon.terminate().unwrap();
    while !hear().contains("STOPPING=1") {}
    assert!(daemon.wait(TIMEOUT).unwrap().success());
}
