//! Following the end of a log that is being appended to.

use std::path::Path;

use vibesync_scene::Code;
use vibesync_store::wal::{Defect, Follower, Options, Tip, Wal, WalError};

use crate::sample::{self, TIME, real, real_log, segment, transaction};

/// Appends one transaction to the log in a real folder. Returns the last durable record.
fn append(dir: &Path, n: u128, segment_bytes: u64) -> Tip {
    let options = Options {
        segment_bytes,
        ..Options::new(dir)
    };
    let (mut wal, _) = Wal::open(options, real(), u64::MAX, &mut |_| {}).unwrap();
    wal.append(&transaction(n, wal.next_seq()), TIME).unwrap();
    wal.sync().unwrap()
}

fn after(dir: &Path, tip: Tip) -> Follower {
    Follower::after(real(), dir, tip).unwrap()
}

#[test]
fn follower_reads_all_segments_from_an_empty_log_on() {
    let dir = tempfile::tempdir().unwrap();
    let mut follower = after(dir.path(), Tip::START);
    assert_eq!(follower.advance().unwrap(), Tip::START);
    for n in 1..=4 {
        let tip = append(dir.path(), n, 1);
        assert_eq!(follower.advance().unwrap(), tip, "transaction {n}");
        assert_eq!(after(dir.path(), tip).advance().unwrap(), tip);
    }
    assert!(dir.path().join(segment(10).file_name().unwrap()).exists());
    let behind = after(dir.path(), append(dir.path(), 5, u64::MAX));
    let tip = append(dir.path(), 6, 1);
    let mut behind = behind;
    assert_eq!(behind.advance().unwrap(), tip);
}

#[test]
fn follower_waits_for_the_rest_of_an_incomplete_line() {
    let bytes = sample::log_bytes(2);
    let line_ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let line_ends: Vec<usize> = line_ends.map(|(at, _)| at + 1).collect();
    let dir = tempfile::tempdir().unwrap();
    let mut follower = after(dir.path(), Tip::START);
    for length in (0..=bytes.len()).step_by(97).chain([bytes.len()]) {
        real_log(dir.path(), &bytes[..length]);
        let whole = line_ends.iter().filter(|end| **end <= length).count();
        assert_eq!(follower.advance().unwrap().seq, whole as u64, "at {length}");
    }
}

#[test]
fn follower_refuses_a_log_that_was_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let bytes = sample::log_bytes(2);
    real_log(dir.path(), &bytes[..bytes.len() / 2]);
    let mut follower = after(dir.path(), Tip::START);
    let seen = follower.advance().unwrap();
    let other = tempfile::tempdir().unwrap();
    for n in [7, 8] {
        append(other.path(), n, u64::MAX);
    }
    let others = std::fs::read(other.path().join(segment(1).file_name().unwrap())).unwrap();
    real_log(dir.path(), &others);
    let error = follower.advance().unwrap_err();
    assert_eq!(error.code(), Code::LogDamaged);
    assert!(
        matches!(error, WalError::Damaged(location) if location.segment == "00000000000000000001.jsonl")
    );

    let missing = Follower::after(real(), dir.path(), seen).unwrap_err();
    let WalError::Damaged(location) = missing else {
        panic!("{missing}")
    };
    assert!(matches!(location.defect, Defect::Ends { expected, .. } if expected == seen.seq));
}

#[test]
fn record_of_another_chain_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    for n in [7, 8] {
        append(other.path(), n, u64::MAX);
    }
    let others = std::fs::read(other.path().join(segment(1).file_name().unwrap())).unwrap();
    let lines = |bytes: &[u8]| -> Vec<Vec<u8>> {
        bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect()
    };
    let (ours, others) = (lines(&sample::log_bytes(2)), lines(&others));
    real_log(dir.path(), &ours[..3].concat());
    let mut follower = after(dir.path(), Tip::START);
    assert_eq!(follower.advance().unwrap().seq, 3);
    real_log(dir.path(), &[&ours[..3], &others[3..]].concat().concat());
    let WalError::Damaged(location) = follower.advance().unwrap_err() else {
        panic!("the place was expected")
    };
    assert_eq!((location.line, location.defect), (4, Defect::Chain));
}
