//! Blobs that are stored as a patch of another one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{BlobId, apply_patch};
use vibesync_store::blobs::{BlobError, BlobStore, Depth};
use vibesync_store::disk::Disk;
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample;

const MUCH: usize = 1 << 20;

fn dir() -> &'static Path {
    Path::new("/p/blobs")
}

fn open(disk: &FaultDisk) -> BlobStore {
    BlobStore::open(Arc::new(disk.clone()), dir()).unwrap()
}

fn file(id: BlobId, extension: &str) -> PathBuf {
    let name = id.to_string();
    dir().join(&name[..2]).join(name + extension)
}

/// A patch that replaces one word.
fn patch(word: u32, value: u32) -> Vec<u8> {
    let words = [1, word, 1, value];
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Stores the content as a patch, if it may be one, and returns whether it is.
fn put_link(blobs: &BlobStore, content: &mut [u8], patch: &[u8]) -> Result<bool, BlobError> {
    let base = BlobId::hash(content);
    apply_patch(content, patch).unwrap();
    let id = BlobId::hash(content);
    let Some(link) = blobs.link(base, content.len() as u64, patch) else {
        return Ok(false);
    };
    blobs.commit([(id, blobs.stage_link(link, patch)?)])?;
    Ok(true)
}

/// A store with a whole blob and two patches, and the contents of all.
fn chain(disk: &FaultDisk) -> (BlobStore, [Vec<u8>; 3]) {
    let blobs = open(disk);
    let mut content = vec![0; MUCH];
    blobs.put(&[&content]).unwrap();
    let mut contents = [content.clone(), content.clone(), content.clone()];
    for (number, kept) in contents.iter_mut().enumerate().skip(1) {
        assert!(put_link(&blobs, &mut content, &patch(number as u32, 7)).unwrap());
        kept.clone_from(&content);
    }
    (blobs, contents)
}

#[test]
fn patch_is_read_as_the_whole_content() {
    let disk = sample::disk();
    let (_, contents) = chain(&disk);
    let blobs = open(&disk);
    let reader = BlobStore::read_only(Arc::new(disk.clone()), dir());
    for content in &contents {
        let id = BlobId::hash(content);
        assert!(blobs.contains(id).unwrap() && blobs.has_intact(id));
        assert_eq!(&blobs.get(id).unwrap(), content);
        for depth in [Depth::Size, Depth::Content] {
            reader.check(id, MUCH as u64, depth).unwrap();
        }
        reader.check(id, 4, Depth::Size).unwrap_err();
    }
    let last = BlobId::hash(&contents[2]);
    assert_eq!(disk.bytes(&file(last, "")), None);
    assert!(disk.bytes(&file(last, ".patch")).unwrap().len() < 200);
}

#[test]
fn chain_of_patches_ends() {
    let disk = sample::disk();
    let blobs = open(&disk);
    let mut content = vec![0; MUCH];
    blobs.put(&[&content]).unwrap();
    let mut links = 0;
    while put_link(&blobs, &mut content, &patch(links, 9)).unwrap() {
        links += 1;
    }
    assert_eq!(links, 32);
    // The last content was not stored: its caller stores it whole, and the next chain begins.
    blobs.put(&[&content]).unwrap();
    assert!(put_link(&blobs, &mut content, &patch(0, 1)).unwrap());
    let large = vec![0; MUCH / 4 + 1];
    let id = BlobId::hash(&content);
    assert_eq!(blobs.link(id, MUCH as u64, &large), None, "a large patch");
    let small = blobs.put(&[&[0; 64]]).unwrap()[0];
    assert_eq!(blobs.link(small, 64, &patch(0, 1)), None, "a small content");
    let unknown = BlobId::hash(b"unknown");
    assert_eq!(blobs.link(unknown, MUCH as u64, &patch(0, 1)), None);
}

#[test]
fn damaged_patch_is_moved_aside_until_stored_again() {
    let disk = sample::disk();
    let (_, contents) = chain(&disk);
    let [base, middle, last] = contents.each_ref().map(|content| BlobId::hash(content));
    let length = disk.bytes(&file(middle, ".patch")).unwrap().len();
    for byte in (0..length).step_by(5) {
        let blobs = open(&disk);
        if disk.bytes(&file(middle, ".patch")).is_none() {
            let mut content = contents[0].clone();
            assert!(put_link(&blobs, &mut content, &patch(1, 7)).unwrap());
        }
        assert!(disk.flip(&file(middle, ".patch"), byte, 3));
        blobs.get(last).unwrap_err();
        let aside = dir().join("damaged").join(format!("{middle}.patch"));
        assert!(disk.exists(&aside).unwrap(), "byte {byte}");
        assert!(!blobs.has_intact(middle) && !blobs.has_intact(last));
        assert_eq!(blobs.get(base).unwrap(), contents[0]);
        blobs.put(&[&contents[1]]).unwrap();
        assert_eq!(blobs.get(last).unwrap(), contents[2]);
        disk.remove(&file(middle, "")).unwrap();
    }
}

#[test]
fn damaged_base_is_moved_aside_and_patches_stay() {
    let disk = sample::disk();
    let (blobs, contents) = chain(&disk);
    let [base, _, last] = contents.each_ref().map(|content| BlobId::hash(content));
    assert!(disk.flip(&file(base, ""), 5_000, 1));
    let error = blobs.get(last).unwrap_err();
    assert!(matches!(error, BlobError::Damaged { id, .. } if id == last));
    let aside = dir().join("damaged").join(base.to_string());
    assert!(disk.exists(&aside).unwrap());
    for _ in 0..2 {
        let why = blobs.get(last).unwrap_err().to_string();
        assert!(why.contains(&format!("blob {base} is missing")), "{why}");
        assert!(!blobs.contains(last).unwrap());
        assert_eq!(blobs.link(last, MUCH as u64, &patch(0, 1)), None);
    }
    blobs.put(&[&contents[0]]).unwrap();
    assert_eq!(blobs.get(last).unwrap(), contents[2]);
}

#[test]
fn whole_content_counts_beside_a_patch() {
    let disk = sample::disk();
    let (blobs, contents) = chain(&disk);
    let [base, middle, _] = contents.each_ref().map(|content| BlobId::hash(content));
    let whole = blobs.stage_bytes([contents[1].as_slice()]).unwrap();
    blobs.commit([(middle, whole)]).unwrap();
    disk.remove(&file(base, "")).unwrap();
    assert_eq!(open(&disk).get(middle).unwrap(), contents[1]);
}

#[test]
fn patches_survive_a_crash_at_any_operation() {
    let store = |disk: &FaultDisk| -> Result<bool, BlobError> {
        let blobs = BlobStore::open(Arc::new(disk.clone()), dir())?;
        let mut content = vec![0; MUCH];
        blobs.put(&[&content])?;
        put_link(&blobs, &mut content, &patch(1, 7))
    };
    let total = {
        let disk = sample::disk();
        assert!(store(&disk).unwrap());
        disk.operations()
    };
    let mut content = vec![0; MUCH];
    apply_patch(&mut content, &patch(1, 7)).unwrap();
    let id = BlobId::hash(&content);
    for at in 0..=total {
        for seed in 0..4 {
            let disk = FaultDisk::new(seed, Tear::Garbage);
            disk.fail(at, Fault::Crash);
            let stored = store(&disk);
            disk.reboot();
            let blobs = open(&disk);
            assert!(stored.is_err() || blobs.contains(id).unwrap());
            assert!(!blobs.contains(id).unwrap() || blobs.get(id).unwrap() == content);
            let names = disk.list(file(id, "").parent().unwrap()).unwrap();
            assert!(names.iter().all(|name| !name.ends_with(".tmp")));
        }
    }
}
