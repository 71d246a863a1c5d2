//! Damage of the audit's repository is found when it is opened; little files are written anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::Code;
use vibesync_store::audit::{Audit, AuditError, check, move_aside};
use vibesync_store::disk::RealDisk;

use crate::audit::commit;
use crate::audit_git::sound;
use crate::sample::{PROJECT, row};

fn open(root: &Path) -> Result<Audit, AuditError> {
    Audit::open(Arc::new(RealDisk), root, PROJECT)
}

/// Makes three commits, each in a pack of its own.
fn history() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path()).unwrap();
    for seq in 1..=3 {
        let rows = [
            row(1, &format!("at {seq}"), seq),
            row(u128::from(seq) + 1, "other", seq),
        ];
        audit.commit(&commit(&rows, seq)).unwrap();
    }
    dir
}

/// Returns the files of the newest or the oldest pack.
fn pack(root: &Path, suffix: &str, is_newest: bool) -> PathBuf {
    let dir = root.join(".git/objects/pack");
    let mut names: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == suffix))
        .collect();
    names.sort();
    if is_newest {
        names.pop()
    } else {
        names.drain(..).next()
    }
    .unwrap()
}

/// Replaces a file by a part or an altered copy of it. Packs are read-only for some systems' users, so not in place.
fn alter(path: &Path, alter: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    alter(&mut bytes);
    fs::remove_file(path).unwrap();
    vibesync_store::durable::write(path, &bytes).unwrap();
}

fn must_be_found(root: &Path, what: &str) {
    let checked = check(root).unwrap_err();
    assert_eq!(checked.code(), Code::AuditDamaged, "{what}");
    let error = open(root).map(|_| ()).unwrap_err();
    assert!(error.is_damage(), "{what}: {error}");
    assert_eq!(error.code(), Code::AuditDamaged, "{what}");
}

/// Damages the oldest or the newest pack of a repository.
type Damage = fn(&Path, bool);

#[test]
fn damage_of_packs_is_found_when_the_audit_opens() {
    for is_newest in [false, true] {
        let damages: [(&str, Damage); 6] = [
            ("truncated pack", |root, newest| {
                alter(&pack(root, "pack", newest), |bytes| bytes.truncate(40));
            }),
            ("empty pack", |root, newest| {
                alter(&pack(root, "pack", newest), Vec::clear);
            }),
            ("damaged index of a pack", |root, newest| {
                alter(&pack(root, "idx", newest), |bytes| bytes[1_040] ^= 1);
            }),
            ("empty index of a pack", |root, newest| {
                alter(&pack(root, "idx", newest), Vec::clear);
            }),
            ("missing index of a pack", |root, newest| {
                fs::remove_file(pack(root, "idx", newest)).unwrap();
            }),
            ("missing pack", |root, newest| {
                for suffix in ["idx", "pack"] {
                    fs::remove_file(pack(root, suffix, newest)).unwrap();
                }
            }),
        ];
        for (what, damage) in damages {
            let dir = history();
            damage(dir.path(), is_newest);
            must_be_found(dir.path(), what);
        }
    }
}

#[test]
fn missing_old_commit_is_found_when_the_audit_opens() {
    let dir = tempfile::tempdir().unwrap();
    let mut audit = open(dir.path()).unwrap();
    for seq in 1..=4 {
        let rows = [row(1, &format!("at {seq}"), seq)];
        audit.commit(&commit(&rows, seq)).unwrap();
    }
    drop(audit);
    // Nothing of the second commit is in the newest.
    let name = format!("pack-{:020}-{:020}-0000", 2, 2);
    for suffix in ["idx", "pack"] {
        let path = dir.path().join(".git/objects/pack").join(&name);
        fs::remove_file(path.with_extension(suffix)).unwrap();
    }
    must_be_found(dir.path(), "the second commit is missing");
}

#[test]
fn damage_of_the_branch_is_found_when_the_audit_opens() {
    for content in ["garbage", "", "0123456789012345678901234567890123456789\n"] {
        let dir = history();
        let branch = dir.path().join(".git/refs/heads/main");
        vibesync_store::durable::write(&branch, content.as_bytes()).unwrap();
        must_be_found(dir.path(), content);
    }
    let dir = history();
    fs::remove_dir_all(dir.path().join(".git/objects")).unwrap();
    must_be_found(dir.path(), "no objects");
}

#[test]
fn damage_inside_a_pack_is_found_when_it_is_read() {
    let dir = history();
    alter(&pack(dir.path(), "pack", true), |bytes| {
        let end = bytes.len() - 20;
        bytes[12..end].fill(0xff);
    });
    must_be_found(dir.path(), "the newest folders cannot be read");
}

#[test]
fn damaged_head_and_index_are_written_anew() {
    for content in [&b"garbage"[..], &[0xff; 64], b"", b"ref: nowhere"] {
        let dir = history();
        let git = dir.path().join(".git");
        for name in ["HEAD", "index"] {
            vibesync_store::durable::write(&git.join(name), content).unwrap();
        }
        let audit = open(dir.path()).unwrap();
        assert_eq!(audit.repaired(), ["HEAD", "index"]);
        assert_eq!(audit.last_seq(), 3);
        sound(dir.path());
        assert!(open(dir.path()).unwrap().repaired().is_empty());
    }
}

#[test]
fn index_and_head_of_a_person_stay() {
    let dir = history();
    let git = dir.path().join(".git");
    let newest = fs::read(git.join("refs/heads/main")).unwrap();
    vibesync_store::durable::write(&git.join("HEAD"), &newest).unwrap();
    assert!(open(dir.path()).unwrap().repaired().is_empty());
    assert_eq!(fs::read(git.join("HEAD")).unwrap(), newest);
}

#[test]
fn damaged_repository_makes_room_for_a_new_one() {
    let dir = history();
    let recovered = dir.path().join("recovered");
    let root = dir.path().join("history");
    drop(open(&root).unwrap());
    let now = "2026-01-02T03:04:05.000006Z";
    let kept = move_aside(&RealDisk, &root, &recovered, now).unwrap();
    assert_eq!(kept, recovered.join("git_safety-20260102T030405000006Z"));
    assert!(kept.join(".git").is_dir() && !root.exists());
    assert_eq!(open(&root).unwrap().last_seq(), 0);
}
