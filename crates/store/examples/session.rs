//! Measures the disk space that a day's work takes: `cargo run --release -p vibesync-store --example session [ENTITIES
//! [CHANGES [FOLDER]]]`.
//!
//! Moves entities at random, one in each transaction, like a session of eight hours with ten changes a second. Five
//! commits share a pack, since the daemon follows the log twice a second. Prints the sizes of log and audit, and times.
#![allow(clippy::print_stdout, reason = "a report for people")]

use std::error::Error;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use uuid::Uuid;
use vibesync_scene::{
    Change, Components, Entity, EntityKind, OperationId, Outcome, Parent, Path as Way, Payload,
    Phase, ProjectId, RecordBody, Replay, Role, Row, SessionId, Transform, Visibility,
};
use vibesync_store::audit::{Audit, AuditCommit, AuditError};
use vibesync_store::boot::boot;
use vibesync_store::checkpoint;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::registry::{RegistryError, Summary};
use vibesync_store::retention::{LogRetention, Policy};
use vibesync_store::wal::{Options, Tip, Wal, verify};

/// Number of commits that share a pack.
const TOGETHER: u64 = 5;
const CHECKPOINT_EVERY: u64 = 50_000;
const POLICY: Policy = Policy {
    compress: true,
    keep: None,
};

fn entity(uuid: Uuid) -> Entity {
    Entity {
        uuid,
        kind: EntityKind::Object,
        components: Components {
            name: Some(format!("Object {}", uuid.as_fields().0)),
            transform: Some(Transform::IDENTITY),
            visibility: Some(Visibility { visible: true }),
            parent: Some(Parent { uuid: None }),
            ..Components::default()
        },
    }
}

/// A random translation, with as many digits as a drag with the mouse gives.
fn moved(random: &mut u64) -> Transform {
    let mut next = || {
        *random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*random >> 11) as f64 / (1_u64 << 53) as f64
    };
    Transform {
        translation: [next() * 10.0, next() * 10.0, next() * 10.0],
        ..Transform::IDENTITY
    }
}

/// The records of a change: BEGIN, STEP, PROVISIONAL, FINAL.
fn transaction(seq: u64, change: Change, before: Option<Entity>) -> [RecordBody; 4] {
    let (operation_id, session_id) = (OperationId(Uuid::new_v4()), SessionId(Uuid::from_u128(1)));
    let uuid = change.uuid();
    let record = |phase, outcome, payload| RecordBody {
        session_id: Some(session_id),
        operation_id: Some(operation_id),
        uuids: vec![uuid],
        phase,
        outcome,
        error_code: None,
        payload,
    };
    let begin = Payload::Begin {
        agent: None,
        origin: Role::Blender,
        path: Way::Fast,
        label: "Move".to_owned(),
        base_seq: seq - 1,
        steps: 1,
        digest: blake3::hash(operation_id.0.as_bytes()).to_string(),
        decision: Some(vibesync_scene::PolicyDecision::default()),
        call: None,
    };
    let step = Payload::Step {
        index: 0,
        change,
        before,
    };
    let end = Payload::End {
        begin: seq,
        verified_by: vec![Role::Unity],
        undelivered_to: vec![],
        detail: None,
    };
    [
        record(Phase::Begin, Outcome::Ok, begin),
        record(Phase::Step, Outcome::Ok, step),
        record(Phase::Provisional, Outcome::Ok, Payload::Provisional {}),
        record(Phase::Final, Outcome::Verified, end),
    ]
}

struct Session<'a> {
    root: &'a Path,
    disk: Arc<dyn Disk>,
    wal: Wal,
    state: Replay,
    audit: Audit,
    checkpointed: u64,
}

impl<'a> Session<'a> {
    fn new(root: &'a Path) -> Result<Self, Box<dyn Error>> {
        let disk: Arc<dyn Disk> = Arc::new(RealDisk);
        let (wal, _) = Wal::open(Options::new(root.join("wal")), disk.clone(), 1, &mut |_| {})?;
        let audit = Audit::open(disk.clone(), &root.join("audit"), ProjectId(Uuid::nil()))?;
        Ok(Self {
            root,
            disk,
            wal,
            state: Replay::default(),
            audit,
            checkpointed: 0,
        })
    }

    fn populate(&mut self, uuids: &[Uuid]) -> Result<(), Box<dyn Error>> {
        for uuid in uuids {
            let put = Change::create_from(&entity(*uuid));
            self.log(put)?;
        }
        let whole = uuids.iter().map(|uuid| Ok::<_, AuditError>(entity(*uuid)));
        self.audit
            .add_snapshot(&commit(self.wal.sync()?, &[], None), whole)?;
        self.audit.flush()?;
        Ok(())
    }

    fn log(&mut self, change: Change) -> Result<OperationId, Box<dyn Error>> {
        let seq = self.wal.next_seq();
        let before = self.state.scene.before(&change);
        let records = transaction(seq, change, before);
        let time = humantime::format_rfc3339_micros(SystemTime::now()).to_string();
        self.wal.append(&records, &time)?;
        for (seq, record) in (seq..).zip(&records) {
            self.state.record(seq, record);
        }
        Ok(records[0].operation_id.unwrap_or(OperationId(Uuid::nil())))
    }

    fn change(&mut self, uuid: Uuid, transform: Transform) -> Result<(), Box<dyn Error>> {
        let components = Components {
            transform: Some(transform),
            ..Components::default()
        };
        let operation = self.log(Change::Update { uuid, components })?;
        let rows: Vec<Row> = self.state.scene.row(uuid).cloned().into_iter().collect();
        let commit = commit(self.wal.appended(), &rows, Some(operation));
        self.audit.add(&commit)?;
        Ok(())
    }

    /// Follows the log, as the daemon does twice a second.
    fn settle(&mut self) -> Result<Duration, Box<dyn Error>> {
        let tip = self.wal.sync()?;
        self.audit.flush()?;
        let begin = Instant::now();
        while self.audit.compact(&|| false)? {}
        let took = begin.elapsed();
        if tip.seq >= self.checkpointed + CHECKPOINT_EVERY.max(self.state.scene.len() as u64) {
            self.checkpointed = tip.seq;
            self.checkpoint(tip)?;
        }
        Ok(took)
    }

    fn checkpoint(&self, tip: Tip) -> Result<(), Box<dyn Error>> {
        let dir = self.root.join("checkpoints");
        let rows = self.state.scene.rows();
        let summary = Summary::from_rows(rows.clone(), tip.seq)?;
        let rows = rows.map(|row| {
            serde_json::to_vec(row).map_err(|error| RegistryError::Disagrees(error.to_string()))
        });
        checkpoint::write(&RealDisk, &dir, &self.state, tip, rows, &summary)?;
        let log = LogRetention {
            disk: &self.disk,
            dir: &self.root.join("wal"),
            checkpoints: &dir,
            audited: self.audit.last_seq(),
        };
        while log.run_step(POLICY, SystemTime::now(), &|| false)? {}
        Ok(())
    }
}

fn commit(tip: Tip, rows: &[Row], operation_id: Option<OperationId>) -> AuditCommit<'_> {
    AuditCommit {
        agent: None,
        rows,
        operation_id,
        seq: tip.seq,
        chain_hash: tip.hash,
        phase: Phase::Final,
        label: "Move",
        origin: Some(Role::Blender),
        timestamp: "2026-01-02T03:04:05.678901Z",
    }
}

fn bytes(folder: &Path) -> std::io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let found = entry.metadata()?;
        sum += match found.is_dir() {
            true => bytes(&entry.path())?,
            false => found.len(),
        };
    }
    Ok(sum)
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| -> Result<u64, Box<dyn Error>> {
        Ok(arguments.next().map_or(Ok(default), |text| text.parse())?)
    };
    let (entities, changes) = (number(1_000)?, number(288_000)?);
    let scratch = tempfile::tempdir_in(arguments.next().unwrap_or_else(|| ".".to_owned()))?;
    let mut session = Session::new(scratch.path())?;
    let uuids: Vec<Uuid> = (0..entities).map(|_| Uuid::new_v4()).collect();
    session.populate(&uuids)?;
    let sizes = || -> std::io::Result<_> {
        let mb = |name| Ok::<_, std::io::Error>(bytes(&scratch.path().join(name))? as f64 / 1e6);
        Ok((mb("wal")?, mb("audit")?))
    };
    let before = sizes()?;
    let (begin, mut random, mut longest) = (Instant::now(), 7, Duration::ZERO);
    for n in 1..=changes {
        let transform = moved(&mut random);
        let at = usize::try_from(random >> 33)? % uuids.len();
        let uuid = uuids.get(at).copied().unwrap_or_default();
        session.change(uuid, transform)?;
        if n % TOGETHER == 0 {
            longest = longest.max(session.settle()?);
        }
    }
    session.settle()?;
    let (tip, took) = (session.wal.durable(), begin.elapsed());
    drop(session);
    let after = sizes()?;
    let (log, audit) = (after.0 - before.0, after.1 - before.1);
    println!(
        "{entities} entities, {changes} changes in {took:.1?}, longest joining of packs {longest:.1?}"
    );
    println!(
        "log {log:.0} MB, audit {audit:.0} MB, together {:.0} MB",
        log + audit
    );
    let packs = fs::read_dir(scratch.path().join("audit/.git/objects/pack"))?.count() / 2;
    println!("{packs} packs, {} records", tip.seq);
    let begin = Instant::now();
    let wal = scratch.path().join("wal");
    boot(
        Options::new(&wal),
        Arc::new(RealDisk),
        &scratch.path().join("checkpoints"),
        &mut Vec::new,
    )?;
    println!("start from the newest checkpoint: {:.2?}", begin.elapsed());
    let begin = Instant::now();
    verify(&RealDisk, &wal)?;
    println!("check of the whole log: {:.2?}", begin.elapsed());
    Ok(())
}
