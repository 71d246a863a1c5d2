//! Records of the transaction log, without the sequence, time, process id and hashes that the store adds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::agent_access::{AgentMode, ApprovalDecision, ApprovalKind, Remember};
use crate::agent_name::AgentName;
use crate::call::{Call, CallEnd};
use crate::change::Change;
use crate::code::Code;
use crate::entity::Entity;
use crate::grant::{Grant, Revocation};
use crate::id::{EpochId, OperationId, ProjectId, SessionId};
use crate::path::Path;
use crate::policy::PolicyDecision;
use crate::role::Role;
use crate::scope::Scope;
use crate::tagged_enum;
use crate::view::Viewed;

/// The step in the life of a transaction or of the daemon that a record reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Phase {
    /// A transaction begins.
    Begin,
    /// One change of a transaction, with enough data to redo and to undo it.
    Step,
    /// Fast path: accepted, not yet verified.
    Provisional,
    /// Fast path: verified.
    Final,
    /// Slow path: verified.
    Commit,
    /// The transaction was undone.
    Rollback,
    /// A conflicting change was quarantined.
    Quarantine,
    /// A delivery to an editor that was offline was verified.
    Deliver,
    /// The policy refused a mutation because of earlier failures.
    Consult,
    /// Intents were refused for another reason.
    Refused,
    /// A failure was counted.
    Failure,
    /// A person allowed a retry.
    Reset,
    /// Automation is off until a person ends the safe mode.
    SafeMode,
    /// A person decided what an agent may do.
    Agent,
    /// A person answered what an agent had asked for, or nobody did in time.
    Approval,
    /// An editor connected, disconnected, or changed its presence.
    Session,
    /// A call of an add-on's tool began or ended.
    Call,
    /// A person allowed an add-on to agents, or took that back.
    Grant,
    /// An agent or a person got a picture of an editor's viewport.
    View,
    /// The daemon started, or has run for long enough.
    Boot,
    /// The daemon stopped in an orderly way.
    Shutdown,
    /// The following records have a newer format version.
    Migrate,
    /// The log goes on from an earlier state, which a person chose after records were lost.
    Recover,
}

/// The result that a record reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The step was done.
    Ok,
    /// The read-back of every editor that was asked is equal.
    Verified,
    /// The change stands, but an editor is offline and receives it when it reconnects.
    #[serde(rename = "owed")]
    Undelivered,
    /// The change was undone in the log and in both editors.
    RolledBack,
    /// The change was not made; a person has to decide.
    #[serde(rename = "held")]
    Quarantined,
    /// The step failed.
    Failed,
}

tagged_enum! {
    "type";
    /// The data of a record that depends on its phase.
    #[derive(Clone, Debug, PartialEq)]
    #[allow(
        clippy::large_enum_variant,
        reason = "steps are both the largest and the most frequent records"
    )]
    pub enum Payload {
        /// With [`Phase::Begin`].
        Begin {
            /// The kind of client that made the change.
            origin: Role,
            /// The agent that made it; none if a person did, and in a log of version 1 to 3, which had no names.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            agent: Option<AgentName>,
            /// Fast or slow; derived from the changes.
            path: Path,
            /// For the undo history and the audit.
            label: String,
            /// Newest log sequence that the origin had seen.
            base_seq: u64,
            /// Number of [`Payload::Step`] records that follow.
            steps: u32,
            /// BLAKE3 of the intent's content, 64 hex digits. Distinguishes a repeated intent from a reused id.
            digest: String,
            /// The policy's decision; none in a log of version 1, which had no policy.
            #[serde(
                rename = "consulted",
                default,
                skip_serializing_if = "Option::is_none"
            )]
            decision: Option<PolicyDecision>,
            /// The call of an add-on's tool that made the changes.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            call: Option<Uuid>,
        },
        /// With [`Phase::Step`].
        Step {
            /// From 0.
            index: u32,
            /// The change, to redo it.
            change: Change,
            /// The state that the change overwrites, to undo it; none if it creates the entity.
            before: Option<Entity>,
        },
        /// With [`Phase::Provisional`].
        Provisional {},
        /// With each phase that ends a transaction.
        End {
            /// Sequence of its BEGIN.
            begin: u64,
            /// Editors whose read-back was compared.
            verified_by: Vec<Role>,
            /// Editors that were offline.
            #[serde(rename = "owed_to")]
            undelivered_to: Vec<Role>,
            /// The first difference, or the reason of the failure.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            detail: Option<String>,
        },
        /// With [`Phase::Quarantine`].
        Quarantine {
            /// The kind of client that made the change.
            origin: Role,
            /// The agent that made it; none if a person did, and in a log of version 1 to 3, which had no names.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            agent: Option<AgentName>,
            /// For people.
            label: String,
            /// BLAKE3 of the intent's content, as with [`Payload::Begin`].
            digest: String,
            /// Whether the whole intent was quarantined. Otherwise its remaining changes follow with a BEGIN.
            #[serde(rename = "whole")]
            is_whole_intent: bool,
            /// The change that was not made.
            change: Change,
            /// The accepted changes that it conflicts with: the newest of each entity.
            #[serde(rename = "against")]
            conflicts: Vec<ConflictingChange>,
        },
        /// With [`Phase::Deliver`].
        Deliver {
            /// The editor.
            role: Role,
            /// The reason of the delivery: `change`, `sync`, `rollback` or `restore`.
            reason: String,
            /// The first difference, if the read-back differs from the delivery.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            detail: Option<String>,
        },
        /// With [`Phase::Consult`].
        Consult {
            /// The kind of client that sent the intent.
            origin: Role,
            /// The agent that made it; none if a person did, and in a log of version 1 to 3, which had no names.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            agent: Option<AgentName>,
            /// For people.
            label: String,
            /// BLAKE3 of the intent's content, as with [`Payload::Begin`].
            digest: String,
            /// The policy's decision.
            #[serde(rename = "consulted")]
            decision: PolicyDecision,
        },
        /// With [`Phase::Refused`]. The ids and entities of the record are those of the newest intent.
        Refusal {
            /// The kind of client that sent the intents.
            origin: Role,
            /// The agent that made it; none if a person did, and in a log of version 1 to 3, which had no names.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            agent: Option<AgentName>,
            /// The label of the newest intent, for people.
            label: String,
            /// Number of intents that this kind of client was refused with this code since the record before.
            count: u64,
            /// The error of the newest intent: its location and message.
            detail: String,
        },
        /// With [`Phase::Failure`].
        Failure {
            /// The editor in which it failed; none if the daemon refused it.
            at: Option<Role>,
            /// Identifies the kind of failure: 16 hex digits.
            signature: String,
            /// The new count of each scope that it affects.
            #[serde(rename = "counted")]
            counts: Vec<FailureCount>,
            /// The error, for people.
            detail: String,
        },
        /// With [`Phase::Reset`].
        Reset {
            /// The scope that may be tried again.
            scope: Scope,
            /// The kind of client that the person used.
            by: Role,
            /// The name that the person gave.
            who: String,
            /// The person's reason.
            why: String,
        },
        /// With [`Phase::SafeMode`].
        SafeMode {
            /// The reason, as a clause without a period.
            why: String,
        },
        /// With [`Phase::Agent`].
        Agent {
            /// The agent.
            agent: AgentName,
            /// Its mode from now on.
            mode: AgentMode,
            /// The kind of client that the person used.
            by: Role,
            /// The name that the person gave.
            who: String,
            /// The person's reason.
            why: String,
        },
        /// With [`Phase::Approval`]. The operation of the record is the one that waited.
        Approval {
            /// Identifies the question.
            approval_id: Uuid,
            /// The agent that asked.
            agent: AgentName,
            /// The kind of consent that it asked for.
            kind: ApprovalKind,
            /// The question, as the person read it.
            what: String,
            /// BLAKE3 of the content that the answer is about, 64 hex digits.
            digest: String,
            /// The answer.
            decision: ApprovalDecision,
            /// For how long a consent counts; none without consent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            remember: Option<Remember>,
            /// The kind of client that the person used; none if nobody answered.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            by: Option<Role>,
            /// The name that the person gave; none if nobody answered.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            who: Option<String>,
        },
        /// With [`Phase::Session`].
        Session {
            /// The editor.
            role: Role,
            /// Whether the editor connected; otherwise it disconnected.
            connected: bool,
            /// The versions of editor and client, or the reason of the disconnect.
            detail: String,
            /// Set if the editor's history has diverged from the log: the last record that both share.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            diverged_after: Option<u64>,
        },
        /// With [`Phase::Session`]: the presence of an editor changed.
        Presence {
            /// The editor.
            role: Role,
            /// The new presence, as `vibesync status` shows it.
            presence: String,
        },
        /// With [`Phase::Call`]: a call begins.
        Call(Call),
        /// With [`Phase::Call`]: a call has ended.
        CallEnd(CallEnd),
        /// With [`Phase::Grant`].
        Grant(Grant),
        /// With [`Phase::Grant`].
        Revocation(Revocation),
        /// With [`Phase::View`].
        View(Viewed),
        /// With [`Phase::Boot`].
        Boot {
            /// The program's version.
            daemon_version: String,
            /// The project.
            project_id: ProjectId,
            /// Whether the previous run ended with SHUTDOWN.
            last_shutdown_clean: bool,
            /// The epoch that begins with this record; none in a log of version 1 or 2, which had no epochs.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            epoch: Option<EpochId>,
        },
        /// With [`Phase::Boot`]: this run is no failed start any more.
        Steady {},
        /// With [`Phase::Shutdown`].
        Shutdown {},
        /// With [`Phase::Migrate`]. Earlier records keep their version.
        Migrate {
            /// The format: `log`.
            what: String,
            /// The previous version.
            from: u32,
            /// The version from this record on.
            to: u32,
        },
        /// With [`Phase::Recover`].
        Recover {
            /// The epoch that follows the record `recovered_seq`.
            epoch: EpochId,
            /// The person or program.
            who: String,
            /// The person's reason.
            why: String,
            /// The witness that the state comes from, such as `checkpoint 1200` or `backup /home/ada/robot.tar`.
            source: String,
            /// The last record that the state includes. Records after it, up to the one before this, are lost.
            recovered_seq: u64,
            /// The witnesses that know later records.
            lost: Vec<LostRecords>,
            /// The folder that keeps the replaced files.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            kept: Option<String>,
        },
    }
}

/// An accepted change that a quarantined one conflicts with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictingChange {
    /// The entity.
    pub uuid: Uuid,
    /// Sequence of the BEGIN of the change.
    pub seq: u64,
}

/// A witness that knows records which a recovery did not bring back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LostRecords {
    /// The witness, such as `registry`.
    pub witness: String,
    /// The last record that it knows.
    pub seq: u64,
}

/// The new count of one scope after a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FailureCount {
    /// The scope.
    pub scope: Scope,
    /// Consecutive failures, including this one.
    pub failures: u32,
    /// Whether this failure opens the breaker.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
    /// Whether only a reset closes the breaker; an edit does not.
    #[serde(
        rename = "constraint",
        default,
        skip_serializing_if = "std::ops::Not::not"
    )]
    pub permanent: bool,
}

/// A record without the fields that the store adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordBody {
    /// The session that caused it; none for the daemon itself.
    pub session_id: Option<SessionId>,
    /// The transaction.
    pub operation_id: Option<OperationId>,
    /// The entities that it concerns.
    pub uuids: Vec<Uuid>,
    /// The step that it reports.
    pub phase: Phase,
    /// The result of that step.
    pub outcome: Outcome,
    /// The error, if there was one.
    pub error_code: Option<Code>,
    /// The data that depends on the phase.
    pub payload: Payload,
}
