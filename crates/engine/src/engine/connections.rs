//! The sequences for connections: connect, synchronize, disconnect.

use vibesync_protocol::{AgentIdentity, Code, EditorState, Hello, InventoryEntry};
use vibesync_scene::{AgentMode, AgentName, SessionId, Uuid};

use super::Engine;
use crate::action::Action;
use crate::agents::state::MAX_SEEN;
use crate::delivery::inventory::{InventoryProgress, MAX_INVENTORY, add_part, synchronize};
use crate::delivery::replica::Replica;
use crate::governance::failure::Failure;
use crate::intake::answer::SETTLE_MS;
use crate::session::admission::{Rejection, check_hello};
use crate::session::divergence::{common_end_of, find_divergence, notify_diverged};
use crate::session::sessions::{DisconnectReason, agent_of, log_connection};

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
        let agent = agent_of(&hello);
        if let Some(identity) = &agent
            && let Err((code, message)) = self.admit_agent(identity)
        {
            return self.journal.close(id, code, "hello.agent", message);
        }
        let found = find_divergence(&self.epochs, head, &hello);
        let common_end = common_end_of(&hello, found);
        let (role, state, instance) = (hello.role, hello.editor_state, hello.instance_id);
        let last_seq = hello.last_seq;
        let name = agent.map_or_else(String::new, |agent| format!(" {}", agent.name));
        let detail = format!(
            "{}{name} {}, last saw {}",
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
            let started_at = self.sessions.started_at(role, instance, head);
            let replica = Replica::new(id, started_at, &hello, common_end);
            self.delivery.replicas.insert(role, replica);
            self.note_editor(id, role, instance);
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
        if self.sessions.asks_people(id) {
            self.send_approvals(id);
        }
    }

    /// Decides whether an agent may connect.
    fn admit_agent(&mut self, identity: &AgentIdentity) -> Result<(), (Code, String)> {
        let access = self.agents.access(self.journal.agents(), &identity.name);
        if access.mode() == AgentMode::Off {
            let message = match self.options.agents.enabled {
                true => format!("{} is turned off", identity.name),
                false => "the settings allow no agents".to_owned(),
            };
            return Err((Code::ScopeNotGranted, message));
        }
        let (head, now) = (self.journal.head_seq(), self.journal.now());
        let sessions = &self.sessions;
        let calls = &self.calls;
        let is_connected =
            |name: &AgentName| sessions.is_agent_connected(name) || calls.under_way(name) > 0;
        match self
            .agents
            .note_connected(identity, head, now, is_connected)
        {
            true => Ok(()),
            false => {
                let message = format!("{MAX_SEEN} agents with other names are known already");
                Err((Code::BudgetUsedUp, message))
            }
        }
    }

    /// Closes a connection and handles its end.
    pub(super) fn close(
        &mut self,
        id: SessionId,
        code: Code,
        location: &str,
        reason: &DisconnectReason,
    ) {
        let message = reason.text().into_owned();
        self.journal.close(id, code, location, message);
        self.disconnect(id, reason);
    }

    pub(super) fn disconnect(&mut self, id: SessionId, reason: &DisconnectReason) {
        let Some(session) = self.sessions.disconnect(&mut self.journal, id, reason) else {
            return;
        };
        self.relay_of(id).end_all();
        self.agents.remove_session(id);
        let head = self.journal.head_seq();
        let agent = session.agent.as_ref();
        if let Some(seen) = agent.and_then(|agent| self.agents.seen_mut(agent)) {
            seen.last_seq = head;
        }
        let role = session.role;
        if role.is_editor() {
            self.end_calls_of_editor(role, id, session.instance, reason.is_goodbye());
            self.end_views_of_editor(role);
        }
        self.calls.remove_asker(id);
        self.views.remove_asker(id);
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
