//! `vibesync projects`: the list of projects that the service starts.

use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;
use vibesync_scene::Code;

use super::args::Args;
use super::result::{CommandResult, ExitStatus, WrongUsage};
use super::service_args::ProjectsCommand;
use super::text::Sanitized;
use crate::error::Error;
use crate::platform::establish::{check_place, establish};
use crate::platform::project::Project;
use crate::platform::project_list::ProjectList;
use crate::platform::project_lock::{self, Holder};
use crate::platform::runtime_folders::RuntimeFolders;
use crate::supervisor::problem::Problem;
use crate::supervisor::report::{ProjectReport, Report, ServiceFiles};

/// Runs one command. Writes its output to `out`.
pub fn run(args: &Args, command: &ProjectsCommand, out: &mut impl Write) -> CommandResult {
    match command {
        ProjectsCommand::Add { folder } => add(args, folder.as_deref(), out),
        ProjectsCommand::Remove { folder } => remove(args, folder.as_deref(), out),
        ProjectsCommand::List { json } => list(*json, out),
    }
}

fn add(args: &Args, folder: Option<&Path>, out: &mut impl Write) -> CommandResult {
    let project = Project::new(args.root_of(folder)?);
    let root = project.root();
    let added = ProjectList::of_user()?.change(|roots| {
        if roots.iter().any(|listed| is_same(listed, root)) {
            return Ok(None);
        }
        check_place(&project, roots)?;
        let id = match establish(&project) {
            // A daemon serves it, and creates the identity itself.
            Err(error) if error.code == Code::ProjectTaken => None,
            other => Some(other?),
        };
        roots.push(root.to_owned());
        Ok(Some(id))
    })?;
    let shown = root.display();
    match added {
        None => writeln!(out, "{shown} is in the list already")?,
        Some(None) => writeln!(out, "added {shown}")?,
        Some(Some(id)) => writeln!(out, "added {shown}: project {id}")?,
    }
    if service()?.is_none() {
        writeln!(out, "the service does not run: vibesync service install")?;
    }
    Ok(ExitStatus::Ok)
}

fn remove(args: &Args, folder: Option<&Path>, out: &mut impl Write) -> CommandResult {
    let root = match folder.or(args.project.as_deref()) {
        Some(folder) => std::path::absolute(folder)
            .map_err(|error| Error::io(Code::ConfigInvalid, folder, "use it", error))?,
        None => args.root()?,
    };
    let is_listed = ProjectList::of_user()?.change(|roots| {
        let before = roots.len();
        roots.retain(|listed| !is_same(listed, &root));
        Ok(roots.len() < before)
    })?;
    if !is_listed {
        let message = format!("{} is not in the list", root.display());
        let help = "See `vibesync projects list`.";
        return Err(WrongUsage::new(message, help).into());
    }
    writeln!(out, "removed {}; its files stay", root.display())?;
    Ok(ExitStatus::Ok)
}

fn list(json: bool, out: &mut impl Write) -> CommandResult {
    let roots = ProjectList::of_user()?.read()?;
    let report = service()?;
    if roots.is_empty() && !json {
        writeln!(out, "no projects: vibesync projects add DIR")?;
    }
    print(&roots, report.as_ref(), json, out)
}

/// Prints the listed projects with their states.
pub(super) fn print(
    roots: &[PathBuf],
    report: Option<&Report>,
    json: bool,
    out: &mut impl Write,
) -> CommandResult {
    for root in roots {
        let reports = report.map(|report| &report.projects);
        let found = reports.and_then(|them| them.iter().find(|it| it.root == *root));
        let (state, pid, error) = describe(root, found)?;
        if json {
            let line = json!({"root": root, "state": state, "pid": pid, "error": error});
            writeln!(out, "{line}")?;
            continue;
        }
        let process = pid.map_or_else(String::new, |pid| format!("  process {pid}"));
        writeln!(out, "{state:<14}  {}{process}", root.display())?;
        if let Some(error) = error {
            let error = error.to_string();
            writeln!(out, "{:<14}  {}", "", Sanitized(&error))?;
        }
    }
    Ok(ExitStatus::Ok)
}

/// The state of a project in one word, its process and its last failure.
type Description<'a> = (&'static str, Option<u32>, Option<&'a Problem>);

fn describe<'a>(root: &Path, report: Option<&'a ProjectReport>) -> Result<Description<'a>, Error> {
    if let Some(report) = report {
        return Ok((report.state.as_str(), report.pid, report.error.as_ref()));
    }
    if !root.is_dir() {
        return Ok(("missing folder", None, None));
    }
    Ok(match project_lock::holder(&Project::new(root))? {
        Holder::Taken(pid) => ("serving", pid, None),
        Holder::Free => ("not supervised", None, None),
    })
}

/// Returns the state of the service; none if it does not run.
pub(super) fn service() -> Result<Option<Report>, Error> {
    let folders = RuntimeFolders::from_env()?;
    ServiceFiles::new(folders.first().path()).running()
}

/// Returns true if both paths name one folder, perhaps through links.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    one == other || real(one).is_some_and(|one| Some(one) == real(other))
}
