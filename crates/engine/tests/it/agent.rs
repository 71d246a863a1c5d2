//! An agent: a client that sends intents and holds no scene.

use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, AgentIdentity, ClientMessage, Code, DaemonMessage, Intent, SCHEMA_VERSION,
};
use vibesync_scene::{Change, InstanceId, OperationId, Role, SessionId};
use vibesync_testkit::FakeEditor;

use crate::harness::{Harness, PROJECT};

/// An agent's session.
pub struct Agent(pub SessionId);

/// The answer to an intent.
pub type Answer = (AckStatus, Option<Code>);

pub const ACCEPTED: Answer = (AckStatus::Accepted, None);

pub fn refused(code: Code) -> Answer {
    (AckStatus::Refused, Some(code))
}

impl Agent {
    pub fn connect(harness: &mut Harness) -> Self {
        Self::connect_as(harness, None)
    }

    /// Connects an agent with a name.
    pub fn connect_as(harness: &mut Harness, name: Option<&str>) -> Self {
        let instance = InstanceId(harness.id());
        let session = SessionId(harness.id());
        let mut editor = FakeEditor::new(Role::Agent, instance, PROJECT);
        editor.head_seq = harness.engine.head_seq();
        editor.agent = name.map(|name| AgentIdentity {
            name: name.parse().unwrap(),
            client: Some("test".into()),
            client_version: None,
        });
        let hello = Box::new(editor.hello(String::new(), String::new()));
        harness.step(Input::Connected { session, hello });
        Self(session)
    }

    /// Sends an intent with this `base_seq`.
    pub fn ask(&self, harness: &mut Harness, base_seq: u64, changes: Vec<Change>) -> OperationId {
        let operation_id = OperationId(harness.id());
        self.ask_again(harness, operation_id, base_seq, changes);
        operation_id
    }

    /// Sends an intent with this id.
    pub fn ask_again(
        &self,
        harness: &mut Harness,
        operation_id: OperationId,
        base_seq: u64,
        changes: Vec<Change>,
    ) {
        let intent = Intent {
            operation_id,
            project_id: PROJECT,
            schema_version: SCHEMA_VERSION,
            base_seq,
            label: "Agent".into(),
            dry_run: false,
            changes,
            request_id: None,
        };
        let message = Box::new(ClientMessage::Intent(intent));
        harness.step(Input::Message {
            session: self.0,
            message,
        });
    }
}

/// Returns the answer to an agent's intent, if there is one.
pub fn answer(harness: &Harness, id: OperationId) -> Option<Answer> {
    harness.received.iter().find_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => Some((*status, error.as_ref().map(|error| error.code))),
        _ => None,
    })
}
