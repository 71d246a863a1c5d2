//! Agents and people at the command line who connect for one message.

use vibesync_engine::Input;
use vibesync_protocol::{
    ClientMessage, EditorState, Hello, Intent, PROTOCOL_VERSION, RestoreRequest, SCHEMA_VERSION,
};
use vibesync_scene::{
    AgentName, Change, Components, InstanceId, OperationId, Role, SessionId, Uuid,
};

use super::plan::PROJECT;
use super::violation::Check;
use super::world::World;
use crate::fakes::edit::{Edit, Entities};

impl World {
    /// Lets an agent connect, change the scene as of some records ago, and leave.
    pub fn automate(&mut self, edit: Edit, behind: u64) -> Check {
        let base_seq = self.ledger.durable().saturating_sub(behind);
        let state = self.ledger.state_at(base_seq);
        let rows = state.scene.rows().filter(|row| !row.tombstone);
        let entities: Entities = rows
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        let changes = edit.changes(&entities);
        if changes.is_empty() || !self.are_new(&changes) {
            return Ok(());
        }
        let intent = self.intent(base_seq, changes);
        self.visit(Role::Agent, ClientMessage::Intent(intent))
    }

    /// Makes an intent of an agent.
    pub fn intent(&mut self, base_seq: u64, changes: Vec<Change>) -> Intent {
        Intent {
            operation_id: OperationId(self.id()),
            project_id: PROJECT,
            schema_version: SCHEMA_VERSION,
            base_seq,
            label: "Automate".into(),
            dry_run: false,
            changes,
            request_id: None,
        }
    }

    /// Lets somebody at the command line restore an earlier state.
    pub fn restore(&mut self, behind: u64) -> Check {
        let seq = self.ledger.durable().saturating_sub(behind);
        let request = RestoreRequest {
            request_id: self.id(),
            commit: seq.to_string(),
            uuids: Vec::new(),
            dry_run: false,
            label: "Restore".into(),
        };
        self.visit(Role::Cli, ClientMessage::Restore(request))
    }

    /// Lets a client without a copy of the scene send one message; the client leaves after the answer.
    pub fn visit(&mut self, role: Role, message: ClientMessage) -> Check {
        if self.daemon.is_none() {
            return Ok(());
        }
        self.counts.one("visits of agents and of the command line");
        let session = SessionId(self.id());
        let hello = Box::new(visitor(role, self.id()));
        self.decide(Input::Connected { session, hello })?;
        if role == Role::Agent {
            self.agents.note_sent(&AgentName::default(), &message);
        }
        let input = self.receive(session, message);
        self.decide(input)?;
        self.finish()?;
        while !self.outside.is_empty() {
            self.return_outside()?;
        }
        let reason = "done".to_owned();
        self.decide(Input::Disconnected { session, reason })?;
        self.finish()
    }
}

/// Returns the first message of a client without a copy of the scene.
pub fn visitor(role: Role, instance: Uuid) -> Hello {
    Hello {
        features: Vec::new(),
        agent: None,
        protocol: PROTOCOL_VERSION,
        schema_version: SCHEMA_VERSION,
        project_id: PROJECT,
        role,
        editor_version: "fake".into(),
        client_version: "fake".into(),
        instance_id: InstanceId(instance),
        last_seq: 0,
        epochs: None,
        diverged_after: None,
        editor_state: EditorState::Ready,
        components: Components::NAMES.iter().map(ToString::to_string).collect(),
        nonce: String::new(),
        proof: String::new(),
    }
}
