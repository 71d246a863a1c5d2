//! The reason why the daemon of a project does not run.

use std::fmt;

use serde::{Deserialize, Serialize};
use vibesync_scene::Code;

use crate::error::Error;

/// Maximum length of the sentence, in characters.
const MAX_CHARS: usize = 2_000;

/// A problem as the state of the service keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Stable code; none if the daemon ended without an error of its own, for instance because it was killed.
    pub code: Option<Code>,
    /// One sentence, perhaps with its location.
    pub message: String,
}

impl Problem {
    /// Creates a problem without a code.
    pub fn uncoded(message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            code: None,
            message: message.chars().take(MAX_CHARS).collect(),
        }
    }

    /// Finds the error that the program has printed: a line that begins with `error VS-....: `. Returns the last one.
    pub fn from_output(output: &str) -> Option<Self> {
        let errors = output.lines().rev();
        let mut found = errors.filter_map(|line| line.strip_prefix("error "));
        found.find_map(|line| {
            let (code, message) = line.split_once(": ")?;
            let code: Code = code.parse().ok()?;
            Some(Self {
                code: Some(code),
                ..Self::uncoded(message)
            })
        })
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let message = match error.location.is_empty() {
            true => error.message.clone(),
            false => format!("{} ({})", error.message, error.location),
        };
        Self {
            code: Some(error.code),
            ..Self::uncoded(message)
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(code) = self.code {
            write!(f, "{code}: ")?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_error_of_the_output_is_found() {
        let output =
            "INFO error VS-1001: no\nerror VS-5001: line 7: bad (/p/wal)\n  Run this: that\n";
        let problem = Problem::from_output(output).unwrap();
        assert_eq!(problem.code, Some(Code::LogDamaged));
        assert_eq!(problem.to_string(), "VS-5001: line 7: bad (/p/wal)");
        assert_eq!(Problem::from_output("error: wrong usage\nkilled"), None);
    }

    #[test]
    fn sentence_is_cut() {
        let long = "x".repeat(10 * MAX_CHARS);
        let problem = Problem::from_output(&format!("error VS-5001: {long}")).unwrap();
        assert_eq!(problem.message.len(), MAX_CHARS);
    }
}
