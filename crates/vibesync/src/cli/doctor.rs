//! `vibesync doctor`: runs checks and prints one line for each. Later checks depend on earlier ones.

mod audit;
mod blobs;
mod disk;
mod finding;
mod running;
mod stored;

use std::io::Write;
use std::path::PathBuf;

use finding::{Finding, Severity};
use vibesync_store::disk::RealDisk;
use vibesync_store::recover;

use super::result::{CommandResult, ExitStatus};
use crate::config::Settings;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::runtime_folder::Secret;

/// Runs all checks; with `deep`, reads all bulk data. Returns [`ExitStatus::ProblemFound`] if a check fails; warnings do not count.
pub fn run(root: PathBuf, deep: bool, json: bool, out: &mut impl Write) -> CommandResult {
    let project = Project::new(&root);
    let mut worst = Severity::Ok;
    let mut report = |finding: Finding| {
        worst = worst.max(finding.severity);
        match json {
            true => writeln!(out, "{}", finding.json()),
            false => writeln!(out, "{finding}"),
        }
    };
    report(Finding::from_result("settings", settings(root)))?;
    report(Finding::from_result("project", identity(&project)))?;
    report(Finding::from_result("runtime", running::folders()))?;
    for (name, which) in [("token", Secret::User), ("agent-token", Secret::Agent)] {
        report(Finding::from_result(name, running::token(name, which)))?;
    }
    report(Finding::from_result("lock", running::lock(&project)))?;
    report(Finding::from_result("daemon", running::daemon(&project)))?;
    report(Finding::from_result("service", running::service(&project)))?;
    recovery(&project).into_iter().try_for_each(&mut report)?;
    let (findings, last_written) = stored::check(&project, deep);
    findings.into_iter().try_for_each(&mut report)?;
    report(Finding::from_result("space", disk::space(&project)))?;
    report(disk::clock(last_written))?;
    match worst {
        Severity::Fail => Ok(ExitStatus::ProblemFound),
        Severity::Ok | Severity::Warn => Ok(ExitStatus::Ok),
    }
}

/// Warns of a recovery that was interrupted. Until it is finished, the files of the log are not in place.
fn recovery(project: &Project) -> Option<Finding> {
    let home = project.home();
    match recover::unfinished(&RealDisk, &home) {
        Ok(None) => None,
        Ok(Some(_)) => {
            let text =
                "a recovery was interrupted; `vibesync recover` or the next start finishes it";
            Some(Finding::uncoded_warning("recovery", text.to_owned()))
        }
        Err(error) => {
            let error = Error::from_source(error.code(), home.display(), error);
            Some(Finding::failure("recovery", &error))
        }
    }
}

fn settings(root: PathBuf) -> Result<Finding, Error> {
    let files = Settings::load(root)?.files;
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let text = match files.as_slice() {
        [] => "built-in".to_owned(),
        files => format!("built-in, {}", files.join(", ")),
    };
    Ok(Finding::ok("settings", text))
}

fn identity(project: &Project) -> Result<Finding, Error> {
    let root = project.root().display();
    let text = match project.id()? {
        Some(id) => format!("{id} in {root}"),
        None => format!("none yet in {root}; the first run creates it"),
    };
    Ok(Finding::ok("project", text))
}
