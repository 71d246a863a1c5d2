//! The error that messages carry.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vibesync_scene::{Code, Invalid};

/// An error, its location, and advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ErrorBody {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// Path of the field or entity.
    #[serde(default)]
    #[serde(rename = "place")]
    pub location: String,
    /// Advice: what the person can do.
    #[serde(default)]
    pub help: String,
}

impl From<Invalid> for ErrorBody {
    fn from(invalid: Invalid) -> Self {
        Self {
            code: invalid.code,
            message: invalid.message,
            location: invalid.location,
            help: String::new(),
        }
    }
}
