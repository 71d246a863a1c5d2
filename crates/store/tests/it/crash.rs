//! Power loss at every operation of the log: synced records survive, and the hash chain is intact.

use vibesync_scene::Code;
use vibesync_store::wal::{WalError, verify};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample::{self, TIME, open, transaction};

const SEGMENT: u64 = 5_000;
const TRANSACTIONS: u128 = 8;

/// Writes transactions, sometimes two in a group. `confirmed` is the last result of `sync`.
fn work(disk: &FaultDisk, confirmed: &mut u64) -> Result<(), WalError> {
    let (mut wal, recovery, _) = open(disk, SEGMENT)?;
    *confirmed = recovery.tip.seq;
    for n in 1..=TRANSACTIONS {
        wal.append(&transaction(n, wal.next_seq()), TIME)?;
        if n % 3 != 0 {
            *confirmed = wal.sync()?.seq;
        }
    }
    Ok(())
}

fn operations() -> u64 {
    let disk = sample::disk();
    work(&disk, &mut 0).unwrap();
    disk.operations()
}

fn check(disk: &FaultDisk, confirmed: u64, case: &str) {
    disk.reboot();
    let mut after = 0;
    work(disk, &mut after).unwrap_or_else(|error| panic!("{case}: {error}"));
    let found = verify(disk, &sample::dir()).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(
        found.records >= confirmed + 3 * TRANSACTIONS as u64,
        "{case}"
    );
    assert_eq!(found.records, after, "{case}");
}

#[test]
fn synced_records_survive_a_crash_at_any_operation() {
    for tear in [Tear::Prefix, Tear::Garbage] {
        for at in 0..operations() {
            for seed in 0..40 {
                let disk = FaultDisk::new(seed, tear);
                disk.fail(at, Fault::Crash);
                let mut confirmed = 0;
                assert!(work(&disk, &mut confirmed).is_err());
                check(
                    &disk,
                    confirmed,
                    &format!("{tear:?}, operation {at}, seed {seed}"),
                );
            }
        }
    }
}

#[test]
fn synced_records_survive_a_second_crash_during_recovery() {
    for first in 0..operations() {
        for second in 0..4 {
            for seed in 0..10 {
                let disk = FaultDisk::new(seed, Tear::Garbage);
                disk.fail(first, Fault::Crash);
                let mut confirmed = 0;
                assert!(work(&disk, &mut confirmed).is_err());
                disk.reboot();
                disk.fail(disk.operations() + second, Fault::Crash);
                let mut again = confirmed;
                assert!(work(&disk, &mut again).is_err());
                let case = format!("operations {first} and then {second}, seed {seed}");
                assert!(again >= confirmed, "{case}");
                check(&disk, again, &case);
            }
        }
    }
}

#[test]
fn synced_records_survive_a_full_disk_and_io_errors() {
    for fault in [Fault::Full, Fault::Io] {
        for at in 0..operations() {
            let disk = FaultDisk::new(at, Tear::Prefix);
            disk.fail(at, fault);
            let mut confirmed = 0;
            let error = work(&disk, &mut confirmed).unwrap_err();
            let expected = if fault == Fault::Full {
                Code::DiskFull
            } else {
                Code::LogPoisoned
            };
            assert_eq!(error.code(), expected, "{error}");
            check(&disk, confirmed, &format!("{fault:?} at operation {at}"));
        }
    }
}

/// An fsync fails, and the daemon restarts without a power loss. The records that it then reads, and sends to editors, may
/// exist only in the page cache.
#[test]
fn records_found_after_a_failed_fsync_survive_a_crash() {
    for at in 0..operations() {
        let disk = FaultDisk::new(at, Tear::Prefix);
        disk.fail(at, Fault::Io);
        assert!(work(&disk, &mut 0).is_err());
        let (_, found, _) = open(&disk, SEGMENT).unwrap();
        disk.reboot();
        let (_, left, _) = open(&disk, SEGMENT).unwrap();
        assert_eq!(left.tip, found.tip, "operation {at}");
    }
}

#[test]
fn log_is_refused_when_the_disk_lost_bytes_in_its_middle() {
    let mut refused = 0;
    for at in 0..operations() {
        for seed in 0..20 {
            let disk = FaultDisk::new(seed, Tear::Holes);
            disk.fail(at, Fault::Crash);
            let mut confirmed = 0;
            assert!(work(&disk, &mut confirmed).is_err());
            disk.reboot();
            match open(&disk, SEGMENT) {
                Ok((_, recovery, _)) => assert!(recovery.tip.seq >= confirmed),
                Err(error) => {
                    assert_eq!(error.code(), Code::LogDamaged);
                    refused += 1;
                }
            }
        }
    }
    assert!(refused > 0, "the case never came up");
}
