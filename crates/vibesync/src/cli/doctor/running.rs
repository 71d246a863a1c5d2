//! Checks the files that editors and commands need to reach a daemon, and the daemon itself.

use vibesync_scene::Code;

use super::finding::Finding;
use crate::cli::connect::connect;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_list::ProjectList;
use crate::platform::project_lock::{self, Holder};
use crate::platform::runtime_folder::{RuntimeFolder, Secret};
use crate::platform::runtime_folders::RuntimeFolders;

/// Checks the runtime folders. The daemon runs without any but the first, so a problem there is a warning.
pub(super) fn folders() -> Result<Finding, Error> {
    let folders = RuntimeFolders::from_env()?;
    let mut texts = Vec::new();
    for place in folders.all() {
        let location = place.path().display();
        texts.push(match place.path().exists() {
            true => location.to_string(),
            false => format!("{location} (the first run creates it)"),
        });
    }
    let check = |place: &RuntimeFolder| match place.path().exists() {
        true => place.check(),
        false => Ok(()),
    };
    check_places("runtime", &folders, &texts.join(" and "), check)
}

/// Checks a secret of each runtime folder.
pub(super) fn token(name: &'static str, which: Secret) -> Result<Finding, Error> {
    let folders = RuntimeFolders::from_env()?;
    if !folders.first().token_path(which).exists() {
        return Ok(Finding::ok(name, "none yet; the first run creates it"));
    }
    let check = |place: &RuntimeFolder| match place.token_path(which).exists() {
        true => place.token(which).map(|_| ()),
        false => Ok(()), // the next start of a daemon writes it
    };
    let ok = check_places(name, &folders, "only its user can read it", check)?;
    let first = folders.first().secret(which)?;
    let differs = |place: &&RuntimeFolder| place.secret(which).is_ok_and(|secret| secret != first);
    if let Some(place) = folders.all().find(differs) {
        let text = format!(
            "{}: not the token of {}; the next start of a daemon replaces it",
            place.token_path(which).display(),
            folders.first().path().display()
        );
        return Ok(Finding::warning(name, Code::RuntimeFolder, text));
    }
    Ok(ok)
}

fn check_places(
    name: &'static str,
    folders: &RuntimeFolders,
    text: &str,
    check: impl Fn(&RuntimeFolder) -> Result<(), Error>,
) -> Result<Finding, Error> {
    check(folders.first())?;
    let refused = folders.all().find_map(|place| check(place).err());
    Ok(match refused {
        None => Finding::ok(name, text),
        Some(error) => Finding::warning(
            name,
            error.code,
            format!("{}: {}", error.location, error.message),
        ),
    })
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
