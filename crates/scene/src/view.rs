//! Looks through an editor's viewport.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::agent_name::AgentName;
use crate::role::Role;

/// The direction of a look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The viewport of the person, as it stands.
    #[default]
    View,
    /// From the front, without perspective.
    Front,
    /// From above, without perspective.
    Top,
    /// From the right, without perspective.
    Side,
    /// Through the active camera of the scene.
    Camera,
}

impl Look {
    /// The names on the wire.
    pub const NAMES: &[&str] = &["view", "front", "top", "side", "camera"];

    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Look::View => "view",
            Look::Front => "front",
            Look::Top => "top",
            Look::Side => "side",
            Look::Camera => "camera",
        }
    }

    /// Returns the look of this name.
    pub fn of_name(name: &str) -> Option<Self> {
        let all = [Look::View, Look::Front, Look::Top, Look::Side, Look::Camera];
        all.into_iter().find(|look| look.as_str() == name)
    }
}

/// A picture of an editor's viewport that left the daemon. The picture itself is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Viewed {
    /// The agent that looked; none for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// The editor that drew.
    pub editor: Role,
    /// The direction.
    pub look: Look,
    /// The name of the camera; empty for the viewport.
    pub camera: String,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}
