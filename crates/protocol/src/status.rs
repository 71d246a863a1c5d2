//! The status of a daemon: the answer to the query `status`, and the object that `vibesync status --json` prints.
//!
//! A reader ignores fields that it does not know. A field that is missing is an error that names the field.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;
use vibesync_scene::{EntityKind, ProjectId, Role, SafeMode, SessionId};

use crate::agent::{AgentStatus, ApprovalStatus};
use crate::editor_state::EditorState;
use crate::error_body::ErrorBody;
use crate::preview::PreviewCounts;

/// The state of a daemon, for people and tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The project that the daemon serves.
    pub project_id: ProjectId,
    /// Sequence of the newest record.
    pub head_seq: u64,
    /// Number of entities that are not deleted.
    pub entities: usize,
    /// Number of transactions that have begun and not ended.
    pub open_transactions: usize,
    /// Number of intents that wait for an entity they refer to, or for the verification of a structural change.
    pub waiting_intents: usize,
    /// Number of waiting intents that come from automation and wait until a person stops editing.
    pub paused_intents: usize,
    /// Number of entities in quarantine.
    pub quarantined: usize,
    /// Number of entities that are withheld, because bulk data of them is missing or damaged.
    pub lost: usize,
    /// The first of them.
    pub lost_entities: Vec<LostEntity>,
    /// Set while automation is off.
    #[serde(deserialize_with = "present")]
    pub safe_mode: Option<SafeMode>,
    /// Number of open circuit breakers: scopes that are not tried again.
    pub breakers_open: usize,
    /// Both editors, connected or not.
    pub editors: Vec<EditorStatus>,
    /// All connections.
    pub sessions: Vec<SessionStatus>,
    /// The newest error since the daemon started.
    #[serde(deserialize_with = "present")]
    pub last_error: Option<LastError>,
    /// Reason why registry, checkpoints or audit lag behind the log. The engine leaves this empty; the daemon fills it in.
    #[serde(deserialize_with = "present")]
    pub lagging: Option<String>,
    /// Damage in a part of the log that a checkpoint covers; missing as long as none was found. The daemon fills it in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_damage: Option<String>,
    /// The agents that are connected, were seen in this run of the daemon, or that a person decided about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub agents: Vec<AgentStatus>,
    /// Their open questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvals: Vec<ApprovalStatus>,
    /// Previews since the daemon started; missing as long as there was none. The daemon adds what it sent.
    #[serde(default, skip_serializing_if = "PreviewCounts::is_zero")]
    pub previews: PreviewCounts,
}

/// An error that was shown to a person or sent to a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LastError {
    /// Sequence of the newest record at that time.
    pub seq: u64,
    /// The error and its remedy.
    #[serde(flatten)]
    pub error: ErrorBody,
    /// The entities that the error is about; not all if they are many.
    pub uuids: Vec<Uuid>,
}

/// An entity whose bulk data cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LostEntity {
    /// The entity.
    pub uuid: Uuid,
    /// Its kind.
    pub kind: EntityKind,
    /// Its name.
    pub name: String,
    /// The blob that cannot be read, and the reason.
    pub why: String,
}

/// The state of one editor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EditorStatus {
    /// The editor.
    pub role: Role,
    /// Its last known state.
    pub presence: EditorPresence,
    /// Set if the editor knew records that the log does not have: the last record that both shared. Lasts until the daemon
    /// stops.
    #[serde(deserialize_with = "present")]
    pub diverged_after: Option<u64>,
}

/// The last known state of an editor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditorPresence {
    /// Not seen since the daemon started.
    Absent,
    /// Hangs: nothing has come from it for several heartbeats.
    Silent,
    /// Disconnected with a goodbye.
    Closed,
    /// Disconnected without a goodbye.
    Crashed,
    /// The state that the editor reported last. An editor that disconnects in order to reload stays `reloading`.
    #[serde(untagged)]
    Reported(EditorState),
}

impl EditorPresence {
    /// Returns the word that the wire uses.
    pub fn as_str(self) -> &'static str {
        match self {
            EditorPresence::Absent => "absent",
            EditorPresence::Silent => "silent",
            EditorPresence::Closed => "closed",
            EditorPresence::Crashed => "crashed",
            EditorPresence::Reported(state) => state.as_str(),
        }
    }
}

/// The state of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SessionStatus {
    /// The connection.
    pub session_id: SessionId,
    /// The kind of client.
    pub role: Role,
    /// Version of the client's program.
    pub editor_version: String,
    /// Last known state of the client.
    pub state: EditorPresence,
    /// True until the client's inventory is complete. `owed` is not known before that.
    pub comparing: bool,
    /// Number of entities in the delivery queue of this client.
    pub owed: usize,
    /// Number of entities that are not sent because they failed in this editor.
    pub withheld: usize,
    /// Number of entities in the batch that the editor is applying.
    pub in_flight: usize,
    /// Objects that the person at this editor is editing, or was editing a moment ago.
    #[serde(deserialize_with = "present")]
    pub hands: Option<ObjectsInUse>,
}

/// Objects that a person is editing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ObjectsInUse {
    /// Any object: the editor does not list them, or they are too many.
    All,
    /// Only these.
    #[serde(untagged)]
    Listed(BTreeSet<Uuid>),
}

/// Reads a field that may be null but must not be missing.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    Option::deserialize(deserializer)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vibesync_scene::Code;

    use super::*;
    use crate::{DaemonMessage, QueryResult};

    /// The answer of a daemon of this version, with every field set. The text is a promise to scripts.
    const GOLDEN: &str = r#"{"breakers_open":6,"editors":[{"diverged_after":10,"presence":"ready","role":"blender"},{"diverged_after":null,"presence":"crashed","role":"unity"}],"entities":2,"head_seq":1,"lagging":"disk full","last_error":{"code":"VS-3001","help":"Do this.","message":"unknown","place":"changes[0]","seq":9,"uuids":["00000000-0000-0000-0000-000000000007"]},"lost":1,"lost_entities":[{"kind":"mesh","name":"Gear","uuid":"00000000-0000-0000-0000-000000000009","why":"blob 12 is missing"}],"open_transactions":3,"paused_intents":4,"project_id":"00000000-0000-0000-0000-000000000001","quarantined":5,"safe_mode":{"since":8,"why":"it crashed"},"sessions":[{"comparing":true,"editor_version":"4.5","hands":"all","in_flight":2,"owed":1,"role":"blender","session_id":"00000000-0000-0000-0000-000000000002","state":"edit","withheld":3},{"comparing":false,"editor_version":"0.1.0","hands":["00000000-0000-0000-0000-000000000007"],"in_flight":0,"owed":0,"role":"cli","session_id":"00000000-0000-0000-0000-000000000003","state":"background","withheld":0}],"waiting_intents":7}"#;

    fn session(id: u128, role: Role, state: EditorState) -> SessionStatus {
        SessionStatus {
            session_id: SessionId(Uuid::from_u128(id)),
            role,
            editor_version: "0.1.0".into(),
            state: EditorPresence::Reported(state),
            comparing: false,
            owed: 0,
            withheld: 0,
            in_flight: 0,
            hands: Some(ObjectsInUse::Listed([Uuid::from_u128(7)].into())),
        }
    }

    fn last_error() -> LastError {
        LastError {
            seq: 9,
            error: ErrorBody {
                code: Code::UuidUnknown,
                message: "unknown".into(),
                location: "changes[0]".into(),
                help: "Do this.".into(),
            },
            uuids: vec![Uuid::from_u128(7)],
        }
    }

    fn status() -> Status {
        let blender = SessionStatus {
            editor_version: "4.5".into(),
            comparing: true,
            owed: 1,
            withheld: 3,
            in_flight: 2,
            hands: Some(ObjectsInUse::All),
            ..session(2, Role::Blender, EditorState::Edit)
        };
        let editor = |role, presence, diverged_after| EditorStatus {
            role,
            presence,
            diverged_after,
        };
        Status {
            project_id: ProjectId(Uuid::from_u128(1)),
            head_seq: 1,
            entities: 2,
            open_transactions: 3,
            waiting_intents: 7,
            paused_intents: 4,
            quarantined: 5,
            lost: 1,
            lost_entities: vec![LostEntity {
                uuid: Uuid::from_u128(9),
                kind: EntityKind::Mesh,
                name: "Gear".into(),
                why: "blob 12 is missing".into(),
            }],
            safe_mode: Some(SafeMode {
                since: 8,
                why: "it crashed".into(),
            }),
            breakers_open: 6,
            editors: vec![
                editor(
                    Role::Blender,
                    EditorPresence::Reported(EditorState::Ready),
                    Some(10),
                ),
                editor(Role::Unity, EditorPresence::Crashed, None),
            ],
            sessions: vec![blender, session(3, Role::Cli, EditorState::Background)],
            last_error: Some(last_error()),
            lagging: Some("disk full".into()),
            log_damage: None,
            agents: Vec::new(),
            approvals: Vec::new(),
            previews: PreviewCounts::default(),
        }
    }

    /// Reads a status as the command line does: as a part of a message.
    fn read(status: &Value) -> Result<Status, String> {
        let message = json!({"type": "result", "request_id": Uuid::nil(), "what": "status", "status": status});
        match serde_json::from_slice(message.to_string().as_bytes()) {
            Ok(DaemonMessage::Result {
                result: QueryResult::Status { status },
                ..
            }) => Ok(*status),
            Ok(other) => Err(format!("{other:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn status_has_the_promised_json() {
        let json = serde_json::to_value(status()).unwrap();
        assert_eq!(json.to_string(), GOLDEN);
        assert_eq!(read(&json), Ok(status()));
    }

    #[test]
    fn empty_fields_of_a_status_are_null() {
        let quiet = Status {
            safe_mode: None,
            last_error: None,
            lagging: None,
            log_damage: None,
            ..status()
        };
        let json = serde_json::to_value(&quiet).unwrap();
        for name in ["safe_mode", "last_error", "lagging"] {
            assert_eq!(json[name], Value::Null, "{name}");
        }
        assert_eq!(read(&json), Ok(quiet));
    }

    #[test]
    fn unknown_fields_of_a_status_are_ignored() {
        let mut newer: Value = serde_json::from_str(GOLDEN).unwrap();
        newer["uptime_s"] = json!(5);
        newer["sessions"][0]["load"] = json!({"cpu": 1});
        newer["editors"][0]["since"] = json!(7);
        newer["last_error"]["count"] = json!(2);
        assert_eq!(read(&newer), Ok(status()));
    }

    #[test]
    fn missing_field_of_a_status_is_named() {
        let whole: Value = serde_json::from_str(GOLDEN).unwrap();
        for name in whole.as_object().unwrap().keys() {
            let mut older = whole.clone();
            older.as_object_mut().unwrap().remove(name);
            let error = read(&older).unwrap_err();
            let expected = format!("missing field `{name}`");
            assert!(error.contains(&expected), "{error}");
        }
    }
}
