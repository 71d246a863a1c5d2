//! The sequences for connections: connect, synchronize, disconnect.

use vibesync_protocol::{Code, EditorState, Hello, InventoryEntry};
use vibesync_scene::{SessionId, Uuid};

use super::Engine;
use crate::action::Action;
use crate::delivery::inventory::{InventoryProgress, MAX_INVENTORY, add_part, synchronize};
use crate::delivery::replica::Replica;
use crate::governance::failure::Failure;
use crate::intake::answer::SETTLE_MS;
use crate::session::admission::{Rejection, check_hello};
use crate::session::divergence::{common_end_of, find_divergence, notify_diverged};
use crate::session::sessions::{DisconnectReason, log_connection};

impl Engine {
    pub(super) fn connect(&mut self, id: SessionId, hello: Hello) {
        let head = self.journal.head_seq();
        match check_hello(&hello, head, &self.sessions, &self.delivery.replicas) {
            Err(Rejection {
                code,
                location,
                message,
            }) => return self.journal.close(id, code, location, message),
            Ok(Some(older)) => self.close(older, Code::RoleTaken, "", &DisconnectReason::Replaced),
            Ok(None) => {}
        }
        let found = find_divergence(&self.epochs, head, &hello);
        let common_end = common_end_of(&hello, found);
        let (role, state, instance) = (hello.role, hello.editor_state, hello.instance_id);
        let last_seq = hello.last_seq;
        let detail = format!(
            "{} {}, last saw {}",
            role.as_str(),
            hello.editor_version,
            hello.last_seq
        );
        let head = self.journal.head_seq();
        log_connection(&mut self.journal, id, role, true, detail, common_end);
        if role.is_editor() {
            if let Some(working_on) = self.sessions.take_crash(role, instance) {
                self.count(&Failure::of_crash(id, role, &working_on));
            }
            self.suspect_call(id, role, instance);
            let started_at = self.sessions.started_at(role, instance, head);
            let components = hello.components.iter().map(String::as_str).collect();
            let replica = Replica::new(id, started_at, components, common_end);
            self.delivery.replicas.insert(role, replica);
            self.refresh_registry();
        }
        self.sessions.connect(id, hello, self.journal.now());
        self.set_active_edits(id, state, None);
        let safe_mode = self.journal.failures().safe_mode().cloned();
        self.journal.push(Action::Accept {
            session: id,
            safe_mode,
            epochs: self.epochs.newest().to_vec(),
            diverged_after: found,
        });
        if let Some(common_end) = common_end {
            self.sessions.diverged.insert(role, common_end);
        }
        if let Some(common_end) = found {
            let journal = &mut self.journal;
            notify_diverged(journal, id, role.as_str(), last_seq, common_end);
        }
    }

    /// Closes a connection and handles its end.
    fn close(&mut self, id: SessionId, code: Code, location: &str, reason: &DisconnectReason) {
        let message = reason.text().into_owned();
        self.journal.close(id, code, location, message);
        self.disconnect(id, reason);
    }

    pub(super) fn disconnect(&mut self, id: SessionId, reason: &DisconnectReason) {
        let Some(session) = self.sessions.disconnect(&mut self.journal, id, reason) else {
            return;
        };
        let role = session.role;
        if role.is_editor() {
            self.end_calls_of_editor(role, id, session.instance, reason.is_goodbye());
        }
        self.calls.remove_asker(id);
        self.registry.followers.remove(&id);
        self.registry.lists.remove_session(id);
        self.intake.remove_session(id);
        let Some(replica) = self.delivery.remove_replica(role, id) else {
            return;
        };
        let flight = replica.in_flight.filter(|flight| !flight.is_deferred);
        if let Some(flight) = flight.filter(|_| !reason.is_goodbye()) {
            let working_on = flight.sent.into_keys().collect();
            self.sessions
                .note_interrupted(role, session.instance, working_on);
        }
        self.transactions
            .remove_editor(&mut self.journal, &self.sessions, role);
        self.refresh_registry();
    }

    pub(super) fn receive_inventory(
        &mut self,
        session: SessionId,
        entities: Vec<InventoryEntry>,
        is_last: bool,
    ) {
        let Some((role, replica)) = self.delivery.replicas.of_session_mut(session) else {
            return;
        };
        match add_part(replica, entities, is_last) {
            InventoryProgress::Incomplete => {}
            InventoryProgress::Complete(inventory) => {
                let head = self.journal.head_seq();
                replica.await_lost_changes(&inventory, self.journal.now() + SETTLE_MS);
                let failures = self.journal.failures();
                let sync = synchronize(&self.scene, failures, role, replica, inventory, head);
                self.journal.send(session, sync);
                self.welcome_with_lost_blobs(session);
            }
            InventoryProgress::TooLarge => {
                let reason = DisconnectReason::InventoryTooLarge(MAX_INVENTORY);
                self.close(session, Code::MessageMalformed, "inventory", &reason);
            }
            InventoryProgress::Unexpected => {
                let message = "the inventory was complete already";
                self.journal
                    .send_error(session, Code::MessageUnknown, message, "type");
            }
        }
    }

    pub(super) fn set_active_edits(
        &mut self,
        session: SessionId,
        state: EditorState,
        objects: Option<Vec<Uuid>>,
    ) {
        if self.delivery.replicas.of_session(session).is_some() {
            self.intake
                .set_active_edits(&mut self.journal, session, state, objects);
        }
    }
}
