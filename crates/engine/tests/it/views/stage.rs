//! A stage for tests of looks and selections: two editors with windows, an agent, and an object.

use uuid::Uuid;
use vibesync_engine::{AgentOptions, Input, Options};
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, EditorSelect, EditorView, ErrorBody, Picture, SelectAnswer,
    SelectRequest, SelectResult, ViewAnswer, ViewRequest, ViewResult, feature,
};
use vibesync_scene::{
    AgentMode, AgentName, InstanceId, Look, Payload, RecordBody, Role, SessionId, Viewed,
};
use vibesync_testkit::FakeEditor;
use vibesync_testkit::fakes::view::gray_png;

use crate::agent::Agent;
use crate::harness::{A, Harness, PROJECT, object, options};

pub struct Stage {
    pub harness: Harness,
    pub agent: SessionId,
}

impl Stage {
    /// Both editors have the object [`A`] and a window; the agent may work.
    pub fn new() -> Self {
        Self::with_mode(AgentMode::Work)
    }

    pub fn with_mode(mode: AgentMode) -> Self {
        let agents = AgentOptions {
            mode,
            ..AgentOptions::default()
        };
        let mut harness = Harness::with(Options {
            agents,
            ..options()
        });
        for wire in harness.wires.values_mut() {
            wire.editor.features = vec![feature::VIEW.to_owned()];
        }
        harness.connect_all();
        harness.edit(Role::Blender, vec![object(A, "A", None)]);
        harness.settle();
        let agent = Agent::connect_as(&mut harness, Some("claude")).0;
        Self { harness, agent }
    }

    pub fn other_agent(&mut self, name: &str) -> SessionId {
        Agent::connect_as(&mut self.harness, Some(name)).0
    }

    pub fn person(&mut self) -> SessionId {
        let session = SessionId(self.harness.id());
        let instance = InstanceId(self.harness.id());
        let mut client = FakeEditor::new(Role::Cli, instance, PROJECT);
        let hello = Box::new(client.hello(String::new(), String::new()));
        self.harness.step(Input::Connected { session, hello });
        session
    }

    pub fn send(&mut self, session: SessionId, message: ClientMessage) {
        let message = Box::new(message);
        self.harness.step(Input::Message { session, message });
    }

    pub fn request(&mut self) -> ViewRequest {
        ViewRequest {
            request_id: self.harness.id(),
            editor: Role::Blender,
            look: Look::Front,
            frame: Vec::new(),
            size: 512,
        }
    }

    /// Asks as the agent. Returns the id of the request.
    pub fn look_with(&mut self, change: impl Fn(&mut ViewRequest)) -> Uuid {
        let mut request = self.request();
        change(&mut request);
        let id = request.request_id;
        self.send(self.agent, ClientMessage::View(request));
        id
    }

    pub fn look(&mut self) -> Uuid {
        self.look_with(|_| {})
    }

    /// Asks Blender to select, as the agent.
    pub fn select(&mut self, uuids: Vec<Uuid>) -> Uuid {
        let request_id = self.harness.id();
        let editor = Role::Blender;
        let request = SelectRequest {
            request_id,
            editor,
            uuids,
        };
        self.send(self.agent, ClientMessage::Select(request));
        request_id
    }

    /// Returns the requests for pictures that an editor has got.
    pub fn views_of(&self, role: Role) -> Vec<EditorView> {
        let messages = self.harness.wires[&role].to_editor.iter();
        let views = messages.filter_map(|message| match message {
            DaemonMessage::View(view) => Some(view.clone()),
            _ => None,
        });
        views.collect()
    }

    pub fn views(&self) -> Vec<EditorView> {
        self.views_of(Role::Blender)
    }

    pub fn selects(&self) -> Vec<EditorSelect> {
        let messages = self.harness.wires[&Role::Blender].to_editor.iter();
        let selects = messages.filter_map(|message| match message {
            DaemonMessage::Select(select) => Some(select.clone()),
            _ => None,
        });
        selects.collect()
    }

    pub fn blender_sends(&mut self, message: ClientMessage) {
        let session = self.harness.wires[&Role::Blender].session.unwrap();
        self.send(session, message);
    }

    /// Answers with a picture as Blender, after a change of the result.
    pub fn draw_with(&mut self, id: Uuid, change: impl Fn(&mut ViewResult)) {
        let mut result = ViewResult {
            request_id: id,
            width: 512,
            height: 256,
            picture: Some(Picture(gray_png(512, 256).into())),
            ..ViewResult::default()
        };
        change(&mut result);
        self.blender_sends(ClientMessage::ViewResult(result));
    }

    pub fn draw(&mut self, id: Uuid) {
        self.draw_with(id, |_| {});
    }

    /// Answers with a selection as Blender.
    pub fn selected(&mut self, id: Uuid, selected: Vec<Uuid>) {
        self.blender_sends(ClientMessage::SelectResult(SelectResult {
            request_id: id,
            selected,
            error: None,
        }));
    }

    /// Returns the answers to a request.
    pub fn answers(&self, id: Uuid) -> Vec<ViewAnswer> {
        let received = self.harness.received.iter();
        let answers = received.filter_map(|message| match message {
            DaemonMessage::ViewResult(answer) if answer.request_id == id => {
                Some((**answer).clone())
            }
            _ => None,
        });
        answers.collect()
    }

    /// Returns the only answer.
    pub fn answer(&self, id: Uuid) -> ViewAnswer {
        let [answer] = self.answers(id).try_into().unwrap();
        answer
    }

    pub fn error(&self, id: Uuid) -> ErrorBody {
        let answer = self.answer(id);
        assert_eq!(answer.picture, None, "no picture with an error");
        answer.error.unwrap()
    }

    pub fn code(&self, id: Uuid) -> Code {
        self.error(id).code
    }

    /// Returns the only answer to a selection.
    pub fn selection(&self, id: Uuid) -> SelectAnswer {
        let received = self.harness.received.iter();
        let answers = received.filter_map(|message| match message {
            DaemonMessage::SelectResult(answer) if answer.request_id == id => {
                Some((**answer).clone())
            }
            _ => None,
        });
        let [answer] = answers.collect::<Vec<_>>().try_into().unwrap();
        answer
    }

    pub fn selection_code(&self, id: Uuid) -> Code {
        self.selection(id).error.unwrap().code
    }

    /// Returns the records of pictures.
    pub fn logged(&self) -> Vec<(RecordBody, Viewed)> {
        let records = self.harness.log.iter();
        let views = records.filter_map(|record| match &record.payload {
            Payload::View(viewed) => Some((record.clone(), viewed.clone())),
            _ => None,
        });
        views.collect()
    }

    /// Returns the codes of refused requests in the log.
    pub fn refused(&self) -> Vec<Code> {
        let records = self.harness.log.iter();
        let refusals = records.filter(|it| matches!(it.payload, Payload::Refusal { .. }));
        refusals.filter_map(|it| it.error_code).collect()
    }

    pub fn wait(&mut self, ms: u64) {
        self.harness.now += ms;
        self.harness.step(Input::Tick);
    }
}

pub fn claude() -> AgentName {
    "claude".parse().unwrap()
}
