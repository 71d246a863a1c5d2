//! Retention: state, records and hash chain survive compression and dropping, whatever operation is interrupted.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vibesync_scene::{Code, Replay};
use vibesync_store::boot::{Boot, boot, replay};
use vibesync_store::disk::Disk;
use vibesync_store::retention::{LogRetention, Policy, RetentionError};
use vibesync_store::wal::{Entry, Reader, Tip, Verification, newest_truncation, verify};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::boot::{assert_same, checkpoints, write_checkpoint};
use crate::position::read_on;
use crate::sample::{TIME, dir, open, options, transaction};

/// Size of a segment, bytes: three transactions fill it.
const SEGMENT: u64 = 6_000;
const TRANSACTIONS: u128 = 24;
const COMPRESS: Policy = Policy {
    compress: true,
    keep: None,
};
const DROP: Policy = Policy {
    compress: true,
    keep: Some(Duration::from_secs(24 * 3_600)),
};

/// A log of many segments with two checkpoints, and its state.
fn log(disk: &FaultDisk) -> Replay {
    log_at(disk, |_| TIME)
}

/// As [`log`], with one timestamp for each transaction.
fn log_at(disk: &FaultDisk, time: impl Fn(u128) -> &'static str) -> Replay {
    let (mut wal, ..) = open(disk, SEGMENT).unwrap();
    for n in 1..=TRANSACTIONS {
        wal.append(&transaction(n, wal.next_seq()), time(n))
            .unwrap();
        let tip = wal.sync().unwrap();
        if n == 16 || n == 20 {
            let state = replay(Arc::new(disk.clone()), &dir(), tip).unwrap();
            write_checkpoint(disk, &state, tip);
        }
    }
    replay(Arc::new(disk.clone()), &dir(), wal.durable()).unwrap()
}

/// The time that long after the records were written.
fn later(seconds: u64) -> SystemTime {
    humantime::parse_rfc3339(TIME).unwrap() + Duration::from_secs(seconds)
}

fn tidy_at(
    disk: &FaultDisk,
    policy: Policy,
    audited: u64,
    now: SystemTime,
) -> Result<bool, RetentionError> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let log = LogRetention {
        disk: &disk,
        dir: &dir(),
        checkpoints: &checkpoints(),
        audited,
    };
    let mut any = false;
    while log.run_step(policy, now, &|| false)? {
        any = true;
    }
    Ok(any)
}

fn tidy(disk: &FaultDisk, policy: Policy) -> Result<bool, RetentionError> {
    tidy_at(disk, policy, u64::MAX, later(48 * 3_600))
}

fn names(disk: &FaultDisk) -> Vec<String> {
    disk.list(&dir()).unwrap()
}

fn entries(disk: &FaultDisk, first: u64) -> Vec<Entry> {
    let last = TRANSACTIONS as u64 * 3;
    let reader = Reader::new(Arc::new(disk.clone()), &dir(), first, last).unwrap();
    reader.map(Result::unwrap).collect()
}

fn start(disk: &FaultDisk) -> Boot {
    boot(
        options(SEGMENT),
        Arc::new(disk.clone()),
        &checkpoints(),
        &mut Vec::new,
    )
    .unwrap()
}

fn forget_checkpoints(disk: &FaultDisk) {
    for name in disk.list(&checkpoints()).unwrap() {
        disk.remove(&checkpoints().join(name)).unwrap();
    }
}

fn whole(disk: &FaultDisk) -> Verification {
    verify(disk, &dir()).unwrap()
}

fn disk() -> FaultDisk {
    FaultDisk::new(1, Tear::Garbage)
}

#[test]
fn checkpoint_before_dropped_records_is_not_used() {
    let disk = disk();
    let state = log(&disk);
    let tip = entries(&disk, 1)[2].clone();
    let early = Tip {
        seq: tip.seq,
        hash: tip.hash,
    };
    let early_state = replay(Arc::new(disk.clone()), &dir(), early).unwrap();
    assert!(tidy(&disk, DROP).unwrap());
    forget_checkpoints(&disk);
    // As a person restores it, or a lost fsync of the folder brings it back.
    write_checkpoint(&disk, &early_state, early);
    let found = start(&disk);
    assert_eq!((found.checkpoint, found.skipped.len()), (None, 1));
    assert_same(&found.state, &state);
}

#[test]
fn covered_segments_are_compressed_and_read_unchanged() {
    let disk = disk();
    let state = log(&disk);
    let (before, count) = (entries(&disk, 1), names(&disk).len());
    let found = whole(&disk);
    assert!(tidy(&disk, COMPRESS).unwrap());
    assert!(!tidy(&disk, COMPRESS).unwrap(), "nothing is left to do");
    let after = names(&disk);
    assert_eq!(after.len(), count);
    let packed = after
        .iter()
        .filter(|name| name.ends_with(".jsonl.gz"))
        .count();
    // The older checkpoint, at 16 of 24, covers these segments; the segment with its last record stays.
    assert!(packed >= 4 && packed * 3 <= 16, "{after:?}");
    let last = after.last().unwrap();
    assert!(last.ends_with(".jsonl"), "{after:?}");
    assert_eq!(whole(&disk), found);
    for first in 1..=before.len() {
        assert_eq!(entries(&disk, first as u64), before[first - 1..]);
    }
    assert_same(&start(&disk).state, &state);
    forget_checkpoints(&disk);
    assert_same(&start(&disk).state, &state);
    assert_eq!(newest_truncation(&disk, &dir()).unwrap(), None);
}

#[test]
fn position_is_found_again_in_a_compressed_segment() {
    for stop in [1, 2, 9, 10] {
        let disk = disk();
        log(&disk);
        let (_, mut position) = read_on(&disk, None, stop).unwrap();
        tidy(&disk, COMPRESS).expect_err("the first segment or the second one is open");
        position.close();
        assert!(tidy(&disk, COMPRESS).unwrap());
        let last = TRANSACTIONS as u64 * 3;
        let (read, _) = read_on(&disk, Some(position), last).unwrap();
        assert_eq!(read, Vec::from_iter(stop + 1..=last), "after {stop}");
    }
}

#[test]
fn reader_skips_dropped_records_after_its_position() {
    let disk = disk();
    log(&disk);
    let (_, mut position) = read_on(&disk, None, 2).unwrap();
    position.close();
    assert!(tidy(&disk, DROP).unwrap());
    let dropped = newest_truncation(&disk, &dir()).unwrap().unwrap().seq;
    let last = TRANSACTIONS as u64 * 3;
    let (read, _) = read_on(&disk, Some(position), last).unwrap();
    assert_eq!(read, Vec::from_iter(dropped + 1..=last));
}

#[test]
fn nothing_changes_without_two_checkpoints() {
    let disk = disk();
    log(&disk);
    let before = names(&disk);
    let oldest = &disk.list(&checkpoints()).unwrap()[0];
    disk.remove(&checkpoints().join(oldest)).unwrap();
    assert!(!tidy(&disk, DROP).unwrap());
    assert_eq!(names(&disk), before);
}

#[test]
fn state_is_unchanged_after_old_segments_are_dropped() {
    let disk = disk();
    let state = log(&disk);
    let (before, tip) = (entries(&disk, 1), whole(&disk).tip);
    assert!(tidy(&disk, DROP).unwrap());
    let cut = newest_truncation(&disk, &dir()).unwrap().unwrap();
    assert!(cut.seq >= 36 && cut.seq < cut.base, "{cut:?}");
    assert_eq!(cut.base, 48);
    assert_eq!(cut.hash, before[cut.seq as usize - 1].hash.to_string());
    assert_eq!(
        entries(&disk, 1),
        before[cut.seq as usize..],
        "the rest is there"
    );
    assert_eq!(
        whole(&disk).tip,
        tip,
        "and its chain goes on across the cut"
    );
    assert_same(&start(&disk).state, &state);
    forget_checkpoints(&disk);
    assert_same(&start(&disk).state, &state);
    // The state at a dropped record is not known, and must not be guessed.
    let then = Tip { seq: 20, ..tip };
    let error = replay(Arc::new(disk.clone()), &dir(), then).unwrap_err();
    assert!(error.to_string().contains("were dropped"), "{error}");
    // The log continues, and is truncated again.
    let mut wal = start(&disk).wal;
    for n in 30..=60 {
        wal.append(&transaction(n, wal.next_seq()), TIME).unwrap();
        let tip = wal.sync().unwrap();
        if n % 10 == 0 {
            let state = replay(Arc::new(disk.clone()), &dir(), tip).unwrap();
            write_checkpoint(&disk, &state, tip);
        }
    }
    assert!(tidy(&disk, DROP).unwrap());
    let again = newest_truncation(&disk, &dir()).unwrap().unwrap();
    assert!(again.seq > cut.seq);
    let bases = names(&disk)
        .into_iter()
        .filter(|name| name.ends_with(".base.jsonl"));
    assert_eq!(bases.count(), 1);
    let cuts = disk.bytes(&dir().join("cuts.jsonl")).unwrap();
    assert_eq!(
        cuts.split(|byte| *byte == b'\n').count(),
        3,
        "both are on record"
    );
    whole(&disk);
}

#[test]
fn files_with_other_names_are_not_dropped() {
    let disk = disk();
    log(&disk);
    let other = dir().join("00000000000000000000.jsonl");
    disk.put(&other, b"not a log");
    assert!(tidy(&disk, DROP).unwrap());
    assert!(newest_truncation(&disk, &dir()).unwrap().is_some());
    assert!(disk.bytes(&other).is_some());
}

#[test]
fn segment_is_kept_when_young_or_not_in_the_audit() {
    for (audited, now) in [
        (0, later(48 * 3_600)),
        (u64::MAX, later(3_600)),
        (5, later(48 * 3_600)),
    ] {
        let disk = disk();
        log(&disk);
        tidy_at(&disk, DROP, audited, now).unwrap();
        assert_eq!(newest_truncation(&disk, &dir()).unwrap(), None, "{audited}");
        assert_eq!(entries(&disk, 1).len(), TRANSACTIONS as usize * 3);
    }
}

#[test]
fn segment_is_kept_when_the_clock_was_set_back() {
    let disk = disk();
    let back = "1970-01-01T00:00:00.000000Z";
    log_at(&disk, |n| if n == 1 { TIME } else { back });
    let before = entries(&disk, 1).len();
    tidy_at(&disk, DROP, u64::MAX, later(3_600)).unwrap();
    assert_eq!(entries(&disk, 1).len(), before);
    tidy_at(&disk, DROP, u64::MAX, later(48 * 3_600)).unwrap();
    assert!(entries(&disk, 1).len() < before);
}

#[test]
fn nothing_is_dropped_when_the_checkpoint_is_damaged() {
    let disk = disk();
    log(&disk);
    let before = names(&disk);
    let oldest = checkpoints().join(&disk.list(&checkpoints()).unwrap()[0]);
    let size = disk.bytes(&oldest).unwrap().len();
    disk.flip(&oldest, size / 2, 3);
    let error = tidy(&disk, DROP).unwrap_err();
    assert!(
        error.to_string().contains("the log is not changed"),
        "{error}"
    );
    assert_eq!(names(&disk), before);
}

#[test]
fn damage_of_compressed_or_base_files_is_reported() {
    let disk = disk();
    log(&disk);
    tidy(&disk, COMPRESS).unwrap();
    let path: PathBuf = dir().join(&names(&disk)[1]);
    let bytes = disk.bytes(&path).unwrap();
    for at in (0..bytes.len()).step_by(7) {
        disk.put(&path, &bytes);
        disk.flip(&path, at, 2);
        // Some bits of the gzip header have no effect.
        if let Err(error) = verify(&disk, &dir()) {
            assert_eq!(error.code(), Code::LogDamaged, "byte {at}: {error}");
            assert!(error.to_string().contains("0000000"), "{error}");
        } else {
            assert!(at < 10, "byte {at} was not noticed");
        }
    }
    disk.put(&path, &bytes[..bytes.len() / 2]);
    assert_eq!(verify(&disk, &dir()).unwrap_err().code(), Code::LogDamaged);

    let disk = self::disk();
    log(&disk);
    tidy(&disk, DROP).unwrap();
    let cuts = dir().join("cuts.jsonl");
    let line = String::from_utf8(disk.bytes(&cuts).unwrap()).unwrap();
    let cut = newest_truncation(&disk, &dir()).unwrap().unwrap();
    let other = line.replace(&cut.hash, &"ab".repeat(32));
    disk.put(&cuts, other.as_bytes());
    let error = verify(&disk, &dir()).unwrap_err();
    assert!(error.to_string().contains("hash chain"), "{error}");
    disk.put(&cuts, b"{}\n");
    assert_eq!(verify(&disk, &dir()).unwrap_err().code(), Code::LogDamaged);
}

#[test]
fn crash_at_any_operation_loses_nothing() {
    for policy in [COMPRESS, DROP] {
        let disk = disk();
        log(&disk);
        let start_of = disk.operations();
        tidy(&disk, policy).unwrap();
        let operations = disk.operations() - start_of;
        assert!(operations >= 12, "{operations}");
        for at in 0..operations {
            for seed in 0..4 {
                let disk = FaultDisk::new(seed, Tear::Garbage);
                let state = log(&disk);
                let tip = whole(&disk).tip;
                disk.fail(disk.operations() + at, Fault::Crash);
                assert!(tidy(&disk, policy).is_err(), "operation {at}");
                disk.reboot();
                assert_eq!(whole(&disk).tip, tip, "operation {at}, seed {seed}");
                assert_same(&start(&disk).state, &state);
                tidy(&disk, policy).unwrap();
                assert_eq!(whole(&disk).tip, tip, "operation {at}, seed {seed}");
                forget_checkpoints(&disk);
                assert_same(&start(&disk).state, &state);
                assert!(names(&disk).iter().all(|name| !name.starts_with('.')));
            }
        }
    }
}

#[test]
fn log_stays_intact_after_an_error() {
    for fault in [Fault::Full, Fault::Io] {
        for at in 0..12 {
            let disk = disk();
            let state = log(&disk);
            disk.fail(disk.operations() + at, fault);
            // The last operations are best effort.
            let _ = tidy(&disk, DROP);
            assert_same(&start(&disk).state, &state);
            whole(&disk);
        }
    }
}
