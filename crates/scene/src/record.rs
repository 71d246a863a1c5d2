//! What the transaction log says. The store adds sequence, time, process and hash chain to each record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::change::{Change, Path};
use crate::code::Code;
use crate::entity::Entity;
use crate::failure_history::FailureCount;
use crate::id::{OperationId, ProjectId, SessionId};
use crate::policy::PolicyDecision;
use crate::scope::Scope;
use crate::tagged_enum;

/// Who speaks to the daemon.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The Blender addon.
    Blender,
    /// The Unity package.
    Unity,
    /// An AI agent.
    Agent,
    /// The command line.
    Cli,
}

impl Role {
    /// The editors: each holds a copy of the scene that changes are delivered to.
    pub const EDITORS: [Role; 2] = [Role::Blender, Role::Unity];

    /// Whether it is one of [`Role::EDITORS`].
    pub fn is_editor(self) -> bool {
        Self::EDITORS.contains(&self)
    }

    /// Whether a person speaks through it; automation comes after people.
    pub fn is_person(self) -> bool {
        self != Role::Agent
    }

    /// As written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Blender => "blender",
            Role::Unity => "unity",
            Role::Agent => "agent",
            Role::Cli => "cli",
        }
    }
}

/// Where a record stands in the life of a transaction or of the daemon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Phase {
    /// A transaction opens.
    Begin,
    /// One change of it, enough to redo and to undo.
    Step,
    /// Fast path: applied where it was made, not yet verified.
    Provisional,
    /// Fast path: verified.
    Final,
    /// Slow path: verified.
    Commit,
    /// Undone.
    Rollback,
    /// A change that conflicts with another was set aside.
    Quarantine,
    /// A delivery to an editor that was away has been verified.
    Deliver,
    /// What the log knows forbids a mutation.
    Consult,
    /// Something failed, and is counted.
    Failure,
    /// A person lets something be tried again.
    Reset,
    /// Automation stops until a person ends it.
    SafeMode,
    /// An editor connected or left.
    Session,
    /// The daemon started.
    Boot,
    /// The daemon stopped cleanly.
    Shutdown,
    /// What follows is of a newer version of the format than what was before.
    Migrate,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Went on as it should.
    Ok,
    /// The other editor holds it: read back and compared.
    Verified,
    /// The other editor is away and gets it when it returns.
    #[serde(rename = "owed")]
    Undelivered,
    /// Undone in the log and in both editors.
    RolledBack,
    /// Set aside until a person decides.
    #[serde(rename = "held")]
    Quarantined,
    /// Did not work.
    Failed,
}

tagged_enum! {
    "type";
    /// What a record carries beyond its envelope.
    #[derive(Clone, Debug, PartialEq)]
    #[allow(
        clippy::large_enum_variant,
        reason = "steps, the large ones, are also the many"
    )]
    pub enum Payload {
        /// With [`Phase::Begin`].
        Begin {
            /// Who made the change.
            origin: Role,
            /// Derived from the changes.
            path: Path,
            /// For the undo history and the audit.
            label: String,
            /// What the origin had seen.
            base_seq: u64,
            /// How many [`Payload::Step`] records follow.
            steps: u32,
            /// BLAKE3 of the intent's content, 64 hex digits: tells a repeated intent from a reused id.
            digest: String,
            /// What the log said of it before; none in a log of version 1, which was not asked.
            #[serde(
                rename = "consulted",
                default,
                skip_serializing_if = "Option::is_none"
            )]
            decision: Option<PolicyDecision>,
        },
        /// With [`Phase::Step`].
        Step {
            /// From 0.
            index: u32,
            /// Redo.
            change: Change,
            /// Undo: what the change overwrites; none where it creates.
            before: Option<Entity>,
        },
        /// With [`Phase::Provisional`].
        Provisional {},
        /// With the phases that end a transaction.
        End {
            /// Sequence of its BEGIN.
            begin: u64,
            /// Editors whose read-back was compared.
            verified_by: Vec<Role>,
            /// Editors that were away.
            #[serde(rename = "owed_to")]
            undelivered_to: Vec<Role>,
            /// What differed, or why it failed.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            detail: Option<String>,
        },
        /// With [`Phase::Quarantine`].
        Quarantine {
            /// Who made the change.
            origin: Role,
            /// For people.
            label: String,
            /// BLAKE3 of the intent's content, as with [`Payload::Begin`].
            digest: String,
            /// Whether nothing of the intent was done; else its other changes follow with a BEGIN.
            #[serde(rename = "whole")]
            is_whole_intent: bool,
            /// What was set aside.
            change: Change,
            /// What stands against it: the newest change of each of these entities.
            #[serde(rename = "against")]
            conflicts: Vec<ConflictingChange>,
        },
        /// With [`Phase::Deliver`].
        Deliver {
            /// The editor.
            role: Role,
            /// Why it was sent: `change`, `sync`, `rollback` or `restore`.
            reason: String,
            /// What differed first, where the editor does not hold what was sent.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            detail: Option<String>,
        },
        /// With [`Phase::Consult`].
        Consult {
            /// Who wanted it.
            origin: Role,
            /// For people.
            label: String,
            /// BLAKE3 of the intent's content, as with [`Payload::Begin`].
            digest: String,
            /// What the log knows.
            #[serde(rename = "consulted")]
            decision: PolicyDecision,
        },
        /// With [`Phase::Failure`].
        Failure {
            /// The editor in which it failed; none where the daemon refused it.
            at: Option<Role>,
            /// Tells failures of one kind from others: 16 hex digits.
            signature: String,
            /// What it counts against.
            #[serde(rename = "counted")]
            counts: Vec<FailureCount>,
            /// What went wrong.
            detail: String,
        },
        /// With [`Phase::Reset`].
        Reset {
            /// What is tried again.
            scope: Scope,
            /// Through which client.
            by: Role,
            /// The person, as they call themselves.
            who: String,
            /// Their reason.
            why: String,
        },
        /// With [`Phase::SafeMode`].
        SafeMode {
            /// As a clause without a period.
            why: String,
        },
        /// With [`Phase::Session`].
        Session {
            /// The editor.
            role: Role,
            /// Connected or left.
            connected: bool,
            /// Versions as it told them, or why it left.
            detail: String,
        },
        /// With [`Phase::Session`]: what an editor is doing, or why nothing is heard of it.
        Presence {
            /// The editor.
            role: Role,
            /// As `vibesync status` has it.
            presence: String,
        },
        /// With [`Phase::Boot`].
        Boot {
            /// The program's version.
            daemon_version: String,
            /// The project.
            project_id: ProjectId,
            /// Whether the run before ended with SHUTDOWN.
            last_shutdown_clean: bool,
        },
        /// With [`Phase::Boot`]: this run has lasted.
        Steady {},
        /// With [`Phase::Shutdown`].
        Shutdown {},
        /// With [`Phase::Migrate`]. What is before it stays as it was written.
        Migrate {
            /// Which format: `log`.
            what: String,
            /// The version before.
            from: u32,
            /// The version from this record on.
            to: u32,
        },
    }
}

/// A change that stands against one that was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ConflictingChange {
    /// The entity.
    pub uuid: Uuid,
    /// Sequence of its BEGIN.
    pub seq: u64,
}

/// A record without what the store adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RecordBody {
    /// The session that caused it; none for the daemon itself.
    pub session_id: Option<SessionId>,
    /// The transaction.
    pub operation_id: Option<OperationId>,
    /// The entities it is about.
    pub uuids: Vec<Uuid>,
    /// Where it stands.
    pub phase: Phase,
    /// How it went.
    pub outcome: Outcome,
    /// What went wrong.
    pub error_code: Option<Code>,
    /// The rest.
    pub payload: Payload,
}
