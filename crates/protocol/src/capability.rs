//! Messages about add-ons that agents may use: an editor's list of them, permissions, and calls of their tools.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;
use vibesync_scene::{Code, OperationId, Role};

use crate::agent::AwaitedApproval;
use crate::error_body::ErrorBody;

/// A problem that an editor found in an add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddonProblem {
    /// Stable code.
    pub code: Code,
    /// One sentence.
    pub message: String,
    /// The file; empty if there is none.
    pub location: String,
}

/// An add-on of an editor that ships a manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportedAddon {
    /// Its module or package, unique in the editor.
    pub module: String,
    /// Its folder.
    pub folder: String,
    /// Whether the editor runs it.
    pub enabled: bool,
    /// The text of its manifest; none if it could not be read.
    pub manifest: Option<String>,
    /// SHA-256 of the bytes of the manifest: 64 hex digits.
    pub manifest_sha256: Option<String>,
    /// SHA-256 of its files: 64 hex digits; none if there are too many.
    pub code_sha256: Option<String>,
    /// Number of its files.
    pub files: u64,
    /// Names of the tools that its code has handlers for, as far as the code shows them.
    pub declared: Vec<String>,
    /// The reason why it cannot be used.
    pub problem: Option<AddonProblem>,
}

/// A part of an editor's list of add-ons. The last part replaces the list that the daemon has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddonList {
    /// Add-ons with a manifest.
    pub addons: Vec<ReportedAddon>,
    /// Ids or modules of all add-ons that the editor runs.
    pub enabled_addons: Vec<String>,
    /// Version of the editor.
    pub editor_version: String,
    /// Whether it is the last part.
    pub last: bool,
}

/// An agent's call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AddonCommand {
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The arguments.
    #[serde(default)]
    pub params: Map<String, Value>,
    /// Chosen by the sender. The same call with the same id is answered again, and never run twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// An older name of `request_id`; the answer repeats the name that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Uuid>,
    /// For display alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// Words for the log, without effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metadata: Option<Map<String, Value>>,
    /// Time that the call may take, milliseconds; at most that of the permission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_ms: Option<u64>,
    /// Whether to check the call without running it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
}

/// A call on its way to an editor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EditorCommand {
    /// The call.
    pub request_id: Uuid,
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The checked arguments.
    pub params: Map<String, Value>,
    /// The name of the agent.
    pub username: String,
    /// For the undo history of the editor.
    pub label: String,
    /// Time that the call may take from its arrival, milliseconds.
    pub deadline_ms: u64,
    /// The manifest that a person allowed; the editor refuses another one.
    pub manifest_sha256: String,
    /// The files that a person allowed; the editor refuses others.
    pub code_sha256: String,
    /// The entities of parameters of the type `object_name`.
    pub resolved: BTreeMap<String, Uuid>,
}

/// The state of a call that has not ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandState {
    /// It has not begun: another call or a person goes first.
    Waiting,
    /// The tool runs.
    Running,
    /// The tool has returned, and its work goes on.
    Deferred,
}

/// News of a call, from the editor to the daemon and from there to the agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandProgress {
    /// The call.
    pub request_id: Uuid,
    /// Its state.
    pub state: CommandState,
    /// A sentence; may be empty.
    pub message: String,
    /// Time since it began, milliseconds.
    pub elapsed_ms: u64,
    /// The question to a person that the call waits for; only from the daemon.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<AwaitedApproval>,
}

/// An editor's answer to a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandResponse {
    /// The call.
    pub request_id: Uuid,
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The result: `status`, `message`, `data`, maybe `error_code`.
    pub result: Value,
    /// The error; none if the tool ran and returned.
    #[serde(default)]
    pub code: Option<Code>,
    /// The intent with the tool's changes; none if there were none.
    #[serde(default)]
    pub operation_id: Option<OperationId>,
    /// Text that the tool printed.
    #[serde(default)]
    pub output: String,
    /// Time that it took, milliseconds.
    #[serde(default)]
    pub elapsed_ms: u64,
    /// Whether the editor took back what the tool had changed.
    #[serde(default)]
    pub taken_back: bool,
    /// Changes that VibeSync does not synchronize, in words.
    #[serde(default)]
    pub not_synced: Vec<String>,
}

/// The daemon's answer to an agent's call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CommandAnswer {
    /// The call, if the agent named it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<Uuid>,
    /// The call, if the agent named it so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Uuid>,
    /// The add-on.
    pub addon_id: String,
    /// The tool.
    pub command: String,
    /// The result: `status`, `message`, `data`, maybe `error_code`.
    pub result: Value,
    /// The error; none if the tool ran and reported no error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorBody>,
    /// Mistakes of the call: code, rule, path and sentence of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Value>,
    /// The transaction with the tool's changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_id: Option<OperationId>,
    /// Number of the tool's changes.
    #[serde(default)]
    pub changes: u64,
    /// Text that the tool printed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
    /// Time that it took, milliseconds.
    #[serde(default)]
    pub elapsed_ms: u64,
    /// Whether the editor took back what the tool had changed.
    #[serde(default)]
    pub taken_back: bool,
    /// Changes that VibeSync does not synchronize, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_synced: Vec<String>,
    /// Sequence of the record of its end; of the newest record for a call that was refused.
    pub seq: u64,
}

/// A person's permission for agents to call the tools of an add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// The add-on.
    pub addon_id: String,
    /// The manifest that the person saw. Another one is refused.
    pub manifest_sha256: String,
    /// The files that the person saw. Others are refused.
    pub code_sha256: String,
    /// The allowed tools; all if none is named.
    #[serde(default)]
    pub tools: Vec<String>,
    /// Whether the tools may change nothing.
    #[serde(default)]
    pub read_only: bool,
    /// Longest time that a call may take, milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_ms: Option<u64>,
    /// The name that the person gives.
    pub who: String,
    /// The person's reason.
    pub why: String,
}

/// A person's request to end a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeRequest {
    /// Chosen by the sender; the result carries it.
    pub request_id: Uuid,
    /// The add-on.
    pub addon_id: String,
    /// The name that the person gives.
    pub who: String,
    /// The person's reason.
    pub why: String,
}

/// Whether agents can call an add-on.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CapabilityState {
    /// Its tools can be called.
    Ready,
    /// A person has to allow it.
    NeedsPermission,
    /// A person allowed it, and it has changed since.
    Changed,
    /// Its manifest is refused, or the editor found a problem.
    Refused,
    /// Something that it needs is missing.
    MissingRequirement,
    /// The editor does not run it.
    Disabled,
    /// The editor is not connected.
    EditorAway,
}

impl CapabilityState {
    /// Its name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NeedsPermission => "needs_permission",
            Self::Changed => "changed",
            Self::Refused => "refused",
            Self::MissingRequirement => "missing_requirement",
            Self::Disabled => "disabled",
            Self::EditorAway => "editor_away",
        }
    }
}

/// An add-on, as the daemon judges it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Capability {
    /// The id of the add-on; its module if the id cannot be read.
    pub addon_id: String,
    /// The editor that has it.
    pub editor: Role,
    /// Its state.
    pub state: CapabilityState,
    /// The error behind the state; none if it is ready.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// The reason in a sentence; empty if it is ready.
    pub why: String,
    /// Mistakes and notes: rule, path, position and sentence of each. Agents do not get them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Value>,
    /// Its manifest. Agents get that of an add-on that a person allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<Value>,
    /// Its folder. Agents do not get it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<String>,
    /// SHA-256 of its manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest_sha256: Option<String>,
    /// SHA-256 of its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_sha256: Option<String>,
    /// Tools that a person allowed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<String>,
    /// Tools whose breaker is open, each with its error.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocked: BTreeMap<String, Code>,
    /// Whether a person allowed its tools to change nothing.
    #[serde(default)]
    pub read_only: bool,
    /// Longest time that a call may take, milliseconds; 0 without a permission.
    #[serde(default)]
    pub max_ms: u64,
}

/// An add-on in the list of the event `registry_updated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AvailableAddon {
    /// The add-on.
    pub addon_id: String,
    /// Name for people.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `blender` or `unity`.
    pub editor: String,
    /// Its state.
    pub state: CapabilityState,
    /// Names of its tools.
    pub tools: Vec<String>,
}
