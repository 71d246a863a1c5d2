//! What editors and commands need to reach a daemon.

use vibesync_scene::Code;

use super::Finding;
use crate::command::status;
use crate::error::Error;
use crate::project::{Holder, Project};
use crate::runtime::RuntimeFolder;

pub(super) fn folder() -> Result<Finding, Error> {
    let folder = RuntimeFolder::from_env()?;
    let location = folder.path().display().to_string();
    if !folder.path().exists() {
        return Ok(Finding::ok(
            "runtime",
            format!("{location}; the first run makes it"),
        ));
    }
    folder.check()?;
    Ok(Finding::ok("runtime", location))
}

pub(super) fn token() -> Result<Finding, Error> {
    let folder = RuntimeFolder::from_env()?;
    if !folder.token_path().exists() {
        return Ok(Finding::ok("token", "none yet; the first run makes it"));
    }
    folder.token()?;
    Ok(Finding::ok("token", "readable by its user alone"))
}

pub(super) fn lock(project: &Project) -> Result<Finding, Error> {
    let text = match project.holder()? {
        Holder::Free => "free: no daemon serves this project".to_owned(),
        Holder::Taken(Some(pid)) => format!("held by process {pid}"),
        Holder::Taken(None) => "held by a process that cannot be named".to_owned(),
    };
    Ok(Finding::ok("lock", text))
}

pub(super) fn daemon(project: &Project) -> Result<Finding, Error> {
    let folder = RuntimeFolder::from_env()?;
    let is_running = project.holder()? != Holder::Free;
    match status::ask(project, &folder) {
        Ok(status) => {
            let head = status.head_seq;
            Ok(Finding::ok(
                "daemon",
                format!("answers; its log is at sequence {head}"),
            ))
        }
        Err(error) if is_running => Err(error),
        Err(error) => Ok(Finding::warn("daemon", Code::NoDaemon, error.message)),
    }
}
