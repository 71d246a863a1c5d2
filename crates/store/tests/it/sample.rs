//! Sample records, rows and logs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;
use vibesync_scene::{
    Change, Components, Entity, EntityKind, LastWriters, OperationId, Outcome, Path as ChangePath,
    Payload, Phase, ProjectId, RecordBody, Role, Row, Transform,
};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::{Entry, Options, Recovery, Wal, WalError};
use vibesync_testkit::{FaultDisk, Tear};

pub const TIME: &str = "2026-01-02T03:04:05.678901Z";
pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xABCD));

pub const fn uuid(n: u128) -> Uuid {
    Uuid::from_u128((n << 120) | n)
}

pub fn entity(n: u128, name: &str) -> Entity {
    let transform = Transform {
        translation: [n as f64 / 3.0, -0.1, 1e-7],
        ..Transform::IDENTITY
    };
    Entity {
        uuid: uuid(n),
        kind: EntityKind::Object,
        components: Components {
            name: Some(name.to_owned()),
            transform: Some(transform),
            ..Components::default()
        },
    }
}

pub fn row(n: u128, name: &str, version: u64) -> Row {
    Row {
        entity: entity(n, name),
        version,
        tombstone: false,
        changed: LastWriters::default(),
        quarantine: None,
    }
}

fn record(n: u128, phase: Phase, payload: Payload) -> RecordBody {
    RecordBody {
        session_id: None,
        operation_id: Some(OperationId(uuid(1000 + n))),
        uuids: vec![uuid(n)],
        phase,
        outcome: Outcome::Ok,
        error_code: None,
        payload,
    }
}

/// A complete transaction of three records: BEGIN with sequence `seq`, one STEP that creates entity `n`, and COMMIT.
pub fn transaction(n: u128, seq: u64) -> Vec<RecordBody> {
    let begin = Payload::Begin {
        agent: None,
        origin: Role::Blender,
        path: ChangePath::Slow,
        label: format!("Add “{n}”\n"),
        base_seq: seq - 1,
        steps: 1,
        digest: "d".repeat(64),
        decision: Some(vibesync_scene::PolicyDecision::default()),
        call: None,
    };
    let step = Payload::Step {
        index: 0,
        change: Change::create_from(&entity(n, "Würfel")),
        before: None,
    };
    let end = Payload::End {
        begin: seq,
        verified_by: vec![Role::Unity],
        undelivered_to: vec![],
        detail: None,
    };
    vec![
        record(n, Phase::Begin, begin),
        record(n, Phase::Step, step),
        record(n, Phase::Commit, end),
    ]
}

pub fn dir() -> PathBuf {
    PathBuf::from("/p/wal")
}

pub fn segment(first: u64) -> PathBuf {
    dir().join(format!("{first:020}.jsonl"))
}

pub fn options(segment_bytes: u64) -> Options {
    Options {
        segment_bytes,
        process_id: 42,
        ..Options::new(dir())
    }
}

pub fn disk() -> FaultDisk {
    FaultDisk::new(1, Tear::Prefix)
}

/// Opens a log and reads all its records.
pub fn open(disk: &FaultDisk, segment_bytes: u64) -> Result<(Wal, Recovery, Vec<Entry>), WalError> {
    let mut entries = Vec::new();
    let disk = Arc::new(disk.clone());
    let options = options(segment_bytes);
    let (wal, recovery) = Wal::open(options, disk, 1, &mut |entry| entries.push(entry))?;
    Ok((wal, recovery, entries))
}

/// Appends transactions until there are `count`, and syncs each. Returns the last durable record.
pub fn fill(wal: &mut Wal, count: u128) -> Result<u64, WalError> {
    for n in 1..=count {
        wal.append(&transaction(n, wal.next_seq()), TIME)?;
        wal.sync()?;
    }
    Ok(wal.durable().seq)
}

/// The bytes of a log of some transactions in one segment.
pub fn log_bytes(transactions: u128) -> Vec<u8> {
    let disk = disk();
    let (mut wal, ..) = open(&disk, u64::MAX).unwrap();
    fill(&mut wal, transactions).unwrap();
    disk.bytes(&segment(1)).unwrap()
}

/// The real disk, for a real folder.
pub fn real() -> Arc<dyn Disk> {
    Arc::new(RealDisk)
}

/// Writes bytes as the only segment of a log into a real folder.
pub fn real_log(dir: &Path, bytes: &[u8]) {
    vibesync_store::durable::write(&dir.join(segment(1).file_name().unwrap()), bytes).unwrap();
}

/// Opens the database of a registry. sled releases its lock a moment after the registry is closed.
pub fn database(dir: &Path) -> sled::Db {
    for _ in 0..500 {
        match sled::open(dir) {
            Err(sled::Error::Io(_)) => std::thread::sleep(Duration::from_millis(20)),
            opened => return opened.unwrap(),
        }
    }
    panic!("{} stays locked", dir.display());
}
