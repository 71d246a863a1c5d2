//! Automation: a client that only asks.

use vibesync_engine::Input;
use vibesync_protocol::{AckStatus, ClientMessage, Code, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{Change, InstanceId, OperationId, Role, SessionId};
use vibesync_testkit::FakeEditor;

use crate::world::{PROJECT, World};

/// An agent's session.
pub struct Agent(pub SessionId);

/// How an intent was answered.
pub type Answer = (AckStatus, Option<Code>);

pub const ACCEPTED: Answer = (AckStatus::Accepted, None);

pub fn refused(code: Code) -> Answer {
    (AckStatus::Refused, Some(code))
}

impl Agent {
    pub fn connect(world: &mut World) -> Self {
        let instance = InstanceId(world.id());
        let session = SessionId(world.id());
        let mut editor = FakeEditor::new(Role::Agent, instance, PROJECT);
        editor.head_seq = world.engine.head_seq();
        let hello = Box::new(editor.hello(String::new(), String::new()));
        world.step(Input::Connected { session, hello });
        Self(session)
    }

    /// Asks for something, having seen the scene as of `base_seq`.
    pub fn ask(&self, world: &mut World, base_seq: u64, changes: Vec<Change>) -> OperationId {
        let operation_id = OperationId(world.id());
        let intent = Intent {
            operation_id,
            project_id: PROJECT,
            schema_version: SCHEMA_VERSION,
            base_seq,
            label: "Agent".into(),
            changes,
        };
        let message = Box::new(ClientMessage::Intent(intent));
        world.step(Input::Message {
            session: self.0,
            message,
        });
        operation_id
    }
}

/// How an agent's intent was answered, if it was.
pub fn answer(world: &World, id: OperationId) -> Option<Answer> {
    world.heard.iter().find_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => Some((*status, error.as_ref().map(|error| error.code))),
        _ => None,
    })
}
