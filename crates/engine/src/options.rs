//! Settings of the engine.

use serde::{Deserialize, Serialize};
use vibesync_protocol::auth::GrantKey;
use vibesync_scene::{AgentMode, EpochId, ProjectId};

/// Settings that the engine gets when it starts.
#[derive(Clone, Debug)]
pub struct Options {
    /// The project served.
    pub project_id: ProjectId,
    /// The epoch that this start begins: a random id that no other start has.
    pub epoch: EpochId,
    /// Time during which changes accumulate before the next batch leaves, milliseconds. The first change of a burst is
    /// not delayed.
    pub batch_window_ms: u64,
    /// Time in which an editor must answer a small batch, milliseconds, unless the editor defers it. A larger batch gets
    /// the same again for each hundred changes and each 2 MiB of bulk data.
    pub apply_timeout_ms: u64,
    /// Interval of an editor's heartbeats, milliseconds.
    pub heartbeat_ms: u64,
    /// Time for which a person's edit must have ended before automation may change the same objects, milliseconds.
    pub idle_ms: u64,
    /// Most changes in open transactions. Above it, the oldest transactions stop waiting for editors that are behind.
    pub max_open: usize,
    /// Most changes in one batch for an editor that is not far behind: one that still lacks at most as many entities.
    pub max_batch: usize,
    /// Most changes in one batch for an editor that is far behind. Counts only if it is larger than `max_batch`.
    pub max_catch_up_batch: usize,
    /// The same for an editor with the feature `large_batches`.
    pub max_large_batch: usize,
    /// Most bulk bytes in one batch.
    pub max_batch_bytes: u64,
    /// Rate limit of automation.
    pub rate: Rate,
    /// The secret of the user, which marks the permissions for add-ons that this user gave.
    pub grant_key: GrantKey,
    /// Thresholds of the circuit breakers.
    pub thresholds: Thresholds,
    /// The rights of agents.
    pub agents: AgentOptions,
}

/// The rights of agents that no person has decided about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentOptions {
    /// Whether agents may connect at all.
    pub enabled: bool,
    /// The mode of an agent that no person has decided about.
    pub mode: AgentMode,
    /// The clients in which a person may allow something.
    pub approve_in: ApproveIn,
    /// Most entities that one intent may change without a question.
    pub many: usize,
    /// Most entities that one agent may create within a day.
    pub created_per_day: u64,
}

/// The clients in which a person may allow something. To forbid is possible everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApproveIn {
    /// In an editor. On the command line only while no editor is connected that can ask a person: an agent with a shell
    /// has the command line, too.
    #[default]
    Editor,
    /// On the command line as well.
    Anywhere,
}

impl Default for AgentOptions {
    /// Returns the built-in settings.
    fn default() -> Self {
        Self {
            enabled: true,
            mode: AgentMode::Ask,
            approve_in: ApproveIn::Editor,
            many: 200,
            created_per_day: 10_000,
        }
    }
}

/// Rate limit of automation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Changes a second, in the long run.
    pub changes_per_s: u64,
    /// Changes at once, after a rest.
    pub burst: u64,
}

impl Default for Rate {
    /// Returns the built-in settings.
    fn default() -> Self {
        Self {
            changes_per_s: 1_000,
            burst: 10_000,
        }
    }
}

/// Numbers of failures that open circuit breakers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Identical consecutive failures of an entity, or of one content. One may be transient; two are not.
    pub identical: u32,
    /// Consecutive failures of any kind of an entity.
    pub entity: u32,
    /// Consecutive failures of automation with one kind of change.
    pub operation: u32,
    /// Consecutive failures of automation.
    pub automation: u32,
    /// Consecutive failures of automation until safe mode begins.
    pub safe_mode: u32,
    /// Consecutive crashes of an editor, or of the daemon at its start.
    pub crashes: u32,
    /// Number of openings after which a breaker counts as permanent.
    pub permanent: u32,
    /// Time for which the daemon must run until its start counts as a success, milliseconds.
    pub steady_after_ms: u64,
}

impl Default for Thresholds {
    /// Returns the built-in settings.
    fn default() -> Self {
        Self {
            identical: 2,
            entity: 5,
            operation: 5,
            automation: 10,
            safe_mode: 20,
            crashes: 3,
            permanent: 3,
            steady_after_ms: 10_000,
        }
    }
}
