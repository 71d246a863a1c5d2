//! `vibesync stop`: asks the running daemon to end cleanly, and waits until it has.

use std::io::Write;
use std::time::{Duration, Instant};

use vibesync_scene::Code;

use super::connect::connect;
use super::person::user_name;
use super::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Maximum time to wait for the end of the daemon. It needs a few seconds at most.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Time between two looks at the lock.
const INTERVAL: Duration = Duration::from_millis(20);

pub(super) fn run(project: &Project, out: &mut impl Write) -> CommandResult {
    let root = project.root().display();
    let Holder::Taken(pid) = project_lock::holder(project)? else {
        writeln!(out, "no daemon runs in {root}")?;
        return Ok(ExitStatus::Ok);
    };
    let process = pid.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}"));
    let by = user_name().map_or_else(String::new, |name| format!(" by {name}"));
    let asked = connect(project).and_then(|mut daemon| {
        let reason = format!("the daemon was stopped{by} (vibesync stop)");
        daemon.stop(reason)
    });
    asked.map_err(|error| {
        let help = format!("Wait a moment and try again, or end {process} yourself.");
        let message = format!(
            "{process} holds the project, but cannot be asked to stop: {}",
            error.message
        );
        Error::new(error.code, &root, message).with_help(help)
    })?;
    let deadline = Instant::now() + TIMEOUT;
    while project_lock::holder(project)? == Holder::Taken(pid) {
        if Instant::now() >= deadline {
            let message = format!("{process} said goodbye, but has not ended");
            let help = format!("Look at the log in .vibesync/log, then end {process} yourself.");
            return Err(Error::new(Code::PeerSilent, root, message)
                .with_help(help)
                .into());
        }
        std::thread::sleep(INTERVAL);
    }
    writeln!(out, "the daemon in {root} has stopped")?;
    Ok(ExitStatus::Ok)
}
