//! `cuts.jsonl`, which names the record after which the log begins.

use std::sync::Arc;

use vibesync_scene::Code;
use vibesync_store::wal::{Reader, Truncation, WalError, newest_truncation, verify};
use vibesync_testkit::FaultDisk;

use crate::sample::{self, TIME, dir, open, transaction};

/// The other fields of a line.
fn cut(seq: u64, hash: &str) -> String {
    format!(
        "\"timestamp\":\"{TIME}\",\"seq\":{seq},\"hash\":\"{hash}\",\"base\":{seq},\"audited\":{seq}}}\n"
    )
}

fn put(disk: &FaultDisk, lines: &str) {
    disk.put(&dir().join("cuts.jsonl"), lines.as_bytes());
}

fn newest(lines: &str) -> Result<Option<Truncation>, WalError> {
    let disk = sample::disk();
    put(&disk, lines);
    newest_truncation(&disk, &dir())
}

#[test]
fn last_of_many_truncations_counts() {
    let hash = "ab".repeat(32);
    let line = |seq| format!("{{\"schema_version\":2,{}", cut(seq, &hash));
    let lines: String = (1..=10_000).map(line).collect();
    assert_eq!(newest(&lines).unwrap().unwrap().seq, 10_000);
}

#[test]
fn truncation_file_is_refused_when_it_is_too_long() {
    let line = format!("{{{}", cut(5, &"ab".repeat(32)));
    let lines = line.repeat((16 << 20) / line.len() + 1);
    let error = newest(&lines).unwrap_err();
    assert_eq!(error.code(), Code::LogDamaged);
    assert!(
        error.to_string().contains("longer than 16777216 bytes"),
        "{error}"
    );
}

#[test]
fn truncation_without_version_has_version_1() {
    let line = format!("{{{}", cut(5, &"ab".repeat(32)));
    let found = newest(&line).unwrap().unwrap();
    assert_eq!((found.schema_version, found.seq), (1, 5));
}

#[test]
fn truncation_without_a_record_is_damage() {
    for (seq, hash) in [(0, "ab".repeat(32)), (5, "none".to_owned())] {
        let error = newest(&format!("{{{}", cut(seq, &hash))).unwrap_err();
        assert_eq!(error.code(), Code::LogDamaged);
        assert!(error.to_string().contains("names no record"), "{error}");
    }
}

/// A crash can leave a segment whose only record is the last one that was dropped.
#[test]
fn dropped_segment_of_one_record_is_not_read() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 1).unwrap();
    for record in transaction(1, 1) {
        wal.append([&record], TIME).unwrap();
        wal.sync().unwrap();
    }
    drop(wal);
    let (.., entries) = open(&disk, 1).unwrap();
    put(
        &disk,
        &format!("{{{}", cut(2, &entries[1].hash.to_string())),
    );
    assert_eq!(verify(&disk, &dir()).unwrap().segments, 1);
    let reader = Reader::new(Arc::new(disk), &dir(), 1, 3).unwrap();
    let read: Vec<_> = reader.map(Result::unwrap).collect();
    assert_eq!(read, entries[2..]);
}
