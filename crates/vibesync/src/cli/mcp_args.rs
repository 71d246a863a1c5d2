//! The arguments of `vibesync mcp`.

use vibesync_scene::AgentName;

/// `vibesync mcp`
#[derive(Clone, Debug, clap::Args)]
pub struct McpArgs {
    /// Name of the agent: people decide by this name what it may do
    #[arg(long = "as", value_name = "NAME", default_value_t)]
    pub name: AgentName,
}
