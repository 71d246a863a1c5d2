//! Records of permissions for add-ons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::role::Role;

/// A person's permission for agents to call the tools of one add-on with exactly this content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The editor that has the add-on.
    pub editor: Role,
    /// The add-on.
    pub addon_id: String,
    /// SHA-256 of its manifest: 64 hex digits.
    pub manifest_sha256: String,
    /// SHA-256 of its files: 64 hex digits.
    pub code_sha256: String,
    /// The allowed tools, in alphabetical order.
    pub tools: Vec<String>,
    /// Whether the tools may change nothing.
    pub read_only: bool,
    /// Longest time that a call may take, milliseconds.
    pub max_ms: u64,
    /// The kind of client that the person used.
    pub by: Role,
    /// The name that the person gave.
    pub who: String,
    /// The person's reason.
    pub why: String,
    /// HMAC-SHA-256 of the fields above and the project, under the secret of the user: 64 hex digits. A grant that came
    /// with somebody else's project folder has another one, and is void.
    pub mac: String,
}

/// The end of a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The editor that has the add-on.
    pub editor: Role,
    /// The add-on.
    pub addon_id: String,
    /// The kind of client that the person used.
    pub by: Role,
    /// The name that the person gave.
    pub who: String,
    /// The person's reason.
    pub why: String,
}
