//! The connected clients, and the editor processes that the daemon has seen.

use std::borrow::Cow;
use std::collections::BTreeMap;

use vibesync_protocol::{AgentIdentity, EditorState, Hello, feature};
use vibesync_scene::{
    AgentName, Code, InstanceId, Outcome, Payload, Phase, RecordBody, Role, SessionId, Uuid,
};

use crate::journal::Journal;
use crate::session::agents::AgentChanges;
use crate::session::presence::Presences;

/// Shortest time between two notices about overwritten changes of one entity, milliseconds.
const NOTICE_INTERVAL_MS: u64 = 10_000;
/// Most entities for which the time of such a notice is kept.
const MAX_NOTICES: usize = 1_000;

/// A connected client.
#[derive(Debug)]
pub(crate) struct Session {
    pub role: Role,
    pub instance: InstanceId,
    pub editor_version: String,
    pub state: EditorState,
    /// The name of an agent; none for people.
    pub agent: Option<AgentName>,
    /// Whether it understands what agents ask people.
    accepts_agents: bool,
    /// Whether it sends and shows previews.
    accepts_previews: bool,
    /// Whether its previews may have vertices of meshes.
    accepts_mesh_previews: bool,
    /// Whether it shows its viewport and selects for others.
    accepts_views: bool,
    /// Time of the newest notice about an overwritten change, for each entity.
    notices: BTreeMap<Uuid, u64>,
}

/// The reason why a connection ends.
#[derive(Debug)]
pub(crate) enum DisconnectReason {
    /// The connection broke or was closed; the program says why.
    ConnectionLost(String),
    /// The client said goodbye, with this reason.
    Goodbye(String),
    /// The same editor process has connected again.
    Replaced,
    /// The editor's inventory has more entities than this.
    InventoryTooLarge(usize),
    /// A person has turned this agent off.
    AgentOff(AgentName),
}

impl DisconnectReason {
    pub fn is_goodbye(&self) -> bool {
        matches!(self, Self::Goodbye(_))
    }

    /// Returns the text for the log and for the client.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::ConnectionLost(reason) | Self::Goodbye(reason) => reason.into(),
            Self::Replaced => "replaced by a newer connection of the same editor".into(),
            Self::InventoryTooLarge(most) => {
                format!("an inventory of more than {most} entities").into()
            }
            Self::AgentOff(agent) => format!("a person has turned {agent} off").into(),
        }
    }
}

/// The process of an editor, and the log's end when it replaced another process; 0 if it replaced none.
#[derive(Debug)]
struct EditorProcess {
    instance: InstanceId,
    started_at: u64,
}

/// An editor process that disappeared while it worked on a batch.
#[derive(Debug)]
struct InterruptedBatch {
    instance: InstanceId,
    uuids: Vec<Uuid>,
}

/// All connections, the newest process of each editor, and the presence of editors.
#[derive(Debug)]
pub(crate) struct Sessions {
    by_id: BTreeMap<SessionId, Session>,
    processes: BTreeMap<Role, EditorProcess>,
    interrupted: BTreeMap<Role, InterruptedBatch>,
    /// For each editor that came with a history of its own: the last record that it shared with the log.
    pub diverged: BTreeMap<Role, u64>,
    pub presences: Presences,
    pub agent_changes: AgentChanges,
}

impl Sessions {
    pub fn new(heartbeat_ms: u64) -> Self {
        Self {
            by_id: BTreeMap::new(),
            processes: BTreeMap::new(),
            interrupted: BTreeMap::new(),
            diverged: BTreeMap::new(),
            presences: Presences::new(heartbeat_ms),
            agent_changes: AgentChanges::default(),
        }
    }

    pub fn get(&self, id: SessionId) -> Option<&Session> {
        self.by_id.get(&id)
    }

    pub fn is_connected(&self, id: SessionId) -> bool {
        self.by_id.contains_key(&id)
    }

    /// Returns the name of the agent of a session.
    pub fn agent_name(&self, id: SessionId) -> AgentName {
        self.agent(id).cloned().unwrap_or_default()
    }

    pub fn role(&self, id: SessionId) -> Option<Role> {
        self.get(id).map(|session| session.role)
    }

    /// Returns the name of the agent of this connection; none if it is that of a person.
    pub fn agent(&self, id: SessionId) -> Option<&AgentName> {
        self.get(id)?.agent.as_ref()
    }

    pub fn is_agent_connected(&self, agent: &AgentName) -> bool {
        let mut agents = self.by_id.values().filter_map(|it| it.agent.as_ref());
        agents.any(|it| it == agent)
    }

    /// Lists the connections of an agent.
    pub fn of_agent(&self, agent: &AgentName) -> Vec<SessionId> {
        let of_agent = self
            .iter()
            .filter(|(_, it)| it.agent.as_ref() == Some(agent));
        of_agent.map(|(id, _)| id).collect()
    }

    /// Returns true if this client shows people what agents ask for.
    pub fn asks_people(&self, id: SessionId) -> bool {
        let session = self.get(id);
        session.is_some_and(|it| it.accepts_agents && it.role.is_person())
    }

    /// Returns true if this editor shows its viewport and selects for others.
    pub fn accepts_views(&self, id: SessionId) -> bool {
        self.get(id).is_some_and(|it| it.accepts_views)
    }

    /// Lists the clients that show people what agents ask for.
    pub fn that_ask_people(&self) -> Vec<SessionId> {
        let ids = self.by_id.keys().copied();
        ids.filter(|id| self.asks_people(*id)).collect()
    }

    /// Returns true if an editor is connected that shows people what agents ask for.
    pub fn can_ask_in_editor(&self) -> bool {
        let mut sessions = self.by_id.values();
        sessions.any(|it| it.accepts_agents && it.role.is_editor())
    }

    /// Returns true if this client is an editor that sends and shows previews.
    pub fn previews(&self, id: SessionId) -> bool {
        let session = self.get(id);
        session.is_some_and(|it| it.accepts_previews && it.role.is_editor())
    }

    /// Returns true if previews of this editor may have vertices of meshes.
    pub fn has_mesh_previews(&self, id: SessionId) -> bool {
        self.get(id).is_some_and(|it| it.accepts_mesh_previews)
    }

    /// Lists the editors that send and show previews.
    pub fn that_preview(&self) -> impl Iterator<Item = SessionId> + '_ {
        let ids = self.by_id.keys().copied();
        ids.filter(|id| self.previews(*id))
    }

    pub fn iter(&self) -> impl Iterator<Item = (SessionId, &Session)> {
        self.by_id.iter().map(|(id, session)| (*id, session))
    }

    pub fn connect(&mut self, id: SessionId, hello: Hello, now: u64) {
        let agent = agent_of(&hello).map(|agent| agent.name);
        let Hello {
            role, editor_state, ..
        } = hello;
        if role.is_editor() {
            self.presences.connect(role, id, editor_state, now);
        }
        let accepts = |feature| hello.features.iter().any(|it| it == feature);
        let session = Session {
            role,
            instance: hello.instance_id,
            editor_version: hello.editor_version,
            state: editor_state,
            agent,
            accepts_agents: accepts(feature::AGENTS),
            accepts_previews: accepts(feature::PREVIEWS),
            accepts_mesh_previews: accepts(feature::MESH_PREVIEWS),
            accepts_views: accepts(feature::VIEW),
            notices: BTreeMap::new(),
        };
        self.by_id.insert(id, session);
    }

    /// Removes and logs a connection. Returns none if there is no such connection.
    pub fn disconnect(
        &mut self,
        journal: &mut Journal,
        id: SessionId,
        reason: &DisconnectReason,
    ) -> Option<Session> {
        let session = self.by_id.remove(&id)?;
        let now = journal.now();
        let text = reason.text();
        let detail = match self.presences.disconnect(id, reason.is_goodbye(), now) {
            Some(presence) => format!("{}: {text}", presence.as_str()),
            None => text.into_owned(),
        };
        log_connection(journal, id, session.role, false, detail, None);
        Some(session)
    }

    pub fn set_state(&mut self, id: SessionId, state: EditorState, now: u64) {
        if let Some(session) = self.by_id.get_mut(&id) {
            session.state = state;
        }
        self.presences.set_state(id, state, now);
    }

    /// Returns the sessions that are to be told now that a change of an entity gave way. These are the sessions of the
    /// agent that made the transaction, if that is known, or else of the role. A session is told about the same entity at
    /// most once in [`NOTICE_INTERVAL_MS`].
    pub fn due_for_notice(
        &mut self,
        role: Role,
        begin: Option<u64>,
        uuid: Uuid,
        now: u64,
    ) -> Vec<SessionId> {
        let agent = begin.and_then(|begin| self.agent_changes.author(begin));
        let mut due = Vec::new();
        for (id, session) in &mut self.by_id {
            let notices = &mut session.notices;
            let last = notices.get(&uuid);
            let is_recent = last.is_some_and(|at| now < at + NOTICE_INTERVAL_MS);
            let is_author = agent.is_none_or(|agent| session.instance == agent);
            if session.role == role && is_author && !is_recent {
                if notices.len() >= MAX_NOTICES {
                    notices.clear();
                }
                notices.insert(uuid, now);
                due.push(*id);
            }
        }
        due
    }

    /// Returns the end of the log when this editor process replaced another one; 0 if it replaced none. Processes from
    /// before the daemon's own start are not known.
    pub fn started_at(&mut self, role: Role, instance: InstanceId, head_seq: u64) -> u64 {
        let process = self.processes.entry(role).or_insert(EditorProcess {
            instance,
            started_at: 0,
        });
        if process.instance != instance {
            process.instance = instance;
            process.started_at = head_seq;
        }
        process.started_at
    }

    /// Notes that an editor disappeared while it worked on these entities.
    pub fn note_interrupted(&mut self, role: Role, instance: InstanceId, uuids: Vec<Uuid>) {
        let interrupted = InterruptedBatch { instance, uuids };
        self.interrupted.insert(role, interrupted);
    }

    /// Returns the entities over which the editor has crashed. An editor that returns as the same process has only lost
    /// its connection.
    pub fn take_crash(&mut self, role: Role, instance: InstanceId) -> Option<Vec<Uuid>> {
        let interrupted = self.interrupted.remove(&role)?;
        (interrupted.instance != instance).then_some(interrupted.uuids)
    }
}

/// Returns who the agent is that says hello; none if it is no agent.
pub(crate) fn agent_of(hello: &Hello) -> Option<AgentIdentity> {
    let is_agent = hello.role == Role::Agent;
    is_agent.then(|| hello.agent.clone().unwrap_or_default())
}

/// Logs that a client has connected or disconnected. The command line changes nothing, so its connections are not logged.
pub(crate) fn log_connection(
    journal: &mut Journal,
    id: SessionId,
    role: Role,
    connected: bool,
    detail: String,
    diverged_after: Option<u64>,
) {
    if role == Role::Cli {
        return;
    }
    journal.append(RecordBody {
        session_id: Some(id),
        operation_id: None,
        uuids: Vec::new(),
        phase: Phase::Session,
        outcome: Outcome::Ok,
        error_code: diverged_after.map(|_| Code::LogDiverged),
        payload: Payload::Session {
            role,
            connected,
            detail,
            diverged_after,
        },
    });
}
