//! The error for data from a client that is refused.

use std::fmt;

use crate::code::Code;

/// The reason why data from a client is refused, and the location of the mistake.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code} at {location}: {message}")]
pub struct Invalid {
    /// Stable code.
    pub code: Code,
    /// Path of the field: `changes[3].components.transform.rotation`.
    pub location: String,
    /// One sentence.
    pub message: String,
}

impl Invalid {
    /// Makes a refusal.
    pub fn new(code: Code, location: impl fmt::Display, message: impl Into<String>) -> Self {
        Self {
            code,
            location: location.to_string(),
            message: message.into(),
        }
    }

    /// Prefixes the location: `transform.rotation` within `components` becomes `components.transform.rotation`.
    #[must_use]
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        self.location = format!("{outer}.{}", self.location);
        self
    }
}
