//! Blobs by content.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{BlobId, Code};
use vibesync_store::blobs::BlobStore;
use vibesync_store::disk::Disk;
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample;

fn dir() -> &'static Path {
    Path::new("/p/blobs")
}

fn open(disk: &FaultDisk) -> BlobStore {
    BlobStore::open(Arc::new(disk.clone()), dir()).unwrap()
}

fn file(id: BlobId) -> PathBuf {
    let name = id.to_string();
    dir().join(&name[..2]).join(name)
}

const SOME: [&[u8]; 3] = [b"", b"positions", &[7; 100_000]];

#[test]
fn blobs_are_given_back_by_content() {
    let disk = sample::disk();
    let ids = open(&disk).put(&SOME).unwrap();
    let blobs = open(&disk);
    for (id, bytes) in ids.iter().zip(SOME) {
        assert_eq!(*id, BlobId::hash(bytes));
        assert_eq!(disk.bytes(&file(*id)).unwrap(), bytes);
        assert_eq!(blobs.get(*id).unwrap(), bytes);
    }
    let unknown = BlobId::hash(b"never stored");
    assert!(!blobs.contains(unknown).unwrap());
    assert_eq!(blobs.get(unknown).unwrap_err().code(), Code::BlobDamaged);
}

#[test]
fn a_blob_that_is_here_is_not_written_again() {
    let disk = sample::disk();
    let blobs = open(&disk);
    blobs.put(&SOME).unwrap();
    let before = disk.operations();
    blobs.put(&SOME).unwrap();
    assert_eq!(disk.operations(), before);
}

#[test]
fn a_damaged_blob_is_refused_until_it_is_stored_again() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let id = blobs.put(&SOME).unwrap()[1];
    for byte in 0..SOME[1].len() {
        assert!(disk.flip(&file(id), byte, 3));
        assert_eq!(blobs.get(id).unwrap_err().code(), Code::BlobDamaged);
        blobs.put(&SOME).unwrap();
        assert_eq!(blobs.get(id).unwrap(), SOME[1]);
    }
}

#[test]
fn stored_blobs_survive_a_crash_at_every_operation() {
    let total = {
        let disk = sample::disk();
        open(&disk).put(&SOME).unwrap();
        disk.operations()
    };
    for at in 0..=total {
        for seed in 0..20 {
            let disk = FaultDisk::new(seed, Tear::Garbage);
            disk.fail(at, Fault::Crash);
            let stored =
                BlobStore::open(Arc::new(disk.clone()), dir()).and_then(|blobs| blobs.put(&SOME));
            disk.reboot();
            let blobs = open(&disk);
            for bytes in SOME {
                let id = BlobId::hash(bytes);
                // Where the name is, the content is whole; where it was confirmed, it is there.
                assert!(stored.is_err() || blobs.contains(id).unwrap());
                assert!(!blobs.contains(id).unwrap() || blobs.get(id).unwrap() == bytes);
                let shard = file(id).parent().unwrap().to_owned();
                for folder in [&shard, dir()] {
                    let names = disk.list(folder).unwrap();
                    assert!(names.iter().all(|name| !name.ends_with(".tmp")));
                }
            }
        }
    }
}

#[test]
fn what_is_staged_is_a_blob_once_it_is_kept() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let bytes = [1; 5_000];
    let id = BlobId::hash(&bytes);
    let stage = || {
        let mut staged = blobs.stage().unwrap();
        bytes
            .chunks(999)
            .for_each(|piece| staged.append(piece).unwrap());
        staged
    };
    drop(stage());
    assert!(!blobs.has_intact(id));
    blobs.commit([(id, stage()), (id, stage())]).unwrap();
    assert!(blobs.has_intact(id));
    assert_eq!(open(&disk).get(id).unwrap(), bytes);
    let name = id.to_string();
    assert_eq!(disk.list(dir()).unwrap(), [name.get(..2).unwrap()]);
}

#[test]
fn a_sync_that_fails_while_more_is_written_is_told() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let much = vec![7; 8 << 20];
    let stage = |fault: Option<u64>| {
        let mut staged = blobs.stage().unwrap();
        if let Some(operation) = fault {
            disk.fail(disk.operations() + operation, Fault::Io);
        }
        staged.append(&much).and_then(|()| staged.sync())
    };
    stage(None).unwrap();
    // One append, then the sync beside what would be written next.
    stage(Some(1)).unwrap_err();
    stage(None).unwrap();
}

#[test]
fn a_full_disk_is_named() {
    let disk = sample::disk();
    let blobs = open(&disk);
    disk.fail(disk.operations() + 2, Fault::Full);
    assert_eq!(blobs.put(&SOME).unwrap_err().code(), Code::DiskFull);
    blobs.put(&SOME).unwrap();
}
