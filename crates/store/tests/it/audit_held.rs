//! Packs that another program has open while they are no longer needed.

use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use vibesync_store::audit::Audit;
use vibesync_store::disk::{Access, Disk, DiskFile, RealDisk};

use crate::audit::commit;
use crate::sample::{PROJECT, row};

/// A disk on which another program may have all packs open, as Windows sees it.
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
        let is_pack = path.extension().is_some_and(|end| end == "pack");
        match is_pack && self.0.load(Ordering::SeqCst) {
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

fn packs(root: &Path) -> usize {
    let files = std::fs::read_dir(root.join(".git/objects/pack")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".pack")).count()
}

/// Writes commits of a sequence each, as many as are joined at once.
fn write(audit: &mut Audit, sequences: std::ops::Range<u64>) {
    for seq in sequences {
        let rows = [row(3, "cube", seq)];
        audit.commit(&commit(&rows, seq)).unwrap();
    }
}

#[test]
fn pack_that_another_program_has_open_is_removed_later() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(Held::default());
    let mut audit = Audit::open(disk.clone(), dir.path(), PROJECT).unwrap();
    write(&mut audit, 1..17);
    disk.0.store(true, Ordering::SeqCst);
    assert!(audit.compact(&|| false).unwrap());
    assert_eq!(packs(dir.path()), 17, "all stay, and the joined one");
    assert!(!audit.compact(&|| false).unwrap(), "they do not count");
    write(&mut audit, 17..18);
    assert_eq!(audit.last_seq(), 17);
    drop(audit);
    let mut audit = Audit::open(disk.clone(), dir.path(), PROJECT).unwrap();
    assert_eq!(audit.last_seq(), 17, "a start goes on too");
    disk.0.store(false, Ordering::SeqCst);
    write(&mut audit, 18..40);
    assert!(audit.compact(&|| false).unwrap());
    assert_eq!(packs(dir.path()), 1, "compaction removes what was left");
}

#[test]
fn start_removes_what_another_program_had_open() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(Held::default());
    let mut audit = Audit::open(disk.clone(), dir.path(), PROJECT).unwrap();
    write(&mut audit, 1..17);
    disk.0.store(true, Ordering::SeqCst);
    assert!(audit.compact(&|| false).unwrap());
    drop(audit);
    disk.0.store(false, Ordering::SeqCst);
    let audit = Audit::open(disk, dir.path(), PROJECT).unwrap();
    assert_eq!((packs(dir.path()), audit.last_seq()), (1, 16));
}
