//! The decisions of people about agents and add-ons.

use vibesync_protocol::{
    ClientMessage, DecideRequest, GrantRequest, RevokeRequest, SetAgentRequest,
};
use vibesync_scene::{AgentMode, Remember, Role};

use super::super::violation::Check;
use super::super::world::World;
use super::plan::Answerer;

/// Number of the newest questions that are answered, whether they are open or not.
const NEWEST: usize = 5;

impl World {
    /// Lets somebody answer one of the newest questions.
    pub fn answer(&mut self, by: Answerer, pick: u8, allow: bool, remember: Remember) -> Check {
        let mut newest = self.agents.order.iter().rev().take(NEWEST);
        let Some(approval_id) = newest.nth(pick.into()).copied() else {
            return Ok(());
        };
        let request = DecideRequest {
            request_id: self.id(),
            approval_id,
            allow,
            remember,
            who: "Ada".into(),
        };
        let message = ClientMessage::Decide(request);
        self.counts.one("answers to questions");
        let is_closed = self
            .ledger
            .records
            .iter()
            .any(|record| match &record.payload {
                vibesync_scene::Payload::Approval {
                    approval_id: id, ..
                } => *id == approval_id,
                _ => false,
            });
        if is_closed {
            self.counts.one("answers to questions that were answered");
        }
        if !matches!(by, Answerer::Agent(_)) {
            self.agents
                .decided
                .entry(approval_id)
                .or_default()
                .push(allow);
        }
        match by {
            Answerer::Editor(role) => {
                let session = self.ends.get(&role).and_then(|end| end.session);
                session.map_or(Ok(()), |session| self.say_now(session, message))
            }
            Answerer::Cli => self.visit(Role::Cli, message),
            Answerer::Agent(number) => {
                let session = self.agent(number).and_then(|agent| agent.session);
                session.map_or(Ok(()), |session| self.say_now(session, message))
            }
        }
    }

    /// Lets a person decide what an agent may do, in Blender if it is connected.
    pub fn set_mode(&mut self, number: u8, mode: AgentMode) -> Check {
        let Some(agent) = self.agent(number).map(|agent| agent.name.clone()) else {
            return Ok(());
        };
        self.counts.one("decisions about agents");
        let request = SetAgentRequest {
            request_id: self.id(),
            agent,
            mode,
            who: "Ada".into(),
            why: "simulated".into(),
        };
        let message = ClientMessage::SetAgent(request);
        match self.ends.get(&Role::Blender).and_then(|end| end.session) {
            Some(session) => self.say_now(session, message),
            None => self.visit(Role::Cli, message),
        }
    }

    /// Lets a person allow an add-on as it is now.
    pub fn grant(&mut self, role: Role) -> Check {
        let Some(tools) = self.agents.tools.get(&role) else {
            return Ok(());
        };
        let (addon, request_id) = (tools.addon.clone(), self.id());
        let request = GrantRequest {
            request_id,
            addon_id: addon.id().to_owned(),
            manifest_sha256: addon.manifest_sha256(),
            code_sha256: addon.code_sha256(),
            tools: Vec::new(),
            read_only: false,
            max_ms: None,
            who: "Ada".into(),
            why: "simulated".into(),
        };
        self.counts.one("permissions of add-ons");
        self.visit(Role::Cli, ClientMessage::Grant(request))
    }

    /// Lets a person take the permission of an add-on back.
    pub fn revoke(&mut self, role: Role) -> Check {
        let Some(tools) = self.agents.tools.get(&role) else {
            return Ok(());
        };
        let addon_id = tools.addon.id().to_owned();
        let request = RevokeRequest {
            request_id: self.id(),
            addon_id,
            who: "Ada".into(),
            why: "simulated".into(),
        };
        self.counts.one("permissions taken back");
        self.visit(Role::Cli, ClientMessage::Revoke(request))
    }
}
