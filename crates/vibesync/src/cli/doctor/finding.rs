//! The result of one check of `vibesync doctor`.

use std::fmt;

use serde_json::{Value, json};
use vibesync_scene::Code;

use crate::error::Error;

/// Severity of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    Ok,
    Warn,
    Fail,
}

impl Severity {
    fn as_str(self) -> &'static str {
        match self {
            Severity::Ok => "ok",
            Severity::Warn => "warn",
            Severity::Fail => "fail",
        }
    }
}

/// The result of one check.
pub(super) struct Finding {
    pub severity: Severity,
    /// Name of the check.
    pub check: &'static str,
    pub text: String,
}

impl Finding {
    pub fn ok(check: &'static str, text: impl Into<String>) -> Self {
        Self {
            severity: Severity::Ok,
            check,
            text: text.into(),
        }
    }

    /// Creates a warning without a code.
    pub fn uncoded_warning(check: &'static str, text: String) -> Self {
        Self {
            severity: Severity::Warn,
            check,
            text,
        }
    }

    /// Creates a warning with the remedy of its code.
    pub fn warning(check: &'static str, code: Code, text: impl fmt::Display) -> Self {
        Self::uncoded_warning(check, format!("{code}: {text}. {}", code.help()))
    }

    pub fn failure(check: &'static str, error: &Error) -> Self {
        let text = format!("{error}. {}", error.help());
        Self {
            severity: Severity::Fail,
            check,
            text,
        }
    }

    /// Turns an error of a check into a failure.
    pub fn from_result(check: &'static str, result: Result<Self, Error>) -> Self {
        result.unwrap_or_else(|error| Self::failure(check, &error))
    }

    pub fn json(&self) -> Value {
        json!({"check": self.check, "state": self.severity.as_str(), "text": self.text})
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            severity,
            check,
            text,
        } = self;
        write!(f, "{:<5} {check:<11} {text}", severity.as_str())
    }
}
