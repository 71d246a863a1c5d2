//! The record of a correction.

use std::fmt;

use crate::location::Location;

/// A correction that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The corrected node or link.
    pub location: Location,
    /// The correction, in one sentence.
    pub done: String,
}

impl Fix {
    pub(crate) fn new(location: Location, done: impl Into<String>) -> Self {
        let done = done.into();
        Self { location, done }
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "fixed: {}: {}", self.location, self.done)
    }
}
