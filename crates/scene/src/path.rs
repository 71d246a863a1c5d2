//! The path of a change through verification.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The path of a change through verification. It is derived from the change; a client cannot choose it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Path {
    /// For cosmetic changes: accepted provisionally, then verified in the background.
    Fast,
    /// For structural changes: never provisional, committed only after verification.
    Slow,
}
