//! The kinds of clients that connect to the daemon.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The kind of a client.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The Blender addon.
    Blender,
    /// The Unity package.
    Unity,
    /// An AI agent.
    Agent,
    /// The command line.
    Cli,
}

impl Role {
    /// The editors: each holds a replica of the scene, to which changes are delivered.
    pub const EDITORS: [Role; 2] = [Role::Blender, Role::Unity];

    /// Whether it is one of [`Role::EDITORS`].
    pub fn is_editor(self) -> bool {
        Self::EDITORS.contains(&self)
    }

    /// Whether a person works through it. Automation yields to people.
    pub fn is_person(self) -> bool {
        self != Role::Agent
    }

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Blender => "blender",
            Role::Unity => "unity",
            Role::Agent => "agent",
            Role::Cli => "cli",
        }
    }
}
