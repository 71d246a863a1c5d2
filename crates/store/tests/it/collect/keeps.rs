//! Each file of a project that names blobs keeps them.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vibesync_scene::{
    BlobId, Buffer, Change, Components, Entity, EntityKind, Mesh, Payload, Phase, RecordBody, Row,
};
use vibesync_store::audit::Audit;
use vibesync_store::boot::replay;
use vibesync_store::collect::{Marks, Sources, Summary};
use vibesync_store::disk::Disk;
use vibesync_store::retention::{LogRetention, Policy};
use vibesync_store::wal::{Tip, Wal};
use vibesync_testkit::FaultDisk;

use super::{hundred, open, plan, put};
use crate::audit::commit;
use crate::boot::{checkpoints, write_checkpoint};
use crate::sample::{self, PROJECT, TIME, dir, fill, real, transaction, uuid};

fn mesh(blob: BlobId) -> Components {
    let mesh = Mesh {
        vertex_count: 0,
        corner_count: 0,
        submeshes: Vec::new(),
        buffers: [("position".to_owned(), Buffer::stored(blob, 100))].into(),
    };
    Components {
        mesh: Some(Box::new(mesh)),
        ..Components::default()
    }
}

fn entity(n: u128, blob: BlobId) -> Entity {
    Entity {
        uuid: uuid(n),
        kind: EntityKind::Mesh,
        components: mesh(blob),
    }
}

fn create(n: u128, blob: BlobId) -> Change {
    Change::create_from(&entity(n, blob))
}

fn update(n: u128, blob: BlobId) -> Change {
    Change::Update {
        uuid: uuid(n),
        components: mesh(blob),
    }
}

/// A transaction of one step.
fn step(change: Change, before: Option<Entity>, seq: u64) -> Vec<RecordBody> {
    let mut records = transaction(9, seq);
    records[1].payload = Payload::Step {
        index: 0,
        change,
        before,
    };
    records
}

fn append(wal: &mut Wal, records: &[RecordBody]) -> Tip {
    wal.append(records, TIME).unwrap();
    wal.sync().unwrap()
}

/// Appends a transaction of one step.
fn change(wal: &mut Wal, change: Change, before: Option<Entity>) -> Tip {
    let records = step(change, before, wal.next_seq());
    append(wal, &records)
}

/// Returns the names in the files of a project.
fn marks(disk: &FaultDisk, head: u64, audit: &Path) -> Marks {
    let mut marks = Marks::default();
    let sources = Sources {
        disk: &(Arc::new(disk.clone()) as Arc<dyn Disk>),
        wal: &dir(),
        head,
        checkpoints: &checkpoints(),
        audit,
    };
    assert!(sources.mark(&mut marks, &|| false).unwrap());
    let interrupted = sources.mark(&mut Marks::default(), &|| true);
    assert_eq!(interrupted.unwrap(), head == 0 && !audit.exists());
    marks
}

/// Counts the stored blobs of a project by what keeps them.
fn summary(disk: &FaultDisk, head: u64, audit: &Path) -> Summary {
    plan(&open(disk), marks(disk, head, audit), 0).summary
}

const NO_AUDIT: &str = "/p/no history";

#[test]
fn records_keep_blobs_of_changes_and_of_what_they_overwrite() {
    let disk = sample::disk();
    let store = open(&disk);
    let [new, old, quarantined, unnamed] = [1, 2, 3, 4].map(|value| hundred(&store, value));
    let (mut wal, ..) = sample::open(&disk, u64::MAX).unwrap();
    change(&mut wal, update(9, new), Some(entity(9, old)));
    let conflict = RecordBody {
        phase: Phase::Quarantine,
        payload: Payload::Quarantine {
            origin: vibesync_scene::Role::Unity,
            agent: None,
            label: "Sculpt".into(),
            digest: "d".repeat(64),
            is_whole_intent: true,
            change: update(9, quarantined),
            conflicts: Vec::new(),
        },
        ..step(update(9, quarantined), None, 1).remove(1)
    };
    let head = append(&mut wal, &[conflict]).seq;
    let found = summary(&disk, head, NO_AUDIT.as_ref());
    assert_eq!((found.log.blobs, found.unnamed.blobs), (3, 1));
    // Up to an earlier record, the last one names nothing.
    let found = summary(&disk, head - 1, NO_AUDIT.as_ref());
    assert_eq!((found.log.blobs, found.unnamed.blobs), (2, 2));
    let plan = plan(&store, marks(&disk, head, NO_AUDIT.as_ref()), 0);
    let swept = vibesync_store::collect::sweep(&store, &plan, &store.guard(), &mut || true);
    assert_eq!(swept.unwrap().removed.blobs, 1);
    let ids = [new, old, quarantined, unnamed];
    assert_eq!(super::stored(&store, &ids), [true, true, true, false]);
}

#[test]
fn record_that_overwrites_a_blob_says_how_old_it_is() {
    let disk = sample::disk();
    let store = open(&disk);
    let [first, third] = [1, 3].map(|value| hundred(&store, value));
    let second = put(&store, &[2; 200]);
    let (mut wal, ..) = sample::open(&disk, u64::MAX).unwrap();
    change(&mut wal, create(1, first), None);
    change(&mut wal, create(2, second), None);
    // The first was the present one for longer than the second.
    change(&mut wal, update(2, third), Some(entity(2, second)));
    let head = change(&mut wal, update(1, third), Some(entity(1, first))).seq;
    let mut marks = marks(&disk, head, NO_AUDIT.as_ref());
    marks.need(third);
    super::collect(&store, marks, 520);
    assert_eq!(
        super::stored(&store, &[first, second, third]),
        [true, false, true]
    );
}

#[test]
fn checkpoint_keeps_its_scene_and_open_transactions() {
    let disk = sample::disk();
    let store = open(&disk);
    let [live, deleted, open_change, overwritten] =
        [1, 2, 3, 4].map(|value| hundred(&store, value));
    let (mut wal, ..) = sample::open(&disk, u64::MAX).unwrap();
    change(&mut wal, create(1, live), None);
    change(&mut wal, create(2, deleted), None);
    change(
        &mut wal,
        Change::Delete { uuid: uuid(2) },
        Some(entity(2, deleted)),
    );
    let seq = wal.next_seq();
    let open_step = step(update(1, open_change), Some(entity(1, overwritten)), seq);
    let tip = append(&mut wal, &open_step[..2]);
    let state = replay(Arc::new(disk.clone()), &dir(), tip).unwrap();
    write_checkpoint(&disk, &state, tip);
    // Only the checkpoint is left.
    disk.erase_in(&dir());
    let found = summary(&disk, 0, NO_AUDIT.as_ref());
    assert_eq!((found.scene.blobs, found.log.blobs), (2, 1));
    // The step has replaced the first one: nothing else names it any more.
    assert_eq!(found.unnamed.blobs, 1);
}

#[test]
fn state_that_replaces_dropped_records_keeps_its_blobs() {
    let disk = sample::disk();
    let store = open(&disk);
    let kept = hundred(&store, 1);
    let (mut wal, ..) = sample::open(&disk, 3_000).unwrap();
    change(&mut wal, create(9, kept), None);
    for _ in 0..2 {
        fill(&mut wal, 8).unwrap();
        let tip = wal.durable();
        let state = replay(Arc::new(disk.clone()), &dir(), tip).unwrap();
        write_checkpoint(&disk, &state, tip);
    }
    let day = Duration::from_secs(24 * 3_600);
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let retention = LogRetention {
        disk: &shared,
        dir: &dir(),
        checkpoints: &checkpoints(),
        audited: u64::MAX,
    };
    let policy = Policy {
        compress: false,
        keep: Some(day),
    };
    let later: SystemTime = humantime::parse_rfc3339(TIME).unwrap() + day * 2;
    assert!(retention.run_step(policy, later, &|| false).unwrap());
    assert!(disk.bytes(&sample::segment(1)).is_none(), "dropped");
    disk.erase_in(&checkpoints());
    let found = summary(&disk, wal.durable().seq, NO_AUDIT.as_ref());
    assert_eq!(found.log.blobs, 1);
}

#[test]
fn commits_keep_blobs_that_the_log_does_not_name() {
    let folder = tempfile::tempdir().unwrap();
    let mut audit = Audit::open(real(), folder.path(), PROJECT).unwrap();
    let disk = sample::disk();
    let store = open(&disk);
    let first = put(&store, &[0; 200]);
    let ids = [first, hundred(&store, 1), hundred(&store, 2)];
    let row = |n: u128, blob: BlobId, tombstone: bool| Row {
        entity: entity(n, blob),
        tombstone,
        ..sample::row(n, "mesh", 1)
    };
    let rows = [
        vec![row(1, ids[0], false), sample::row(3, "no mesh", 1)],
        vec![row(1, ids[1], false)],
        vec![row(2, ids[2], false)],
        vec![row(2, ids[2], true)],
    ];
    for (seq, rows) in (1..).zip(&rows) {
        audit.add(&commit(rows, seq)).unwrap();
    }
    audit.flush().unwrap();
    let found = summary(&disk, 0, folder.path());
    assert_eq!((found.history.blobs, found.unnamed.blobs), (3, 0));
    // The second replaces the first at sequence 2, and the third is deleted at sequence 4.
    let mut marks = marks(&disk, 0, folder.path());
    marks.need(ids[1]);
    super::collect(&store, marks, 520);
    assert_eq!(super::stored(&store, &ids), [false, true, true]);
}

#[test]
fn nothing_is_removed_if_log_or_history_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let disk = sample::disk();
    let (mut wal, ..) = sample::open(&disk, u64::MAX).unwrap();
    let head = fill(&mut wal, 3).unwrap();
    let mut audit = Audit::open(real(), folder.path(), PROJECT).unwrap();
    audit.commit(&commit(&[sample::row(1, "A", 1)], 1)).unwrap();
    let mark = |audit: &Path| {
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let sources = Sources {
            disk: &shared,
            wal: &dir(),
            head,
            checkpoints: &checkpoints(),
            audit,
        };
        sources.mark(&mut Marks::default(), &|| false)
    };
    mark(folder.path()).unwrap();
    for pack in std::fs::read_dir(folder.path().join(".git/objects/pack")).unwrap() {
        std::fs::remove_file(pack.unwrap().path()).unwrap();
    }
    mark(folder.path()).unwrap_err();
    disk.flip(&sample::segment(1), 700, 1);
    let error = mark(NO_AUDIT.as_ref()).unwrap_err();
    assert_eq!(error.code(), vibesync_scene::Code::LogDamaged);
}
