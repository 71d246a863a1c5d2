//! A stage for tests of calls: two editors, an agent, and an add-on of Blender.

use serde_json::{Map, Value, json};
use uuid::Uuid;
use vibesync_engine::{Input, Options};
use vibesync_protocol::{
    AddonCommand, Capability, ClientMessage, CommandAnswer, CommandResponse, DaemonMessage,
    DecideRequest, EditorCommand, EditorState, ErrorBody, GrantRequest, Hello, OpenApproval, Query,
    QueryResult, RevokeRequest, SetAgentRequest,
};
use vibesync_scene::{
    AgentMode, AgentName, Call, CallEnd, Change, Code, InstanceId, OperationId, Outcome, Payload,
    Remember, Role, SessionId,
};
use vibesync_testkit::FakeEditor;
use vibesync_testkit::fakes::addons::{FakeAddon, addon_list, success};

use crate::agent::Agent;
use crate::harness::{A, Harness, PROJECT, moved, object, options};

pub const MAKE: &str = "make_stone";

/// The harness with an agent and a person at the command line.
pub struct Stage {
    pub harness: Harness,
    pub agent: Agent,
    pub addon: FakeAddon,
    person: SessionId,
}

/// The end of a call in the log.
pub struct Logged {
    pub end: CallEnd,
    pub outcome: Outcome,
    pub code: Option<Code>,
    pub operation: Option<OperationId>,
}

impl Stage {
    /// Blender has the add-on, and nobody has allowed it.
    pub fn new() -> Self {
        Self::with(options())
    }

    pub fn with(options: Options) -> Self {
        let mut harness = Harness::with(options);
        harness.connect_all();
        let agent = Agent::connect(&mut harness);
        let person = connect_person(&mut harness);
        let addon = FakeAddon::new();
        let mut stage = Self {
            harness,
            agent,
            addon,
            person,
        };
        stage.list_own();
        stage
    }

    /// Does the same, and a person has allowed it.
    pub fn allowed() -> Self {
        let mut stage = Self::new();
        stage.allow(|_| {}).unwrap();
        stage
    }

    /// Returns the same with an object [`A`] of this name.
    pub fn with_object(name: &str) -> Self {
        let mut stage = Self::allowed();
        let made = vec![object(A, name, None)];
        stage.harness.edit(Role::Blender, made);
        stage.harness.settle();
        stage
    }

    pub fn session(&self, role: Role) -> SessionId {
        self.harness.wires[&role].session.unwrap()
    }

    pub fn send(&mut self, session: SessionId, message: ClientMessage) {
        let message = Box::new(message);
        self.harness.step(Input::Message { session, message });
    }

    pub fn blender_sends(&mut self, message: ClientMessage) {
        let session = self.session(Role::Blender);
        self.send(session, message);
    }

    pub fn list(&mut self, addons: &[FakeAddon]) {
        self.blender_sends(ClientMessage::Capabilities(addon_list(addons)));
    }

    pub fn list_own(&mut self) {
        let addon = self.addon.clone();
        self.list(&[addon]);
    }

    /// Allows the add-on as a person does who sees it as it is.
    pub fn allow(&mut self, change: impl Fn(&mut GrantRequest)) -> Result<u64, ErrorBody> {
        let mut request = GrantRequest {
            request_id: self.harness.id(),
            addon_id: self.addon.id().to_owned(),
            manifest_sha256: self.addon.manifest_sha256(),
            code_sha256: self.addon.code_sha256(),
            tools: Vec::new(),
            read_only: false,
            max_ms: None,
            who: "ada".into(),
            why: "for stones".into(),
        };
        change(&mut request);
        self.send(self.person, ClientMessage::Grant(request));
        match self.newest_result() {
            QueryResult::Grant {
                seq: Some(seq),
                error: None,
            } => Ok(seq),
            QueryResult::Grant { error, .. } => Err(error.unwrap()),
            other => panic!("{other:?}"),
        }
    }

    pub fn revoke(&mut self) -> Option<u64> {
        let request = RevokeRequest {
            request_id: self.harness.id(),
            addon_id: self.addon.id().to_owned(),
            who: "ada".into(),
            why: "enough".into(),
        };
        self.send(self.person, ClientMessage::Revoke(request));
        match self.newest_result() {
            QueryResult::Grant { seq, .. } => seq,
            other => panic!("{other:?}"),
        }
    }

    fn newest_result(&self) -> QueryResult {
        let mut newest = self.harness.received.iter().rev();
        let found = newest.find_map(|message| match message {
            DaemonMessage::Result { result, .. } => Some(result.clone()),
            _ => None,
        });
        found.unwrap()
    }

    /// Returns the add-ons as the agent or a person is told.
    pub fn capabilities(&mut self, role: Role) -> Vec<Capability> {
        let session = match role {
            Role::Agent => self.agent.0,
            _ => self.person,
        };
        let query = ClientMessage::Query {
            request_id: Uuid::nil(),
            what: Query::Capabilities,
            after: None,
            limit: None,
        };
        self.send(session, query);
        match self.newest_result() {
            QueryResult::Capabilities { addons, .. } => addons,
            other => panic!("{other:?}"),
        }
    }

    pub fn command(&mut self, params: &Value) -> AddonCommand {
        AddonCommand {
            addon_id: self.addon.id().to_owned(),
            command: MAKE.into(),
            params: params.as_object().cloned().unwrap_or_else(Map::new),
            request_id: Some(self.harness.id()),
            ..AddonCommand::default()
        }
    }

    pub fn ask(&mut self, command: AddonCommand) {
        self.send(self.agent.0, ClientMessage::AddonCommand(command));
    }

    /// Calls the tool, and returns the request.
    pub fn call(&mut self, params: Value) -> Uuid {
        let command = self.command(&params);
        let id = command.request_id.unwrap();
        self.ask(command);
        id
    }

    /// Returns the newest answer to a request.
    pub fn answer(&self, id: Uuid) -> Option<CommandAnswer> {
        let mut newest = self.harness.received.iter().rev();
        newest.find_map(|message| match message {
            DaemonMessage::CommandResponse(answer)
                if answer.request_id == Some(id) || answer.message_id == Some(id) =>
            {
                Some((**answer).clone())
            }
            _ => None,
        })
    }

    /// Returns the error that a request was answered with.
    pub fn refusal(&self, id: Uuid) -> Code {
        self.answer(id).unwrap().error.unwrap().code
    }

    /// Returns true if the newest word on a request is that a person must allow it.
    pub fn is_waiting_for_person(&self, id: Uuid) -> bool {
        let mut newest = self.harness.received.iter().rev();
        let waits = newest.find_map(|message| match message {
            DaemonMessage::CommandProgress(progress) if progress.request_id == id => {
                Some(progress.approval.is_some())
            }
            _ => None,
        });
        waits == Some(true) && self.answer(id).is_none()
    }

    /// Returns the newest question that a person is shown.
    pub fn question(&mut self) -> OpenApproval {
        let query = ClientMessage::Query {
            request_id: Uuid::nil(),
            what: Query::Agents,
            after: None,
            limit: None,
        };
        self.send(self.person, query);
        match self.newest_result() {
            QueryResult::Agents { mut approvals, .. } => approvals.pop().unwrap(),
            other => panic!("{other:?}"),
        }
    }

    /// Answers the newest question. Returns true if it was open.
    pub fn decide(&mut self, allow: bool, remember: Remember) -> bool {
        let request = DecideRequest {
            request_id: self.harness.id(),
            approval_id: self.question().approval_id,
            allow,
            remember,
            who: "ada".into(),
        };
        self.send(self.person, ClientMessage::Decide(request));
        matches!(self.newest_result(), QueryResult::Decide { seq: Some(_) })
    }

    pub fn set_agent(&mut self, mode: AgentMode) {
        let request = SetAgentRequest {
            request_id: self.harness.id(),
            agent: AgentName::default(),
            mode,
            who: "ada".into(),
            why: String::new(),
        };
        self.send(self.person, ClientMessage::SetAgent(request));
    }

    /// Returns the commands that Blender has got and not looked at.
    pub fn commands(&mut self) -> Vec<EditorCommand> {
        let wire = self.harness.wires.get_mut(&Role::Blender).unwrap();
        let mut commands = Vec::new();
        wire.to_editor.retain(|message| match message {
            DaemonMessage::AddonCommand(command) => {
                commands.push(command.clone());
                false
            }
            _ => true,
        });
        commands
    }

    /// Returns the commands' ends that Blender has got: whether to keep each.
    pub fn command_ends(&self) -> Vec<(Uuid, bool)> {
        let messages = self.harness.wires[&Role::Blender].to_editor.iter();
        let ends = messages.filter_map(|message| match message {
            DaemonMessage::CommandEnd { request_id, keep } => Some((*request_id, *keep)),
            _ => None,
        });
        ends.collect()
    }

    /// Calls the tool, and takes the command in Blender.
    pub fn start(&mut self) -> EditorCommand {
        self.call(json!({}));
        self.commands().pop().expect("the editor got the command")
    }

    /// Lets a person in Unity hold these objects, and let go of all others.
    pub fn hold(&mut self, objects: Vec<Uuid>) {
        let unity = self.session(Role::Unity);
        let state = ClientMessage::EditorState {
            state: EditorState::Modal,
            objects: Some(objects),
        };
        self.send(unity, state);
    }

    /// Starts a call whose tool moves [`A`] while a person holds it, so that the change waits.
    pub fn start_beside_a_person(&mut self) -> (EditorCommand, OperationId) {
        let command = self.start();
        self.hold(vec![A]);
        let operation = self.change(command.request_id, vec![moved(A, 3.0)]);
        self.respond(&command, Some(operation));
        assert!(self.answer(command.request_id).is_none());
        (command, operation)
    }

    /// Sends what a tool has changed.
    pub fn change(&mut self, request_id: Uuid, changes: Vec<Change>) -> OperationId {
        let operation_id = OperationId(self.harness.id());
        let wire = self.harness.wires.get_mut(&Role::Blender).unwrap();
        let intent = wire.editor.run_tool(operation_id, changes, request_id);
        if let Some(intent) = intent {
            self.blender_sends(intent);
        }
        operation_id
    }

    pub fn respond(&mut self, command: &EditorCommand, operation: Option<OperationId>) {
        self.respond_with(success(command, operation));
    }

    pub fn respond_with(&mut self, response: CommandResponse) {
        self.blender_sends(ClientMessage::CommandResponse(response));
    }

    /// Answers that the tool failed with this message.
    pub fn fail(&mut self, command: &EditorCommand, message: &str) {
        let mut response = success(command, None);
        response.result = json!({"status": "error", "message": message, "data": {}});
        response.code = Some(Code::HandlerFailed);
        self.respond_with(response);
    }

    pub fn wait(&mut self, ms: u64) {
        self.harness.now += ms;
        self.harness.step(Input::Tick);
    }

    pub fn begun(&self) -> Vec<Call> {
        let payloads = self.harness.log.iter().map(|record| &record.payload);
        let calls = payloads.filter_map(|payload| match payload {
            Payload::Call(call) => Some(call.clone()),
            _ => None,
        });
        calls.collect()
    }

    /// Returns the ends of calls in the log.
    pub fn ended(&self) -> Vec<Logged> {
        let ends = self
            .harness
            .log
            .iter()
            .filter_map(|record| match &record.payload {
                Payload::CallEnd(end) => Some(Logged {
                    end: end.clone(),
                    outcome: record.outcome,
                    code: record.error_code,
                    operation: record.operation_id,
                }),
                _ => None,
            });
        ends.collect()
    }

    /// Restarts Blender: another process connects, and lists the add-on.
    pub fn restart_blender(&mut self) {
        self.harness.disconnect(Role::Blender);
        let instance = InstanceId(self.harness.id());
        let wire = self.harness.wires.get_mut(&Role::Blender).unwrap();
        wire.editor.instance = instance;
        self.harness.connect(Role::Blender);
        self.list_own();
    }

    /// Crashes the daemon; everybody connects again.
    pub fn crash(&mut self) {
        self.harness.crash();
        self.crash_connections();
    }

    /// Connects everybody to a daemon that has started.
    pub fn crash_connections(&mut self) {
        self.harness.connect_all();
        self.agent = Agent::connect(&mut self.harness);
        self.person = connect_person(&mut self.harness);
        self.list_own();
    }
}

fn connect_person(harness: &mut Harness) -> SessionId {
    let session = SessionId(harness.id());
    let instance = InstanceId(harness.id());
    let mut client = FakeEditor::new(Role::Cli, instance, PROJECT);
    let hello: Box<Hello> = Box::new(client.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    session
}
