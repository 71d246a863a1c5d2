//! The blob store.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{BlobId, Code};
use vibesync_store::blobs::{BlobError, BlobStore, Depth};
use vibesync_store::disk::{Disk, RealDisk};
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
fn blobs_are_read_by_their_address() {
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
fn intact_blob_is_not_written_again() {
    let disk = sample::disk();
    let blobs = open(&disk);
    blobs.put(&SOME).unwrap();
    let before = disk.operations();
    blobs.put(&SOME).unwrap();
    assert_eq!(disk.operations(), before);
}

#[test]
fn damaged_blob_is_refused_until_it_is_stored_again() {
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
fn damaged_blob_is_moved_aside_when_it_is_read() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let id = blobs.put(&SOME).unwrap()[1];
    disk.flip(&file(id), 3, 3);
    let damaged = disk.bytes(&file(id)).unwrap();
    assert!(matches!(blobs.get(id), Err(BlobError::Damaged { .. })));
    let aside = dir().join("damaged").join(id.to_string());
    assert_eq!(disk.bytes(&aside), Some(damaged));
    assert!(matches!(blobs.get(id), Err(BlobError::Missing(_))));
    let blobs = open(&disk);
    blobs.put(&SOME).unwrap();
    assert_eq!(blobs.get(id).unwrap(), SOME[1]);
}

#[test]
fn blob_whose_file_was_removed_is_stored_again() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let id = blobs.put(&SOME).unwrap()[1];
    disk.remove(&file(id)).unwrap();
    assert!(!blobs.has_intact(id));
    blobs.put(&SOME).unwrap();
    assert_eq!(blobs.get(id).unwrap(), SOME[1]);
}

#[test]
fn blob_is_stored_although_the_folder_was_removed() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("blobs");
    let blobs = BlobStore::open(Arc::new(RealDisk), &dir).unwrap();
    blobs.put(&SOME).unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    let ids = blobs.put(&SOME).unwrap();
    assert_eq!(blobs.get(ids[1]).unwrap(), SOME[1]);
}

#[test]
fn check_finds_damage_by_size_or_by_content() {
    let disk = sample::disk();
    let id = open(&disk).put(&SOME).unwrap()[1];
    let blobs = BlobStore::read_only(Arc::new(disk.clone()), dir());
    let check = |bytes, depth| {
        blobs
            .check(id, bytes, depth)
            .map_err(|error| error.to_string())
    };
    let named = |why: &str| Err(format!("blob {id} is {why}"));
    assert_eq!(check(9, Depth::Size), Ok(()));
    assert_eq!(
        check(8, Depth::Size),
        named("damaged: 9 bytes instead of 8")
    );
    disk.flip(&file(id), 3, 3);
    let before = disk.operations();
    assert_eq!(check(9, Depth::Size), Ok(()));
    let other = named("damaged: its content has another hash");
    assert_eq!(check(9, Depth::Content), other);
    assert_eq!(disk.operations(), before);
    disk.remove(&file(id)).unwrap();
    assert_eq!(check(9, Depth::Size), named("missing"));
    assert_eq!(check(9, Depth::Content), named("missing"));
}

#[test]
fn stored_blobs_survive_a_crash_at_any_operation() {
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
                // A blob with its final name is intact, and every confirmed blob exists.
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
fn staged_blob_is_found_only_after_its_commit() {
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
fn failed_background_sync_is_reported() {
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
    // Operations: one append, then the sync in the background.
    stage(Some(1)).unwrap_err();
    stage(None).unwrap();
}

#[test]
fn full_disk_is_reported_with_its_code() {
    let disk = sample::disk();
    let blobs = open(&disk);
    disk.fail(disk.operations() + 2, Fault::Full);
    assert_eq!(blobs.put(&SOME).unwrap_err().code(), Code::DiskFull);
    blobs.put(&SOME).unwrap();
}
