//! Steps that `recover` and `restore` share.

use std::io::Write;
use std::sync::Arc;

use vibesync_scene::{Code, EpochId, ProjectId, Replay, Uuid};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover::{self, Folders, RecoverError};

use crate::cli::result::Failure;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, ProjectLock};
use crate::platform::recorded_identity::id_in_audit;

/// Takes the lock, so that no daemon runs meanwhile. Creates the folder that holds it.
pub(in crate::cli) fn lock(project: &Project) -> Result<ProjectLock, Error> {
    project.create_home()?;
    project_lock::acquire(project)
}

/// Finishes a recovery that was interrupted, and says so.
pub(in crate::cli) fn finish_interrupted(
    disk: &Arc<dyn Disk>,
    project: &Project,
    out: &mut impl Write,
) -> Result<(), Failure> {
    let finished = recover::finish(&**disk, &project.home());
    if let Some(plan) = finished.map_err(|error| coded(project, error))? {
        writeln!(
            out,
            "a recovery that was interrupted is now finished; the replaced files are in .vibesync/{}\n",
            plan.kept
        )?;
    }
    Ok(())
}

/// Fails if a recovery was interrupted: the files of the project are not in place.
pub(in crate::cli) fn refuse_unfinished(project: &Project) -> Result<(), Error> {
    let home = project.home();
    let unfinished = recover::unfinished(&RealDisk, &home).map_err(|it| coded(project, it))?;
    match unfinished {
        None => Ok(()),
        Some(_) => {
            let why = "a recovery was interrupted; `vibesync recover` or a start of the daemon finishes it";
            Err(Error::new(Code::LogDamaged, home.display(), why))
        }
    }
}

/// Returns the folders that may hold the state of the project. The audit of another project does not count.
pub(in crate::cli) fn folders(project: &Project) -> Result<Folders, Error> {
    let (id, audited) = (project.id()?, id_in_audit(&project.audit()));
    let is_other = id.is_some() && audited.is_some() && id != audited;
    Ok(Folders {
        wal: project.wal(),
        checkpoints: project.checkpoints(),
        registry: project.registry(),
        blobs: project.blobs(),
        audit: (!is_other).then(|| project.audit()),
    })
}

/// Returns the id of the project, from `project.json` or from the state that is recovered.
pub(super) fn project_id(project: &Project, state: &Replay) -> Result<ProjectId, Error> {
    let known = project.id()?.or(state.project_id);
    let known = known.or_else(|| id_in_audit(&project.audit()));
    known.ok_or_else(|| {
        let why = "project.json is missing, and the state does not name the project";
        Error::new(Code::ConfigInvalid, project.home().display(), why)
    })
}

/// Returns a new id for the epoch that a recovery begins.
pub(in crate::cli) fn new_epoch() -> EpochId {
    EpochId(Uuid::now_v7())
}

/// Adds the folder of the project as location to an error.
pub(in crate::cli) fn coded(project: &Project, error: RecoverError) -> Error {
    Error::from_source(error.code(), project.home().display(), error)
}
