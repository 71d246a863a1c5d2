//! Witnesses: a start compares them with the log before it changes anything.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_scene::{Code, EpochId, Outcome, Payload, Phase, ProjectId, RecordBody};
use vibesync_store::boot::{Boot, boot};
use vibesync_store::disk::Disk;
use vibesync_store::wal::{Reader, Tip, WalError};
use vibesync_store::witness::{Known, Witness};
use vibesync_testkit::FaultDisk;

use crate::boot::{checkpoints, write_checkpoint};
use crate::sample::{self, PROJECT, TIME, fill, open, options, segment};

const EPOCH: EpochId = EpochId(sample::uuid(0xE1));
const OTHER: EpochId = EpochId(sample::uuid(0xE2));

fn witness(name: &str, knows: Known) -> Witness {
    let name = name.to_owned();
    Witness { name, knows }
}

fn start(disk: &FaultDisk, knows: Known) -> Result<Boot, WalError> {
    let mut witnesses = || vec![witness("the registry", knows)];
    let options = options(1_000);
    boot(
        options,
        Arc::new(disk.clone()),
        &checkpoints(),
        &mut witnesses,
    )
}

/// A log in several segments: the BOOT record of an epoch, and five transactions. Returns all its records.
fn log(label: &str) -> (FaultDisk, Vec<Tip>) {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 1_000).unwrap();
    let mut record = sample::transaction(1, 1).remove(0);
    record.phase = Phase::Boot;
    record.payload = Payload::Boot {
        daemon_version: label.into(),
        project_id: PROJECT,
        last_shutdown_clean: true,
        epoch: Some(EPOCH),
    };
    let record = RecordBody {
        outcome: Outcome::Ok,
        ..record
    };
    wal.append([&record], TIME).unwrap();
    let last = fill(&mut wal, 5).unwrap();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let records = Reader::new(shared, &sample::dir(), 1, last).unwrap();
    let tips = records.map(|entry| entry.unwrap()).map(|entry| Tip {
        seq: entry.seq,
        hash: entry.hash,
    });
    (disk, tips.collect())
}

fn contents(disk: &FaultDisk) -> Vec<(PathBuf, Option<Vec<u8>>)> {
    let files = disk.files().into_iter();
    files
        .map(|path| (path.clone(), disk.bytes(&path)))
        .collect()
}

#[track_caller]
fn refused(disk: &FaultDisk, knows: Known) -> String {
    let before = contents(disk);
    let error = start(disk, knows).unwrap_err();
    assert_eq!(error.code(), Code::LogDiverged, "{error}");
    assert_eq!(contents(disk), before, "nothing may change");
    error.to_string()
}

#[test]
fn witness_of_any_record_of_the_log_is_accepted() {
    let (disk, tips) = log("a");
    for from_checkpoint in [false, true] {
        for tip in [Tip::START].iter().chain(&tips) {
            start(&disk, Known::Record(*tip)).unwrap();
        }
        start(&disk, Known::Epoch(EPOCH)).unwrap();
        let found = start(&disk, Known::Project(PROJECT)).unwrap();
        assert_eq!(found.checkpoint.is_some(), from_checkpoint);
        write_checkpoint(&disk, &found.state, tips[tips.len() - 3]);
    }
}

#[test]
fn log_that_ends_before_a_witness_is_refused_unchanged() {
    let (disk, tips) = log("a");
    let last = *tips.last().unwrap();
    let newest = disk.files().pop().unwrap();
    let mut cut = disk.bytes(&newest).unwrap();
    // An interrupted append is not cut off either: a start that goes on would hide the loss.
    cut.truncate(cut.len() - 10);
    disk.put(&newest, &cut);
    let message = refused(&disk, Known::Record(last));
    let (seq, end) = (last.seq, last.seq - 1);
    let expected = format!("the registry knows sequence {seq}, but the log ends at {end}");
    assert_eq!(message, expected);
    disk.files()
        .iter()
        .for_each(|path| disk.remove(path).unwrap());
    assert!(refused(&disk, Known::Record(last)).ends_with("ends at 0"));
}

#[test]
fn log_with_other_history_is_refused() {
    let (disk, tips) = log("a");
    let (_, others) = log("b");
    for (mine, other) in tips.iter().zip(&others) {
        assert_eq!(mine.seq, other.seq);
        let message = refused(&disk, Known::Record(*other));
        let expected = format!("another record at sequence {}", other.seq);
        assert!(message.contains(&expected), "{message}");
    }
    let message = refused(&disk, Known::Epoch(OTHER));
    assert!(
        message.contains(&format!("names epoch {OTHER}")),
        "{message}"
    );
}

#[test]
fn witness_before_the_checkpoint_is_compared_with_the_log() {
    let (disk, tips) = log("a");
    let (_, others) = log("b");
    let state = start(&disk, Known::Project(PROJECT)).unwrap().state;
    write_checkpoint(&disk, &state, *tips.last().unwrap());
    refused(&disk, Known::Record(others[0]));
    // The record cannot be read: the checkpoint stands for it.
    disk.put(&segment(1), b"");
    start(&disk, Known::Record(others[0])).unwrap();
}

#[test]
fn log_of_another_project_is_refused_unchanged() {
    let (disk, _) = log("a");
    let before = contents(&disk);
    let other = ProjectId(sample::uuid(5));
    let error = start(&disk, Known::Project(other)).unwrap_err();
    assert_eq!(error.code(), Code::WrongProject);
    assert_eq!(contents(&disk), before);
}

#[test]
fn epochs_survive_a_checkpoint() {
    let (disk, tips) = log("a");
    let state = start(&disk, Known::Epoch(EPOCH)).unwrap().state;
    write_checkpoint(&disk, &state, *tips.last().unwrap());
    let found = start(&disk, Known::Epoch(EPOCH)).unwrap();
    assert!(found.checkpoint.is_some());
    assert_eq!(found.state.epochs, state.epochs);
}
