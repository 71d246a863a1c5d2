//! Agents on the wire: who they are, what people decide about them, and what they wait for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{AgentMode, AgentName, AgentScope, ApprovalKind, Remember};

/// Parts of the protocol that a client accepts in its `hello`.
pub mod feature {
    /// Buffers of meshes that the daemon sends as patches of those that the client has got.
    pub const APPLY_PATCHES: &str = "apply_patches";

    /// Buffers of meshes that the client sends as patches of those that it has sent.
    pub const UPLOAD_PATCHES: &str = "upload_patches";

    /// Names of agents, and the questions that they ask people.
    pub const AGENTS: &str = "agents";

    /// Add-ons that agents may use: their lists, and calls of their tools.
    pub const CAPABILITIES: &str = "capabilities";

    /// Batches of up to [`MAX_BATCH_CHANGES`](crate::MAX_BATCH_CHANGES) changes for an editor that is far behind.
    pub const LARGE_BATCHES: &str = "large_batches";

    /// Previews of the vertices of meshes, beside [`PREVIEWS`].
    pub const MESH_PREVIEWS: &str = "mesh_previews";

    /// Values that an editor shows while a person at the other editor works.
    pub const PREVIEWS: &str = "previews";

    /// Pictures of an editor's viewport, and its selection.
    pub const VIEW: &str = "view";

    /// The features that the daemon offers in its `challenge`.
    pub const OFFERED: &[&str] = &[
        AGENTS,
        APPLY_PATCHES,
        CAPABILITIES,
        LARGE_BATCHES,
        MESH_PREVIEWS,
        PREVIEWS,
        UPLOAD_PATCHES,
        VIEW,
    ];

    /// Most features in a `hello`.
    pub const MOST: usize = 32;
}

/// Most open approvals of all agents.
pub const MAX_APPROVALS: usize = 32;

/// The identity of an agent. Everything but the name is for people alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentIdentity {
    /// Its name, which a person chose.
    #[serde(default)]
    pub name: AgentName,
    /// The program that it works in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The version of that program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_version: Option<String>,
}

/// A person's decision about an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetAgentRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// The agent.
    pub agent: AgentName,
    /// Its mode from now on. `ask`: the earlier decision does not count any more.
    pub mode: AgentMode,
    /// The name that the person gives.
    pub who: String,
    /// The reason.
    pub why: String,
}

/// A person's answer to what an agent asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// The question.
    pub approval_id: Uuid,
    /// The answer.
    pub allow: bool,
    /// For how long a consent counts. A refusal counts once.
    pub remember: Remember,
    /// The name that the person gives.
    pub who: String,
}

/// A question that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenApproval {
    /// Identifies the question.
    pub approval_id: Uuid,
    /// The agent that asks.
    pub agent: AgentName,
    /// The kind of consent that it needs.
    pub kind: ApprovalKind,
    /// The question, for people.
    pub sentence: String,
    /// The exact effects, for people: at most 12 lines.
    pub details: Vec<String>,
    /// Sequence of the newest record when it asked.
    pub asked_at_seq: u64,
    /// Time that is left for an answer, milliseconds.
    pub expires_in_ms: u64,
}

/// The question that an intent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwaitedApproval {
    /// Identifies the question.
    pub approval_id: Uuid,
    /// Time that is left for an answer, milliseconds.
    pub expires_in_ms: u64,
}

/// The use of an agent's budget of created entities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentBudget {
    /// Entities that it created within the present day.
    pub created: u64,
    /// Most of them within a day.
    pub created_per_day: u64,
    /// Time until the next day begins, milliseconds; 0 before the first creation.
    pub renewed_in_ms: u64,
}

/// All about one agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentReport {
    /// Its name.
    pub name: AgentName,
    /// Its mode.
    pub mode: AgentMode,
    /// Whether a person decided that; otherwise the settings did.
    pub decided: bool,
    /// Its rights without a question.
    pub scopes: Vec<AgentScope>,
    /// Whether it is connected.
    pub connected: bool,
    /// The program that it works in, with the version.
    pub client: Option<String>,
    /// Label of its newest intent in this run of the daemon.
    pub last_words: Option<String>,
    /// Newest log sequence when it was last seen; none if it was not seen in this run of the daemon.
    pub last_seq: Option<u64>,
    /// Its budget.
    pub budgets: AgentBudget,
    /// Number of its accepted changes in this run of the daemon.
    pub changes: u64,
}

/// An agent in the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentStatus {
    /// Its name.
    pub name: AgentName,
    /// Its mode.
    pub mode: AgentMode,
    /// Whether it is connected.
    pub connected: bool,
    /// Newest log sequence when it was last seen; none if it was not seen in this run of the daemon.
    pub last_seq: Option<u64>,
}

/// An open question in the status.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ApprovalStatus {
    /// Identifies the question.
    pub approval_id: Uuid,
    /// The agent that asks.
    pub agent: AgentName,
    /// The question, for people.
    pub sentence: String,
}
