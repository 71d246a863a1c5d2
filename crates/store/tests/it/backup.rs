//! Backups: consistent at one record, verified, whole or refused.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::{BlobId, Buffer, Change, Code, Components, EntityKind, Mesh, Payload};
use vibesync_store::backup::{Archive, BackupError, Manifest, Request, write};
use vibesync_store::blobs::BlobStore;
use vibesync_store::boot;
use vibesync_store::disk::{Disk, DiskFile};
use vibesync_store::wal::{Tip, Wal};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample::{self, PROJECT, TIME, dir, fill, open, options, segment, transaction, uuid};

const TARGET: &str = "/backups/robot.tar";

fn blobs() -> PathBuf {
    PathBuf::from("/p/blobs")
}

fn request<'a>(target: &'a Path, folders: &'a [PathBuf; 3], durable: Option<u64>) -> Request<'a> {
    Request {
        wal: &folders[0],
        checkpoints: &folders[1],
        blobs: &folders[2],
        project_id: PROJECT,
        project_file: b"{}",
        durable,
        program: "0.1.0",
        time: SystemTime::UNIX_EPOCH,
        target,
    }
}

fn back_up(disk: &FaultDisk, durable: Option<u64>) -> Result<Manifest, BackupError> {
    let folders = [dir(), PathBuf::from("/p/checkpoints"), blobs()];
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    write(&shared, &request(TARGET.as_ref(), &folders, durable))
}

fn archive(disk: &FaultDisk) -> Archive {
    Archive::open(Arc::new(disk.clone()), TARGET.as_ref()).unwrap()
}

/// A log of ten transactions in segments of about two.
fn disk() -> FaultDisk {
    let disk = sample::disk();
    let (mut wal, ..) = open(&disk, 4_000).unwrap();
    fill(&mut wal, 10).unwrap();
    disk
}

/// The record with this sequence.
fn tip(disk: &FaultDisk, seq: u64) -> Tip {
    let (_, _, entries) = open(disk, 4_000).unwrap();
    let entry = entries.iter().find(|entry| entry.seq == seq).unwrap();
    Tip {
        seq,
        hash: entry.hash,
    }
}

#[test]
fn backup_ends_at_the_durable_record_of_a_growing_log() {
    for last in [1, 6, 7, 29, 30] {
        let disk = disk();
        let manifest = back_up(&disk, Some(last)).unwrap();
        assert_eq!((manifest.seq, manifest.project_id), (last, PROJECT));
        let archive = archive(&disk);
        let expected = tip(&disk, last);
        assert_eq!(archive.verify().unwrap(), expected);
        let copy = boot::replay(Arc::new(archive), Archive::wal(), expected).unwrap();
        let log = boot::replay(Arc::new(disk.clone()), &dir(), expected).unwrap();
        assert_eq!(copy.scene, log.scene, "up to {last}");
        assert_eq!(
            copy.operations.iter().count(),
            log.operations.iter().count()
        );
    }
}

fn last_segment(disk: &FaultDisk) -> PathBuf {
    let names = disk.list(&dir()).unwrap();
    dir().join(names.last().unwrap())
}

#[test]
fn torn_tail_is_left_out_of_a_backup() {
    let disk = disk();
    let path = last_segment(&disk);
    let whole = disk.bytes(&path).unwrap();
    disk.put(&path, &[&whole[..], b"{\"seq\":31"].concat());
    let manifest = back_up(&disk, None).unwrap();
    assert_eq!(manifest.seq, 30);
    assert_eq!(archive(&disk).verify().unwrap().seq, 30);
}

#[test]
fn damaged_log_is_not_backed_up() {
    let disk = disk();
    back_up(&disk, None).unwrap();
    let old = disk.bytes(TARGET.as_ref());
    disk.flip(&segment(1), 40, 0);
    let error = back_up(&disk, None).unwrap_err();
    assert_eq!(error.code(), Code::LogDamaged, "{error}");
    assert_eq!(disk.bytes(TARGET.as_ref()), old);
}

#[test]
fn file_that_is_no_backup_is_not_replaced() {
    let disk = disk();
    disk.put(TARGET.as_ref(), b"a thesis");
    assert!(matches!(back_up(&disk, None), Err(BackupError::Occupied)));
    assert_eq!(disk.bytes(TARGET.as_ref()).unwrap(), b"a thesis");
}

#[test]
fn flipped_or_missing_byte_of_a_backup_is_noticed() {
    let disk = disk();
    back_up(&disk, None).unwrap();
    let whole = disk.bytes(TARGET.as_ref()).unwrap();
    let refused = |bytes: &[u8], case: &str| {
        disk.put(TARGET.as_ref(), bytes);
        let opened = Archive::open(Arc::new(disk.clone()), TARGET.as_ref());
        let error = opened.and_then(|archive| archive.verify()).expect_err(case);
        assert_eq!(error.code(), Code::BackupDamaged, "{case}: {error}");
    };
    let is_padding = |at: usize| whole[at] == 0;
    for at in (0..whole.len()).step_by(37).filter(|at| !is_padding(*at)) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        refused(&bytes, &format!("byte {at}"));
    }
    for length in (0..whole.len() - 1024).step_by(301) {
        refused(&whole[..length], &format!("{length} bytes"));
    }
}

#[test]
fn old_or_new_backup_is_whole_after_a_crash_at_any_operation() {
    let count = {
        let disk = disk();
        let before = disk.operations();
        back_up(&disk, Some(12)).unwrap();
        disk.operations() - before
    };
    for at in 0..count {
        let disk = FaultDisk::new(at, Tear::Garbage);
        let (mut wal, ..) = open(&disk, 4_000).unwrap();
        fill(&mut wal, 10).unwrap();
        back_up(&disk, Some(6)).unwrap();
        disk.fail(disk.operations() + at, Fault::Crash);
        assert!(back_up(&disk, Some(12)).is_err());
        disk.reboot();
        let found = archive(&disk).verify().unwrap().seq;
        assert!([6, 12].contains(&found), "operation {at}: {found}");
    }
}

/// A transaction that creates a mesh with this buffer.
fn create_mesh(blob: BlobId, seq: u64) -> Vec<vibesync_scene::RecordBody> {
    let mesh = Mesh {
        vertex_count: 0,
        corner_count: 0,
        submeshes: Vec::new(),
        buffers: [("position".to_owned(), Buffer::stored(blob, 5))].into(),
    };
    let mut records = transaction(9, seq);
    if let Payload::Step { change, .. } = &mut records[1].payload {
        *change = Change::Create {
            uuid: uuid(9),
            kind: EntityKind::Mesh,
            components: Components {
                mesh: Some(Box::new(mesh)),
                ..Components::default()
            },
        };
    }
    records
}

#[test]
fn blobs_of_the_scene_are_included_and_missing_ones_listed() {
    for is_stored in [true, false] {
        let disk = disk();
        let shared: Arc<dyn Disk> = Arc::new(disk.clone());
        let store = BlobStore::open(Arc::clone(&shared), &blobs()).unwrap();
        let blob = BlobId::hash(b"bytes");
        store.put(&[b"unused"]).unwrap();
        if is_stored {
            store.put(&[b"bytes"]).unwrap();
        }
        let (mut wal, _) = Wal::open(options(4_000), shared, 1, &mut |_| {}).unwrap();
        wal.append(&create_mesh(blob, wal.next_seq()), TIME)
            .unwrap();
        wal.sync().unwrap();
        let manifest = back_up(&disk, None).unwrap();
        let archive = archive(&disk);
        archive.verify().unwrap();
        let included: Vec<BlobId> = archive.blobs().collect();
        match is_stored {
            true => assert_eq!((included, manifest.missing_blobs), (vec![blob], vec![])),
            false => assert_eq!((included, manifest.missing_blobs), (vec![], vec![blob])),
        }
    }
}

#[test]
fn ordinary_tar_lists_and_extracts_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    let wal = folder.path().join("wal");
    std::fs::create_dir(&wal).unwrap();
    sample::real_log(&wal, &sample::log_bytes(3));
    let target = folder.path().join("robot.tar");
    let folders = [wal, folder.path().join("none"), folder.path().join("none")];
    write(&sample::real(), &request(&target, &folders, None)).unwrap();
    let Ok(output) = Command::new("tar").arg("-tf").arg(&target).output() else {
        return;
    };
    let listed = String::from_utf8(output.stdout).unwrap();
    let names: Vec<&str> = listed.lines().collect();
    let expected = [
        "README.txt",
        "project.json",
        "wal/00000000000000000001.jsonl",
        "manifest.json",
        "manifest.b3",
    ];
    assert_eq!(names, expected);
    let extracted = Command::new("tar")
        .args(["-xOf"])
        .arg(&target)
        .arg(expected[2])
        .output()
        .unwrap();
    assert_eq!(extracted.stdout, sample::log_bytes(3));
}

/// A disk on which a segment vanishes once the backup has read the log.
#[derive(Debug)]
struct Reorganizing {
    inner: FaultDisk,
    segment: PathBuf,
}

impl Disk for Reorganizing {
    fn create(
        &self,
        path: &Path,
        access: vibesync_store::disk::Access,
    ) -> std::io::Result<Box<dyn DiskFile>> {
        if self.inner.exists(&self.segment)? {
            self.inner.remove(&self.segment)?;
        }
        self.inner.create(path, access)
    }
    fn open(&self, path: &Path) -> std::io::Result<Box<dyn DiskFile>> {
        self.inner.open(path)
    }
    fn exists(&self, path: &Path) -> std::io::Result<bool> {
        self.inner.exists(path)
    }
    fn list(&self, dir: &Path) -> std::io::Result<Vec<String>> {
        self.inner.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.inner.create_dir(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        self.inner.rename(from, to)
    }
    fn remove(&self, path: &Path) -> std::io::Result<()> {
        self.inner.remove(path)
    }
    fn remove_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.inner.remove_dir(dir)
    }
    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        self.inner.sync_dir(dir)
    }
}

#[test]
fn segment_that_vanishes_during_the_copy_makes_no_backup() {
    let inner = disk();
    let segment = last_segment(&inner);
    let shared: Arc<dyn Disk> = Arc::new(Reorganizing {
        inner: inner.clone(),
        segment,
    });
    let folders = [dir(), PathBuf::from("/p/checkpoints"), blobs()];
    write(&shared, &request(TARGET.as_ref(), &folders, Some(30))).unwrap_err();
    assert_eq!(inner.bytes(TARGET.as_ref()), None);
    let left = inner.list("/backups".as_ref()).unwrap();
    assert_eq!(left, Vec::<String>::new());
}
