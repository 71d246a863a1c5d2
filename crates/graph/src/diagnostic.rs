//! A problem of a graph: the broken rule, the location, and a suggestion.

use std::fmt;

use serde::Serialize;
pub use vibesync_json::quote;

use crate::location::Location;

/// A violation of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Name of the rule (its module in `rules`), or `syntax` for a text that cannot be read.
    pub rule: &'static str,
    /// The subject of the problem, and its position in the text.
    #[serde(rename = "place")]
    pub location: Location,
    /// The problem, in one sentence.
    pub message: String,
    /// A suggestion; empty if the message is enough.
    pub suggestion: String,
    /// For a question: the possible answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
}

impl Diagnostic {
    /// Makes a diagnostic without a suggestion.
    pub fn new(
        rule: &'static str,
        location: impl Into<Location>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            rule,
            location: location.into(),
            message: message.into(),
            suggestion: String::new(),
            choices: Vec::new(),
        }
    }

    /// Adds a suggestion.
    #[must_use]
    pub fn with_suggestion(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = suggestion.into();
        self
    }

    /// Adds the possible answers to a question.
    #[must_use]
    pub fn with_choices(mut self, choices: Vec<String>) -> Self {
        self.suggestion = "write which one is meant".to_owned();
        self.choices = choices;
        self
    }
}

impl From<vibesync_json::SyntaxError> for Diagnostic {
    fn from(error: vibesync_json::SyntaxError) -> Self {
        Self::new("syntax", Location::in_text(error.position), error.message)
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.location, self.message)?;
        match self.suggestion.is_empty() {
            true => {}
            false => write!(f, " -> {}", self.suggestion)?,
        }
        match self.choices.is_empty() {
            true => Ok(()),
            false => write!(f, ": {}", self.choices.join(" | ")),
        }
    }
}

/// Most names in a list.
const MAX_LISTED_NAMES: usize = 12;

/// Formats names for a message: `A, B, C`, or `A, B and 7 more`, or `none`.
pub fn name_list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let first: Vec<&str> = names.by_ref().take(MAX_LISTED_NAMES).collect();
    let more = names.count();
    match (first.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => first.join(", "),
        (false, more) => format!("{} and {more} more", first.join(", ")),
    }
}
