//! `vibesync mcp install` as a command: what it shows, writes, keeps and refuses.

use std::path::PathBuf;

use serde_json::Value;

use crate::project::{CommandOutput, TestProject};

const OTHERS: &str = "{\n    \"mcpServers\": {\n        \"other\": { \"command\": \"x\", \"env\": { \"KEY\": \"secret\" } }\n    },\n    \"theme\": \"dark\"\n}\n";

fn file(project: &TestProject) -> PathBuf {
    project.root().with_file_name("settings.json")
}

fn install(project: &TestProject, client: &str, more: &[&str]) -> CommandOutput {
    let file = file(project);
    let named = [
        "mcp",
        "install",
        "--client",
        client,
        "--file",
        file.to_str().unwrap(),
    ];
    project.run(&[&named, more].concat())
}

fn write(project: &TestProject, text: &str) {
    vibesync_store::durable::write(&file(project), text.as_bytes()).unwrap();
}

fn read(project: &TestProject) -> String {
    std::fs::read_to_string(file(project)).unwrap()
}

fn backup(project: &TestProject) -> PathBuf {
    file(project).with_file_name("settings.json.before-vibesync")
}

#[test]
fn entry_starts_this_program_for_the_project() {
    let project = TestProject::new();
    let installed = install(&project, "claude-code", &["--yes", "--project", "."]);
    assert_eq!(installed.code, Some(0), "{}", installed.err);
    assert!(installed.out.contains("next: "), "{}", installed.out);
    let made: Value = serde_json::from_str(&read(&project)).unwrap();
    let entry = &made["mcpServers"]["vibesync"];
    let command = PathBuf::from(entry["command"].as_str().unwrap());
    let own = PathBuf::from(env!("CARGO_BIN_EXE_vibesync"));
    assert_eq!(command.canonicalize().unwrap(), own.canonicalize().unwrap());
    let root = project.root();
    assert_eq!(entry["args"][0], "mcp");
    assert_eq!(entry["args"][1], "--project");
    let named = PathBuf::from(entry["args"][2].as_str().unwrap());
    assert!(named.is_absolute());
    assert_eq!(named.canonicalize().unwrap(), root.canonicalize().unwrap());
    assert_eq!(entry["type"], "stdio");
    assert!(!backup(&project).exists(), "there was no file before");
}

#[test]
fn entries_of_others_stay_and_the_old_file_is_kept() {
    let project = TestProject::new();
    write(&project, OTHERS);
    let installed = install(&project, "cursor", &["--yes"]);
    assert_eq!(installed.code, Some(0), "{}", installed.err);
    assert!(
        installed.out.contains("+        \"vibesync\": {"),
        "{}",
        installed.out
    );
    let with = read(&project);
    for line in OTHERS.lines().filter(|line| !line.ends_with('}')) {
        assert!(with.contains(line), "{line}: {with}");
    }
    assert_eq!(std::fs::read_to_string(backup(&project)).unwrap(), OTHERS);
    let again = install(&project, "cursor", &["--yes"]);
    assert!(again.out.contains("nothing was changed"), "{}", again.out);
    let removed = install(&project, "cursor", &["--yes", "--remove"]);
    assert_eq!(removed.code, Some(0), "{}", removed.err);
    assert_eq!(read(&project), OTHERS);
    assert_eq!(std::fs::read_to_string(backup(&project)).unwrap(), with);
}

#[test]
fn nothing_is_written_without_an_answer() {
    let project = TestProject::new();
    write(&project, "{\n\t\"servers\": {}\n}\n");
    let asked = install(&project, "vscode", &[]);
    assert!(asked.out.contains("-    \"servers\": {}"), "{}", asked.out);
    write(&project, OTHERS);
    let asked = install(&project, "vscode", &[]);
    assert_eq!(asked.code, Some(2), "{}", asked.out);
    assert!(
        asked.out.contains("+  "),
        "the change is shown: {}",
        asked.out
    );
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    assert_eq!(read(&project), OTHERS);
    assert!(!backup(&project).exists());
}

#[cfg(target_os = "linux")]
#[test]
fn person_at_a_terminal_is_asked() {
    let project = TestProject::new();
    write(&project, OTHERS);
    let file = file(&project);
    let command = [
        "mcp",
        "install",
        "--client",
        "cursor",
        "--file",
        file.to_str().unwrap(),
    ];
    let refused = project.run_in_terminal(&command, "n\n");
    assert_eq!(refused.code, Some(1), "{}", refused.out);
    assert_eq!(read(&project), OTHERS);
    let allowed = project.run_in_terminal(&command, "y\n");
    assert_eq!(allowed.code, Some(0), "{}", allowed.out);
    assert!(read(&project).contains("vibesync"));
}

#[test]
fn malformed_file_is_left_as_it_is() {
    let project = TestProject::new();
    write(&project, "{\n  \"mcpServers\": {,}\n}\n");
    for more in [&["--yes"][..], &["--yes", "--remove"]] {
        let refused = install(&project, "claude", more);
        assert_eq!(refused.code, Some(1), "{}", refused.out);
        assert!(refused.err.contains("VS-6001"), "{}", refused.err);
        assert!(
            refused.err.contains("settings.json:2:18"),
            "{}",
            refused.err
        );
    }
    assert_eq!(read(&project), "{\n  \"mcpServers\": {,}\n}\n");
    let refused = install(&project, "codex", &["--yes"]);
    assert!(refused.err.contains("settings.json:1:"), "{}", refused.err);
    std::fs::remove_file(file(&project)).unwrap();
    std::fs::create_dir(file(&project)).unwrap();
    let refused = install(&project, "claude", &["--yes"]);
    assert_eq!(refused.code, Some(1), "{}", refused.out);
}

#[test]
fn usual_file_is_made_with_its_folders() {
    let project = TestProject::new();
    for (client, name) in [
        ("codex", ".codex/config.toml"),
        ("cursor", ".cursor/mcp.json"),
    ] {
        let installed = project.run(&["mcp", "install", "--client", client, "--yes"]);
        assert_eq!(installed.code, Some(0), "{}", installed.err);
        let made = project.root().with_file_name(name);
        assert!(std::fs::read_to_string(made).unwrap().contains("--project"));
    }
    for name in ["", "a b", "x/y", "seventeen-and-eight-more-x"] {
        let refused = install(&project, "claude", &["--yes", "--name", name]);
        assert_eq!(refused.code, Some(2), "{name:?}");
    }
}

#[cfg(unix)]
#[test]
fn link_and_access_rights_stay() {
    use std::os::unix::fs::PermissionsExt;
    for mode in [0o600, 0o640, 0o644] {
        let project = TestProject::new();
        let real = project.root().join("dotfile.json");
        vibesync_store::durable::write_private(&real, OTHERS.as_bytes()).unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(mode)).unwrap();
        std::os::unix::fs::symlink(&real, file(&project)).unwrap();
        let installed = install(&project, "cursor", &["--yes"]);
        assert_eq!(installed.code, Some(0), "{}", installed.err);
        assert!(file(&project).is_symlink());
        assert!(read(&project).contains("vibesync"));
        for name in ["dotfile.json", "dotfile.json.before-vibesync"] {
            let metadata = std::fs::metadata(project.root().join(name)).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
        }
    }
}
