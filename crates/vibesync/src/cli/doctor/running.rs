//! Checks the files that editors and commands need to reach a daemon, and the daemon itself.

use vibesync_scene::Code;

use super::finding::Finding;
use crate::cli::connect::connect;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_list::ProjectList;
use crate::platform::project_lock::{self, Holder};
use crate::platform::runtime_folder::RuntimeFolder;

pub(super) fn folder() -> Result<Finding, Error> {
    let folder = RuntimeFolder::from_env()?;
    let location = folder.path().display().to_string();
    if !folder.path().exists() {
        let text = format!("{location}; the first run creates it");
        return Ok(Finding::ok("runtime", text));
    }
    folder.check()?;
    Ok(Finding::ok("runtime", location))
}

pub(super) fn token() -> Result<Finding, Error> {
    let folder = RuntimeFolder::from_env()?;
    if !folder.token_path().exists() {
        return Ok(Finding::ok("token", "none yet; the first run creates it"));
    }
    folder.token()?;
    Ok(Finding::ok("token", "only its user can read it"))
}

pub(super) fn lock(project: &Project) -> Result<Finding, Error> {
    let text = match project_lock::holder(project)? {
        Holder::Free => "free: no daemon serves this project".to_owned(),
        Holder::Taken(Some(pid)) => format!("held by process {pid}"),
        Holder::Taken(None) => "held by an unknown process".to_owned(),
    };
    Ok(Finding::ok("lock", text))
}

pub(super) fn daemon(project: &Project) -> Result<Finding, Error> {
    let is_running = project_lock::holder(project)? != Holder::Free;
    match connect(project).and_then(|mut client| client.status()) {
        Ok(status) => {
            let text = format!("answers; the log is at sequence {}", status.head_seq);
            Ok(Finding::ok("daemon", text))
        }
        Err(error) if is_running => Err(error),
        Err(error) => Ok(Finding::warning("daemon", Code::NoDaemon, error.message)),
    }
}

/// Tells about the service. All of it is information: a daemon may be started by hand.
pub(super) fn service(project: &Project) -> Result<Finding, Error> {
    let installed = crate::cli::service::is_installed().unwrap_or(false);
    let report = crate::cli::projects::service();
    let runs = match &report {
        Ok(Some(report)) => format!("runs (process {})", report.pid),
        Ok(None) => "does not run".to_owned(),
        // A file of another version must not make `doctor` fail for those who start daemons by hand.
        Err(error) => format!("cannot be read: {error}"),
    };
    let is_listed = ProjectList::of_user()?.holds(project.root());
    let text = format!(
        "{}installed, {runs}; this project is {}in its list",
        if installed { "" } else { "not " },
        if is_listed { "" } else { "not " },
    );
    Ok(Finding::ok("service", text))
}
