//! The audit, read through plain git, and through libgit2 where the program git is not the point.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use git2::{ObjectType, Oid, Repository, TreeWalkMode, TreeWalkResult};
use vibesync_scene::Row;
use vibesync_store::audit::Audit;

use crate::audit::commit;
use crate::sample::{PROJECT, entity, real, row};

/// Runs git and returns its output. The promise is that plain git can read the history, so these tests need it.
pub fn git(root: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "safe.directory=*", "-C"])
        .arg(root)
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "git {arguments:?}: {text}{error}");
    text
}

/// Lists the commits of the history, the newest first.
pub fn commits(root: &Path) -> Vec<Oid> {
    let repository = Repository::open(root).unwrap();
    let mut walk = repository.revwalk().unwrap();
    walk.push_ref("refs/heads/main").unwrap();
    walk.map(Result::unwrap).collect()
}

/// Lists all commits, folders and files of the history.
pub fn objects(root: &Path) -> BTreeSet<Oid> {
    let repository = Repository::open(root).unwrap();
    let mut found = BTreeSet::new();
    for id in commits(root) {
        let tree = repository.find_commit(id).unwrap().tree().unwrap();
        found.extend([id, tree.id()]);
        let take = |_: &str, entry: &git2::TreeEntry<'_>| {
            let is_new = found.insert(entry.id());
            match entry.kind() {
                // A known folder brings nothing new.
                Some(ObjectType::Tree) if !is_new => TreeWalkResult::Skip,
                _ => TreeWalkResult::Ok,
            }
        };
        tree.walk(TreeWalkMode::PreOrder, take).unwrap();
    }
    found
}

/// Asserts that git finds no damaged object or pack. Windows need not have git: libgit2 reads and hashes each object.
pub fn sound(root: &Path) {
    if cfg!(windows) {
        let repository = Repository::open(root).unwrap();
        let all = repository.odb().unwrap();
        for id in objects(root) {
            let object = all.read(id).unwrap();
            let hash = Oid::hash_object(object.kind(), object.data()).unwrap();
            assert_eq!(hash, id);
        }
        return;
    }
    let found = git(root, &["fsck", "--full", "--strict", "--no-progress"]);
    assert_eq!(found, "", "fsck has something to say");
}

/// Asserts that git sees no change of the work tree. libgit2 knows no sparse checkout, and Windows need not have git.
fn clean(root: &Path) {
    if cfg!(windows) {
        return;
    }
    assert_eq!(git(root, &["status", "--porcelain"]), "");
}

/// Commits changes of 40 entities, one in each commit; flushes after each group.
fn history(root: &Path, groups: &[u64]) -> Audit {
    let mut audit = Audit::open(real(), root, PROJECT).unwrap();
    let mut seq = 0;
    for group in groups {
        for _ in 0..*group {
            seq += 1;
            let rows = [row(u128::from(seq % 40), &format!("at {seq}"), seq)];
            audit.add(&commit(&rows, seq)).unwrap();
        }
        audit.flush().unwrap();
    }
    audit
}

#[cfg_attr(windows, ignore = "needs the program git")]
#[test]
fn git_fsck_and_status_are_clean() {
    let dir = tempfile::tempdir().unwrap();
    drop(history(dir.path(), &[1, 300, 7]));
    sound(dir.path());
    clean(dir.path());
    let log = git(
        dir.path(),
        &[
            "log",
            "--format=%s %(trailers:key=Seq,valueonly,separator=)",
        ],
    );
    assert_eq!(log.lines().count(), 308);
    assert!(log.starts_with("Move Cube 308\n"), "{log}");
    let shown = git(dir.path(), &["show", "HEAD"]);
    assert!(shown.contains("+    \"name\": \"at 308\""), "{shown}");
}

#[cfg_attr(windows, ignore = "needs the program git")]
#[test]
fn entities_enter_the_work_tree_when_sparse_checkout_is_off() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = history(dir.path(), &[5]);
    git(dir.path(), &["sparse-checkout", "disable"]);
    clean(dir.path());
    let file = std::fs::read_to_string(dir.path().join(crate::audit::path(3))).unwrap();
    assert!(file.contains("at 3"), "{file}");
    // From now on, only git writes the index.
    audit.commit(&commit(&[row(3, "later", 6)], 6)).unwrap();
    git(dir.path(), &["reset", "-q", "--hard"]);
    clean(dir.path());
    git(dir.path(), &["checkout", "-q", "HEAD~3"]);
    audit.commit(&commit(&[row(3, "last", 7)], 7)).unwrap();
    assert_eq!(git(dir.path(), &["rev-list", "--count", "main"]), "7\n");
}

#[test]
#[cfg_attr(windows, ignore = "needs the program git")]
fn line_ends_stay_whatever_the_user_has_set() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("history");
    drop(history(&root, &[3]));
    let [settings, attributes] = ["gitconfig", "attributes"].map(|name| dir.path().join(name));
    let text = format!(
        "[core]\n\tautocrlf = true\n\teol = crlf\n\tattributesFile = {}\n[safe]\n\tdirectory = *\n",
        attributes.display()
    );
    for (path, text) in [
        (&settings, text.as_str()),
        (&attributes, "* text eol=crlf\n"),
    ] {
        vibesync_store::durable::write(path, text.as_bytes()).unwrap();
    }
    let git = |arguments: &[&str]| {
        let mut command = Command::new("git");
        command
            .env("GIT_CONFIG_GLOBAL", &settings)
            .arg("-C")
            .arg(&root);
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        output.stdout
    };
    // As in a repository of an older version.
    std::fs::remove_file(root.join(".git/info/attributes")).unwrap();
    drop(Audit::open(real(), &root, PROJECT).unwrap());
    std::fs::remove_file(root.join("project.json")).unwrap();
    git(&["checkout", "-q", "--", "project.json"]);
    git(&["sparse-checkout", "disable"]);
    let files = git(&["ls-files"]);
    let files = String::from_utf8(files).unwrap();
    assert_eq!(files.lines().count(), 4, "{files}");
    for file in files.lines() {
        let bytes = std::fs::read(root.join(file)).unwrap();
        assert!(!bytes.contains(&b'\r'), "{file}");
    }
    assert_eq!(git(&["status", "--porcelain"]), b"");
}

#[test]
fn compaction_joins_small_packs_without_loss() {
    let dir = tempfile::tempdir().unwrap();
    let groups: Vec<u64> = (1..=40).map(|n| n % 4 + 1).collect();
    let mut audit = history(dir.path(), &groups);
    let before_compaction = (commits(dir.path()), objects(dir.path()));
    let packs = || std::fs::read_dir(dir.path().join(".git/objects/pack")).unwrap();
    let bytes = || {
        packs()
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum::<u64>()
    };
    let before = (packs().count(), bytes());
    assert_eq!(before.0, 80);
    assert!(!audit.compact(&|| true).unwrap(), "told to stop");
    assert_eq!(packs().count(), 80);
    assert!(audit.compact(&|| false).unwrap());
    assert!(!audit.compact(&|| false).unwrap(), "nothing is left to do");
    assert_eq!(packs().count(), 2);
    assert!(bytes() * 3 < before.1 * 2, "{} of {}", bytes(), before.1);
    sound(dir.path());
    let after = (commits(dir.path()), objects(dir.path()));
    assert_eq!(after, before_compaction);
    audit.commit(&commit(&[row(3, "later", 900)], 900)).unwrap();
    drop(audit);
    let audit = Audit::open(real(), dir.path(), PROJECT).unwrap();
    assert_eq!(audit.last_seq(), 900);
    sound(dir.path());
}

#[cfg_attr(windows, ignore = "needs the program git")]
#[test]
fn history_continues_after_git_repacked_it() {
    let dir = tempfile::tempdir().unwrap();
    drop(history(dir.path(), &[3, 3]));
    git(dir.path(), &["gc", "-q", "--prune=now"]);
    let mut audit = Audit::open(real(), dir.path(), PROJECT).unwrap();
    assert_eq!(audit.last_seq(), 6);
    audit.commit(&commit(&[row(3, "later", 7)], 7)).unwrap();
    sound(dir.path());
    clean(dir.path());
    assert_eq!(git(dir.path(), &["rev-list", "--count", "main"]), "7\n");
}

#[test]
fn snapshot_starts_or_continues_a_history() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = history(dir.path(), &[5]);
    let entities = [entity(1, "A"), entity(50, "B"), entity(1 << 60, "C")];
    let whole = entities
        .iter()
        .cloned()
        .map(Ok::<_, vibesync_store::audit::AuditError>);
    let id = audit.add_snapshot(&commit(&[], 100), whole).unwrap();
    let gone = Row {
        tombstone: true,
        ..row(50, "B", 101)
    };
    audit.add(&commit(&[gone], 101)).unwrap();
    audit.flush().unwrap();
    drop(audit);
    let audit = Audit::open(real(), dir.path(), PROJECT).unwrap();
    assert_eq!(audit.last_seq(), 101);
    assert_eq!(audit.history().entities(&id).unwrap().len(), 3);
    assert_eq!(commits(dir.path()).len(), 7);
    sound(dir.path());
    clean(dir.path());
}
