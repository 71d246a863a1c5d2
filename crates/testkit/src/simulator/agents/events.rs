//! Effects of the events of agents.

use serde_json::{Map, Value, json};
use vibesync_engine::Input;
use vibesync_protocol::{
    AddonCommand, AgentIdentity, ClientMessage, Hello, Intent, Query, RestoreRequest, RevertRequest,
};
use vibesync_scene::{AgentName, Change, OperationId, Role, SessionId, Uuid};

use super::super::violation::Check;
use super::super::visitors::visitor;
use super::super::world::World;
use super::plan::{AgentEvent, Arguments, Asker, Work};
use super::sim_agents::SimAgent;
use super::wanted::Wanted;
use crate::fakes::change::object;
use crate::fakes::edit::{Edit, Entities, SECRET, uuid_of};

/// Intents in a burst: more than questions that may be open.
const INTENTS: usize = 40;
/// Calls in a burst: more than an agent may begin in a minute.
const CALLS: usize = 62;

impl World {
    /// Applies an event of an agent, or ignores it where it does not fit.
    pub fn apply_agent_event(&mut self, event: AgentEvent) -> Check {
        match event {
            AgentEvent::Intend(number, edit, behind) => self.intend(number, edit, behind, false),
            AgentEvent::DryRun(number, edit) => self.intend(number, edit, 0, true),
            AgentEvent::Many(number, is_over) => {
                let count = self.plan.options.agents.many + usize::from(is_over);
                self.create_many(number, count)
            }
            AgentEvent::Repeat(number) => {
                let last = self.agent(number).and_then(|agent| agent.last.clone());
                last.map_or(Ok(()), |last| self.agent_says(number, last))
            }
            AgentEvent::Swap(number, edit) => self.swap_content(number, edit),
            AgentEvent::Restore(number, behind) => {
                let seq = self.ledger.durable().saturating_sub(behind.into());
                let request = RestoreRequest {
                    request_id: self.id(),
                    commit: seq.to_string(),
                    uuids: Vec::new(),
                    dry_run: false,
                    label: "Restore".into(),
                };
                self.agent_says(number, ClientMessage::Restore(request))
            }
            AgentEvent::Query(number, what) => self.ask(number, what),
            AgentEvent::Leave(number) => self.leave_agent(number),
            AgentEvent::Revert(asker, of, work) => self.revert(asker, of, work),
            AgentEvent::Call(number, role, arguments) => self.call(number, role, arguments),
            AgentEvent::Cancel(number) => {
                let last = self.agent(number).and_then(|agent| agent.last_call);
                last.map_or(Ok(()), |request_id| {
                    self.agent_says(number, ClientMessage::CommandCancel { request_id })
                })
            }
            AgentEvent::Burst(number, true) => self.burst_of_calls(number),
            AgentEvent::Burst(number, false) => {
                for _ in 0..INTENTS {
                    self.create_many(number, 1)?;
                }
                Ok(())
            }
            AgentEvent::Tool(role, step, edit) => {
                self.run_tool(role, step, edit);
                Ok(())
            }
            AgentEvent::ChangeAddon(role) => {
                self.change_addon(role);
                Ok(())
            }
            AgentEvent::Answer(by, pick, allow, remember) => self.answer(by, pick, allow, remember),
            AgentEvent::SetMode(number, mode) => self.set_mode(number, mode),
            AgentEvent::Grant(role) => self.grant(role),
            AgentEvent::Revoke(role) => self.revoke(role),
        }
    }

    /// Returns an agent by its number.
    pub fn agent(&self, number: u8) -> Option<&SimAgent> {
        self.agents.all.get(usize::from(number))
    }

    /// Sends a message of an agent, which connects first if it has to.
    pub fn agent_says(&mut self, number: u8, message: ClientMessage) -> Check {
        self.connect_agent(number)?;
        let Some(agent) = self.agent(number) else {
            return Ok(());
        };
        let (Some(session), name) = (agent.session, agent.name.clone()) else {
            return Ok(());
        };
        self.agents.note_sent(&name, &message);
        self.trace.say(|| format!("    {name} says {message:?}"));
        let input = self.receive(session, message);
        self.decide(input)?;
        self.finish()
    }

    fn connect_agent(&mut self, number: u8) -> Check {
        let session = SessionId(self.id());
        let Some(agent) = self.agents.all.get_mut(usize::from(number)) else {
            return Ok(());
        };
        if agent.session.is_some() || self.daemon.is_none() {
            return Ok(());
        }
        agent.session = Some(session);
        let identity = AgentIdentity {
            name: agent.name.clone(),
            client: Some("sim".into()),
            client_version: None,
        };
        let hello = Box::new(Hello {
            agent: Some(identity),
            ..visitor(Role::Agent, agent.instance.0)
        });
        self.counts.one("connections of agents");
        self.decide(Input::Connected { session, hello })?;
        self.finish()
    }

    fn leave_agent(&mut self, number: u8) -> Check {
        let agent = self.agents.all.get_mut(usize::from(number));
        let Some((session, agent)) = agent.and_then(|it| Some((it.session?, it))) else {
            return Ok(());
        };
        agent.cut();
        let reason = "the agent leaves".to_owned();
        self.decide(Input::Disconnected { session, reason })?;
        self.finish()
    }

    /// Returns the scene as an agent read it some records ago, without what people keep from it.
    fn read_scene(&self, behind: u64) -> (u64, Entities) {
        let base_seq = self.ledger.durable().saturating_sub(behind);
        let state = self.ledger.state_at(base_seq);
        let rows = state.scene.rows().filter(|row| !row.tombstone);
        let entities = rows.map(|row| (row.entity.uuid, row.entity.clone()));
        (base_seq, entities.collect())
    }

    fn intend(&mut self, number: u8, edit: Edit, behind: u8, dry_run: bool) -> Check {
        let (base_seq, entities) = self.read_scene(behind.into());
        let mut changes = edit.changes(&entities);
        if let Edit::Create(_) = edit {
            changes = vec![object(self.id(), "made", None)];
        }
        if changes.is_empty() || !dry_run && !self.are_new(&changes) {
            return Ok(());
        }
        let intent = self.intent(base_seq, changes);
        self.counts.one(match dry_run {
            true => "dry runs of agents",
            false => "intents of agents",
        });
        self.agent_says(number, ClientMessage::Intent(Intent { dry_run, ..intent }))
    }

    fn create_many(&mut self, number: u8, count: usize) -> Check {
        let changes = (0..count).map(|_| object(self.id(), "one of many", None));
        let changes: Vec<Change> = changes.collect();
        if !self.are_new(&changes) {
            return Ok(());
        }
        let base_seq = self.ledger.durable();
        let intent = self.intent(base_seq, changes);
        self.counts.one("intents of agents");
        self.agent_says(number, ClientMessage::Intent(intent))
    }

    /// Sends other content under the id of an intent that waits for its answer.
    fn swap_content(&mut self, number: u8, edit: Edit) -> Check {
        let waiting = self
            .agent(number)
            .and_then(|agent| agent.unanswered.first());
        let Some(operation_id) = waiting.copied() else {
            return Ok(());
        };
        let (base_seq, entities) = self.read_scene(0);
        let changes = edit.changes(&entities);
        if changes.is_empty()
            || matches!(
                edit,
                Edit::Create(_)
                    | Edit::Mesh(..)
                    | Edit::Light(_)
                    | Edit::Camera(_)
                    | Edit::Material(_)
                    | Edit::Image(_)
                    | Edit::Collection(..)
            )
        {
            return Ok(());
        }
        let intent = self.intent(base_seq, changes);
        let swapped = Intent {
            operation_id,
            ..intent
        };
        self.counts.one("intents whose content was swapped");
        let Some(session) = self.agent(number).and_then(|agent| agent.session) else {
            return Ok(());
        };
        self.say_now(session, ClientMessage::Intent(swapped))
    }

    fn ask(&mut self, number: u8, what: u8) -> Check {
        let newest = self.agent(number).and_then(|agent| agent.operations.last());
        let newest = newest.copied().unwrap_or(OperationId(Uuid::nil()));
        let what = match what % 6 {
            0 => Query::Status,
            1 => Query::Governance,
            2 => Query::Entities,
            3 => Query::Agents,
            4 => Query::Capabilities,
            _ => Query::Operation(newest),
        };
        let query = ClientMessage::Query {
            request_id: self.id(),
            what,
            after: None,
            limit: None,
        };
        let last = self.agent(number).and_then(|agent| agent.last.clone());
        let asked = self.agent_says(number, query);
        if let Some(agent) = self.agents.all.get_mut(usize::from(number)) {
            agent.last = last;
        }
        asked
    }

    fn revert(&mut self, asker: Asker, of: u8, work: Work) -> Check {
        let Some(agent) = self.agent(of) else {
            return Ok(());
        };
        let (name, operations) = (agent.name.clone(), &agent.operations);
        let request = match work {
            Work::Since(behind) => {
                let since = self.ledger.durable().saturating_sub(behind.into());
                (Vec::new(), Some(since))
            }
            Work::Newest(count) => {
                let newest = operations.iter().rev().take(count.into());
                (newest.copied().collect(), None)
            }
        };
        let request = self.undo_request(name, request);
        self.counts.one("requests for undo");
        let operation = OperationId(request.request_id);
        let wanted = Wanted::Undo {
            request: request.clone(),
            by: None,
        };
        let message = ClientMessage::Revert(request);
        if let Asker::Agent(number) = asker {
            return self.agent_says(number, message);
        }
        self.agents.wanted.insert(operation, wanted);
        if let Some(agent) = self.agents.all.get_mut(usize::from(of)) {
            agent.operations.push(operation);
        }
        match asker {
            Asker::Editor(role) => {
                let session = self.ends.get(&role).and_then(|end| end.session);
                session.map_or(Ok(()), |session| self.say_now(session, message))
            }
            _ => self.visit(Role::Cli, message),
        }
    }

    fn undo_request(
        &mut self,
        agent: AgentName,
        (operations, since_seq): (Vec<OperationId>, Option<u64>),
    ) -> RevertRequest {
        RevertRequest {
            request_id: self.id(),
            agent,
            operations,
            since_seq,
            dry_run: false,
            label: "Undo".into(),
            who: None,
        }
    }

    fn call(&mut self, number: u8, role: Role, arguments: Arguments) -> Check {
        let command = self.command(role, arguments);
        self.counts.one("calls that agents asked for");
        self.agent_says(number, ClientMessage::AddonCommand(command))
    }

    fn command(&mut self, role: Role, arguments: Arguments) -> AddonCommand {
        let params = match arguments {
            Arguments::Object(who) => json!({"near": uuid_of(who).to_string()}),
            Arguments::Secret => json!({"near": SECRET}),
            Arguments::Wrong => json!({"size": 99}),
            Arguments::None | Arguments::Short | Arguments::DryRun => json!({}),
        };
        let tools = self.agents.tools.get(&role);
        let addon_id = tools.map_or_else(String::new, |tools| tools.addon.id().to_owned());
        let id = self.id();
        let is_message_id = id.as_u128().is_multiple_of(3);
        AddonCommand {
            addon_id,
            command: "make_stone".into(),
            params: params
                .as_object()
                .cloned()
                .unwrap_or_else(Map::<String, Value>::new),
            request_id: (!is_message_id).then_some(id),
            message_id: is_message_id.then_some(id),
            deadline_ms: matches!(arguments, Arguments::Short).then_some(200),
            dry_run: matches!(arguments, Arguments::DryRun),
            ..AddonCommand::default()
        }
    }

    fn burst_of_calls(&mut self, number: u8) -> Check {
        for _ in 0..CALLS {
            let command = self.command(Role::Unity, Arguments::None);
            let id = command.request_id.or(command.message_id);
            self.agent_says(number, ClientMessage::AddonCommand(command))?;
            if let Some(request_id) = id {
                self.agent_says(number, ClientMessage::CommandCancel { request_id })?;
            }
        }
        Ok(())
    }
}
