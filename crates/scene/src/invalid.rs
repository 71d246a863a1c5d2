//! Why data from outside was refused.

use std::fmt;

use crate::code::Code;

/// Why data from outside was refused, and where it is wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code} at {location}: {message}")]
pub struct Invalid {
    /// Stable code.
    pub code: Code,
    /// Path to the spot: `changes[3].components.transform.rotation`.
    pub location: String,
    /// One sentence.
    pub message: String,
}

impl Invalid {
    /// A refusal.
    pub fn new(code: Code, location: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            code,
            location: location.to_string(),
            message: message.into(),
        }
    }

    /// The same, seen from outside: `transform.rotation` within `components` is `components.transform.rotation`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        self.location = format!("{outer}.{}", self.location);
        self
    }
}
