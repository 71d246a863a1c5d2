//! The messages of a fake editor that open a session, and what it notes of questions to people.

use std::collections::BTreeSet;

use vibesync_protocol::{
    AwaitedApproval, ClientMessage, EditorState, Hello, InventoryEntry, PROTOCOL_VERSION,
    SCHEMA_VERSION,
};
use vibesync_scene::{Code, OperationId, Uuid};

use crate::fakes::editor::FakeEditor;

impl FakeEditor {
    /// Returns its `hello`; the caller adds nonce and proof.
    pub fn hello(&mut self, nonce: String, proof: String) -> Hello {
        self.ready = false;
        Hello {
            features: self.features.clone(),
            agent: self.agent.clone(),
            protocol: PROTOCOL_VERSION,
            schema_version: SCHEMA_VERSION,
            project_id: self.project,
            role: self.role,
            editor_version: "fake".into(),
            client_version: "fake".into(),
            instance_id: self.instance,
            last_seq: self.head_seq,
            epochs: Some(self.epochs.clone()),
            diverged_after: self.diverged_after,
            editor_state: EditorState::Ready,
            components: self.components().map(str::to_owned).collect(),
            nonce,
            proof,
        }
    }

    /// Returns its messages after `welcome`.
    pub fn inventory(&self) -> ClientMessage {
        let covered = |uuid: &Uuid| self.overwritten.iter().any(|(_, other)| other == uuid);
        let unsure = |uuid: &Uuid| covered(uuid) || self.doubted.contains_key(uuid);
        let known = |uuid: &Uuid| self.versions.get(uuid).copied().unwrap_or_default();
        let version = |uuid: &Uuid| if unsure(uuid) { 0 } else { known(uuid) };
        let held: BTreeSet<&Uuid> = self.entities.keys().chain(self.deleted()).collect();
        let entry = |uuid: &Uuid| InventoryEntry {
            uuid: *uuid,
            version: version(uuid),
        };
        ClientMessage::Inventory {
            entities: held.into_iter().map(entry).collect(),
            last: true,
        }
    }

    /// Notes an answer to its intent. Another one follows if a person has to decide first.
    pub(super) fn answered(
        &mut self,
        operation_id: OperationId,
        refused: Option<Code>,
        approval: Option<AwaitedApproval>,
    ) {
        match approval {
            Some(approval) => self.approvals.insert(operation_id, approval.approval_id),
            None => self.approvals.remove(&operation_id),
        };
        self.refusals.extend(refused);
    }
}
