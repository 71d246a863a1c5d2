//! What the log says about a change before it is made.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::scope::Scope;

/// What follows from the log, from mild to strict.
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
    /// Nothing speaks against it.
    #[default]
    Allow,
    /// It failed before: it is made with care, on the slow path and, where an editor crashed, in small batches.
    Degrade,
    /// It is not made until a person has looked at it.
    Block,
    /// Nothing automatic is made until a person ends the safe mode.
    SafeMode,
}

/// Something that the log knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Of what.
    pub scope: Scope,
    /// How it failed last.
    pub code: Code,
    /// Sequence of the record that says so.
    pub seq: u64,
}

/// The question that is put to the log before every mutation, answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyDecision {
    /// What follows.
    pub verdict: Verdict,
    /// Why: what the log knows of what the mutation is about, at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Finding>,
}

/// Most findings that are kept.
const MAX_FINDINGS: usize = 16;

impl PolicyDecision {
    /// Takes a finding in; the strictest verdict stands.
    pub fn add_finding(&mut self, verdict: Verdict, finding: Finding) {
        if verdict > self.verdict {
            // The reason of the verdict is what is read first, and what is never left out.
            self.findings.insert(0, finding);
            self.verdict = verdict;
        } else {
            self.findings.push(finding);
        }
        self.findings.truncate(MAX_FINDINGS);
    }
}
