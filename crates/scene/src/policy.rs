//! The policy's decision about a change, made from earlier failures before the change is applied.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::scope::Scope;

/// The verdict of the policy, from mild to strict.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No failure is known: the change is made.
    #[default]
    Allow,
    /// It failed before: it is made on the slow path and, if an editor crashed, in small batches.
    Degrade,
    /// Its breaker is open: it is not made until a person intervenes.
    Block,
    /// Automation is off until a person ends the safe mode.
    SafeMode,
}

/// An earlier failure that the verdict rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// The scope that failed.
    pub scope: Scope,
    /// Code of its last failure.
    pub code: Code,
    /// Sequence of the FAILURE or SAFE_MODE record.
    pub seq: u64,
}

/// The decision that the policy makes before every mutation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDecision {
    /// The verdict.
    pub verdict: Verdict,
    /// The failures that led to it, at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Most findings in a decision.
const MAX_FINDINGS: usize = 16;

impl PolicyDecision {
    /// Adds a finding; the strictest verdict wins.
    pub fn add_finding(&mut self, verdict: Verdict, finding: Finding) {
        if verdict > self.verdict {
            // The finding behind the verdict goes first, so that the limit never drops it.
            self.findings.insert(0, finding);
            self.verdict = verdict;
        } else {
            self.findings.push(finding);
        }
        self.findings.truncate(MAX_FINDINGS);
    }
}
