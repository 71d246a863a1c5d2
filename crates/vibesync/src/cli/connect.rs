//! Finds the running daemon of a project and connects to it.

use std::time::Duration;

use vibesync_scene::{Code, InstanceId, Role, Uuid};

use super::client::Client;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::runtime_folders::RuntimeFolders;

/// Maximum time to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// State of a daemon for which the supervisor listens.
pub(super) const ASLEEP: &str = "asleep: starts when an editor connects";

/// Connects to the daemon of the project. Fails with VS-6003 if there is none.
pub(crate) fn connect(project: &Project) -> Result<Client, Error> {
    connect_as(project, (Role::Cli, InstanceId(Uuid::new_v4())), TIMEOUT)
}

/// Does the same as a client of another role and process, with another time limit.
pub(super) fn connect_as(
    project: &Project,
    client: (Role, InstanceId),
    timeout: Duration,
) -> Result<Client, Error> {
    let no_daemon = |message: &str| Error::new(Code::NoDaemon, project.root().display(), message);
    let folders = RuntimeFolders::from_env()?;
    let id = project.id()?;
    let id = id.ok_or_else(|| no_daemon("no daemon has served this folder yet"))?;
    let found = folders.discover(id)?;
    let (discovery, token) =
        found.ok_or_else(|| no_daemon("no daemon has announced itself for this project"))?;
    if discovery.asleep {
        // A command must not start the daemon.
        return Err(no_daemon(ASLEEP).with_help(
            "Open the project in an editor, or stop the service and use `vibesync run`.",
        ));
    }
    Client::connect(&discovery, &token, client, timeout)
}
