//! The agents of a run: what they have sent, what they await, and what people have decided about them.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{AddonCommand, ClientMessage, Intent};
use vibesync_scene::{AgentName, InstanceId, OperationId, Role, SessionId, Uuid};

use super::plan::AGENTS;
use super::tools::Tools;
use super::transaction::Transaction;
use super::wanted::Wanted;

/// An agent with its connection.
pub struct SimAgent {
    /// Its name.
    pub name: AgentName,
    /// Its process.
    pub instance: InstanceId,
    /// The connection, if there is one.
    pub session: Option<SessionId>,
    /// The last message that it may send again.
    pub last: Option<ClientMessage>,
    /// Its last call.
    pub last_call: Option<Uuid>,
    /// Its newest operations, the last one at the end.
    pub operations: Vec<OperationId>,
    /// Intents whose final answer it awaits over this connection.
    pub unanswered: BTreeSet<OperationId>,
    /// Calls whose answer it awaits over this connection.
    pub asked: BTreeSet<Uuid>,
}

/// A question that an agent was told of.
#[derive(Clone, Debug)]
pub struct Question {
    /// The agent.
    pub agent: AgentName,
    /// The operation or the call.
    pub operation: OperationId,
    /// Time of the run, milliseconds.
    pub at: u64,
}

/// All agents, and what is known of their messages over the whole run.
pub struct SimAgents {
    /// The agents.
    pub all: Vec<SimAgent>,
    /// The add-ons of the editors.
    pub tools: BTreeMap<Role, Tools>,
    /// Intents by operation, with the agent that has sent them first.
    pub sent: BTreeMap<OperationId, (AgentName, Intent)>,
    /// The entities that each request names.
    pub named: BTreeMap<Uuid, BTreeSet<Uuid>>,
    /// The restores and undos that were asked for.
    pub wanted: BTreeMap<OperationId, Wanted>,
    /// Questions by id, in the order in which agents were told of them.
    pub questions: BTreeMap<Uuid, Question>,
    /// Ids of questions in order.
    pub order: Vec<Uuid>,
    /// The answers of people to each question.
    pub decided: BTreeMap<Uuid, Vec<bool>>,
    /// Dry runs, which must change nothing.
    pub dry_runs: BTreeSet<OperationId>,
    /// The transaction whose steps follow.
    pub current: Option<Transaction>,
    /// Entities that each agent has created in this run of the daemon, with the time.
    pub created: Vec<(AgentName, u64)>,
    /// Calls that each agent has begun in this run of the daemon, with the time.
    pub begun: Vec<(AgentName, u64)>,
}

impl SimAgents {
    /// Makes the agents and add-ons of a run.
    pub fn new() -> Self {
        let agents = ["claude", "codex"].into_iter().take(AGENTS.into());
        let agent = |(number, name): (u128, &str)| SimAgent {
            // The names have the right form.
            name: name.parse().unwrap_or_default(),
            instance: InstanceId(Uuid::from_u128(0xA6E0 + number)),
            session: None,
            last: None,
            last_call: None,
            operations: Vec::new(),
            unanswered: BTreeSet::new(),
            asked: BTreeSet::new(),
        };
        Self {
            all: (0..).zip(agents).map(agent).collect(),
            tools: Role::EDITORS.map(|role| (role, Tools::new(role))).into(),
            sent: BTreeMap::new(),
            named: BTreeMap::new(),
            wanted: BTreeMap::new(),
            questions: BTreeMap::new(),
            order: Vec::new(),
            decided: BTreeMap::new(),
            dry_runs: BTreeSet::new(),
            current: None,
            created: Vec::new(),
            begun: Vec::new(),
        }
    }

    /// Drops all connections, because the daemon has ended. Its budgets end with it.
    pub fn cut(&mut self) {
        self.all.iter_mut().for_each(SimAgent::cut);
        self.created.clear();
        self.begun.clear();
        self.current = None;
    }

    /// Returns the agent of a session.
    pub fn of_session(&mut self, session: SessionId) -> Option<&mut SimAgent> {
        self.all.iter_mut().find(|it| it.session == Some(session))
    }

    /// Notes a message before it is sent.
    pub fn note_sent(&mut self, agent: &AgentName, message: &ClientMessage) {
        match message {
            ClientMessage::Intent(intent) => self.note_intent(agent, intent),
            ClientMessage::AddonCommand(command) => self.note_call(command),
            ClientMessage::Restore(request) => {
                let id = OperationId(request.request_id);
                self.wanted.insert(id, Wanted::Restore);
            }
            ClientMessage::Revert(request) => {
                let (request, by) = (request.clone(), Some(agent.clone()));
                let id = OperationId(request.request_id);
                self.wanted.insert(id, Wanted::Undo { request, by });
            }
            _ => {}
        }
        let agent = self.all.iter_mut().find(|it| it.name == *agent);
        let Some(agent) = agent else { return };
        match message {
            ClientMessage::Intent(intent) if !intent.dry_run => {
                agent.unanswered.insert(intent.operation_id);
                agent.operations.push(intent.operation_id);
            }
            ClientMessage::AddonCommand(command) => {
                let id = command.request_id.or(command.message_id);
                agent.last_call = id;
                agent.asked.extend(id);
            }
            ClientMessage::Revert(request) => {
                agent.operations.push(OperationId(request.request_id));
            }
            _ => {}
        }
        agent.last = Some(message.clone());
    }

    fn note_intent(&mut self, agent: &AgentName, intent: &Intent) {
        let id = intent.operation_id;
        if intent.dry_run {
            self.dry_runs.insert(id);
        }
        let named = self.named.entry(id.0).or_default();
        for change in &intent.changes {
            named.insert(change.uuid());
            if let Some(components) = change.components() {
                named.extend(components.references().map(|it| it.uuid));
            }
        }
        let sent = (agent.clone(), intent.clone());
        self.sent.entry(id).or_insert(sent);
    }

    fn note_call(&mut self, command: &AddonCommand) {
        let Some(id) = command.request_id.or(command.message_id) else {
            return;
        };
        let texts = command.params.values().filter_map(|value| value.as_str());
        let named = self.named.entry(id).or_default();
        named.extend(texts.filter_map(|text| text.parse::<Uuid>().ok()));
    }
}

impl SimAgent {
    /// Drops the connection.
    pub fn cut(&mut self) {
        self.session = None;
        self.unanswered.clear();
        self.asked.clear();
    }
}
