//! The command line: settings, usage and exit codes.

use crate::project::TestProject;

#[test]
fn wrong_usage_exits_with_2() {
    let project = TestProject::new();
    for args in [&["frobnicate"][..], &[], &["log", "show", "not-an-id"]] {
        assert_eq!(project.run(args).code, Some(2), "{args:?}");
    }
    assert_eq!(project.run(&["--version"]).code, Some(0));
}

#[test]
fn settings_are_layered() {
    let project = TestProject::new();
    project.file(
        "../config/vibesync/vibesync.toml",
        "[net]\nport = 7001\nheartbeat_ms = 500\n",
    );
    project.file(".vibesync/vibesync.toml", "[net]\nport = 7002\n");
    let shown = project.run(&["config", "show"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    for line in ["port = 7002", "heartbeat_ms = 500", "batch_window_ms = 300"] {
        assert!(shown.out.contains(line), "{line} in {}", shown.out);
    }
    let files = shown
        .out
        .find("config/vibesync/vibesync.toml")
        .zip(shown.out.find(".vibesync/vibesync.toml"));
    assert!(
        files.is_some_and(|(user, project)| user < project),
        "{}",
        shown.out
    );
}

#[test]
fn default_settings_are_printed_with_comments() {
    let shown = TestProject::new().run(&["config", "show", "--default"]);
    assert_eq!(shown.out, vibesync::config::DEFAULT);
}

#[test]
fn wrong_settings_stop_every_command() {
    let project = TestProject::new();
    project.file(
        ".vibesync/vibesync.toml",
        "[engine]\n\nbatch_window_ms = 1000\n",
    );
    for args in [&["run"][..], &["status"], &["config", "show"]] {
        let ran = project.run(args);
        assert_eq!(ran.code, Some(1));
        insta::assert_snapshot!("wrong_settings", ran.err);
    }
    assert!(!project.runtime().exists(), "nothing was opened");
}

#[test]
fn project_is_found_from_subfolder_or_by_option() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[net]\nport = 7003\n");
    let below = project.root().join("scenes/deep");
    std::fs::create_dir_all(&below).unwrap();
    let found = project
        .command(&["config", "show"])
        .current_dir(&below)
        .output()
        .unwrap();
    assert!(
        String::from_utf8(found.stdout)
            .unwrap()
            .contains("port = 7003")
    );
    let root = project.root();
    let args = ["--project", root.to_str().unwrap(), "config", "show"];
    let named = project
        .command(&args)
        .current_dir(std::env::temp_dir())
        .output()
        .unwrap();
    assert!(
        String::from_utf8(named.stdout)
            .unwrap()
            .contains("port = 7003")
    );
}

#[test]
fn status_fails_without_a_daemon() {
    let ran = TestProject::new().run(&["status"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("VS-6003") && ran.err.contains("vibesync run"),
        "{}",
        ran.err
    );
}

#[test]
fn port_in_use_is_named() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let project = TestProject::new();
    project.file(
        ".vibesync/vibesync.toml",
        &format!("[net]\nport = {port}\n"),
    );
    let ran = project.run(&["run"]);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.err.contains("VS-6004") && ran.err.contains(&port.to_string()),
        "{}",
        ran.err
    );
}

#[test]
fn missing_project_folder_is_not_created() {
    let project = TestProject::new();
    let nowhere = project.root().join("nowhere");
    for command in ["run", "doctor"] {
        let ran = project.run(&["--project", nowhere.to_str().unwrap(), command]);
        assert!(
            ran.code == Some(1)
                && ran
                    .err
                    .contains("there is no such folder (~/project/nowhere)"),
            "{ran:?}"
        );
        assert!(ran.err.contains("Name the folder that holds"), "{ran:?}");
    }
    assert!(!nowhere.exists());
}

#[test]
fn number_out_of_range_names_the_range() {
    let project = TestProject::new();
    let cases = [
        (&["log", "tail", "-n", "-1"][..], "from 0 to 1000000000"),
        (
            &["log", "tail", "-n", "99999999999999999999"],
            "from 0 to 1000000000",
        ),
        (&["log", "replay", "--seq", "0"], "from 1 to "),
        (&["audit", "log", "-n", "0"], "from 1 to 1000000000"),
        (
            &["audit", "restore", "1234", "--wait", "-5"],
            "from 0 to 86400",
        ),
        (
            &["graph", "query", "--search", "x", "-n", "0"],
            "from 1 to 1000000",
        ),
    ];
    for (args, range) in cases {
        let ran = project.run(args);
        let is_named = ran.err.contains(&format!("must be a whole number {range}"));
        assert!(ran.code == Some(2) && is_named, "{args:?}: {ran:?}");
    }
}

#[test]
fn unknown_kind_or_phase_lists_the_known_ones() {
    let project = TestProject::new();
    let kind = project.run(&["registry", "list", "--kind", "cube"]);
    assert!(
        kind.code == Some(2) && kind.err.contains("`mesh`"),
        "{kind:?}"
    );
    let phase = project.run(&["log", "grep", "--phase", "later"]);
    assert!(
        phase.code == Some(2) && phase.err.contains("`ROLLBACK`"),
        "{phase:?}"
    );
}
