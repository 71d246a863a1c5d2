//! Writes logs like those of a daemon, but quickly: through the store, without editors.

use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use uuid::Uuid;
use vibesync_scene::{
    Change, Entity, OperationId, Outcome, Path as Way, Payload, Phase, PolicyDecision, RecordBody,
    Role,
};
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Options, Wal};

use crate::harness::Fallible;
use crate::scene;

const TIME: &str = "2026-01-02T03:04:05.678901Z";

/// Records in one sync.
const GROUP: usize = 10_000;

/// Returns the folder of a project's segments.
pub fn folder(folder: &Path) -> PathBuf {
    folder.join("project/.vibesync/wal")
}

/// Lists all segments of the log, oldest first.
pub fn segments(log: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(log)?.map(|entry| Ok(entry?.path()));
    let mut paths: Vec<PathBuf> = entries.collect::<io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

/// Appends to a project's log. No daemon may serve the project at the same time.
pub struct Writer {
    wal: Wal,
    waiting: Vec<RecordBody>,
}

impl Writer {
    pub fn open(log: &Path) -> Fallible<Self> {
        let (wal, _) = Wal::open(Options::new(log), Arc::new(RealDisk), u64::MAX, &mut |_| {})?;
        Ok(Self {
            wal,
            waiting: Vec::new(),
        })
    }

    /// Returns the last sequence written.
    pub fn seq(&self) -> u64 {
        self.wal.appended().seq + self.waiting.len() as u64
    }

    /// Writes one transaction as the daemon logs it, verified by the other editor. Returns the version of its
    /// entities.
    pub fn transaction(
        &mut self,
        way: Way,
        steps: impl IntoIterator<Item = (Change, Option<Entity>)>,
    ) -> Fallible<u64> {
        let begin = self.seq() + 1;
        self.waiting.extend(transaction(begin, way, steps));
        if self.waiting.len() >= GROUP {
            self.sync()?;
        }
        Ok(begin)
    }

    /// Creates objects, in transactions of the maximum size. Returns each object with its version.
    pub fn objects(&mut self, count: u64) -> Fallible<Vec<(Uuid, u64)>> {
        let mut made = Vec::new();
        for first in (0..count).step_by(GROUP) {
            let part = first..count.min(first + GROUP as u64);
            let version = self.transaction(Way::Slow, creations(part.clone()))?;
            made.extend(part.map(|n| (uuid(n), version)));
        }
        self.sync()?;
        Ok(made)
    }

    /// Makes all records durable.
    pub fn sync(&mut self) -> Fallible {
        self.wal.append(&self.waiting, TIME)?;
        self.wal.sync()?;
        self.waiting.clear();
        Ok(())
    }
}

/// Returns the records of one transaction that the other editor has verified. `begin` is the first one's sequence.
pub fn transaction(
    begin: u64,
    way: Way,
    steps: impl IntoIterator<Item = (Change, Option<Entity>)>,
) -> Vec<RecordBody> {
    let steps: Vec<_> = steps.into_iter().collect();
    let operation_id = Some(OperationId(Uuid::now_v7()));
    let mut records = Vec::new();
    let uuids: Vec<Uuid> = steps.iter().map(|(change, _)| change.uuid()).collect();
    let mut append = |uuids: Vec<Uuid>, phase, outcome, payload| {
        records.push(RecordBody {
            session_id: None,
            operation_id,
            uuids,
            phase,
            outcome,
            error_code: None,
            payload,
        });
    };
    let opened = Payload::Begin {
        agent: None,
        origin: Role::Blender,
        path: way,
        label: "Move".into(),
        base_seq: begin - 1,
        steps: steps.len() as u32,
        digest: blake3::hash(&begin.to_le_bytes()).to_string(),
        decision: Some(PolicyDecision::default()),
        call: None,
    };
    append(uuids.clone(), Phase::Begin, Outcome::Ok, opened);
    for (index, (change, before)) in (0..).zip(steps) {
        let uuid = change.uuid();
        let step = Payload::Step {
            index,
            change,
            before,
        };
        append(vec![uuid], Phase::Step, Outcome::Ok, step);
    }
    let end = match way {
        Way::Fast => Phase::Final,
        Way::Slow => Phase::Commit,
    };
    if end == Phase::Final {
        let payload = Payload::Provisional {};
        append(uuids.clone(), Phase::Provisional, Outcome::Ok, payload);
    }
    let ended = Payload::End {
        begin,
        verified_by: vec![Role::Unity],
        undelivered_to: Vec::new(),
        detail: None,
    };
    append(uuids, end, Outcome::Verified, ended);
    records
}

fn creations(numbers: Range<u64>) -> impl Iterator<Item = (Change, Option<Entity>)> {
    numbers.map(|n| {
        let object = scene::object(uuid(n));
        let create = Change::Create {
            uuid: object.uuid,
            kind: object.kind,
            components: object.components,
        };
        (create, None)
    })
}

/// Returns the uuid of the n-th object, spread over all values like random ones.
fn uuid(n: u64) -> Uuid {
    let hash = blake3::hash(&n.to_le_bytes());
    let bytes = hash.as_bytes().first_chunk().copied().unwrap_or_default();
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}
