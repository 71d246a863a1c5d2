//! Readers that go on where an earlier one has stopped.

use std::sync::Arc;

use vibesync_scene::Code;
use vibesync_store::wal::{Damage, Defect, Position, Reader, WalError};
use vibesync_testkit::FaultDisk;

use crate::sample::{self, TIME, dir, open, segment, transaction};

/// Size of a segment, bytes: two transactions fill it.
const SMALL: u64 = 4_500;

/// Reads on up to record `last`, or from the first record. Returns the sequences, and the position after them.
pub fn read_on(
    disk: &FaultDisk,
    position: Option<Position>,
    last: u64,
) -> Result<(Vec<u64>, Position), WalError> {
    let shared = Arc::new(disk.clone());
    let mut reader = match position {
        Some(position) => Reader::continue_from(shared, &dir(), position, last)?,
        None => Reader::new(shared, &dir(), 1, last)?,
    };
    let entries = reader.by_ref().collect::<Result<Vec<_>, _>>()?;
    let read = entries.iter().map(|entry| entry.seq).collect();
    Ok((read, reader.into_position().unwrap()))
}

/// Reads a log of two transactions up to the end of the first one.
fn after_the_first(disk: &FaultDisk) -> Position {
    disk.put(&segment(1), &sample::log_bytes(2));
    read_on(disk, None, 3).unwrap().1
}

/// The damage that reading on to the end of the log finds.
fn damage(disk: &FaultDisk, position: Position) -> Damage {
    match read_on(disk, Some(position), 6).unwrap_err() {
        WalError::Damaged(location) => location,
        other => panic!("{other}"),
    }
}

/// The offset of a line of the log of two transactions.
fn line(number: usize) -> usize {
    let bytes = sample::log_bytes(2);
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    lines.take(number - 1).map(<[u8]>::len).sum()
}

#[test]
fn reader_goes_on_after_each_append_and_rotation() {
    for segment_bytes in [1, SMALL, u64::MAX] {
        for is_closed in [false, true] {
            let disk = sample::disk();
            let (mut wal, ..) = open(&disk, segment_bytes).unwrap();
            let mut position = None;
            for n in 1..=10 {
                let first = wal.next_seq();
                wal.append(&transaction(n, first), TIME).unwrap();
                let last = wal.sync().unwrap().seq;
                let (read, mut after) = read_on(&disk, position.take(), last).unwrap();
                assert_eq!(read, Vec::from_iter(first..=last), "{segment_bytes}");
                if is_closed {
                    after.close();
                }
                position = Some(after);
            }
            let (read, _) = read_on(&disk, position, wal.durable().seq).unwrap();
            assert_eq!(read, [0; 0], "nothing is new");
        }
    }
}

#[test]
fn bytes_after_the_last_durable_record_are_not_kept() {
    let disk = sample::disk();
    disk.put(&segment(1), &sample::log_bytes(2));
    // These bytes are not durable yet: the writer may still write others.
    disk.flip(&segment(1), line(4) + 30, 2);
    let (read, position) = read_on(&disk, None, 3).unwrap();
    assert_eq!(read, [1, 2, 3]);
    disk.flip(&segment(1), line(4) + 30, 2);
    let (read, _) = read_on(&disk, Some(position), 6).unwrap();
    assert_eq!(read, [4, 5, 6]);
}

#[test]
fn damage_after_a_position_has_its_line() {
    let disk = sample::disk();
    let position = after_the_first(&disk);
    disk.flip(&segment(1), line(5) + 30, 2);
    let found = damage(&disk, position);
    let location = (found.line, found.offset, found.defect);
    assert_eq!(location, (5, line(5) as u64, Defect::Hash));
}

#[test]
fn torn_tail_after_a_position_is_damage() {
    let disk = sample::disk();
    let mut position = after_the_first(&disk);
    position.close();
    disk.put(&segment(1), &sample::log_bytes(2)[..line(6) + 30]);
    let found = damage(&disk, position);
    assert_eq!((found.line, found.defect), (6, Defect::Incomplete));
}

#[test]
fn replaced_segment_is_damage_whether_it_was_open_or_not() {
    for is_closed in [false, true] {
        let disk = sample::disk();
        disk.put(&segment(1), &sample::log_bytes(1));
        let mut position = read_on(&disk, None, 3).unwrap().1;
        if is_closed {
            position.close();
        }
        let other = sample::disk();
        let (mut wal, ..) = open(&other, u64::MAX).unwrap();
        for n in [7, 8] {
            let records = transaction(n, wal.next_seq());
            wal.append(&records, "2026-03-04T05:06:07.678901Z").unwrap();
            wal.sync().unwrap();
        }
        disk.put(&segment(1), &other.bytes(&segment(1)).unwrap());
        let error = read_on(&disk, Some(position), 6).unwrap_err();
        assert_eq!(error.code(), Code::LogDamaged);
    }
}
