//! Tests of files that another program holds open for a moment, as a virus scanner does.

use std::fs::OpenOptions;
use std::os::windows::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use vibesync_scene::{ProjectId, Uuid};
use vibesync_store::durable;

use super::project::Project;
use super::runtime_folder::{RuntimeFolder, Secret};
use crate::config::Settings;

/// Runs `action` while another thread has the file open and shares it with nobody, for a moment.
fn while_held<T>(path: &Path, action: impl FnOnce() -> T) -> T {
    let file = OpenOptions::new()
        .read(true)
        .share_mode(0)
        .open(path)
        .unwrap();
    assert_eq!(std::fs::read(path).unwrap_err().raw_os_error(), Some(32));
    let holder = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(150));
        drop(file);
    });
    let done = action();
    holder.join().unwrap();
    done
}

#[test]
fn identity_is_read_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let project = Project::new(folder.path());
    let id = project.create().unwrap();
    let path = project.home().join("project.json");
    assert_eq!(while_held(&path, || project.id()).unwrap(), Some(id));
    let epoch = vibesync_scene::EpochId(Uuid::now_v7());
    while_held(&path, || project.record_epoch(id, epoch)).unwrap();
    assert_eq!(project.epoch().unwrap(), Some(epoch));
}

#[test]
fn settings_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join(".vibesync");
    std::fs::create_dir_all(&home).unwrap();
    let path = home.join("vibesync.toml");
    durable::write(&path, b"[wal]\r\nkeep_days = 7\r\n").unwrap();
    let settings = while_held(&path, || Settings::load(folder.path().to_owned())).unwrap();
    assert!(settings.files.contains(&path));
}

#[test]
fn secret_and_announcement_are_read_replaced_and_removed() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = RuntimeFolder::new(temporary.path().join("run"));
    folder.create().unwrap();
    folder.token_or_create(Secret::User).unwrap();
    while_held(&folder.token_path(Secret::User), || {
        folder.token(Secret::User)
    })
    .unwrap();
    let project = ProjectId(Uuid::now_v7());
    let announcement = folder.announce(project, Path::new("C:\\robot"), 1).unwrap();
    let path = folder.discovery_path(project);
    while_held(&path, || folder.discover(project)).unwrap();
    drop(announcement);
    let announcement = folder.announce(project, Path::new("C:\\robot"), 2).unwrap();
    while_held(&path, || drop(announcement));
    assert!(!path.exists());
}
