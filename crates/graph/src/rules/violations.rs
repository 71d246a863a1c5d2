//! The violations of a rule.

use crate::diagnostic::Diagnostic;
use crate::limits;
use crate::location::Location;

/// Most violations of a rule for which similar names are searched. Each search compares all names.
const MAX_NAME_SEARCHES: usize = 50;

/// The violations of one rule.
pub struct Violations {
    rule: &'static str,
    diagnostics: Vec<Diagnostic>,
}

impl Violations {
    pub(super) fn new(rule: &'static str) -> Self {
        Self {
            rule,
            diagnostics: Vec::new(),
        }
    }

    pub(super) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.diagnostics
    }

    /// Adds a violation.
    pub(super) fn add(&mut self, location: impl Into<Location>, message: impl Into<String>) {
        let diagnostic = Diagnostic::new(self.rule, location, message);
        self.diagnostics.push(diagnostic);
    }

    /// Adds a suggestion to the last violation.
    pub(super) fn suggest(&mut self, suggestion: impl Into<String>) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.suggestion = suggestion.into();
        }
    }

    /// Returns whether the next violation can have a search for similar names.
    pub(super) fn can_search_names(&self) -> bool {
        self.diagnostics.len() < MAX_NAME_SEARCHES
    }
}

/// Returns the reason why Blender would not store the name of a socket unchanged.
pub(super) fn invalid_name(name: &str) -> Option<&'static str> {
    if name.trim().is_empty() {
        Some("a name must not be empty")
    } else if name.len() > limits::NAME {
        Some("the name is longer than the 63 bytes that Blender stores")
    } else if name.chars().any(char::is_control) {
        Some("a name must not contain control characters")
    } else {
        None
    }
}
