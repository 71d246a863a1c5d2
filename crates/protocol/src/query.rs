//! Requests of clients other than intents (queries, restores, resets), and their results.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use vibesync_scene::{
    AgentName, EntityKind, FailureState, OperationId, Outcome, Role, Row, SafeMode, Scope,
    tagged_enum,
};

use crate::agent::{AgentReport, OpenApproval};
use crate::blobs::BlobReport;
use crate::capability::Capability;
use crate::error_body::ErrorBody;
use crate::question::{DescribedEntity, FoundEntity};
use crate::status::Status;

/// The subject of a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Query {
    /// The daemon's state.
    Status,
    /// Failures and open breakers.
    Governance,
    /// Entities by uuid, after a given uuid.
    Entities,
    /// The state of an operation.
    Operation(OperationId),
    /// Agents: all for people, itself for an agent.
    Agents,
    /// Add-ons, by id. With the limit 0, only their number and revision.
    Capabilities,
}

/// A person's request to try a scope again that failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// The scope to try again.
    pub scope: Scope,
    /// The name that the person gives.
    pub who: String,
    /// The reason why it may work now.
    pub why: String,
}

/// A request to restore entities from a commit of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestoreRequest {
    /// Chosen by the sender. It becomes the operation id, so that a repeated request has no second effect.
    pub request_id: Uuid,
    /// The id of a commit, or its first digits; or `@` and a log sequence, for the newest commit up to it.
    pub commit: String,
    /// The entities to restore, with the entities that they refer to; all entities if none is named.
    pub uuids: Vec<Uuid>,
    /// Whether to list the changes without making them.
    pub dry_run: bool,
    /// Person and reason, for the log, the undo history and the audit.
    pub label: String,
}

/// A change that a restore makes to one entity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedChange {
    /// The entity.
    pub uuid: Uuid,
    /// `create`, `update` or `delete`.
    pub op: String,
    /// Its kind.
    pub kind: EntityKind,
    /// Its name after the restore; for a deletion, its current name.
    pub name: Option<String>,
    /// The components that the restore writes.
    pub components: Vec<String>,
}

/// A request to take back what an agent did: by operations, or all after a log sequence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertRequest {
    /// Chosen by the sender. It becomes the operation id, so that a repeated request has no second effect.
    pub request_id: Uuid,
    /// The agent. An agent names itself.
    pub agent: AgentName,
    /// Operations of the agent.
    #[serde(default)]
    pub operations: Vec<OperationId>,
    /// All operations of the agent after this sequence; none if operations are named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_seq: Option<u64>,
    /// Whether to list the changes without making them.
    pub dry_run: bool,
    /// Reason, for the log, the undo history and the audit.
    pub label: String,
    /// The name that the person gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
}

/// The reason why a part of an agent's work stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// Somebody else has changed it since.
    Changed,
    /// The agent created it, and something that stays is below it or shows it.
    Needed,
    /// The object above it, or the data that it showed, is gone.
    Unavailable,
}

/// A part of an agent's work that stays, with the change that it stays for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LeftOut {
    /// The entity.
    pub uuid: Uuid,
    /// The components that stay; none for the whole entity.
    pub components: Vec<String>,
    /// The reason.
    pub reason: LeftOutReason,
    /// The kind of client that made the change.
    pub by: Option<Role>,
    /// The agent that made the change, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// Sequence of the change.
    pub seq: Option<u64>,
}

impl LeftOut {
    /// A part that stays for a change that is not known.
    pub fn new(
        uuid: Uuid,
        components: impl Iterator<Item = &'static str>,
        reason: LeftOutReason,
    ) -> Self {
        Self {
            uuid,
            components: components.map(str::to_owned).collect(),
            reason,
            by: None,
            agent: None,
            seq: None,
        }
    }
}

/// The stage of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OperationStage {
    /// It is none of the newest operations of the log, and waits nowhere.
    Unknown,
    /// It is not decided yet: it waits for something.
    Waiting,
    /// It is accepted; editors have still to verify it.
    Open,
    /// It has ended.
    Ended,
}

/// The event that an intent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// A person lets go of the objects.
    Person,
    /// Editors verify an earlier change.
    Verification,
    /// A client creates an entity.
    Entity,
    /// An earlier intent of the same client is decided.
    Intent,
}

tagged_enum! {
    "what", tolerant;
    /// The result of a query, question, reset, restore, undo or dry run.
    #[derive(Clone, Debug, PartialEq)]
    pub enum QueryResult {
        /// The daemon's state, as `vibesync status --json` prints it.
        Status {
            /// The state.
            status: Box<Status>,
        },
        /// Rows by uuid.
        Entities {
            /// The rows.
            entities: Vec<Row>,
            /// Start of the next page; none at the end.
            next: Option<Uuid>,
        },
        /// Failures of scopes that are not known to work again.
        Governance {
            /// The safe mode, if it is on.
            safe_mode: Option<SafeMode>,
            /// Consecutive runs of the daemon that ended before they were steady.
            failed_boots: u32,
            /// Failures by scope, newest first; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            #[serde(rename = "troubles")]
            failures: Vec<ScopedFailure>,
            /// Number of all failures.
            total: u64,
        },
        /// The result of a reset.
        Reset {
            /// Sequence of its record; none if there was nothing to reset.
            seq: Option<u64>,
        },
        /// Add-ons that agents may use, and others with a manifest.
        Capabilities {
            /// Differs whenever an answer would differ.
            revision: u64,
            /// Number of all.
            total: u64,
            /// Those up to the limit, by id.
            addons: Vec<Capability>,
        },
        /// The result of a permission or its end.
        Grant {
            /// Sequence of its record; none if nothing changed.
            seq: Option<u64>,
            /// The reason, if it was refused.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            error: Option<ErrorBody>,
        },
        /// The agents that are connected, were seen in this run of the daemon, or that a person decided about.
        Agents {
            /// The agents, by name.
            agents: Vec<AgentReport>,
            /// Their open questions; for an agent, its own.
            approvals: Vec<OpenApproval>,
        },
        /// The result of a decision about an agent.
        SetAgent {
            /// Sequence of its record.
            seq: u64,
        },
        /// The result of an answer to an agent.
        Decide {
            /// Sequence of its record; none if the question is not open any more.
            seq: Option<u64>,
        },
        /// The result of a restore.
        Restore {
            /// Full id of the commit.
            commit: String,
            /// Its log sequence.
            seq: u64,
            /// The changes, by uuid; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            changes: Vec<PlannedChange>,
            /// Number of all changes.
            total: u64,
            /// Number of entities that the restore creates or revives.
            #[serde(default)]
            created: u64,
            /// Number of entities that it deletes.
            #[serde(default)]
            deleted: u64,
            /// The operation that makes them; none for a dry run, or if nothing differs. `ack` and `outcome` follow.
            operation_id: Option<OperationId>,
        },
        /// The result of an undo of an agent's work.
        Revert {
            /// The agent.
            agent: AgentName,
            /// The changes, by uuid; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            changes: Vec<PlannedChange>,
            /// Number of all changes.
            total: u64,
            /// Number of entities that the undo revives.
            created: u64,
            /// Number of entities that it deletes.
            deleted: u64,
            /// Parts that stay; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            left_out: Vec<LeftOut>,
            /// Number of all that stays.
            left_out_total: u64,
            /// The operation that makes the changes; none for a dry run, or if there are none. `ack` and `outcome` follow.
            operation_id: Option<OperationId>,
        },
        /// The plan of an intent with `dry_run`; the `request_id` of the result is its `operation_id`.
        Plan {
            /// The head of the log.
            seq: u64,
            /// The changes that the intent would make now; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            changes: Vec<PlannedChange>,
            /// Number of all changes.
            total: u64,
            /// Number of entities that it would create or revive.
            created: u64,
            /// Number of entities that it would delete.
            deleted: u64,
            /// The event that it would have to wait for.
            waits_for: Option<WaitsFor>,
        },
        /// The stored blobs, and those that were removed.
        Prune {
            /// By what keeps them.
            report: BlobReport,
        },
        /// The state of an operation.
        Operation {
            /// Its stage.
            stage: OperationStage,
            /// Sequence of its transaction.
            seq: Option<u64>,
            /// The entities of an operation that has not ended; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            uuids: Vec<Uuid>,
            /// The event that it waits for.
            waits_for: Option<WaitsFor>,
            /// The outcome, as its client was told.
            outcome: Option<Outcome>,
            /// The error of a rollback.
            error: Option<ErrorBody>,
        },
        /// The entities that a search found.
        Search {
            /// Newest log sequence that the answer includes.
            seq: u64,
            /// Number of all entities that meet the conditions.
            total: u64,
            /// A page of them, by uuid.
            found: Vec<FoundEntity>,
            /// Start of the next page; none at the end.
            next: Option<Uuid>,
        },
        /// Described entities.
        Describe {
            /// Newest log sequence that the answer includes.
            seq: u64,
            /// Number of all entities of the tree, or of those that exist.
            total: u64,
            /// The entities, in the order of the question; of a tree, each parent before its children.
            described: Vec<DescribedEntity>,
            /// Entities that do not exist.
            missing: Vec<Uuid>,
            /// Number of entities up to the next page; none at the end.
            next: Option<u32>,
        },
        /// The entities that changed.
        Changes {
            /// Newest log sequence that the answer includes.
            seq: u64,
            /// They, deleted ones among them; at most [`MAX_RESULT_ITEMS`](crate::MAX_RESULT_ITEMS).
            uuids: Vec<Uuid>,
            /// Whether there are more.
            more: bool,
        },
        /// The entities that the client may be told of.
        Visible {
            /// Newest log sequence that the answer includes.
            seq: u64,
            /// They, in the order of the question.
            uuids: Vec<Uuid>,
        },
    }
}

/// A scope and its failures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScopedFailure {
    /// The scope.
    pub scope: Scope,
    /// Its failures.
    #[serde(flatten)]
    pub state: FailureState,
}
