//! What `vibesync doctor` finds.

use crate::project::{Ran, TestProject};

/// State and text of one check.
fn check(ran: &Ran, name: &str) -> (String, String) {
    let lines = ran
        .out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines
        .filter(|words| words.get(1) == Some(&name))
        .collect::<Vec<_>>();
    let [words] = found.as_slice() else {
        panic!("one line for {name} in:\n{}", ran.out)
    };
    (words[0].to_owned(), words[2..].join(" "))
}

fn state(ran: &Ran, name: &str) -> String {
    check(ran, name).0
}

#[test]
fn a_new_folder_is_healthy() {
    let ran = TestProject::new().run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    let names: Vec<_> = ran
        .out
        .lines()
        .filter_map(|line| line.split_whitespace().nth(1))
        .collect();
    let all = "settings project runtime token lock daemon log registry audit space clock";
    assert_eq!(names.join(" "), all);
    assert_eq!(state(&ran, "daemon"), "warn");
}

#[cfg(unix)]
#[test]
fn a_served_project_is_healthy_while_and_after() {
    let project = TestProject::new();
    let daemon = project.start();
    let during = project.run(&["doctor"]);
    assert_eq!(during.code, Some(0), "{}", during.out);
    assert!(check(&during, "lock").1.contains(&daemon.id().to_string()));
    assert!(
        check(&during, "daemon").1.contains("answers"),
        "{}",
        during.out
    );
    assert_eq!(daemon.stop(), Some(0));
    let after = project.run(&["doctor"]);
    assert_eq!(after.code, Some(0), "{}", after.out);
    assert!(check(&after, "lock").1.starts_with("free"));
    assert!(
        check(&after, "registry").1.starts_with("agrees"),
        "{}",
        after.out
    );
}

#[test]
fn wrong_settings_and_identity_fail_alone() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[nett]\n");
    project.file(".vibesync/project.json", "{");
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(1));
    let (failed, text) = check(&ran, "settings");
    assert!(
        failed == "fail" && text.contains("VS-6001") && text.contains("vibesync.toml:1"),
        "{text}"
    );
    assert_eq!(state(&ran, "project"), "fail");
    assert_eq!(state(&ran, "space"), "ok");
}

#[cfg(unix)]
#[test]
fn a_secret_that_others_can_read_fails() {
    use std::os::unix::fs::PermissionsExt;
    let project = TestProject::new();
    project.start().stop();
    let token = project.runtime().join("token");
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = project.run(&["doctor"]);
    assert_eq!(
        (ran.code, state(&ran, "token")),
        (Some(1), "fail".into()),
        "{}",
        ran.out
    );
    assert!(check(&ran, "token").1.contains("VS-6005"));
}

#[test]
fn what_a_crash_leaves_behind_is_no_daemon() {
    let project = TestProject::new();
    project.start().kill();
    assert!(
        crate::project::announced(&project.runtime()),
        "a killed daemon leaves its discovery file"
    );
    let ran = project.run(&["doctor"]);
    assert_eq!(ran.code, Some(0), "{}", ran.out);
    assert_eq!(state(&ran, "daemon"), "warn");
    assert_eq!(project.run(&["status"]).code, Some(1));
}

#[cfg(unix)]
#[test]
fn a_damaged_log_fails_and_names_the_place() {
    let project = TestProject::new();
    project.start().stop();
    let name = ".vibesync/wal/00000000000000000001.jsonl";
    let text = std::fs::read_to_string(project.root().join(name)).unwrap();
    project.file(name, &text.replacen("BOOT", "BOAT", 1));
    let ran = project.run(&["doctor"]);
    let (failed, text) = check(&ran, "log");
    assert_eq!(
        (ran.code, failed.as_str()),
        (Some(1), "fail"),
        "{}",
        ran.out
    );
    assert!(
        text.contains("VS-5001") && text.contains("line 1, byte 0"),
        "{text}"
    );
}
