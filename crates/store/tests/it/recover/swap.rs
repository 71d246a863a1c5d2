//! Power loss at every operation of a recovery: the project is as before, or the recovery can be finished.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::EpochId;
use vibesync_store::backup::{Archive, write};
use vibesync_store::disk::Disk;
use vibesync_store::recover::{
    Folders, Request, Source, Survey, finish, load, recover, restore, unfinished,
};
use vibesync_store::wal::verify;
use vibesync_testkit::{Fault, FaultDisk, Tear};

use crate::sample::{PROJECT, dir, fill, open};

const BACKUP: &str = "/backups/robot.tar";
const OLD_PROJECT: &[u8] = b"old";
const NEW_PROJECT: &[u8] = b"new";

fn home() -> PathBuf {
    PathBuf::from("/p")
}

fn folders() -> Folders {
    Folders {
        wal: dir(),
        checkpoints: home().join("checkpoints"),
        registry: home().join("no registry"),
        blobs: home().join("blobs"),
        audit: None,
    }
}

fn request<'a>(home: &'a Path) -> Request<'a> {
    Request {
        home,
        who: "ada",
        why: "the disk",
        source: "log".into(),
        epoch: EpochId(vibesync_scene::Uuid::from_u128(1)),
        project_file: "new",
        now: SystemTime::UNIX_EPOCH,
    }
}

/// A project whose log is damaged in record 16, with a backup of the time before if `log_is_lost`; its log is gone then.
fn project(seed: u64, log_is_lost: bool) -> FaultDisk {
    let disk = FaultDisk::new(seed, Tear::Garbage);
    let (mut wal, ..) = open(&disk, 4_000).unwrap();
    fill(&mut wal, 10).unwrap();
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let none = home().join("none");
    let backup = vibesync_store::backup::Request {
        wal: &dir(),
        checkpoints: &none,
        blobs: &none,
        project_id: PROJECT,
        project_file: OLD_PROJECT,
        durable: Some(21),
        program: "0.1.0",
        time: SystemTime::UNIX_EPOCH,
        target: BACKUP.as_ref(),
    };
    write(&shared, &backup).unwrap();
    drop(wal);
    disk.put(&home().join("project.json"), OLD_PROJECT);
    disk.create_dir(&home().join("registry")).unwrap();
    disk.put(&home().join("registry/db"), b"sled");
    if log_is_lost {
        for name in disk.list(&dir()).unwrap() {
            disk.remove(&dir().join(name)).unwrap();
        }
        disk.sync_dir(&dir()).unwrap();
        disk.remove_dir(&dir()).unwrap();
        disk.sync_dir(&home()).unwrap();
    } else {
        let names = disk.list(&dir()).unwrap();
        assert!(disk.flip(&dir().join(&names[3]), 300, 0));
    }
    disk
}

type Work = fn(&FaultDisk) -> Result<(), vibesync_store::recover::RecoverError>;

fn recover_log(disk: &FaultDisk) -> Result<(), vibesync_store::recover::RecoverError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let home = home();
    finish(disk, &home)?;
    let survey = Survey::take(&shared, &folders(), None)?;
    let loaded = load(&shared, &folders(), &Source::Log)?;
    recover(&shared, &request(&home), &survey, loaded)?;
    Ok(())
}

fn restore_backup(disk: &FaultDisk) -> Result<(), vibesync_store::recover::RecoverError> {
    let shared: Arc<dyn Disk> = Arc::new(disk.clone());
    let home = home();
    finish(disk, &home)?;
    let archive = Archive::open(Arc::clone(&shared), BACKUP.as_ref())?;
    archive.verify()?;
    let survey = Survey::take(&shared, &folders(), None)?;
    restore(&shared, &request(&home), &survey, &folders(), &archive)?;
    Ok(())
}

/// Checks the files after a recovery, finished or not. Returns whether it has happened.
fn check(disk: &FaultDisk, case: &str) -> bool {
    let planned = unfinished(disk, &home()).unwrap().is_some();
    let finished = finish(disk, &home()).unwrap_or_else(|error| panic!("{case}: {error}"));
    assert_eq!(finished.is_some(), planned, "{case}");
    let project_file = disk.bytes(&home().join("project.json"));
    let project_file = project_file.unwrap_or_else(|| panic!("{case}: {:?}", disk.files()));
    let is_new = project_file == NEW_PROJECT;
    assert!(is_new || !planned, "{case}");
    let leftovers = disk.list(&home()).unwrap();
    assert!(
        !leftovers
            .iter()
            .any(|name| name.contains("recover") && name != "recovered"),
        "{case}: {leftovers:?}"
    );
    if is_new {
        // A recovery that was not decided may have left a folder without the registry.
        let all = disk.list(&home().join("recovered")).unwrap();
        let kept = all.iter().map(|name| home().join("recovered").join(name));
        let mut kept = kept.filter(|kept| disk.bytes(&kept.join("registry/db")).is_some());
        let project_file = kept
            .next()
            .and_then(|kept| disk.bytes(&kept.join("project.json")));
        assert_eq!(project_file.as_deref(), Some(OLD_PROJECT), "{case}");
        let found = verify(disk, &dir()).unwrap_or_else(|error| panic!("{case}: {error}"));
        assert!(found.tip.seq > 0, "{case}: the new log is not in its place");
    } else {
        assert!(disk.bytes(&home().join("registry/db")).is_some(), "{case}");
    }
    is_new
}

fn crash_everywhere(work: Work, log_is_lost: bool) {
    let count = {
        let disk = project(0, log_is_lost);
        let before = disk.operations();
        work(&disk).unwrap();
        assert!(check(&disk, "no crash"));
        disk.operations() - before
    };
    let (mut old, mut new) = (0, 0);
    for at in 0..count {
        for seed in 0..4 {
            let case = format!("operation {at}, seed {seed}");
            let disk = project(seed, log_is_lost);
            let before = disk.list(&dir()).unwrap();
            disk.fail(disk.operations() + at, Fault::Crash);
            if work(&disk).is_ok() {
                continue;
            }
            disk.reboot();
            // The next command or start may be interrupted, too.
            if seed % 2 == 0 {
                disk.fail(disk.operations() + seed, Fault::Crash);
                let _ = finish(&disk, &home());
                disk.reboot();
            }
            match check(&disk, &case) {
                true => new += 1,
                false => {
                    old += 1;
                    assert_eq!(disk.list(&dir()).unwrap(), before, "{case}");
                    work(&disk).unwrap_or_else(|error| panic!("{case}: {error}"));
                    assert!(check(&disk, &case));
                }
            }
        }
    }
    assert!(old > 0 && new > 0, "{old} and {new}");
}

#[test]
fn recovery_survives_a_crash_at_any_operation() {
    crash_everywhere(recover_log, false);
}

#[test]
fn restore_survives_a_crash_at_any_operation() {
    crash_everywhere(restore_backup, false);
}

#[test]
fn restore_without_a_log_survives_a_crash_at_any_operation() {
    crash_everywhere(restore_backup, true);
}

#[test]
fn unfinished_recovery_with_a_damaged_plan_is_refused() {
    let disk = project(0, false);
    disk.put(&home().join("recovery.json"), b"{");
    let error = finish(&disk, &home()).unwrap_err();
    assert!(error.to_string().contains("recovery.json"), "{error}");
    assert!(disk.bytes(&home().join("recovery.json")).is_some());
}

#[test]
fn restored_log_goes_on_if_nothing_is_ahead_of_the_backup() {
    let disk = project(0, true);
    let old = {
        let archive = Archive::open(Arc::new(disk.clone()), BACKUP.as_ref()).unwrap();
        archive.read("wal/00000000000000000001.jsonl").unwrap()
    };
    restore_backup(&disk).unwrap();
    let path = dir().join("00000000000000000001.jsonl");
    assert_eq!(disk.bytes(&path).unwrap(), old);
    assert_eq!(verify(&disk, &dir()).unwrap().tip.seq, 22);
}
