//! Writing and reading the log, and the behavior of the writer after a failure.

use std::sync::Arc;

use proptest::prelude::*;
use vibesync_scene::{Code, Components, Nodes, Payload, RecordBody, Transform};
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Group, MAX_LINE, Reader, Tip, WalError, verify};
use vibesync_testkit::{Fault, FaultDisk};

use crate::sample::{self, TIME, fill, open, segment, transaction};

const SMALL: u64 = 3_000;

#[test]
fn appended_records_are_read_after_reopening() {
    let disk = sample::disk();
    let (mut wal, recovery, _) = open(&disk, u64::MAX).unwrap();
    assert_eq!((recovery.segments, recovery.tip), (0, Tip::START));
    let records = transaction(1, wal.next_seq());
    assert_eq!(wal.append(&records, TIME).unwrap(), 1..4);
    assert_eq!((wal.durable().seq, wal.next_seq()), (0, 4));
    let tip = wal.sync().unwrap();
    assert_eq!((tip.seq, wal.durable()), (3, tip));
    drop(wal);

    let (wal, recovery, entries) = open(&disk, u64::MAX).unwrap();
    assert_eq!(
        (recovery.tip, recovery.torn, wal.next_seq()),
        (tip, None, 4)
    );
    let bodies: Vec<_> = entries.iter().map(|entry| entry.body.clone()).collect();
    assert_eq!(bodies, records);
    assert!(
        entries
            .iter()
            .all(|entry| entry.timestamp == TIME && entry.process_id == 42)
    );
    let prevs: Vec<_> = entries.iter().map(|entry| entry.prev).collect();
    assert_eq!(prevs, [Tip::START.hash, entries[0].hash, entries[1].hash]);
}

#[test]
fn line_has_the_documented_key_order_and_hash() {
    let bytes = sample::log_bytes(1);
    let line = std::str::from_utf8(&bytes).unwrap().lines().next().unwrap();
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).unwrap();
    let expected = "seq timestamp process_id session_id operation_id uuids phase outcome error_code \
                    schema_version payload prev hash";
    let mut at = 0;
    for key in expected.split_whitespace() {
        assert!(object.contains_key(key), "{key}");
        let found = line[at..]
            .find(&format!("\"{key}\":"))
            .expect("keys in order");
        at += found;
    }
    assert_eq!(object.len(), 13);
    let (before, _) = line.rsplit_once(",\"hash\"").unwrap();
    assert_eq!(
        object["hash"],
        blake3::hash(before.as_bytes()).to_hex().as_str()
    );
    assert_eq!(object["prev"], "0".repeat(64));
}

#[test]
fn numbers_are_read_back_exactly() {
    let mut runner = proptest::test_runner::TestRunner::default();
    let finite = prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO;
    let run = runner.run(&[finite, finite, finite], |translation| {
        let mut records = transaction(1, 1);
        let Payload::Step { change, .. } = &mut records[1].payload else {
            unreachable!()
        };
        let transform = Some(Transform {
            translation,
            ..Transform::IDENTITY
        });
        *change.components_mut().unwrap() = Components {
            transform,
            ..Components::default()
        };
        let disk = sample::disk();
        let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
        wal.append(&records, TIME).unwrap();
        wal.sync().unwrap();
        drop(wal);
        prop_assert_eq!(&open(&disk, u64::MAX).unwrap().2[1].body, &records[1]);
        Ok(())
    });
    run.unwrap();
}

#[test]
fn record_is_refused_when_it_could_not_be_read_back() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    let mut infinite = transaction(1, 1);
    let Payload::Step { change, .. } = &mut infinite[1].payload else {
        unreachable!()
    };
    let transform = Some(Transform {
        scale: [f64::INFINITY; 3],
        ..Transform::IDENTITY
    });
    *change.components_mut().unwrap() = Components {
        transform,
        ..Components::default()
    };
    let mut long = transaction(1, 1);
    let Payload::Begin { label, .. } = &mut long[0].payload else {
        unreachable!()
    };
    *label = "x".repeat(MAX_LINE);
    for (bad, at) in [(infinite, 2), (long, 1)] {
        match wal.append(&bad, TIME) {
            Err(WalError::Unwritable { seq, .. }) => assert_eq!(seq, at),
            other => panic!("{other:?}"),
        }
        assert_eq!(wal.next_seq(), 1);
    }
    fill(&mut wal, 1).unwrap();
    drop(wal);
    assert_eq!(open(&disk, u64::MAX).unwrap().2.len(), 3);
}

#[test]
fn longest_record_is_accepted_and_a_longer_one_refused() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    let labeled = |length| {
        let mut begin = transaction(1, 1).remove(0);
        let Payload::Begin { label, .. } = &mut begin.payload else {
            unreachable!()
        };
        *label = "x".repeat(length);
        [begin]
    };
    wal.append(&labeled(0), TIME).unwrap();
    let room = MAX_LINE + 1 - wal.pending_bytes();
    assert!(wal.append(&labeled(room + 1), TIME).is_err());
    wal.append(&labeled(room), TIME).unwrap();
    wal.sync().unwrap();
    assert_eq!(wal.pending_bytes(), 0);
    drop(wal);
    assert_eq!(open(&disk, u64::MAX).unwrap().2.len(), 2);
}

#[test]
fn segments_are_named_by_their_first_record_and_chained() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, SMALL).unwrap();
    fill(&mut wal, 10).unwrap();
    drop(wal);
    let (mut wal, recovery, entries) = open(&disk, SMALL).unwrap();
    assert!(recovery.segments > 2, "{recovery:?}");
    assert_eq!(entries.len(), 30);
    let names = disk.list(&sample::dir()).unwrap();
    for name in &names {
        let first: u64 = name.strip_suffix(".jsonl").unwrap().parse().unwrap();
        let bytes = disk.bytes(&sample::dir().join(name)).unwrap();
        assert!(bytes.starts_with(format!("{{\"seq\":{first},").as_bytes()));
        assert!(bytes.len() as u64 <= SMALL);
    }
    fill(&mut wal, 1).unwrap();
    assert_eq!(verify(&disk, &sample::dir()).unwrap().records, 33);
}

#[test]
fn reader_returns_any_range_while_the_writer_appends() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, SMALL).unwrap();
    let read = |first, last| -> Result<Vec<u64>, WalError> {
        let reader = Reader::new(Arc::new(disk.clone()), &sample::dir(), first, last)?;
        reader.map(|entry| entry.map(|entry| entry.seq)).collect()
    };
    assert_eq!(read(1, 0).unwrap(), [0; 0]);
    let mut seen = 0;
    for n in 1..=10 {
        wal.append(&transaction(n, wal.next_seq()), TIME).unwrap();
        let durable = wal.sync().unwrap().seq;
        assert_eq!(
            read(seen + 1, durable).unwrap(),
            [seen + 1, seen + 2, seen + 3]
        );
        seen = durable;
    }
    for first in 1..=30 {
        for last in first..=30 {
            assert_eq!(
                read(first, last).unwrap(),
                (first..=last).collect::<Vec<_>>()
            );
        }
    }
    assert_eq!(read(5, 31).unwrap_err().code(), Code::LogDamaged);
    assert_eq!(read(31, 31).unwrap_err().code(), Code::LogDamaged);
}

#[test]
fn reader_finds_its_first_record_by_binary_search() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    fill(&mut wal, 250).unwrap();
    let whole = disk.bytes(&segment(1)).unwrap();
    assert!(whole.len() > 300_000);
    let read = |first, last| -> Result<Vec<u64>, WalError> {
        let reader = Reader::new(Arc::new(disk.clone()), &sample::dir(), first, last)?;
        reader.map(|entry| entry.map(|entry| entry.seq)).collect()
    };
    for first in 1..=750 {
        let last = (first + 2).min(750);
        assert_eq!(
            read(first, last).unwrap(),
            (first..=last).collect::<Vec<_>>()
        );
    }
    // The reader does not check much earlier records. It checks each line that it reads, and locates damage.
    let line = whole.split(|byte| *byte == b'\n').next().unwrap().len();
    disk.flip(&segment(1), line / 2, 0);
    assert_eq!(read(740, 750).unwrap(), (740..=750).collect::<Vec<_>>());
    let start = whole
        .windows(10)
        .position(|bytes| bytes == b"{\"seq\":700")
        .unwrap();
    disk.flip(&segment(1), start + 50, 0);
    match read(690, 750).unwrap_err() {
        WalError::Damaged(location) => {
            assert_eq!((location.line, location.offset), (700, start as u64))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn reader_stops_at_the_last_durable_record() {
    let disk = sample::disk();
    let mut bytes = sample::log_bytes(1);
    bytes.extend(b"{\"seq\":4,half a line");
    disk.put(&segment(1), &bytes);
    let reader = Reader::new(Arc::new(disk), &sample::dir(), 1, 3).unwrap();
    assert_eq!(
        reader.map(|entry| entry.unwrap().seq).collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[test]
fn nothing_is_written_after_a_failure() {
    // Without faults, the second sync has two operations: append and fsync.
    for (fault, code) in [
        (Fault::Io, Code::LogPoisoned),
        (Fault::Full, Code::DiskFull),
    ] {
        for offset in 0..2 {
            let disk = sample::disk();
            let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
            fill(&mut wal, 1).unwrap();
            wal.append(&transaction(2, 4), TIME).unwrap();
            disk.fail(disk.operations() + offset, fault);
            assert_eq!(wal.sync().unwrap_err().code(), code);
            let before = disk.operations();
            assert_eq!(wal.sync().unwrap_err().code(), code);
            assert_eq!(
                wal.append(&transaction(2, 4), TIME).unwrap_err().code(),
                code
            );
            assert_eq!((wal.durable().seq, disk.operations()), (3, before));

            disk.reboot();
            let (mut wal, recovery, _) = open(&disk, u64::MAX).unwrap();
            assert!(recovery.tip.seq >= 3, "acknowledged records stay");
            fill(&mut wal, 1).unwrap();
        }
    }
}

#[test]
fn log_is_poisoned_when_the_read_back_differs() {
    // Each record is some 600 bytes, so the log is read back in several pieces.
    let length = 1_000 * transaction(1, 1).len();
    for byte in [0, 100, 64 * 1024 - 1, 64 * 1024, 200_000, usize::MAX] {
        let liar = Liar(sample::disk(), byte);
        let (mut wal, _) = vibesync_store::wal::Wal::open(
            sample::options(u64::MAX),
            Arc::new(liar),
            1,
            &mut |_| {},
        )
        .unwrap();
        while wal.next_seq() <= length as u64 {
            wal.append(&transaction(1, wal.next_seq()), TIME).unwrap();
        }
        assert!(wal.pending_bytes() > 200_000);
        assert!(
            matches!(wal.sync(), Err(WalError::ReadBack { offset: 0, .. })),
            "byte {byte}"
        );
        let again = wal.sync();
        assert!(matches!(again, Err(WalError::Poisoned { .. })), "{again:?}");
        let appended = wal.append(&transaction(1, 1), TIME);
        assert!(matches!(appended, Err(WalError::Poisoned { .. })));
        assert_eq!(wal.durable().seq, 0);
    }
}

/// A disk that silently flips one bit of what is appended: of this byte, or of the last one.
#[derive(Debug)]
struct Liar(FaultDisk, usize);

mod liar {
    use std::io;
    use std::path::Path;

    use vibesync_store::disk::{Access, Disk, DiskFile};

    use super::Liar;

    struct LiarFile(Box<dyn DiskFile>, usize);

    impl Disk for Liar {
        fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
            Ok(Box::new(LiarFile(self.0.create(path, access)?, self.1)))
        }
        fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
            self.0.open(path)
        }
        fn exists(&self, path: &Path) -> io::Result<bool> {
            self.0.exists(path)
        }
        fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
            self.0.list(dir)
        }
        fn create_dir(&self, dir: &Path) -> io::Result<()> {
            self.0.create_dir(dir)
        }
        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.0.rename(from, to)
        }
        fn remove(&self, path: &Path) -> io::Result<()> {
            self.0.remove(path)
        }
        fn remove_dir(&self, dir: &Path) -> io::Result<()> {
            self.0.remove_dir(dir)
        }
        fn sync_dir(&self, dir: &Path) -> io::Result<()> {
            self.0.sync_dir(dir)
        }
    }

    impl DiskFile for LiarFile {
        fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
            let mut bytes = bytes.to_vec();
            let last = bytes.len() - 1;
            bytes[self.1.min(last)] ^= 1;
            self.0.append(&bytes)
        }
        fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read_at(offset, buffer)
        }
        fn sync_data(&mut self) -> io::Result<()> {
            self.0.sync_data()
        }
        fn size(&mut self) -> io::Result<u64> {
            self.0.size()
        }
        fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
            Ok(Box::new(LiarFile(self.0.try_clone()?, self.1)))
        }
    }
}

fn group(first_seq: u64, n: u128) -> Group<u128> {
    let mut group = Group::begin(first_seq, TIME.into());
    group.defer(n);
    let records = transaction(n, first_seq);
    records.into_iter().for_each(|record| group.append(record));
    group
}

#[test]
fn values_of_a_group_come_with_its_durable_records() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    let committed = wal.commit(group(1, 7)).unwrap();
    assert_eq!((committed.tip.seq, wal.durable()), (3, committed.tip));
    assert_eq!(committed.released, [7]);
    assert_eq!(committed.records, transaction(7, 1));
    disk.reboot();
    assert_eq!(open(&disk, u64::MAX).unwrap().2.len(), 3);
}

#[test]
fn group_out_of_order_is_refused_and_nothing_follows() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    match wal.commit(group(4, 2)) {
        Err(WalError::Order { expected, found }) => assert_eq!((expected, found), (1, 4)),
        other => panic!("{other:?}"),
    }
    let error = wal.commit(group(1, 1)).unwrap_err();
    assert!(matches!(error, WalError::Poisoned { .. }), "{error}");
    assert_eq!(error.code(), Code::LogPoisoned);
}

#[test]
fn size_of_a_large_record_is_estimated_well() {
    let graph: serde_json::Value = (0..500)
        .map(|n| serde_json::json!({"node": n, "type": "ShaderNodeMath", "at": [n, 0.5]}))
        .collect();
    let mut large = transaction(1, 1);
    let Payload::Step { change, .. } = &mut large[1].payload else {
        unreachable!()
    };
    let nodes = Box::new(Nodes { graph: Some(graph) });
    change.components_mut().unwrap().nodes = Some(nodes);
    for records in [transaction(1, 1), large] {
        let disk = sample::disk();
        let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
        wal.append(&records, TIME).unwrap();
        let (real, estimate) = (
            wal.pending_bytes(),
            records
                .iter()
                .map(RecordBody::estimate_bytes)
                .sum::<usize>(),
        );
        assert!(
            estimate > real / 2 && estimate < real * 2,
            "{estimate} for {real}"
        );
    }
}
