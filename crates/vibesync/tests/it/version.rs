//! `vibesync --version`: the commit that the program was built from.
#![cfg_attr(
    windows,
    allow(dead_code, unused_imports, reason = "git is called on Unix alone")
)]

#[path = "../../build/commit.rs"]
mod commit;

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::project::TestProject;
use commit::describe;

#[test]
fn version_says_the_commit_and_its_date() {
    let built = concat!(
        env!("CARGO_PKG_VERSION"),
        " (",
        env!("VIBESYNC_BUILT_FROM"),
        ")"
    );
    let shown = TestProject::new().run(&["--version"]).out;
    assert_eq!(shown, format!("vibesync {built}\n"));
    if option_env!("VIBESYNC_COMMIT").is_some() {
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let expected = describe(&root, &["Cargo.toml"]).text;
    let clean = shown.replace("-dirty", "");
    assert!(
        clean.contains(&expected.replace("-dirty", "")),
        "{shown} {expected}"
    );
}

#[test]
fn log_of_the_daemon_names_its_commit() {
    let project = TestProject::new();
    let daemon = project.start();
    assert_eq!(daemon.discovery().daemon_version, env!("CARGO_PKG_VERSION"));
    assert!(daemon.stop().unwrap().success());
    let log = project.daemon_log();
    let start = log.lines().find(|line| line.contains("serving")).unwrap();
    let built = concat!(" (", env!("VIBESYNC_BUILT_FROM"), ")");
    assert!(start.contains(built), "{start}");
}

/// Needs the program git, as a build with a commit does.
#[cfg(unix)]
#[test]
fn changed_sources_are_marked_dirty_and_others_not() {
    let repository = Repository::new();
    let clean = repository.text();
    let (hash, date) = clean.split_once(' ').unwrap();
    assert_eq!((hash.len(), date), (12, "2026-11-22"), "{clean}");
    repository.write("notes", "changed");
    assert_eq!(repository.text(), clean, "no source of the program");
    repository.write("src/new", "untracked");
    assert_eq!(repository.text(), format!("{hash}-dirty {date}"));
}

#[cfg(unix)]
#[test]
fn new_commit_changes_a_watched_file_in_every_layout() {
    let repository = Repository::new();
    let linked = repository.folder.path().join("linked");
    repository.git(&["pack-refs", "--all"]);
    repository.git(&["worktree", "add", "--quiet", linked.to_str().unwrap()]);
    for root in [repository.root(), linked] {
        let before = describe(&root, &["src"]);
        let contents = |paths: &[PathBuf]| -> Vec<_> {
            paths.iter().map(|path| std::fs::read(path).ok()).collect()
        };
        let kept = contents(&before.watched);
        run(&root, &["commit", "--quiet", "--allow-empty", "-m", "next"]);
        assert_ne!(describe(&root, &["src"]).text, before.text);
        assert_ne!(contents(&before.watched), kept, "{:?}", before.watched);
        assert!(before.watched.contains(&root.join("src")));
    }
}

#[cfg(unix)]
#[test]
fn sources_without_a_repository_are_of_an_unknown_commit() {
    let repository = Repository::new();
    let inner = repository.root().join("unpacked");
    std::fs::create_dir_all(&inner).unwrap();
    let outside = tempfile::tempdir().unwrap();
    for folder in [inner.as_path(), outside.path()] {
        let described = describe(folder, &["src"]);
        assert_eq!(described.text, "unknown");
        assert!(described.watched.is_empty());
    }
}

/// A repository with one source and one other file.
#[cfg(unix)]
struct Repository {
    folder: TempDir,
}

#[cfg(unix)]
impl Repository {
    fn new() -> Self {
        let repository = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir_all(repository.root().join("src")).unwrap();
        repository.git(&["init", "--quiet"]);
        repository.write("src/main", "source");
        repository.write("notes", "text");
        repository.git(&["add", "."]);
        repository.git(&["commit", "--quiet", "-m", "first"]);
        repository
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("main")
    }

    fn text(&self) -> String {
        describe(&self.root(), &["src"]).text
    }

    fn write(&self, name: &str, content: &str) {
        vibesync_store::durable::write(&self.root().join(name), content.as_bytes()).unwrap();
    }

    fn git(&self, arguments: &[&str]) {
        run(&self.root(), arguments);
    }
}

#[cfg(unix)]
fn run(root: &Path, arguments: &[&str]) {
    let person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"];
    let status = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(person)
        .args(arguments)
        .env("GIT_AUTHOR_DATE", "2026-11-22T12:00:00Z")
        .env("GIT_COMMITTER_DATE", "2026-11-22T12:00:00Z")
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .status()
        .unwrap();
    assert!(status.success(), "git {arguments:?}");
}
