//! What is wrong, where, and what to do about it.

use std::fmt;

use serde::Serialize;

use crate::location::Location;

/// A rule that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// The rule's name: that of the module in `rules`, or `syntax` where a text could not be read.
    pub rule: &'static str,
    /// What it is about, and where.
    #[serde(rename = "place")]
    pub location: Location,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do; empty where the message says it.
    pub suggestion: String,
}

impl Diagnostic {
    /// A violation without a suggestion.
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
        }
    }

    /// The same, with what to do.
    #[must_use]
    pub fn suggest(mut self, suggestion: impl Into<String>) -> Self {
        self.suggestion = suggestion.into();
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.rule, self.location, self.message)?;
        match self.suggestion.is_empty() {
            true => Ok(()),
            false => write!(f, " -> {}", self.suggestion),
        }
    }
}

/// Most names that a message lists.
const LISTED: usize = 12;

/// Names for a message: `A, B, C` or `A, B and 7 more`; `none` where there are none.
pub fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter();
    let first: Vec<&str> = names.by_ref().take(LISTED).collect();
    let more = names.count();
    match (first.is_empty(), more) {
        (true, _) => "none".to_owned(),
        (false, 0) => first.join(", "),
        (false, more) => format!("{} and {more} more", first.join(", ")),
    }
}

/// A word from outside as a message shows it: quoted, control characters escaped, cut where it is long.
pub fn quoted(word: &str) -> String {
    const MAX_SHOWN_CHARS: usize = 60;
    let mut shown: String = word.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}
