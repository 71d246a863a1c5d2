//! The registry, compared with the rows of the log.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use vibesync_scene::{Code, Row};
use vibesync_store::registry::{Position, Registry, Summary};
use vibesync_store::wal::Tip;

use crate::sample::{self, row};

fn open(dir: &Path) -> Registry {
    Registry::open(&dir.join("registry")).unwrap()
}

fn at(seq: u64) -> Position {
    Position {
        tip: Tip {
            seq,
            hash: blake3::hash(&seq.to_be_bytes()),
        },
        resume_seq: seq + 1,
        last_end_seq: seq,
    }
}

fn filled(dir: &Path, rows: &[Row], seq: u64) -> Registry {
    Registry::rebuild(&dir.join("registry"), rows.iter(), at(seq)).unwrap()
}

fn rows(count: u128) -> Vec<Row> {
    (1..=count)
        .map(|n| row(n, &format!("n{n}"), n as u64))
        .collect()
}

fn held(registry: &Registry) -> Vec<Row> {
    registry.iter().map(Result::unwrap).collect()
}

#[test]
fn rows_and_position_are_kept_when_it_is_reopened() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = rows(50);
    let mut registry = open(dir.path());
    assert_eq!(registry.position(), Position::START);
    registry.apply(&rows[..40], at(40)).unwrap();
    rows[3].tombstone = true;
    let changed = [&rows[40..], &rows[3..4]].concat();
    registry.apply(&changed, at(50)).unwrap();
    assert!(registry.is_dirty());
    registry.flush().unwrap();
    assert!(!registry.is_dirty());
    assert_eq!(
        registry.summary(),
        Summary::from_rows(rows.iter(), 50).unwrap()
    );
    drop(registry);
    let registry = open(dir.path());
    assert_eq!(registry.position(), at(50));
    registry.check().unwrap();
    assert_eq!(held(&registry), rows);
    assert_eq!(
        registry.get(rows[3].entity.uuid).unwrap().as_ref(),
        Some(&rows[3])
    );
    assert_eq!(registry.get(uuid::Uuid::nil()).unwrap(), None);
    let json: Vec<Vec<u8>> = registry
        .rows()
        .map(|row| row.unwrap().as_ref().to_vec())
        .collect();
    let expected: Vec<_> = rows
        .iter()
        .map(|row| serde_json::to_vec(row).unwrap())
        .collect();
    assert_eq!(json, expected);
}

#[test]
fn registry_that_disagrees_is_detected() {
    let rows = rows(20);
    let mut other = rows.clone();
    other[7].entity.components.name = Some("something else".into());
    let more = [rows.clone(), vec![row(99, "too many", 1)]].concat();
    let log = Summary::from_rows(rows.iter(), 20).unwrap();
    for (wrong, seq) in [
        (&other, 20),
        (&rows[1..].to_vec(), 20),
        (&more, 20),
        (&rows, 19),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let registry = filled(dir.path(), wrong, seq);
        registry.check().unwrap();
        let error = registry.verify(&log).unwrap_err();
        assert!(error.is_damage() && error.code() == Code::RegistryRebuilt);
        assert!(
            error
                .to_string()
                .contains("the log gives 20 rows at sequence 20"),
            "{error}"
        );
        drop(registry);
        filled(dir.path(), &rows, 20).verify(&log).unwrap();
    }
}

#[test]
fn lost_or_outdated_row_is_detected_permanently() {
    let rows = rows(20);
    for lost in [true, false] {
        let dir = tempfile::tempdir().unwrap();
        drop(filled(dir.path(), &rows, 20));
        let db = sample::database(&dir.path().join("registry"));
        let key = rows[4].entity.uuid.into_bytes();
        if lost {
            db.remove(key).unwrap();
        } else {
            let old = row(5, "as it was before", 1);
            db.insert(key, serde_json::to_vec(&old).unwrap()).unwrap();
        }
        drop(db);
        let mut registry = open(dir.path());
        assert!(registry.check().unwrap_err().is_damage());
        // Writing the row again does not repair the root hash.
        registry.apply(&[row(5, "new", 21)], at(21)).unwrap();
        assert!(registry.check().unwrap_err().is_damage());
    }
}

/// Damages the file of the rows. Then opening the registry must fail, or every row must be as before.
fn reopen_damaged(damage: impl FnOnce(&mut Vec<u8>)) {
    let rows = rows(250);
    let dir = tempfile::tempdir().unwrap();
    drop(filled(dir.path(), &rows, 250));
    let db = dir.path().join("registry/db");
    let mut bytes = fs::read(&db).unwrap();
    damage(&mut bytes);
    vibesync_store::durable::write(&db, &bytes).unwrap();
    let opened = Registry::open(&dir.path().join("registry"));
    match opened.and_then(|registry| registry.check().map(|()| registry)) {
        Ok(registry) if registry.position() == Position::START => assert_eq!(held(&registry), []),
        Ok(registry) => assert_eq!(held(&registry), rows),
        Err(error) => assert!(error.is_damage(), "{error}"),
    }
    assert_eq!(held(&filled(dir.path(), &rows, 250)), rows);
}

#[test]
fn flipped_byte_never_yields_wrong_rows() {
    for step in [7, 513, 4_001, 30_011] {
        reopen_damaged(|bytes| {
            bytes
                .iter_mut()
                .skip(step / 2)
                .step_by(step)
                .for_each(|byte| *byte ^= 0x55)
        });
    }
}

#[test]
fn cut_file_never_yields_wrong_rows() {
    for part in [0, 1, 3, 5, 7] {
        reopen_damaged(|bytes| bytes.truncate(bytes.len() * part / 8));
    }
}

#[test]
fn registry_that_cannot_be_opened_is_moved_aside() {
    let rows = rows(3);
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let registry = dir.path().join("registry");
        if registry.is_dir() {
            fs::remove_dir_all(&registry).unwrap();
        }
        fs::create_dir(&registry).unwrap();
        vibesync_store::durable::write(&registry.join("conf"), b"not sled's").unwrap();
        assert!(Registry::open(&registry).unwrap_err().is_damage());
        assert_eq!(held(&filled(dir.path(), &rows, 3)), rows);
        assert!(dir.path().join("registry.damaged/conf").exists());
    }
}

#[test]
fn unfinished_registry_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut registry = open(dir.path());
    registry.apply(&rows(3), Position::START).unwrap();
    drop(registry);
    let error = Registry::open(&dir.path().join("registry")).unwrap_err();
    assert!(error.is_damage(), "{error}");
}

#[test]
fn position_changes_with_the_last_of_several_batches() {
    let dir = tempfile::tempdir().unwrap();
    let rows = rows(2_500);
    let mut registry = filled(dir.path(), &rows[..10], 10);
    registry.apply(&rows, at(2_500)).unwrap();
    assert_eq!(registry.position(), at(2_500));
    registry
        .verify(&Summary::from_rows(rows.iter(), 2_500).unwrap())
        .unwrap();
}

#[test]
fn opening_it_twice_fails() {
    let dir = tempfile::tempdir().unwrap();
    let registry = open(dir.path());
    let second = Registry::read(&dir.path().join("registry"));
    drop(registry);
    let error = second.unwrap_err();
    assert!(error.code() == Code::DiskFailed && !error.is_damage());
    assert!(Registry::read(&dir.path().join("none")).unwrap().is_none());
    assert!(!dir.path().join("none").exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn updated_summary_equals_the_computed_one(changes in prop::collection::vec((1..20u128, any::<u8>(), any::<bool>()), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let mut registry = open(dir.path());
        let mut rows = std::collections::BTreeMap::new();
        for (seq, (n, name, tombstone)) in (1..).zip(changes) {
            let mut row = row(n, &name.to_string(), seq);
            row.tombstone = tombstone;
            registry.apply(&[row.clone()], at(seq)).unwrap();
            rows.insert(n, row);
            let expected = Summary::from_rows(rows.values(), seq).unwrap();
            prop_assert_eq!(registry.summary(), expected);
            prop_assert!(registry.verify(&expected).is_ok());
        }
    }
}

/// Another program holds a file of the registry for a moment, and shares it with nobody.
#[cfg(windows)]
#[test]
fn registry_waits_for_a_program_that_holds_its_file() {
    use std::os::windows::fs::OpenOptionsExt;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("registry");
    drop(Registry::open(&path).unwrap());
    for file in ["conf", "db"] {
        let mut options = std::fs::OpenOptions::new();
        let held = vibesync_store::held_open::retry(&path, || {
            options.read(true).share_mode(0).open(path.join(file))
        });
        let held = held.unwrap();
        let holder = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(150));
            drop(held);
        });
        drop(Registry::open(&path).unwrap());
        holder.join().unwrap();
    }
    let held = std::fs::File::open(path.join("conf")).unwrap();
    let holder = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(150));
        drop(held);
    });
    let aside = Registry::move_aside(&path).unwrap();
    assert!(aside.join("conf").exists());
    holder.join().unwrap();
}
