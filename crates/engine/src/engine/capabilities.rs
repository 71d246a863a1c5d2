//! The sequences for add-ons: an editor's list, permissions, and events for those who follow.

use std::collections::BTreeSet;

use vibesync_protocol::{
    AddonList, ClientMessage, Code, DaemonMessage, GrantRequest, QueryResult, RevokeRequest,
};
use vibesync_scene::{Role, SessionId};

use super::Engine;
use crate::capabilities::events::events;
use crate::capabilities::grants::{grant, revoke};

impl Engine {
    /// Handles a message about add-ons, permissions and calls.
    pub(super) fn handle_capability_message(
        &mut self,
        session: SessionId,
        role: Role,
        message: ClientMessage,
    ) {
        match message {
            ClientMessage::Capabilities(part) => self.receive_capabilities(session, role, part),
            ClientMessage::AddonCommand(command) => self.receive_command(session, role, &command),
            ClientMessage::CommandProgress(progress) => self.receive_progress(session, progress),
            ClientMessage::CommandResponse(response) => self.receive_response(session, response),
            ClientMessage::CommandCancel { request_id } => self.cancel_command(session, request_id),
            ClientMessage::Grant(request) => self.receive_grant(session, role, request),
            ClientMessage::Revoke(request) => self.receive_revoke(session, role, &request),
            message => self.handle_view_message(session, role, message),
        }
    }

    /// Takes a part of an editor's list of add-ons.
    fn receive_capabilities(&mut self, session: SessionId, role: Role, part: AddonList) {
        if !role.is_editor() {
            let message = "only an editor lists its add-ons";
            return self
                .journal
                .send_error(session, Code::MessageUnknown, message, "type");
        }
        match self.registry.lists.take(session, role, part) {
            Ok(true) => self.refresh_registry(),
            Ok(false) => {}
            Err(invalid) => {
                let (code, message) = (invalid.code, &invalid.message);
                self.journal
                    .send_error(session, code, message, &invalid.location);
            }
        }
    }

    /// Judges all add-ons again, and tells agents what is new.
    pub(super) fn refresh_registry(&mut self) {
        let replicas = &self.delivery.replicas;
        let connected: BTreeSet<Role> = Role::EDITORS
            .into_iter()
            .filter(|role| replicas.get(*role).is_some())
            .collect();
        let failures = self.journal.failures();
        let Some(before) = self.registry.refresh(&connected, failures) else {
            return;
        };
        let messages = events(&before, self.registry.entries());
        for session in &self.registry.followers {
            for message in &messages {
                self.journal.send(*session, message.clone());
            }
        }
    }

    /// Answers a query for add-ons. An agent that asks hears of changes from then on.
    pub(super) fn query_capabilities(
        &mut self,
        session: SessionId,
        role: Role,
        limit: Option<u32>,
    ) -> QueryResult {
        if role == Role::Agent {
            self.registry.followers.insert(session);
        }
        self.registry.query(role, limit)
    }

    /// Allows an add-on to agents.
    fn receive_grant(&mut self, session: SessionId, by: Role, request: GrantRequest) {
        if !by.is_person() {
            return self.refuse_agent(session);
        }
        let request_id = request.request_id;
        let addon_id = request.addon_id.clone();
        let (journal, registry) = (&mut self.journal, &mut self.registry);
        let granted = grant(journal, registry, session, by, request);
        let result = match granted {
            Ok(seq) => QueryResult::Grant {
                seq: Some(seq),
                error: None,
            },
            Err(error) => QueryResult::Grant {
                seq: None,
                error: Some(error),
            },
        };
        self.refresh_registry();
        self.narrow_calls(&addon_id);
        self.journal
            .send(session, DaemonMessage::Result { request_id, result });
    }

    /// Holds calls that have begun to the permission that replaced theirs.
    fn narrow_calls(&mut self, addon_id: &str) {
        for editor in Role::EDITORS {
            let Some(held) = self.registry.grants.get(editor, addon_id) else {
                continue;
            };
            let tools = held.grant.tools.clone();
            if held.grant.read_only {
                self.calls.make_read_only(editor, addon_id);
            }
            self.forbid_calls(|call| {
                call.editor == editor && call.addon_id == addon_id && !tools.contains(&call.tool)
            });
        }
    }

    /// Takes the permission of an add-on back.
    fn receive_revoke(&mut self, session: SessionId, by: Role, request: &RevokeRequest) {
        if !by.is_person() {
            return self.refuse_agent(session);
        }
        let (journal, registry) = (&mut self.journal, &mut self.registry);
        let seq = revoke(journal, registry, session, by, request);
        self.refresh_registry();
        self.forbid_calls(|call| call.addon_id == request.addon_id);
        let result = QueryResult::Grant { seq, error: None };
        let request_id = request.request_id;
        self.journal
            .send(session, DaemonMessage::Result { request_id, result });
    }

    fn refuse_agent(&mut self, session: SessionId) {
        let message = "only a person decides about add-ons";
        self.journal
            .send_error(session, Code::MessageUnknown, message, "type");
    }
}
