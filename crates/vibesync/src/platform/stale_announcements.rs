//! Removes discovery files that a crash has left, so that no editor offers a project which nobody serves.

use std::path::Path;

use vibesync_protocol::discovery::Discovery;
use vibesync_scene::ProjectId;

use super::project::Project;
use super::project_lock;
use super::runtime_folder::RuntimeFolder;
use super::runtime_folders::RuntimeFolders;

/// Maximum number of files that are looked at in a folder.
const MAX_FILES: usize = 1_000;

/// Removes what an earlier supervisor has left of sleeping daemons. The caller holds the supervisor's lock.
pub fn remove_asleep(folders: &RuntimeFolders) {
    for place in folders.all() {
        let asleep = announced(place).into_iter().filter(|found| found.asleep);
        asleep.for_each(|found| remove_file(&place.discovery_path(found.project_id)));
    }
}

/// Removes what daemons have left that do not run any more, on a thread of its own: a project may be on a share that
/// does not answer, and then the thread waits, not the caller.
pub fn remove_unserved_soon(folders: RuntimeFolders) {
    let thread = std::thread::Builder::new().name("stale announcements".to_owned());
    if let Err(error) = thread.spawn(move || remove_unserved(&folders)) {
        tracing::warn!("the announcements of daemons that crashed stay: {error}");
    }
}

/// Removes each announcement for which no process holds the lock of the project.
fn remove_unserved(folders: &RuntimeFolders) {
    for place in folders.all() {
        let awake = announced(place).into_iter().filter(|found| !found.asleep);
        awake.for_each(|found| {
            remove_unless_served(&found, &place.discovery_path(found.project_id));
        });
    }
}

fn remove_unless_served(found: &Discovery, path: &Path) {
    let project = Project::new(&found.project_root);
    if !project.home().is_dir() {
        return remove_file(path);
    }
    // A daemon takes the lock before it writes its file. An error tells nothing, so the file stays.
    if let Err(error) = project_lock::while_free(&project, || remove_file(path)) {
        tracing::debug!(path = %path.display(), "the announcement stays: {error}");
    }
}

/// Returns the discovery files that can be read.
fn announced(place: &RuntimeFolder) -> Vec<Discovery> {
    let Ok(entries) = std::fs::read_dir(place.path()) else {
        return Vec::new();
    };
    let names = entries.flatten().take(MAX_FILES).map(|entry| entry.path());
    let ids = names.filter_map(|path| {
        let is_json = path
            .extension()
            .is_some_and(|extension| extension == "json");
        let id = path.file_stem()?.to_str()?.parse().ok()?;
        is_json.then_some(ProjectId(id))
    });
    ids.filter_map(|id| {
        place
            .discover(id)
            .ok()
            .flatten()
            .filter(|it| it.project_id == id)
    })
    .collect()
}

fn remove_file(path: &Path) {
    match std::fs::remove_file(path) {
        Ok(()) => tracing::info!(path = %path.display(), "removed: its daemon does not run"),
        Err(error) => tracing::debug!(path = %path.display(), "the announcement stays: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use vibesync_scene::Uuid;

    use super::*;

    #[test]
    fn announcements_of_dead_daemons_are_removed() {
        let temporary = tempfile::tempdir().unwrap();
        let place = |name| RuntimeFolder::new(temporary.path().join(name));
        let mut folders = RuntimeFolders::new(place("run"), vec![place("home")]);
        folders.prepare().unwrap();
        let served = Project::new(temporary.path().join("served"));
        let crashed = Project::new(temporary.path().join("crashed"));
        let gone = Project::new(temporary.path().join("gone"));
        served.create().unwrap();
        crashed.create().unwrap();
        let _lock = project_lock::acquire(&served).unwrap();
        let announce = |project: &Project, asleep: bool| {
            let id = ProjectId(Uuid::now_v7());
            let root = project.root();
            let made = match asleep {
                true => folders.announce_asleep(id, root, 1),
                false => folders.announce(id, root, 1),
            };
            made.unwrap()
                .into_iter()
                .for_each(super::super::runtime_folder::Announcement::leave);
            id
        };
        let ids = [
            announce(&served, false),
            announce(&crashed, false),
            announce(&gone, false),
            announce(&crashed, true),
        ];
        let left = || {
            ids.map(|id| {
                folders
                    .all()
                    .filter(|place| place.discovery_path(id).exists())
                    .count()
            })
        };
        remove_unserved(&folders);
        assert_eq!(left(), [2, 0, 0, 2]);
        remove_asleep(&folders);
        assert_eq!(left(), [2, 0, 0, 0]);
    }
}
