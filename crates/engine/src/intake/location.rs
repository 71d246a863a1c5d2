//! The location of a change in its intent, for error messages.

use std::fmt;

/// The index of a change. It is formatted only if an error needs the text.
#[derive(Clone, Copy)]
pub(crate) struct ChangeLocation(pub usize);

impl fmt::Display for ChangeLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "changes[{}]", self.0)
    }
}
