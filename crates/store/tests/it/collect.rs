//! Garbage collection of the blob store: what keeps a blob, the bound, and everything that may happen meanwhile.

mod keeps;
mod meanwhile;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{BlobId, apply_patch};
use vibesync_store::blobs::BlobStore;
use vibesync_store::collect::{Count, Files, Marks, Plan, Swept, sweep};
use vibesync_testkit::FaultDisk;

use crate::sample;

fn blobs() -> PathBuf {
    PathBuf::from("/p/blobs")
}

fn open(disk: &FaultDisk) -> BlobStore {
    BlobStore::open(Arc::new(disk.clone()), &blobs()).unwrap()
}

fn put(store: &BlobStore, bytes: &[u8]) -> BlobId {
    store.put(&[bytes]).unwrap()[0]
}

fn plan(store: &BlobStore, marks: Marks, max_bytes: u64) -> Plan {
    let (disk, dir) = store.location();
    let files = Files::list(disk, dir, &|| false).unwrap().unwrap();
    Plan::new(files, marks, max_bytes)
}

/// Removes all that a plan names.
fn collect(store: &BlobStore, marks: Marks, max_bytes: u64) -> Swept {
    let guard = store.guard();
    let plan = plan(store, marks, max_bytes);
    let swept = sweep(store, &plan, &guard, &mut || true).unwrap();
    assert_eq!(swept.removed, plan.summary.removable);
    swept
}

/// Stores 100 bytes of this value.
fn hundred(store: &BlobStore, value: u8) -> BlobId {
    put(store, &[value; 100])
}

fn stored(store: &BlobStore, ids: &[BlobId]) -> Vec<bool> {
    ids.iter().map(|id| store.contains(*id).unwrap()).collect()
}

/// A chain of a whole blob of a MiB and patches of it.
fn chain(store: &BlobStore, patches: u32) -> Vec<BlobId> {
    let mut content = vec![0; 1 << 20];
    let mut ids = vec![put(store, &content)];
    for number in 0..patches {
        let patch = [1, number, 1, 7].map(u32::to_le_bytes).concat();
        apply_patch(&mut content, &patch).unwrap();
        let base = ids.last().copied().unwrap();
        let link = store.link(base, content.len() as u64, &patch).unwrap();
        let id = BlobId::hash(&content);
        store
            .commit([(id, store.stage_link(link, &patch).unwrap())])
            .unwrap();
        ids.push(id);
    }
    ids
}

#[test]
fn unnamed_blob_goes_and_all_others_stay_without_a_bound() {
    let store = open(&sample::disk());
    let [scene, log, history, unnamed] = [1, 2, 3, 4].map(|value| hundred(&store, value));
    let mut marks = Marks::default();
    marks.need(scene);
    marks.name_in_log(log, 1);
    marks.name_in_history(history, 1);
    let one = Count {
        blobs: 1,
        bytes: 100,
    };
    let found = plan(&store, marks.clone(), 0).summary;
    assert_eq!((found.scene, found.log), (one, one));
    assert_eq!((found.history, found.unnamed), (one, one));
    assert_eq!(collect(&store, marks, 0).removed, one);
    let ids = [scene, log, history, unnamed];
    assert_eq!(stored(&store, &ids), [true, true, true, false]);
}

#[test]
fn oldest_blobs_go_beyond_the_bound_but_none_of_the_scene() {
    let store = open(&sample::disk());
    let ids: Vec<BlobId> = (0..10).map(|value| hundred(&store, value)).collect();
    let mut marks = Marks::default();
    for (seq, id) in (1..).zip(&ids) {
        match seq % 2 {
            0 => marks.name_in_log(*id, seq),
            _ => marks.name_in_history(*id, seq),
        }
    }
    // An old blob that the scene needs, and one that a newer record names once more.
    marks.need(ids[0]);
    marks.name_in_log(ids[1], 11);
    assert_eq!(collect(&store, marks.clone(), 1_400).removed.blobs, 0);
    // 1000 bytes are more than three quarters of 1200; 600 stay.
    assert_eq!(collect(&store, marks.clone(), 1_200).removed.blobs, 4);
    let expected = [
        true, true, false, false, false, false, true, true, true, true,
    ];
    assert_eq!(stored(&store, &ids), expected);
    collect(&store, marks, 1);
    assert_eq!(stored(&store, &ids[..2]), [true, false]);
}

#[test]
fn bases_of_a_kept_patch_stay() {
    let disk = sample::disk();
    let store = open(&disk);
    let ids = chain(&store, 4);
    let mut marks = Marks::default();
    marks.need(ids[2]);
    collect(&store, marks.clone(), 1);
    assert_eq!(stored(&store, &ids), [true, true, true, false, false]);
    open(&disk).get(ids[2]).unwrap();
    // A blob that is stored whole as well needs no base.
    let whole = store.get(ids[2]).unwrap();
    let staged = store.stage_bytes([whole.as_slice()]).unwrap();
    store.commit([(ids[2], staged)]).unwrap();
    collect(&store, marks, 1);
    assert_eq!(stored(&store, &ids[..3]), [false, false, true]);
    assert_eq!(open(&disk).get(ids[2]).unwrap(), whole);
}

#[test]
fn old_base_goes_no_sooner_than_its_newest_patch() {
    let store = open(&sample::disk());
    let ids = chain(&store, 2);
    let newer: Vec<BlobId> = (1..=3)
        .map(|value| put(&store, &[value; 1 << 20]))
        .collect();
    let mut marks = Marks::default();
    for (id, seq) in ids.iter().chain(&newer).zip([1, 2, 30, 10, 20, 40]) {
        marks.name_in_log(*id, seq);
    }
    // Two of four MiB must go: those of the sequences 10 and 20.
    collect(&store, marks, (4 << 20) + 4_096);
    assert_eq!(stored(&store, &ids), [true, true, true]);
    assert_eq!(stored(&store, &newer), [false, false, true]);
}

#[test]
fn other_files_and_damaged_ones_are_no_blobs() {
    let disk = sample::disk();
    let store = open(&disk);
    let id = hundred(&store, 1);
    let name = id.to_string();
    let shard = blobs().join(&name[..2]);
    for path in [
        blobs().join("damaged").join(&name),
        blobs().join("notes.txt"),
        shard.join("notes.txt"),
        shard.join(".blob.1-2.tmp"),
    ] {
        disk.put(&path, b"kept");
    }
    assert_eq!(collect(&store, Marks::default(), 1).removed.blobs, 1);
    assert_eq!(disk.files().len(), 4);
    // A patch whose head is cut off has no base.
    disk.put(
        Path::new(&format!("{}.patch", shard.join(&name).display())),
        b"VS",
    );
    assert_eq!(collect(&store, Marks::default(), 1).removed.blobs, 1);
}
