//! Formats a decision of the policy.

use std::fmt;

use vibesync_scene::{Finding, PolicyDecision};

use crate::cli::text::wire_name;

/// A policy decision with its reasons: `block: entity:... (VS-4005 in record 12)`.
pub(super) struct DecisionSummary<'a>(pub &'a PolicyDecision);

impl fmt::Display for DecisionSummary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", wire_name(&self.0.verdict))?;
        for Finding { scope, code, seq } in &self.0.findings {
            write!(f, ", {scope} ({code} in record {seq})")?;
        }
        Ok(())
    }
}
