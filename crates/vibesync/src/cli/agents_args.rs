//! The arguments of `vibesync agents`.

use clap::Subcommand;
use vibesync_scene::AgentName;

use super::agents_undo::Undo;
use super::capabilities::Allowing;
use super::id_prefix::IdPrefix;

/// `vibesync agents`
#[derive(Debug, Subcommand)]
pub enum AgentsCommand {
    /// List the agents, and what they wait for
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show one agent
    Show {
        /// Name of the agent
        agent: AgentName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Let an agent change the scene; what is hard to take back still waits for a person
    Work(Decision),
    /// Let an agent read, and nothing else
    Read(Decision),
    /// Turn an agent off: it is disconnected and may not connect
    Off(Decision),
    /// Forget what was decided about an agent: the settings count again
    Ask(Decision),
    /// Allow what an agent waits for
    Approve {
        /// Id that `list` prints, or its first digits
        #[arg(value_name = "ID")]
        approval: IdPrefix,
        /// Allow it for as long as the daemon runs
        #[arg(long, conflicts_with = "always")]
        session: bool,
        /// Allow it until somebody decides otherwise
        #[arg(long)]
        always: bool,
        /// Name of the person [default: the user name]
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
    /// Take back what an agent did; what others have changed since stays
    Undo(Undo),
    /// List the add-ons that agents may call, and why others cannot be called
    Capabilities {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Allow agents to call an add-on with the content that it has now
    Allow(Allowing),
    /// Take the permission for an add-on back
    Revoke {
        /// Id of the add-on
        addon: String,
        /// Reason, for the log
        #[arg(long, value_name = "TEXT", default_value = "")]
        why: String,
        /// Name of the person [default: the user name]
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
    /// Refuse what an agent waits for
    Refuse {
        /// Id that `list` prints, or its first digits
        #[arg(value_name = "ID")]
        approval: IdPrefix,
        /// Name of the person [default: the user name]
        #[arg(long, value_name = "NAME")]
        who: Option<String>,
    },
}

/// A decision about one agent.
#[derive(Debug, clap::Args)]
pub struct Decision {
    /// Name of the agent
    pub agent: AgentName,
    /// Reason, for the log
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub why: String,
    /// Name of the person [default: the user name]
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
}
