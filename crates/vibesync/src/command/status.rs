//! `vibesync status`: asks the running daemon.

mod describe;
mod watch;

use std::io::Write;
use std::time::Duration;

use vibesync_protocol::Status;
use vibesync_scene::Code;
pub(super) use watch::watch;

use super::{Ended, Exit};
use crate::client::Client;
use crate::error::Error;
use crate::project::Project;
use crate::runtime::RuntimeFolder;

/// How long a daemon may take to answer a person.
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn show(project: &Project, json: bool, out: &mut impl Write) -> Ended {
    let status = ask(project, &RuntimeFolder::from_env()?)?;
    match json {
        true => writeln!(out, "{:#}", describe::json(&status))?,
        false => write!(out, "{}", describe::page(&status))?,
    }
    Ok(Exit::Fine)
}

/// What the project's daemon says of itself.
pub(super) fn ask(project: &Project, folder: &RuntimeFolder) -> Result<Box<Status>, Error> {
    connect(project, folder)?.status()
}

/// A session with the project's daemon.
pub(super) fn connect(project: &Project, folder: &RuntimeFolder) -> Result<Client, Error> {
    let none = |message: &str| Error::new(Code::NoDaemon, project.root().display(), message);
    let id = project.id()?;
    let id = id.ok_or_else(|| none("no daemon ever served this folder"))?;
    let found = folder.discover(id)?;
    let found = found.ok_or_else(|| none("no daemon has announced itself for this project"))?;
    Client::connect(&found, &folder.token()?, PATIENCE)
}
