//! `vibesync service`: the supervisor, and its registration with the system.

use std::io::Write;

use etcetera::BaseStrategy;
use serde_json::json;
use vibesync_protocol::discovery::Os;
use vibesync_scene::Code;

use super::projects;
use super::result::{CommandResult, ExitStatus};
use super::service_args::ServiceCommand;
use super::text::Sanitized;
use crate::error::Error;
use crate::platform::project_list::ProjectList;
use crate::platform::runtime_folders::RuntimeFolders;
use crate::platform::{telemetry, user_folders};
use crate::registration::{self, Place};
use crate::supervisor;
use crate::supervisor::report::ServiceFiles;

/// Runs one command. Writes its output to `out`.
pub fn run(is_verbose: bool, command: &ServiceCommand, out: &mut impl Write) -> CommandResult {
    let (steps, dry_run): (fn(&Place) -> Vec<_>, bool) = match command {
        ServiceCommand::Run => {
            supervisor::run(is_verbose)?;
            return Ok(ExitStatus::Ok);
        }
        ServiceCommand::Status { json } => return status(*json, out),
        ServiceCommand::Install { dry_run } => (registration::install, *dry_run),
        ServiceCommand::Remove { dry_run } => (registration::remove, *dry_run),
    };
    let _telemetry = telemetry::to_terminal(is_verbose);
    let steps = steps(&place()?);
    registration::perform(&steps, &files()?, dry_run, out)?;
    Ok(ExitStatus::Ok)
}

fn status(json: bool, out: &mut impl Write) -> CommandResult {
    let installed = registration::installed(&place()?);
    let report = files()?.running()?;
    let log = user_folders::log()?;
    let exit = match report {
        Some(_) => ExitStatus::Ok,
        None => ExitStatus::ProblemFound,
    };
    if json {
        let page = json!({"installed": installed, "log": log, "service": report});
        writeln!(out, "{page:#}")?;
        return Ok(exit);
    }
    match installed {
        Some(place) => writeln!(out, "installed  {place}")?,
        None => writeln!(out, "installed  no: vibesync service install")?,
    }
    match &report {
        Some(it) => writeln!(
            out,
            "runs       process {}, version {}, {}",
            it.pid,
            Sanitized(&it.version),
            it.program.display()
        )?,
        None => writeln!(out, "runs       no")?,
    }
    writeln!(out, "log        {}", log.display())?;
    let list = ProjectList::of_user()?;
    let error = report
        .as_ref()
        .and_then(|report| report.list_error.as_ref());
    if let Some(error) = error {
        let error = error.to_string();
        writeln!(
            out,
            "projects   the list is not used: {}",
            Sanitized(&error)
        )?;
    }
    writeln!(out)?;
    projects::print(&list.read()?, report.as_ref(), false, out)?;
    Ok(exit)
}

fn files() -> Result<ServiceFiles, Error> {
    Ok(ServiceFiles::new(
        RuntimeFolders::from_env()?.first().path(),
    ))
}

/// Returns the places of this user.
pub(super) fn place() -> Result<Place, Error> {
    let unknown = |what: &str, error: &dyn std::fmt::Display| {
        let message = format!("{what} is not known: {error}");
        Error::new(Code::ServiceUnavailable, "", message)
    };
    let program = std::env::current_exe();
    let folders = etcetera::choose_base_strategy();
    let folders = folders.map_err(|error| unknown("the home folder", &error))?;
    Ok(Place {
        os: Os::CURRENT,
        program: program.map_err(|error| unknown("the path of the program", &error))?,
        home: folders.home_dir().to_owned(),
        config: folders.config_dir(),
        #[cfg(unix)]
        uid: rustix::process::getuid().as_raw(),
        #[cfg(not(unix))]
        uid: 0,
    })
}
