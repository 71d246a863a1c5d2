//! The arguments of `vibesync mcp`.

use clap::Subcommand;

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
    /// What to do instead of serving
    #[command(subcommand)]
    pub command: Option<McpCommand>,
}

/// What `vibesync mcp` does beside serving.
#[derive(Debug, Subcommand)]
pub enum McpCommand {
    /// Print the secret that clients of `--http` send
    HttpToken {
        /// Replace the secret first; ends the connections of all clients
        #[arg(long)]
        new: bool,
    },
}
