//! The arguments of `vibesync mcp`.

use std::path::PathBuf;

use clap::Subcommand;
use vibesync_scene::AgentName;

use super::mcp::install::clients::Client;
use super::number::number;

/// Port of `vibesync mcp --http` without a number. Clients keep it in their settings, so it does not vary.
const HTTP_PORT: &str = "8617";

/// `vibesync mcp`
#[derive(Debug, clap::Args)]
pub struct McpArgs {
    /// Serve many clients over HTTP until Ctrl+C, on this computer alone, at this port; 0 takes a free one
    ///
    /// Clients must send the secret that `vibesync mcp http-token` prints.
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = HTTP_PORT, value_parser = number::<0, 65_535, u16>, allow_negative_numbers = true)]
    pub http: Option<u16>,
    /// Name of the agent: people decide by this name what it may do
    #[arg(long = "as", value_name = "NAME", default_value_t)]
    pub name: AgentName,
    /// The work to do instead of serving
    #[command(subcommand)]
    pub command: Option<McpCommand>,
}

/// The commands of `vibesync mcp` beside serving.
#[derive(Debug, Subcommand)]
pub enum McpCommand {
    /// Print the secret that clients of `--http` send
    HttpToken {
        /// Replace the secret first; ends the connections of all clients
        #[arg(long)]
        new: bool,
    },
    /// Add the server to the settings of a client; shows the change and asks first
    ///
    /// The client then starts `vibesync mcp --project DIR` for this project. All else in its file stays as it is, and the
    /// file before is kept beside it.
    Install(InstallArgs),
}

/// `vibesync mcp install`
#[derive(Debug, clap::Args)]
pub struct InstallArgs {
    /// The client
    #[arg(long, value_enum)]
    pub client: Client,
    /// Name of the server in the client; another name for each project
    #[arg(long, default_value = "vibesync", value_name = "NAME", value_parser = server_name)]
    pub name: String,
    /// The client's file, if it is not at the usual place
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Take the server out instead
    #[arg(long)]
    pub remove: bool,
    /// Change the file without a question
    #[arg(short, long)]
    pub yes: bool,
}

/// Accepts names that every client can show. Some build the names of tools from them, of 64 characters at most.
fn server_name(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match (1..=24).contains(&text.len()) && text.chars().all(is_plain) {
        true => Ok(text.to_owned()),
        false => Err("use 1 to 24 letters, digits, `_` and `-`".into()),
    }
}
