//! Records of calls of tools of add-ons.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::agent_name::AgentName;
use crate::policy::PolicyDecision;
use crate::role::Role;
use crate::scope::Scope;

/// The beginning of a call. It is durable before the editor hears of the call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Chosen by the agent's client. The same id is never run twice.
    pub request_id: Uuid,
    /// The name of the agent.
    pub agent: AgentName,
    /// The add-on.
    pub addon_id: String,
    /// Its tool.
    pub tool: String,
    /// The editor that runs it.
    pub editor: Role,
    /// SHA-256 of the manifest that was allowed.
    pub manifest_sha256: String,
    /// SHA-256 of the files that were allowed.
    pub code_sha256: String,
    /// The checked arguments, if they are at most 4 KiB of JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub params: Option<Value>,
    /// BLAKE3 of add-on, tool and the arguments as they came: 64 hex digits.
    pub digest: String,
    /// Time that the call may take, milliseconds.
    pub deadline_ms: u64,
    /// The policy's decision.
    #[serde(rename = "consulted")]
    pub decision: PolicyDecision,
}

/// The outcome that a tool reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum CallStatus {
    Success,
    Warning,
    Error,
}

/// The end of a call. The operation of the record is the transaction with its changes, if there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallEnd {
    /// The call.
    pub request_id: Uuid,
    /// Sequence of the record that began it.
    pub begin: u64,
    /// The add-on.
    pub addon_id: String,
    /// Its tool.
    pub tool: String,
    /// The outcome that the tool reported; none if it gave no answer.
    pub status: Option<CallStatus>,
    /// BLAKE3 of the result: 64 hex digits; none without a result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Whether the editor took back what the tool had changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub taken_back: bool,
    /// The tool's message, or the reason of the end.
    pub detail: String,
}

impl CallEnd {
    /// The scope of the tool.
    pub fn scope(&self) -> Scope {
        Scope::of_tool(&self.addon_id, &self.tool)
    }
}
