//! The error for a catalogue that cannot be used.

/// A catalogue was refused.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {message}")]
pub struct CatalogueError {
    /// The file, and the line or the node type.
    pub location: String,
    /// One sentence.
    pub message: String,
}

impl CatalogueError {
    pub(super) fn new(location: impl Into<String>, message: impl Into<String>) -> Self {
        let (location, message) = (location.into(), message.into());
        Self { location, message }
    }
}
