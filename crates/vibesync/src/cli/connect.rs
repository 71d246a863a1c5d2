//! Finds the running daemon of a project and connects to it.

use std::time::Duration;

use vibesync_protocol::AgentIdentity;
use vibesync_scene::{Code, InstanceId, Uuid};

use super::client::Client;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::runtime_folder::Secret;
use crate::platform::runtime_folders::RuntimeFolders;

/// Maximum time to wait for an answer.
const TIMEOUT: Duration = Duration::from_secs(5);

/// State of a daemon for which the supervisor listens.
pub(super) const ASLEEP: &str = "asleep: starts when an editor connects";

/// Connects to the daemon of the project. Fails with VS-6003 if there is none.
pub(crate) fn connect(project: &Project) -> Result<Client, Error> {
    connect_as(project, None, InstanceId(Uuid::new_v4()), TIMEOUT)
}

/// Does the same as an agent of a process, with the secret of agents and another time limit.
pub(super) fn connect_as_agent(
    project: &Project,
    agent: &AgentIdentity,
    instance: InstanceId,
    timeout: Duration,
) -> Result<Client, Error> {
    connect_as(project, Some(agent), instance, timeout)
}

fn connect_as(
    project: &Project,
    agent: Option<&AgentIdentity>,
    instance: InstanceId,
    timeout: Duration,
) -> Result<Client, Error> {
    let secret = match agent {
        Some(_) => Secret::Agent,
        None => Secret::User,
    };
    let no_daemon = |message: &str| Error::new(Code::NoDaemon, project.root().display(), message);
    let folders = RuntimeFolders::from_env()?;
    let id = project.id()?;
    let id = id.ok_or_else(|| no_daemon("no daemon has served this folder yet"))?;
    let found = folders.discover(id, secret)?;
    let (discovery, token) =
        found.ok_or_else(|| no_daemon("no daemon has announced itself for this project"))?;
    if discovery.asleep {
        // A command must not start the daemon.
        return Err(no_daemon(ASLEEP).with_help(
            "Open the project in an editor, or stop the service and use `vibesync run`.",
        ));
    }
    Client::connect(&discovery, &token, agent, instance, timeout)
}
