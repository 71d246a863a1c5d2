//! Logs that each version of the program has written. Later versions must be able to read them. On the real disk.
//!
//! `VIBESYNC_BLESS=1` rewrites the logs of this version, which is allowed only before its release. Those of older versions
//! never change.

use std::path::PathBuf;

use vibesync_scene::{Code, LOG_VERSION, Payload, RecordBody};
use vibesync_store::wal::{Defect, Entry, Options, Wal, WalError, verify};

use crate::sample;

fn path(version: u32, name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/v{version}/{name}"))
}

fn fixture(version: u32, name: &str) -> Vec<u8> {
    if std::env::var_os("VIBESYNC_BLESS").is_some() && version == LOG_VERSION {
        vibesync_store::durable::write(&path(version, name), &written_now(name)).unwrap();
    }
    std::fs::read(path(version, name)).unwrap()
}

fn written_now(name: &str) -> Vec<u8> {
    let mut bytes = sample::log_bytes(2);
    match name {
        "torn.jsonl" => bytes.truncate(bytes.len() - 100),
        "damaged.jsonl" => {
            let text = String::from_utf8(bytes).unwrap();
            bytes = text.replacen("Würfel", "Wurfel", 1).into_bytes();
        }
        _ => {}
    }
    bytes
}

fn entries(bytes: &[u8]) -> Vec<Entry> {
    let dir = tempfile::tempdir().unwrap();
    sample::real_log(dir.path(), bytes);
    let mut entries = Vec::new();
    let options = Options::new(dir.path());
    Wal::open(options, sample::real(), 1, &mut |entry| entries.push(entry)).unwrap();
    entries
}

/// Opens this log in a real folder. Returns the number of records, and of bytes cut off.
fn open(bytes: &[u8]) -> Result<(usize, u64), WalError> {
    let dir = tempfile::tempdir().unwrap();
    sample::real_log(dir.path(), bytes);
    let mut records = 0;
    let options = Options::new(dir.path());
    let (mut wal, recovery) = Wal::open(options, sample::real(), 1, &mut |_| records += 1)?;
    let next = wal.next_seq();
    wal.append(&sample::transaction(9, next), sample::TIME)?;
    wal.sync()?;
    assert_eq!(verify(&*sample::real(), dir.path())?.records, next + 2);
    Ok((records, recovery.torn.map_or(0, |torn| torn.bytes)))
}

#[test]
fn intact_log_of_any_version_is_read_and_continued() {
    for version in 1..=LOG_VERSION {
        assert_eq!(open(&fixture(version, "good.jsonl")).unwrap(), (6, 0));
    }
}

#[test]
fn this_version_writes_its_fixture() {
    assert_eq!(fixture(LOG_VERSION, "good.jsonl"), sample::log_bytes(2));
}

#[test]
fn logs_of_all_versions_decode_to_the_same_records() {
    let now: Vec<_> = entries(&sample::log_bytes(2))
        .into_iter()
        .map(|entry| entry.body)
        .collect();
    for version in 1..=LOG_VERSION {
        let bytes = fixture(version, "good.jsonl");
        let read = entries(&bytes);
        for (entry, line) in read.iter().zip(bytes.split(|byte| *byte == b'\n')) {
            assert_eq!(entry.version, version);
            assert_eq!(entry.to_line().unwrap(), line);
        }
        let mut said: Vec<_> = read.into_iter().map(|entry| entry.body).collect();
        for (said, now) in said.iter_mut().zip(&now) {
            consult(said, now);
        }
        assert_eq!(said, now);
    }
}

/// Adds to a BEGIN of version 1 the fields that it lacks.
fn consult(said: &mut RecordBody, now: &RecordBody) {
    if let (
        Payload::Begin { decision, .. },
        Payload::Begin {
            decision: known, ..
        },
    ) = (&mut said.payload, &now.payload)
    {
        *decision = decision.take().or_else(|| known.clone());
    }
}

#[test]
fn torn_tail_is_cut_off() {
    for version in 1..=LOG_VERSION {
        let torn = fixture(version, "torn.jsonl");
        let whole_lines = torn.iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        assert_eq!(open(&torn).unwrap(), (5, (torn.len() - whole_lines) as u64));
    }
}

#[test]
fn damaged_log_is_refused() {
    for version in 1..=LOG_VERSION {
        let error = open(&fixture(version, "damaged.jsonl")).unwrap_err();
        assert_eq!(error.code(), Code::LogDamaged);
        let WalError::Damaged(location) = error else {
            panic!("{error}")
        };
        assert_eq!((location.line, location.defect), (2, Defect::Hash));
    }
}
