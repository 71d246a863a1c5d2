//! Opens the registry for commands, while no daemon uses it.

use std::path::Path;

use vibesync_scene::Code;
use vibesync_store::registry::{Registry, RegistryError};

use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder, ProjectLock};

/// Opens the registry, and takes the lock that keeps a daemon from opening it too. Returns none if there is no registry.
pub(super) fn open(project: &Project) -> Result<Option<(Registry, ProjectLock)>, Error> {
    let path = project.registry();
    if !path.exists() {
        return Ok(None);
    }
    let lock = project_lock::acquire(project)?;
    let registry = Registry::read(&path).map_err(|error| coded(&path, error))?;
    Ok(registry.map(|registry| (registry, lock)))
}

/// Fails with VS-6002 while a daemon runs.
pub(super) fn refuse_if_used(project: &Project) -> Result<(), Error> {
    match project_lock::holder(project)? {
        Holder::Free => Ok(()),
        Holder::Taken(pid) => {
            let pid = pid.map_or_else(String::new, |pid| format!(" (process {pid})"));
            let message = format!("the running daemon{pid} uses the registry");
            let help = "Run `vibesync stop` first. The daemon itself compares the registry with the log at every start.";
            let location = project.registry();
            Err(Error::new(Code::ProjectTaken, location.display(), message).with_help(help))
        }
    }
}

/// Adds the folder of the registry as location to an error.
pub(super) fn coded(path: &Path, error: RegistryError) -> Error {
    Error::from_source(error.code(), path.display(), error)
}
