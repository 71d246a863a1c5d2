//! `vibesync mcp`: serves AI agents over standard input and output, or over HTTP.
//!
//! The crate `mcp` speaks the protocol. This command gives it the daemon ([`link`]) and the project's files
//! ([`records`], [`states`]). Without HTTP, standard output belongs to the protocol; everything else goes to standard
//! error.

mod connection;
mod http;
mod inbox;
pub mod install;
mod link;
mod parent;
mod project_daemon;
mod records;
mod states;
mod visible;
mod window;

use std::io::Write;
use std::sync::Arc;

use link::Link;
use project_daemon::ProjectDaemon;
use vibesync_mcp::{Daemon, End, Limits, serve_stdio};
use vibesync_scene::AgentName;

use super::args::Args;
use super::mcp_args::{McpArgs, McpCommand};
use super::result::{CommandResult, ExitStatus, WrongUsage};
use crate::error::Error;
use crate::platform::http_token::HttpToken;
use crate::platform::project::Project;
use crate::platform::signals::wait_for_stop;
use crate::platform::telemetry;

/// Serves, or does what the subcommand says.
pub fn run(args: &Args, mcp: &McpArgs) -> CommandResult {
    let _telemetry = telemetry::to_terminal(args.verbose);
    match (&mcp.command, mcp.http) {
        (Some(_), Some(_)) => {
            let help = "`--http` serves; the commands of `vibesync mcp` do not.";
            Err(WrongUsage::new("--http with a command", help).into())
        }
        (Some(McpCommand::HttpToken { new }), None) => http_token(*new),
        (Some(McpCommand::Install(install)), None) => {
            install::run(args, install, &mut std::io::stdout())
        }
        (None, port) => serve(args, mcp.name.clone(), port),
    }
}

/// Prints the secret of clients over HTTP, after it was replaced if that is asked for.
fn http_token(is_new: bool) -> CommandResult {
    let token = HttpToken::of_user()?;
    if is_new {
        token.replace()?;
    }
    writeln!(std::io::stdout(), "{}", token.read_or_create()?)?;
    Ok(ExitStatus::Ok)
}

/// Serves over HTTP if there is a port, else over standard input and output.
fn serve(args: &Args, name: AgentName, port: Option<u16>) -> CommandResult {
    let project = Project::new(args.root()?);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::thread("tokio", error))?;
    let link = Link::new(project.clone(), name);
    let daemon = Arc::new(ProjectDaemon::new(project, link));
    let ended = runtime.block_on(async {
        let stop = wait_for_stop();
        tokio::select! {
            ended = serve_until_end(daemon, port) => ended,
            signal = stop => Ok(Some(format!("stopped by {signal}"))),
        }
    });
    // A read of the standard input cannot be interrupted on every system.
    runtime.shutdown_background();
    if let Some(why) = ended? {
        tracing::warn!("vibesync mcp ends: {why}");
    }
    Ok(ExitStatus::Ok)
}

/// Serves until the client or its process ends; over HTTP for ever. Returns the reason if it is not the usual one.
async fn serve_until_end(
    daemon: Arc<dyn Daemon>,
    port: Option<u16>,
) -> Result<Option<String>, Error> {
    if let Some(port) = port {
        return http::serve(daemon, port).await.map(|never| match never {});
    }
    Ok(tokio::select! {
        end = serve_stdio(daemon, Limits::default()) => match end {
            End::Closed => None,
            End::NoRequest => Some("no request has come".to_owned()),
            End::Failed(why) => Some(why),
        },
        () = parent::gone() => Some("the process of the client has ended".to_owned()),
    })
}
