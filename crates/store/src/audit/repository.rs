//! Creates the repository, and opens it with libgit2.

use std::path::Path;

use git2::{Odb, Repository};

use super::branch::BRANCH;
use super::error::AuditError;
use crate::disk::{Access, Disk, WithContext};
use crate::durable;

/// Most characters of the repository's path with which libgit2 opens it on Windows. It adds `.git/` and the longest name
/// of a pack, and refuses more than 260, whatever the setting `core.longpaths` says.
const MAX_LENGTH: usize = 180;

/// Opens the repository at `root`. Below a long path on Windows, libgit2 gets nothing but its objects: they are all that
/// it reads.
pub(super) fn open(root: &Path) -> Result<Repository, AuditError> {
    match cfg!(windows) && root.to_string_lossy().chars().count() > MAX_LENGTH {
        true => open_objects(root),
        false => Ok(Repository::open(root)?),
    }
}

fn open_objects(root: &Path) -> Result<Repository, AuditError> {
    let objects = root.join(".git").join("objects");
    let Some(path) = objects.to_str() else {
        let why = "its path is not Unicode".to_owned();
        return Err(AuditError::Content(why));
    };
    let odb = Odb::new()?;
    odb.add_disk_alternate(path)?;
    Ok(Repository::from_odb(odb)?)
}

/// Creates an empty repository: the files without which git recognizes none. `settings` are added to its own.
pub(super) fn create(disk: &dyn Disk, git: &Path, settings: &str) -> Result<(), AuditError> {
    for name in ["objects/pack", "objects/info", "refs/heads", "info"] {
        let dir: std::path::PathBuf = git.join(name).components().collect();
        disk.create_dir(&dir).with_context("create folder", &dir)?;
    }
    let system = match std::env::consts::FAMILY {
        "windows" => "\tfilemode = false\n\tsymlinks = false\n\tignorecase = true\n",
        _ => "\tfilemode = true\n",
    };
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tlogallrefupdates = true\n{system}{settings}"
    );
    let head = format!("ref: {BRANCH}\n");
    for (name, content) in [("config", config), ("HEAD", head)] {
        durable::write_on(disk, &git.join(name), content.as_bytes(), Access::Default)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;
    use vibesync_scene::{Phase, ProjectId};

    use super::*;
    use crate::audit::{Audit, AuditCommit, History};
    use crate::disk::RealDisk;

    /// As below a long path on Windows.
    #[test]
    fn objects_alone_give_commits_and_their_differences() {
        let dir = tempfile::tempdir().unwrap();
        let project = ProjectId(Uuid::from_u128(1));
        let mut audit = Audit::open(Arc::new(RealDisk), dir.path(), project).unwrap();
        for seq in 1..3 {
            let commit = AuditCommit {
                rows: &[],
                operation_id: None,
                seq,
                chain_hash: blake3::hash(b""),
                phase: Phase::Commit,
                label: "Nothing",
                origin: None,
                agent: None,
                timestamp: "2026-01-02T03:04:05Z",
            };
            audit.commit(&commit).unwrap();
        }
        let repository = open_objects(dir.path()).unwrap();
        let history = History::new(repository, dir.path());
        let commits: Vec<_> = history.log().unwrap().map(Result::unwrap).collect();
        assert_eq!(commits.len(), 2);
        let [new, old] = [0, 1].map(|at| commits[at].commit.as_str());
        assert_eq!(history.diff(old, new).unwrap(), []);
        assert!(history.find(&new[..8]).unwrap().is_some());
        assert_eq!(history.entities(new).unwrap(), []);
    }
}
