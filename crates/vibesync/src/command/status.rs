//! `vibesync status`: asks the running daemon.

use std::io::Write;
use std::time::Duration;

use serde_json::Value;
use vibesync_scene::{Code, Role};

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
        true => writeln!(out, "{status:#}")?,
        false => describe(&status, out)?,
    }
    Ok(Exit::Fine)
}

/// What the project's daemon says of itself.
pub(super) fn ask(project: &Project, folder: &RuntimeFolder) -> Result<Value, Error> {
    let none = |message: &str| Error::new(Code::NoDaemon, project.root().display(), message);
    let id = project.id()?;
    let id = id.ok_or_else(|| none("no daemon ever served this folder"))?;
    let found = folder.discover(id)?;
    let found = found.ok_or_else(|| none("no daemon has announced itself for this project"))?;
    Client::connect(&found, &folder.token()?, PATIENCE)?.status()
}

fn describe(status: &Value, out: &mut impl Write) -> std::io::Result<()> {
    let number =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_u64).unwrap_or_default();
    let text = |value: &Value, key: &str| {
        let text = value.get(key).and_then(Value::as_str);
        text.unwrap_or("?").to_owned()
    };
    writeln!(out, "project {}", text(status, "project_id"))?;
    writeln!(
        out,
        "sequence {}, {} entities, {} transactions under way",
        number(status, "head_seq"),
        number(status, "entities"),
        number(status, "open_transactions"),
    )?;
    let sessions = status.get("sessions").and_then(Value::as_array);
    // The command line itself, that is: whoever asks.
    let is_editor = |session: &&Value| text(session, "role") != Role::Cli.as_str();
    let sessions: Vec<_> = sessions.into_iter().flatten().filter(is_editor).collect();
    if sessions.is_empty() {
        writeln!(out, "nobody is connected")?;
    }
    for session in sessions {
        writeln!(
            out,
            "{:<8} {:<11} {}: {} entities on their way, {} waiting",
            text(session, "role"),
            text(session, "state"),
            text(session, "editor_version"),
            number(session, "in_flight"),
            number(session, "owed"),
        )?;
    }
    Ok(())
}
