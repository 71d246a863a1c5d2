//! Checkpoints, and boot from them.

use std::path::PathBuf;
use std::sync::Arc;

use vibesync_scene::{
    Code, FailureCount, Operation, OperationId, Outcome, Payload, Phase, RecordBody, Replay, Role,
    Scope,
};
use vibesync_store::boot::{Boot, boot, replay};
use vibesync_store::checkpoint::{self, CheckpointError};
use vibesync_store::disk::Disk;
use vibesync_store::registry::{RegistryError, Summary};
use vibesync_store::wal::{Tip, Wal};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample::{self, TIME, fill, open, options, segment, transaction};

pub fn checkpoints() -> PathBuf {
    PathBuf::from("/p/checkpoints")
}

fn start(disk: &FaultDisk) -> Boot {
    boot(
        options(u64::MAX),
        Arc::new(disk.clone()),
        &checkpoints(),
        &mut Vec::new,
    )
    .unwrap()
}

/// The tracked operations of transactions 1 to `count`.
fn operations(state: &Replay, count: u128) -> Vec<(OperationId, Operation)> {
    let ids = (1..=count).map(|n| OperationId(sample::uuid(1000 + n)));
    ids.filter_map(|id| Some((id, state.operations.get(id)?.clone())))
        .collect()
}

/// The rows as JSON, as a registry returns them.
fn rows(state: &Replay) -> impl Iterator<Item = Result<Vec<u8>, RegistryError>> + '_ {
    let rows = state.scene.rows();
    rows.map(|row| Ok(serde_json::to_vec(row).unwrap()))
}

fn try_checkpoint(disk: &FaultDisk, state: &Replay, tip: Tip) -> Result<PathBuf, CheckpointError> {
    let summary = Summary::from_rows(state.scene.rows(), tip.seq).unwrap();
    checkpoint::write(disk, &checkpoints(), state, tip, rows(state), &summary)
}

pub fn write_checkpoint(disk: &FaultDisk, state: &Replay, tip: Tip) -> PathBuf {
    try_checkpoint(disk, state, tip).unwrap()
}

/// A log of three complete transactions and an open one, with its state.
fn log(disk: &FaultDisk) -> (Wal, Replay) {
    let (mut wal, ..) = open(disk, u64::MAX).unwrap();
    fill(&mut wal, 3).unwrap();
    wal.append(&transaction(4, wal.next_seq())[..2], TIME)
        .unwrap();
    let tip = wal.sync().unwrap();
    let state = replay(Arc::new(disk.clone()), &sample::dir(), tip).unwrap();
    (wal, state)
}

pub fn assert_same(found: &Replay, expected: &Replay) {
    assert_eq!(found.scene, expected.scene);
    assert_eq!(found.open, expected.open);
    assert_eq!(
        (found.last_seq, found.is_clean_shutdown, found.project_id),
        (
            expected.last_seq,
            expected.is_clean_shutdown,
            expected.project_id
        )
    );
    assert_eq!(found.epochs, expected.epochs);
    assert_eq!(operations(found, 100), operations(expected, 100));
    assert_eq!(found.failures, expected.failures);
}

/// A record without a session, an operation or an entity.
fn plain(phase: Phase, payload: Payload) -> RecordBody {
    RecordBody {
        session_id: None,
        operation_id: None,
        uuids: Vec::new(),
        phase,
        outcome: Outcome::Failed,
        error_code: Some(Code::ApplyFailed),
        payload,
    }
}

#[test]
fn checkpoint_keeps_the_failure_history() {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    let boot = Payload::Boot {
        daemon_version: "1".into(),
        project_id: sample::PROJECT,
        last_shutdown_clean: false,
        epoch: None,
    };
    let count = |scope, opens| FailureCount {
        scope,
        failures: 2,
        opens,
        permanent: opens,
    };
    let failure = Payload::Failure {
        at: Some(Role::Unity),
        signature: "0123456789abcdef".into(),
        counts: vec![
            count(Scope::Entity(sample::uuid(1)), true),
            count(Scope::Content("d".repeat(64)), false),
        ],
        detail: "no".into(),
    };
    let why = "the daemon has crashed 3 times in a row".to_owned();
    let records = [
        plain(Phase::Boot, boot.clone()),
        plain(Phase::Boot, boot),
        plain(Phase::Failure, failure),
        plain(Phase::SafeMode, Payload::SafeMode { why }),
    ];
    wal.append(&records, TIME).unwrap();
    let tip = wal.sync().unwrap();
    let state = replay(Arc::new(disk.clone()), &sample::dir(), tip).unwrap();
    write_checkpoint(&disk, &state, tip);
    drop(wal);
    let found = start(&disk);
    assert_eq!(found.checkpoint, Some(tip.seq));
    let failures = &found.state.failures;
    assert_eq!((failures.failed_boots(), failures.iter().count()), (2, 2));
    let known_bad = failures.get(&Scope::Entity(sample::uuid(1))).unwrap();
    assert!(known_bad.permanent && known_bad.open && failures.safe_mode().is_some());
    assert_same(&found.state, &state);
}

#[test]
fn boot_from_checkpoint_equals_replay_of_the_whole_log() {
    let disk = sample::disk();
    let (wal, state) = log(&disk);
    assert_eq!((state.open.len(), state.scene.len()), (1, 4));
    write_checkpoint(&disk, &state, wal.durable());
    drop(wal);
    let exact = start(&disk);
    let mut wal = exact.wal;
    assert_eq!((exact.checkpoint, exact.skipped.len()), (Some(11), 0));
    assert_same(&exact.state, &state);
    let ended = operations(&exact.state, 1)[0].1.end.clone().unwrap();
    assert_eq!((ended.phase, ended.outcome), (Phase::Commit, Outcome::Ok));

    wal.append(&transaction(4, 10)[2..], TIME).unwrap();
    wal.append(&transaction(5, 13), TIME).unwrap();
    let tip = wal.sync().unwrap();
    drop(wal);
    let further = start(&disk);
    assert_eq!(further.checkpoint, Some(11));
    assert_same(
        &further.state,
        &replay(Arc::new(disk.clone()), &sample::dir(), tip).unwrap(),
    );
    assert!(further.state.open.is_empty());
}

#[test]
fn checkpoint_is_skipped_when_any_byte_is_damaged() {
    let disk = sample::disk();
    let (mut wal, state) = log(&disk);
    write_checkpoint(&disk, &state, wal.durable());
    wal.append(&transaction(4, 10)[2..], TIME).unwrap();
    let tip = wal.sync().unwrap();
    let state = replay(Arc::new(disk.clone()), &sample::dir(), tip).unwrap();
    let newest = write_checkpoint(&disk, &state, tip);
    drop(wal);
    let whole = disk.bytes(&newest).unwrap();
    for byte in 0..whole.len() {
        disk.put(&newest, &whole);
        disk.flip(&newest, byte, 0);
        let found = start(&disk);
        assert_eq!(
            (found.checkpoint, found.skipped.len()),
            (Some(11), 1),
            "byte {byte}"
        );
        assert_eq!(found.skipped[0].path, newest);
        assert_same(&found.state, &state);
    }
    for length in 0..whole.len() {
        disk.put(&newest, &whole[..length]);
        assert_eq!(start(&disk).checkpoint, Some(11), "{length} bytes");
    }
}

#[test]
fn newest_two_checkpoints_are_kept() {
    let disk = sample::disk();
    let (mut wal, _) = log(&disk);
    for n in 5..9 {
        wal.append(&transaction(n, wal.next_seq()), TIME).unwrap();
        let tip = wal.sync().unwrap();
        let state = replay(Arc::new(disk.clone()), &sample::dir(), tip).unwrap();
        write_checkpoint(&disk, &state, tip);
    }
    let names = disk.list(&checkpoints()).unwrap();
    assert_eq!(
        names,
        [
            "00000000000000000020.checkpoint.jsonl",
            "00000000000000000023.checkpoint.jsonl"
        ]
    );
}

#[test]
fn checkpoint_of_another_log_refuses_the_start() {
    let disk = sample::disk();
    let (wal, state) = log(&disk);
    let mut tip = wal.durable();
    tip.hash = blake3::hash(b"another log");
    let mut other = state.clone();
    other.scene.put(sample::row(77, "not in the log", 1));
    write_checkpoint(&disk, &other, tip);
    let refused = boot(
        options(u64::MAX),
        Arc::new(disk),
        &checkpoints(),
        &mut Vec::new,
    )
    .unwrap_err();
    assert_eq!(refused.code(), Code::LogDiverged);
    assert!(refused.to_string().contains("checkpoint 11"), "{refused}");
}

#[test]
fn log_is_refused_when_it_ends_before_its_checkpoint() {
    let disk = sample::disk();
    let (wal, state) = log(&disk);
    write_checkpoint(&disk, &state, wal.durable());
    disk.put(&segment(1), &sample::log_bytes(2));
    let refused = boot(
        options(u64::MAX),
        Arc::new(disk),
        &checkpoints(),
        &mut Vec::new,
    )
    .unwrap_err();
    assert_eq!(refused.code(), Code::LogDiverged);
    let message = "the checkpoint 11 knows sequence 11, but the log ends at 6";
    assert_eq!(refused.to_string(), message);
}

#[test]
fn boot_succeeds_after_a_crash_while_writing_a_checkpoint() {
    for at in 0..6 {
        for seed in 0..20 {
            let disk = FaultDisk::new(seed, Tear::Garbage);
            let (wal, state) = log(&disk);
            disk.fail(disk.operations() + at, Fault::Crash);
            let written = try_checkpoint(&disk, &state, wal.durable());
            disk.reboot();
            let found = start(&disk);
            assert!(written.is_err() || found.checkpoint == Some(11));
            assert!(found.skipped.is_empty());
            assert_eq!(found.state.scene, state.scene);
            let left = disk.list(&checkpoints()).unwrap();
            assert!(
                left.iter().all(|name| name.ends_with(".checkpoint.jsonl")),
                "{left:?}"
            );
        }
    }
}

#[test]
fn checkpoint_is_not_written_when_rows_and_summary_differ() {
    let disk = sample::disk();
    let (wal, state) = log(&disk);
    let tip = wal.durable();
    let summary = Summary::from_rows(state.scene.rows(), tip.seq).unwrap();
    let lost = rows(&state).skip(1);
    let written = checkpoint::write(&disk, &checkpoints(), &state, tip, lost, &summary);
    assert_eq!(written.unwrap_err().code(), Code::RegistryRebuilt);
    let unread = rows(&state).chain([Err(RegistryError::Disagrees("a row".into()))]);
    let written = checkpoint::write(&disk, &checkpoints(), &state, tip, unread, &summary);
    assert_eq!(written.unwrap_err().code(), Code::RegistryRebuilt);
    assert_eq!(disk.list(&checkpoints()).unwrap(), [""; 0]);
}
