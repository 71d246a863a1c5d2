//! Measures a commit of the audit in a scene of a hundred thousand entities.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_scene::{LastWriters, OperationId, Phase, ProjectId, Role, Row, Transform};
use vibesync_store::audit::{Audit, AuditCommit};
use vibesync_store::disk::RealDisk;

use crate::harness::{Fallible, Harness};
use crate::peer::git::{self, Git};
use crate::report::{Bar, Report, Samples};
use crate::scene;

const ENTITIES: usize = 100_000;

/// Entities in each commit of the initial scene, and in each large commit.
const FIRST: usize = 10_000;
const LARGE: usize = 1_000;

/// Measured commits, a large one after every fifth small one.
const SMALL_COMMITS: usize = 100;

const BAR_SMALL: Bar = Bar::AtMost(10.0);
const BAR_LARGE: Bar = Bar::AtMost(60.0);
const BAR_TO_PEER: Bar = Bar::AtMost(1.5);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let root = folder.path().join("audit");
    let (disk, project) = (Arc::new(RealDisk), ProjectId(Uuid::new_v4()));
    let audit = Audit::open(disk, &root, project)?;
    let mut history = History {
        audit,
        seq: 0,
        tidied: Samples::default(),
    };
    let mut rows: Vec<Row> = (0..ENTITIES).map(|_| row(Uuid::new_v4())).collect();
    let begin = Instant::now();
    for first in rows.chunks(FIRST) {
        history.commit(first)?;
    }
    report.value("first_commits", begin.elapsed().as_secs_f64(), "s")?;

    let mut peer = Git::copy(&root, &folder.path().join("peer"))?;
    let [mut small, mut large, mut raw]: [Samples; 3] = Default::default();
    let mut changed = Vec::new();
    for n in 0..SMALL_COMMITS {
        let spread = ENTITIES / SMALL_COMMITS * n;
        let some = rows.get_mut(spread..=spread).unwrap_or_default();
        small.push(milliseconds(history.change(some)?));
        if n % 5 == 4 {
            let first = spread.min(ENTITIES - LARGE);
            let some = rows.get_mut(first..first + LARGE).unwrap_or_default();
            large.push(milliseconds(history.change(some)?));
            raw.push(commit_as(&mut peer, &changed, some)?);
            changed.clear();
        } else {
            changed.extend_from_slice(some);
        }
    }
    if peer.entities() != git::entities(&root)? {
        return Err("libgit2 made another folder of entities".into());
    }
    report.bound("commit_1_of_100000_p50", small.p50(), "ms", BAR_SMALL)?;
    report.value("commit_1_of_100000_p99", small.p99(), "ms")?;
    report.bound("commit_1000_of_100000_p50", large.p50(), "ms", BAR_LARGE)?;
    report.value("commit_1000_of_100000_p99", large.p99(), "ms")?;
    report.against(
        "commit_1000_to_libgit2_p50",
        large.p50(),
        raw.p50(),
        "ms",
        Some(BAR_TO_PEER),
    )?;
    report.samples("pack_up", &history.tidied, "ms")?;
    Ok(())
}

/// The repository, and the log sequence that its next commit stands for.
struct History {
    audit: Audit,
    seq: u64,
    /// Milliseconds of each step that joins small packs; the daemon does this when it is idle.
    tidied: Samples,
}

impl History {
    /// Moves the entities and measures the time until the commit exists.
    fn change(&mut self, rows: &mut [Row]) -> Fallible<Duration> {
        for row in rows.iter_mut() {
            let x = self.seq as f64;
            row.entity.components.transform = Some(Transform {
                translation: [x, 0.123_456_789, -1.5],
                ..Transform::IDENTITY
            });
        }
        let begin = Instant::now();
        self.commit(rows)?;
        let took = begin.elapsed();
        let begin = Instant::now();
        if self.audit.compact(&|| false)? {
            self.tidied.push(milliseconds(begin.elapsed()));
        }
        Ok(took)
    }

    fn commit(&mut self, rows: &[Row]) -> Fallible {
        self.seq += 4;
        let made = self.audit.commit(&AuditCommit {
            agent: None,
            rows,
            operation_id: Some(OperationId(Uuid::now_v7())),
            seq: self.seq,
            chain_hash: blake3::hash(&self.seq.to_le_bytes()),
            phase: Phase::Final,
            label: "Move",
            origin: Some(Role::Blender),
            timestamp: "2026-01-02T03:04:05.678901Z",
        })?;
        made.map(drop).ok_or_else(|| "nothing was committed".into())
    }
}

/// Commits the rows with libgit2, and returns the milliseconds until they are durable. Rows that were changed before
/// have a commit of their own, which is not measured.
fn commit_as(peer: &mut Git, before: &[Row], rows: &[Row]) -> Fallible<f64> {
    peer.commit(&files(before)?)?;
    let begin = Instant::now();
    peer.commit(&files(rows)?)?;
    Ok(milliseconds(begin.elapsed()))
}

/// Encodes the files as the audit does.
fn files(rows: &[Row]) -> Fallible<Vec<(Uuid, Vec<u8>)>> {
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        let mut content = serde_json::to_vec_pretty(&row.entity)?;
        content.push(b'\n');
        files.push((row.entity.uuid, content));
    }
    Ok(files)
}

fn row(uuid: Uuid) -> Row {
    Row {
        entity: scene::object(uuid),
        version: 1,
        tombstone: false,
        changed: LastWriters::default(),
        quarantine: None,
    }
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}
