//! Makes a folder a project: finishes an interrupted recovery, then reads or creates the identity.

use vibesync_scene::{Code, ProjectId};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover;

use super::project::Project;
use super::project_lock;
use crate::error::Error;

/// Returns the id of the project. Creates it if it is missing and no process holds the lock.
pub fn establish(project: &Project) -> Result<ProjectId, Error> {
    if let Some(id) = project.id()? {
        return Ok(id);
    }
    project.create_home()?;
    let _lock = project_lock::acquire_patiently(project)?;
    finish_recovery(&RealDisk, project)?;
    project.create()
}

/// Finishes a recovery that was interrupted. Until then the folders of the project are not in place. The caller holds
/// the lock.
pub fn finish_recovery(disk: &dyn Disk, project: &Project) -> Result<(), Error> {
    let home = project.home();
    let finished = recover::finish(disk, &home)
        .map_err(|error| Error::from_source(error.code(), home.display(), error))?;
    if let Some(plan) = finished {
        tracing::warn!(
            kept = plan.kept,
            "a recovery that was interrupted is finished"
        );
    }
    Ok(())
}

/// Fails unless a daemon can serve the folder as a project of its own, beside those that are `listed`.
pub fn check_place(project: &Project, listed: &[std::path::PathBuf]) -> Result<(), Error> {
    let root = project.root();
    let refused = |message: String, help: &str| {
        Err(Error::new(Code::ConfigInvalid, root.display(), message).with_help(help))
    };
    let nearest = super::project::find(root);
    if nearest != root {
        let message = format!("the folder is inside of the project {}", nearest.display());
        return refused(message, "Add the folder of that project instead.");
    }
    let real = |path: &std::path::Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let ours = real(root);
    for other in listed {
        let theirs = real(other);
        if ours.starts_with(&theirs) {
            let message = format!("the folder is inside of the project {}", other.display());
            return refused(
                message,
                "Nothing to do: that project holds the files here too.",
            );
        }
        if theirs.starts_with(&ours) {
            let message = format!("the folder holds the project {}", other.display());
            let help = "Name a folder beside it, or remove that project first.";
            return refused(message, help);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identity_is_established_once() {
        let folder = tempfile::tempdir().unwrap();
        let project = Project::new(folder.path());
        let id = establish(&project).unwrap();
        assert_eq!(establish(&project).unwrap(), id);
        let _lock = project_lock::acquire(&project).unwrap();
        assert_eq!(establish(&project).unwrap(), id, "needs no lock any more");
    }

    #[test]
    fn project_inside_or_around_another_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = |name: &str| {
            let root = folder.path().join(name);
            std::fs::create_dir_all(&root).unwrap();
            root
        };
        let listed = [root("a/robot")];
        let check = |name: &str| check_place(&Project::new(root(name)), &listed);
        check("a/robot 2").unwrap();
        for (name, word) in [("a", "holds"), ("a/robot/art", "inside")] {
            let refused = check(name).unwrap_err();
            assert_eq!(refused.code, Code::ConfigInvalid);
            assert!(refused.message.contains(word), "{refused}");
        }
        root("b/.vibesync");
        assert!(check("b/deep").unwrap_err().message.contains("inside"));
    }
}
