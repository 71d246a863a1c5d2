//! Power loss at every operation of the audit: flushed commits survive, and `git fsck` is clean.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use vibesync_scene::Entity;
use vibesync_store::audit::{Audit, AuditError};
use vibesync_store::disk::{Access, Disk, DiskFile, RealDisk};
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::audit::commit;
use crate::audit_git::{commits, sound};
use crate::sample::{PROJECT, entity, row};

/// Writes to two disks, since git reads real files: the faulty disk decides what survives a crash, the real one has the
/// files.
#[derive(Debug)]
struct Both {
    faulty: FaultDisk,
    written: Mutex<BTreeSet<PathBuf>>,
}

struct File(Box<dyn DiskFile>, Box<dyn DiskFile>);

impl Both {
    fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self {
            faulty: FaultDisk::new(seed, Tear::Garbage),
            written: Mutex::default(),
        })
    }

    /// Restores power: makes the real files equal to those of the faulty disk.
    fn reboot(&self) {
        self.faulty.reboot();
        for path in self.written.lock().unwrap().iter() {
            let _ = fs::remove_file(path);
            if let Some(bytes) = self.faulty.bytes(path) {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                vibesync_store::durable::write(path, &bytes).unwrap();
            }
            // A leftover lock is taken over only when it is old.
            if path.extension().is_some_and(|end| end == "lock") && path.exists() {
                let then = SystemTime::now() - Duration::from_secs(60);
                let lock = fs::File::options().write(true).open(path).unwrap();
                lock.set_modified(then).unwrap();
            }
        }
    }

    fn remember(&self, path: &Path) {
        self.written.lock().unwrap().insert(path.to_owned());
    }
}

impl Disk for Both {
    fn create(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        self.remember(path);
        let faulty = self.faulty.create(path, access)?;
        Ok(Box::new(File(faulty, RealDisk.create(path, access)?)))
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
        self.faulty.create_dir(dir)?;
        fs::create_dir_all(dir)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.remember(to);
        self.faulty.rename(from, to)?;
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.faulty.remove(path)?;
        RealDisk.remove(path)
    }
    fn remove_dir(&self, dir: &Path) -> io::Result<()> {
        self.faulty.remove_dir(dir)?;
        RealDisk.remove_dir(dir)
    }
    fn sync_dir(&self, dir: &Path) -> io::Result<()> {
        self.faulty.sync_dir(dir)
    }
}

impl DiskFile for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.append(bytes)?;
        self.1.append(bytes)
    }
    fn read_at(&mut self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.1.read_at(offset, buffer)
    }
    fn sync_data(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }
    fn size(&mut self) -> io::Result<u64> {
        self.1.size()
    }
    fn try_clone(&self) -> io::Result<Box<dyn DiskFile>> {
        Ok(Box::new(File(self.0.try_clone()?, self.1.try_clone()?)))
    }
}

const COMMITS: u64 = 36;

/// Writes a history up to a sequence, flushing every two commits, with compaction. `flushed` is the last durable
/// sequence.
fn work(disk: &Arc<Both>, root: &Path, flushed: &mut u64) -> Result<(), AuditError> {
    let disk: Arc<dyn Disk> = disk.clone();
    let mut audit = Audit::open(disk, root, PROJECT)?;
    *flushed = audit.last_seq();
    if *flushed == 0 {
        let whole = (1..=9).map(|n| Ok::<_, AuditError>(entity(n, "whole")));
        audit.add_snapshot(&commit(&[], 1), whole)?;
    }
    for seq in *flushed + 1..=COMMITS {
        audit.add(&commit(
            &[row(u128::from(seq % 9), &format!("at {seq}"), seq)],
            seq,
        ))?;
        if seq % 2 == 0 {
            audit.flush()?;
            *flushed = seq;
            audit.compact(&|| false)?;
        }
    }
    Ok(())
}

fn entities(seq: u64) -> Vec<Entity> {
    let name = |n: u64| (2..=seq).rev().find(|seq| seq % 9 == n);
    let entities = (0..=9).filter_map(|n| match (name(n), n) {
        (Some(seq), _) => Some(entity(u128::from(n), &format!("at {seq}"))),
        (None, 0) => None,
        (None, _) => Some(entity(u128::from(n), "whole")),
    });
    entities.collect()
}

#[test]
fn flushed_commits_survive_a_crash_at_any_operation() {
    let disk = Both::new(0);
    let dir = tempfile::tempdir().unwrap();
    work(&disk, dir.path(), &mut 0).unwrap();
    let operations = disk.faulty.operations();
    let expected = commits(dir.path());
    assert!(operations > 150, "{operations}");
    for at in 0..operations {
        let disk = Both::new(at);
        let dir = tempfile::tempdir().unwrap();
        disk.faulty.fail(at, Fault::Crash);
        let mut flushed = 0;
        assert!(work(&disk, dir.path(), &mut flushed).is_err(), "{at}");
        disk.reboot();
        let audit = Audit::open(disk.clone(), dir.path(), PROJECT).unwrap();
        let seq = audit.last_seq();
        assert!(
            seq >= flushed,
            "{at}: {flushed} was flushed, {seq} is there"
        );
        if let Some(item) = audit.history().commit_at(seq).unwrap() {
            let found = audit.history().entities(&item.commit).unwrap();
            assert_eq!(found, entities(seq), "{at}");
        }
        drop(audit);
        work(&disk, dir.path(), &mut flushed).unwrap();
        sound(dir.path());
        // The final commits are the same, whatever failed before.
        assert_eq!(commits(dir.path()), expected, "{at}");
    }
}

#[test]
fn failed_operation_succeeds_on_retry() {
    let disk = Both::new(0);
    let dir = tempfile::tempdir().unwrap();
    work(&disk, dir.path(), &mut 0).unwrap();
    let operations = disk.faulty.operations();
    let expected = commits(dir.path());
    for at in (0..operations).step_by(3) {
        let (disk, dir) = (Both::new(at), tempfile::tempdir().unwrap());
        let opened = Audit::open(disk.clone(), dir.path(), PROJECT);
        let Ok(mut audit) = opened else { continue };
        disk.faulty.fail(disk.faulty.operations() + at, Fault::Full);
        let mut seq = 1;
        let mut refused = 0;
        while seq <= COMMITS {
            let added = if seq == 1 {
                let whole = (1..=9).map(|n| Ok::<_, AuditError>(entity(n, "whole")));
                audit.add_snapshot(&commit(&[], 1), whole).map(Some)
            } else {
                let rows = [row(u128::from(seq % 9), &format!("at {seq}"), seq)];
                audit.add(&commit(&rows, seq))
            };
            let flushed = added.and_then(|_| match seq % 2 {
                0 => audit
                    .flush()
                    .and_then(|()| audit.compact(&|| false).map(|_| ())),
                _ => Ok(()),
            });
            if flushed.is_err() {
                refused += 1;
                assert!(refused < 3, "{at}: fails again and again");
                audit.discard();
                seq = audit.last_seq();
            }
            seq += 1;
        }
        sound(dir.path());
        assert_eq!(commits(dir.path()), expected, "{at}");
    }
}
