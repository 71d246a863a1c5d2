//! Uploads, crashes and other programs during a collection.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vibesync_scene::{BlobId, apply_patch};
use vibesync_store::blobs::BlobStore;
use vibesync_store::collect::{Marks, sweep};
use vibesync_store::disk::{Access, Disk, DiskFile, RealDisk};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use super::{chain, hundred, open, plan, put, stored};
use crate::sample;

#[test]
fn blob_that_is_used_during_a_sweep_stays() {
    let store = open(&sample::disk());
    type Use = fn(&BlobStore, BlobId);
    let uses: [Use; 4] = [
        |store, id| assert!(store.has_intact(id)),
        |store, id| drop(store.get(id).unwrap()),
        |store, id| assert_eq!(put(store, &[1; 100]), id),
        |store, id| store.note_use([id]),
    ];
    for use_it in uses {
        let id = hundred(&store, 1);
        let guard = store.guard();
        let plan = plan(&store, Marks::default(), 0);
        use_it(&store, id);
        let swept = sweep(&store, &plan, &guard, &mut || true).unwrap();
        assert_eq!((swept.used.blobs, swept.removed.blobs), (1, 0));
        assert_eq!(stored(&store, &[id]), [true]);
    }
    assert_eq!(super::collect(&store, Marks::default(), 0).removed.blobs, 1);
}

#[test]
fn use_before_a_collection_counts_if_its_guard_overlaps() {
    let store = open(&sample::disk());
    let upload = store.guard();
    let id = hundred(&store, 1);
    let guard = store.guard();
    // The core knows the upload from now on, but the collection may have asked it before.
    drop(upload);
    let plan = plan(&store, Marks::default(), 0);
    let swept = sweep(&store, &plan, &guard, &mut || true).unwrap();
    assert_eq!(swept.removed.blobs, 0);
    drop(guard);
    assert_eq!(super::collect(&store, Marks::default(), 0).removed.blobs, 1);
    assert_eq!(stored(&store, &[id]), [false]);
}

#[test]
fn bases_of_a_patch_that_is_stored_during_a_sweep_stay() {
    let store = open(&sample::disk());
    let ids = chain(&store, 2);
    let other = put(&store, &[9; 1 << 20]);
    let guard = store.guard();
    let plan = plan(&store, Marks::default(), 0);
    let mut content = store.get(ids[1]).unwrap();
    let patch = [1, 99, 1, 7].map(u32::to_le_bytes).concat();
    apply_patch(&mut content, &patch).unwrap();
    let link = store.link(ids[1], content.len() as u64, &patch).unwrap();
    let new = BlobId::hash(&content);
    let staged = store.stage_link(link, &patch).unwrap();
    store.commit([(new, staged)]).unwrap();
    sweep(&store, &plan, &guard, &mut || true).unwrap();
    assert_eq!(stored(&store, &ids), [true, true, false]);
    assert_eq!(stored(&store, &[other]), [false]);
    assert_eq!(store.get(new).unwrap(), content);
}

#[test]
fn upload_of_a_removed_blob_stores_it_again() {
    let store = open(&sample::disk());
    let ids = chain(&store, 3);
    let contents: Vec<Vec<u8>> = ids.iter().map(|id| store.get(*id).unwrap()).collect();
    super::collect(&store, Marks::default(), 0);
    for (id, content) in ids.iter().zip(&contents).rev() {
        assert!(!store.has_intact(*id));
        assert_eq!(store.link(*id, content.len() as u64, &[]), None);
        assert_eq!(put(&store, content), *id);
        assert_eq!(&store.get(*id).unwrap(), content);
    }
}

#[test]
fn stored_blobs_stay_while_threads_store_and_sweep() {
    // The disk in memory refuses to replace a file that another thread reads, as Windows does.
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::open(Arc::new(RealDisk), &folder.path().join("blobs")).unwrap();
    let done = AtomicBool::new(false);
    let removed = std::thread::scope(|scope| {
        let sweeper = scope.spawn(|| {
            let mut removed = 0;
            while !done.load(Ordering::SeqCst) || removed == 0 {
                let guard = store.guard();
                let plan = plan(&store, Marks::default(), 0);
                let swept = sweep(&store, &plan, &guard, &mut || true).unwrap();
                removed += swept.removed.blobs;
            }
            removed
        });
        let uploads = (0..3).map(|_| {
            scope.spawn(|| {
                for round in 0..400 {
                    // The record that names the blob is durable before the guard ends.
                    let upload = store.guard();
                    let id = hundred(&store, (round % 4) as u8);
                    assert!(store.has_intact(id) && store.contains(id).unwrap());
                    std::thread::yield_now();
                    assert_eq!(store.get(id).unwrap().len(), 100);
                    drop(upload);
                }
            })
        });
        let ended: Vec<_> = uploads
            .collect::<Vec<_>>()
            .into_iter()
            .map(|it| it.join())
            .collect();
        done.store(true, Ordering::SeqCst);
        assert!(ended.iter().all(Result::is_ok), "an upload has failed");
        sweeper.join().unwrap()
    });
    assert!(removed > 0);
}

#[test]
fn kept_blobs_survive_a_crash_at_any_operation_of_a_sweep() {
    let run = |disk: &FaultDisk, fault: Option<u64>| {
        let store = open(disk);
        let ids = chain(&store, 3);
        let gone: Vec<BlobId> = (1..6).map(|value| hundred(&store, value)).collect();
        let mut marks = Marks::default();
        marks.need(ids[2]);
        let before = disk.operations();
        if let Some(at) = fault {
            disk.fail(before + at, Fault::Crash);
        }
        let guard = store.guard();
        let plan = plan(&store, marks.clone(), 0);
        let swept = sweep(&store, &plan, &guard, &mut || true);
        // A blob that goes comes back by an upload.
        let again = swept.is_ok().then(|| store.put(&[&[1; 100]]));
        let is_stored = again.is_some_and(|stored| stored.is_ok());
        (ids, gone, marks, is_stored, disk.operations() - before)
    };
    let total = run(&sample::disk(), None).4;
    assert!(total > 6);
    for at in 0..=total {
        for seed in 0..4 {
            let disk = FaultDisk::new(seed, Tear::Garbage);
            let (ids, gone, marks, is_stored, _) = run(&disk, Some(at));
            disk.reboot();
            let store = open(&disk);
            assert_eq!(store.get(ids[2]).unwrap().len(), 1 << 20);
            assert!(!is_stored || store.get(gone[0]).unwrap() == [1; 100]);
            // The next collection removes what is left.
            super::collect(&store, marks, 0);
            assert_eq!(stored(&store, &ids), [true, true, true, false]);
            assert!(stored(&store, &gone).iter().all(|it| !it));
        }
    }
}

#[test]
fn sweep_ends_early_when_it_may_not_go_on() {
    let store = open(&sample::disk());
    for value in 1..6 {
        hundred(&store, value);
    }
    let guard = store.guard();
    let plan = plan(&store, Marks::default(), 0);
    let mut steps = 2;
    let swept = sweep(&store, &plan, &guard, &mut || {
        steps -= 1;
        steps >= 0
    });
    assert_eq!(swept.unwrap().removed.blobs, 2);
    assert_eq!(super::collect(&store, Marks::default(), 0).removed.blobs, 3);
}

/// A disk on which another program may have all blobs open, as Windows sees it.
#[derive(Debug, Default)]
struct Held(AtomicBool);

impl Disk for Held {
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.create(path, access)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.open(path)
    }
    fn exists(&self, path: &Path) -> io::Result<bool> {
        RealDisk.exists(path)
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(dir)
    }
    fn create_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.create_dir(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        match self.0.load(Ordering::SeqCst) && path.exists() {
            true => Err(ErrorKind::PermissionDenied.into()),
            false => RealDisk.remove(path),
        }
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.remove_dir(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        RealDisk.sync_dir(dir)
    }
}

#[test]
fn blob_that_another_program_has_open_is_left_for_later() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Arc::new(Held::default());
    let shared: Arc<dyn Disk> = Arc::clone(&disk) as _;
    let store = BlobStore::open(shared, &folder.path().join("blobs")).unwrap();
    let id = hundred(&store, 1);
    disk.0.store(true, Ordering::SeqCst);
    let guard = store.guard();
    let plan = plan(&store, Marks::default(), 0);
    let swept = sweep(&store, &plan, &guard, &mut || true).unwrap();
    assert_eq!((swept.held.blobs, swept.removed.blobs), (1, 0));
    assert_eq!(stored(&store, &[id]), [true]);
    disk.0.store(false, Ordering::SeqCst);
    drop(guard);
    assert_eq!(super::collect(&store, Marks::default(), 0).removed.blobs, 1);
}
