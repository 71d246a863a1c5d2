//! The registry against the rows of the log.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use vibesync_scene::{Code, Row};
use vibesync_store::registry::{Rebuilt, Registry, Summary};

use crate::sample::row;

fn open(dir: &Path, rows: &[Row], seq: u64) -> (Registry, Option<Rebuilt>) {
    Registry::open(&dir.join("registry"), rows.iter(), seq).unwrap()
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
fn it_is_made_from_the_log_and_agrees_when_reopened() {
    let dir = tempfile::tempdir().unwrap();
    let mut rows = rows(50);
    let (mut registry, rebuilt) = open(dir.path(), &rows[..40], 40);
    assert_eq!(rebuilt, None);
    rows[3].tombstone = true;
    let changed = [&rows[40..], &rows[3..4]].concat();
    registry.apply(&changed, 50).unwrap();
    registry.flush().unwrap();
    assert_eq!(registry.summary(), Summary::of(rows.iter(), 50).unwrap());
    drop(registry);
    let (registry, rebuilt) = open(dir.path(), &rows, 50);
    assert_eq!(rebuilt, None);
    assert_eq!(held(&registry), rows);
    assert_eq!(
        registry.get(rows[3].entity.uuid).unwrap().as_ref(),
        Some(&rows[3])
    );
    assert_eq!(registry.get(uuid::Uuid::nil()).unwrap(), None);
}

#[test]
fn one_that_disagrees_is_rebuilt() {
    let rows = rows(20);
    let mut other = rows.clone();
    other[7].entity.components.name = Some("something else".into());
    let more = [rows.clone(), vec![row(99, "too many", 1)]].concat();
    for (wrong, seq) in [
        (&other, 20),
        (&rows[1..].to_vec(), 20),
        (&more, 20),
        (&rows, 19),
    ] {
        let dir = tempfile::tempdir().unwrap();
        drop(open(dir.path(), wrong, seq));
        let (registry, rebuilt) = open(dir.path(), &rows, 20);
        let rebuilt = rebuilt.expect("it disagrees");
        assert!(
            rebuilt.why.contains("the log says 20 rows at sequence 20"),
            "{}",
            rebuilt.why
        );
        assert_eq!(held(&registry), rows);
        drop(registry);
        assert_eq!(open(dir.path(), &rows, 20).1, None, "the repair lasts");
    }
}

/// Damages the file of the rows, and opens the registry again.
fn reopen_damaged(damage: impl FnOnce(&mut Vec<u8>)) {
    let rows = rows(250);
    let dir = tempfile::tempdir().unwrap();
    drop(open(dir.path(), &rows, 250));
    let db = dir.path().join("registry/db");
    let mut bytes = fs::read(&db).unwrap();
    damage(&mut bytes);
    vibesync_store::durable::write(&db, &bytes).unwrap();
    let (registry, _) = open(dir.path(), &rows, 250);
    assert_eq!(held(&registry), rows);
    drop(registry);
    assert_eq!(open(dir.path(), &rows, 250).1, None, "the repair lasts");
}

#[test]
fn flipped_bytes_never_show() {
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
fn a_cut_file_never_shows() {
    for part in [0, 1, 3, 5, 7] {
        reopen_damaged(|bytes| bytes.truncate(bytes.len() * part / 8));
    }
}

#[test]
fn one_that_cannot_be_opened_is_moved_aside() {
    let rows = rows(3);
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let registry = dir.path().join("registry");
        if registry.is_dir() {
            fs::remove_dir_all(&registry).unwrap();
        }
        fs::create_dir(&registry).unwrap();
        vibesync_store::durable::write(&registry.join("conf"), b"not sled's").unwrap();
        let (opened, rebuilt) = open(dir.path(), &rows, 3);
        let aside = rebuilt.unwrap().moved_to;
        assert!(aside.join("conf").exists());
        assert_eq!(held(&opened), rows);
    }
}

#[test]
fn it_cannot_be_opened_twice() {
    let dir = tempfile::tempdir().unwrap();
    let registry = open(dir.path(), &[], 0);
    let second = Registry::open(&dir.path().join("registry"), [].iter(), 0);
    drop(registry);
    assert_eq!(second.unwrap_err().code(), Code::RegistryRebuilt);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn counting_change_by_change_is_counting_all(changes in prop::collection::vec((1..20u128, any::<u8>(), any::<bool>()), 1..60)) {
        let dir = tempfile::tempdir().unwrap();
        let (mut registry, _) = open(dir.path(), &[], 0);
        let mut rows = std::collections::BTreeMap::new();
        for (seq, (n, name, tombstone)) in (1..).zip(changes) {
            let mut row = row(n, &name.to_string(), seq);
            row.tombstone = tombstone;
            registry.apply(&[row.clone()], seq).unwrap();
            rows.insert(n, row);
            let expected = Summary::of(rows.values(), seq).unwrap();
            prop_assert_eq!(registry.summary(), expected);
            prop_assert!(registry.verify(&expected).is_ok());
        }
    }
}
