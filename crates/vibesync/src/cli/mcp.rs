//! `vibesync mcp`: serves one AI agent over standard input and output.
//!
//! The crate `mcp` speaks the protocol. This command gives it the daemon ([`link`]) and the project's files
//! ([`records`], [`states`]). Standard output belongs to the protocol; everything else goes to standard error.

mod link;
mod parent;
mod project_daemon;
mod records;
mod states;
mod visible;

use std::sync::Arc;

use link::Link;
use project_daemon::ProjectDaemon;
use vibesync_mcp::{End, Limits, serve_stdio};

use super::args::Args;
use super::mcp_args::McpArgs;
use super::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::signals::wait_for_stop;
use crate::platform::telemetry;

/// Serves until the client or its process ends, or a signal comes.
pub fn run(args: &Args, mcp: &McpArgs) -> CommandResult {
    let _telemetry = telemetry::to_terminal(args.verbose);
    let project = Project::new(args.root()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::thread("tokio", error))?;
    let link = Arc::new(Link::new(project.clone(), mcp.name.clone()));
    link::keep_alive(&link)?;
    let daemon = Arc::new(ProjectDaemon::new(project, link));
    let why = runtime.block_on(async {
        let stop = wait_for_stop();
        tokio::select! {
            end = serve_stdio(daemon, Limits::default()) => match end {
                End::Closed => None,
                End::NoRequest => Some("no request has come".to_owned()),
                End::Failed(why) => Some(why),
            },
            signal = stop => Some(format!("stopped by {signal}")),
            () = parent::gone() => Some("the process of the client has ended".to_owned()),
        }
    });
    // A read of the standard input cannot be interrupted on every system.
    runtime.shutdown_background();
    if let Some(why) = why {
        tracing::warn!("vibesync mcp ends: {why}");
    }
    Ok(ExitStatus::Ok)
}
