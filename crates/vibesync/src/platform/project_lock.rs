//! The lock of a project: at most one daemon serves a project.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::time::Duration;

use vibesync_scene::Code;

use super::project::Project;
use crate::error::Error;

/// Number of further tries of [`acquire_patiently`], and the pause after each.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(50);

/// The holder of a project's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// No process.
    Free,
    /// A process; none if its id cannot be read.
    Taken(Option<u32>),
}

/// A lock that this process holds. The operating system releases it when the process ends for any reason.
#[derive(Debug)]
pub struct ProjectLock {
    _file: File,
}

/// Takes the lock for this process. Fails with VS-6002 if another process holds it. The folder must exist.
pub fn acquire(project: &Project) -> Result<ProjectLock, Error> {
    let path = project.lock_file();
    let failed = |error| Error::io(Code::ProjectTaken, &path, "lock it", error);
    let options = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path);
    let mut file = options.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let message = match read_pid(project) {
                Some(pid) => format!("process {pid} serves this project"),
                None => "another process serves this project".to_owned(),
            };
            let location = project.root().display();
            return Err(Error::new(Code::ProjectTaken, location, message));
        }
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    write_pid(project, &mut file).map_err(failed)?;
    Ok(ProjectLock { _file: file })
}

/// Writes the process id, which is for people; the lock is the system's. A half-written id is read as unknown.
///
/// Nobody can read a file that is locked on Windows, so the id is in a file of its own there.
fn write_pid(project: &Project, file: &mut File) -> std::io::Result<()> {
    let line = format!("{}\n", std::process::id());
    if cfg!(windows) {
        return File::create(pid_file(project))?.write_all(line.as_bytes());
    }
    file.set_len(0)?;
    file.write_all(line.as_bytes())
}

fn pid_file(project: &Project) -> PathBuf {
    let lock = project.lock_file();
    match cfg!(windows) {
        true => lock.with_extension("pid"),
        false => lock,
    }
}

/// Returns the process that holds the lock now.
pub fn holder(project: &Project) -> Result<Holder, Error> {
    let path = project.lock_file();
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Holder::Free),
        Err(error) => return Err(Error::io(Code::ProjectTaken, &path, "read it", error)),
    };
    match file.try_lock_shared() {
        Ok(()) => Ok(Holder::Free),
        Err(TryLockError::WouldBlock) => Ok(Holder::Taken(read_pid(project))),
        Err(TryLockError::Error(error)) => Err(Error::io(
            Code::ProjectTaken,
            &path,
            "look at its lock",
            error,
        )),
    }
}

/// Does the same as [`acquire`], and waits a moment if the lock is taken. A process that looks at the lock holds it meanwhile.
pub fn acquire_patiently(project: &Project) -> Result<ProjectLock, Error> {
    for _ in 0..TRIES {
        match acquire(project) {
            Err(error) if error.code == Code::ProjectTaken => std::thread::sleep(PAUSE),
            other => return other,
        }
    }
    acquire(project)
}

/// Runs `action` while no process can take the lock. Returns none without running it if a process holds the lock.
pub fn while_free<T>(
    project: &Project,
    action: impl FnOnce() -> T,
) -> Result<Option<T>, std::io::Error> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .open(project.lock_file())?;
    match file.try_lock_shared() {
        Ok(()) => Ok(Some(action())),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn read_pid(project: &Project) -> Option<u32> {
    let text = std::fs::read_to_string(pid_file(project)).ok()?;
    text.strip_suffix('\n')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_lock_of_a_project_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        project.create().unwrap();
        assert_eq!(holder(&project).unwrap(), Holder::Free);
        let lock = acquire(&project).unwrap();
        let refused = acquire(&project).unwrap_err();
        assert_eq!(refused.code, Code::ProjectTaken);
        let pid = std::process::id();
        assert!(refused.message.contains(&pid.to_string()), "{refused}");
        assert_eq!(holder(&project).unwrap(), Holder::Taken(Some(pid)));
        drop(lock);
        assert_eq!(holder(&project).unwrap(), Holder::Free);
        acquire(&project).unwrap();
    }

    #[test]
    fn start_waits_for_a_look_at_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        project.create().unwrap();
        let (looking, looks) = std::sync::mpsc::sync_channel(0);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let looked = while_free(&project, || {
                    looking.send(()).unwrap();
                    std::thread::sleep(PAUSE);
                });
                assert_eq!(looked.unwrap(), Some(()));
            });
            looks.recv().unwrap();
            let lock = acquire_patiently(&project).unwrap();
            assert_eq!(while_free(&project, || ()).unwrap(), None);
            drop(lock);
        });
    }
}
