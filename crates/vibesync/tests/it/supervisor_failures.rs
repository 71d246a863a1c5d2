//! The supervisor while daemons fail, and while the list of projects changes or cannot be read.

use std::path::Path;
use std::time::{Duration, Instant};

use vibesync_protocol::AckStatus;
use vibesync_scene::Role;
use vibesync_store::durable;

use crate::service_user::{ServiceUser, until};
use crate::shutdown::intend;
use crate::user_processes::{is_running, kill};

const NEVER: f64 = 600.0;

/// The words for the end of a killed process.
const KILLED: &str = if cfg!(windows) {
    "exit code: 1"
} else {
    "signal: 9"
};

#[test]
fn killed_daemon_is_restarted_with_growing_pauses() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let _supervisor = user.supervise();
    let mut client = user.join("project", Role::Agent);
    let intent = user.edit("project", &mut client);
    let mut pauses = Vec::new();
    for _ in 0..2 {
        let pid = user.until_state("project", "serving")["pid"].clone();
        let killed = Instant::now();
        kill(&pid);
        let failed = user.until_state("project", "failed");
        let message = failed["error"]["message"].as_str().unwrap();
        assert!(message.contains(KILLED), "{message}");
        // No client is needed: it served when it was killed.
        let next = until("a new daemon", || {
            let found = user.state("project");
            (found["state"] == "serving" && found["pid"] != pid).then_some(found)
        });
        assert!(!next["error"].is_null(), "shown until it is steady");
        pauses.push(killed.elapsed());
    }
    assert!(pauses[0] >= Duration::from_secs(1), "{pauses:?}");
    assert!(pauses[1] >= Duration::from_secs(2), "{pauses:?}");
    let mut client = user.join("project", Role::Agent);
    assert_eq!(intend(&mut client, &intent).0, AckStatus::Duplicate);
}

/// Damages a log whose first records are needed.
fn damage(user: &ServiceUser, name: &str) {
    let wal = user.root(name).join(".vibesync/wal");
    let segment = std::fs::read_dir(&wal).unwrap().flatten();
    let mut segment = segment.map(|it| it.path());
    let segment = segment
        .find(|it| it.extension().is_some_and(|it| it == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&segment).unwrap();
    let damaged = text.replacen("\"seq\":1", "\"seq\":7", 1);
    assert_ne!(text, damaged);
    durable::write(&segment, damaged.as_bytes()).unwrap();
}

#[test]
fn project_with_a_damaged_log_fails_alone() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    user.add("second");
    let supervisor = user.supervise();
    let mut client = user.join("project", Role::Agent);
    user.edit("project", &mut client);
    let mut second = user.join("second", Role::Agent);
    drop(client);
    assert!(user.stop(supervisor).success());
    drop(second);
    damage(&user, "project");
    let before = std::fs::read_dir(user.root("project").join(".vibesync/wal")).unwrap();
    let before = before.count();
    let _supervisor = user.supervise();
    user.until_state("project", "asleep");
    second = user.join("second", Role::Agent);
    let mut held = user.dial("project");
    let failed = user.until_state("project", "failed");
    assert_eq!(failed["error"]["code"], "VS-5001", "{failed}");
    held.receive().unwrap_err();
    user.edit("second", &mut second);
    assert_eq!(user.state("second")["state"], "serving");
    let list = user.run(&["projects", "list"]);
    assert!(
        list.out.contains("failed") && list.out.contains("VS-5001"),
        "{list:?}"
    );
    // It listens again after the pause, and each further client meets a longer one.
    user.until_state("project", "asleep");
    user.edit("second", &mut second);
    let after = std::fs::read_dir(user.root("project").join(".vibesync/wal")).unwrap();
    assert_eq!(after.count(), before, "nothing was changed");
}

#[test]
fn changes_of_the_list_take_effect_while_it_runs() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let _supervisor = user.supervise();
    user.add("second");
    user.until_state("second", "asleep");
    let _client = user.join("second", Role::Unity);
    let pid = user.until_state("second", "serving")["pid"].clone();
    let root = user.root("second");
    let removed = user.run(&["projects", "remove", root.to_str().unwrap()]);
    assert_eq!(removed.code, Some(0), "{removed:?}");
    until("the daemon has stopped", || {
        (!is_running(&pid)).then_some(())
    });
    until("it is forgotten", || {
        user.state("second").is_null().then_some(())
    });
    assert_eq!(user.discovery("second"), None);
    user.add("second");
    user.until_state("second", "asleep");
    assert_eq!(user.state("project")["state"], "asleep");
}

/// Replaces the list by one that must be refused, and then by the earlier one.
fn refuse_list(user: &ServiceUser, code: &str, replace: impl FnOnce(&Path)) {
    let list = user.root("config").join("vibesync/projects.json");
    let good = std::fs::read(&list).unwrap();
    replace(&list);
    until(code, || {
        (user.report()["list_error"]["code"] == code).then_some(())
    });
    assert_eq!(user.state("project")["state"], "asleep");
    durable::write_private(&list, &good).unwrap();
    until("it is read again", || {
        user.report()["list_error"].is_null().then_some(())
    });
}

#[test]
fn list_that_cannot_be_used_changes_nothing() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    let _supervisor = user.supervise();
    user.until_state("project", "asleep");
    let large = vec![b' '; 2 << 20];
    let cases: [(&[u8], &str); 3] = [
        (b"{\"schema_version\":2}", "VS-5008"),
        (b"not json", "VS-6001"),
        (&large, "VS-6001"),
    ];
    for (content, code) in cases {
        refuse_list(&user, code, |list| {
            durable::write_private(list, content).unwrap();
        });
    }
    #[cfg(unix)]
    refuse_list(&user, "VS-6001", |list| {
        use std::os::unix::fs::PermissionsExt;
        durable::write_private(list, b"{\"schema_version\":1,\"projects\":[]}").unwrap();
        std::fs::set_permissions(list, std::fs::Permissions::from_mode(0o666)).unwrap();
    });
    let _client = user.join("project", Role::Agent);
}

#[test]
fn missing_folder_is_shown_and_served_when_it_returns() {
    let user = ServiceUser::new(NEVER);
    user.add("project");
    user.add("second");
    let _supervisor = user.supervise();
    user.until_state("second", "asleep");
    let away = user.root("away");
    // The supervisor has files of the project open for moments: then Windows refuses this.
    let second = user.root("second");
    until("moved away", || std::fs::rename(&second, &away).ok());
    user.until_state("second", "missing_folder");
    let list = user.run(&["projects", "list"]);
    assert!(list.out.contains("missing folder"), "{list:?}");
    std::fs::rename(&away, &second).unwrap();
    user.until_state("second", "asleep");
    let _client = user.join("second", Role::Agent);
}
