//! Two editors that work with one engine for hours of virtual time, to measure the memory that the engine keeps.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    reason = "only tests use it, and fail so"
)]

use std::collections::VecDeque;

use uuid::Uuid;
use vibesync_engine::{Action, AgentOptions, Engine, Input, Options, Rate, Thresholds};
use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{
    Change, EpochId, InstanceId, OperationId, ProjectId, Replay, Role, SessionId,
};

use crate::fakes::FakeEditor;
use crate::fakes::addons::grant_key;
use crate::fakes::change::{moved, object, parented, renamed};

const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0x10_4653));
/// Time between two changes, milliseconds: ten changes a second.
const PAUSE: u64 = 100;
/// Changes after which an editor connects anew.
const CONNECTION: u64 = 20_000;
/// Changes from one refused intent to the next.
const REFUSED: u64 = 50;

/// An editor and the messages to it that it has not read.
struct Side {
    editor: FakeEditor,
    session: SessionId,
    to_editor: VecDeque<DaemonMessage>,
}

/// The session. It keeps no history of its own: its memory is that of the scene, the engine and the replay.
pub struct LongSession {
    engine: Engine,
    /// The state that follows from the log, as the projector and the view keep it.
    replay: Replay,
    seq: u64,
    sides: Vec<Side>,
    objects: Vec<Uuid>,
    now: u64,
    /// Number of changes so far.
    changes: u64,
}

fn options() -> Options {
    Options {
        project_id: PROJECT,
        epoch: EpochId(Uuid::from_u128(1)),
        batch_window_ms: 250,
        apply_timeout_ms: 10_000,
        heartbeat_ms: 5_000,
        idle_ms: 1_000,
        max_open: 1_000,
        max_batch: 1_000,
        max_catch_up_batch: 0,
        max_large_batch: 0,
        max_batch_bytes: 1 << 26,
        rate: Rate::default(),
        grant_key: grant_key(),
        thresholds: Thresholds::default(),
        agents: AgentOptions::default(),
    }
}

impl LongSession {
    /// Connects both editors, and creates the objects.
    pub fn new(objects: u64) -> Self {
        let (engine, actions) = Engine::restore(options(), "test", Replay::default());
        let mut session = Self {
            engine,
            replay: Replay::default(),
            seq: 0,
            sides: Vec::new(),
            objects: Vec::new(),
            now: 0,
            changes: 0,
        };
        session.run(actions);
        for (role, id) in [(Role::Blender, 1), (Role::Unity, 2)] {
            session.sides.push(Side {
                editor: FakeEditor::new(role, InstanceId(Uuid::from_u128(id)), PROJECT),
                session: SessionId(Uuid::nil()),
                to_editor: VecDeque::new(),
            });
            session.connect(session.sides.len() - 1);
        }
        for n in 0..objects {
            let uuid = Uuid::from_u128(0xF000 + u128::from(n));
            session.objects.push(uuid);
            session.edit(vec![object(uuid, "Object", None)]);
        }
        session
    }

    /// Makes changes, ten in a second: moves, names, parents, and some that are refused.
    pub fn work(&mut self, changes: u64) {
        for _ in 0..changes {
            let n = self.changes as usize;
            let uuid = self.objects[n * 7 % self.objects.len()];
            let change = match n % 10 {
                0 => renamed(uuid, &format!("Object {}", n % 1_000)),
                1 => parented(uuid, None),
                _ => moved(uuid, n as f64),
            };
            self.edit(vec![change]);
            if self.changes.is_multiple_of(REFUSED) {
                self.refuse();
            }
            if self.changes.is_multiple_of(CONNECTION) {
                self.reconnect();
            }
        }
    }

    /// The number of records so far.
    pub fn records(&self) -> u64 {
        self.seq
    }

    /// The editors take turns of a hundred changes.
    fn edit(&mut self, changes: Vec<Change>) {
        self.changes += 1;
        let which = (self.changes / 100 % 2) as usize;
        let operation = OperationId(self.id());
        if let Some(message) = self.sides[which].editor.edit(operation, changes) {
            self.tell(which, message);
        }
        self.pass(PAUSE);
    }

    /// Sends a change of an entity that does not exist.
    fn refuse(&mut self) {
        let (id, missing) = (OperationId(self.id()), self.id());
        let mut stranger = self.sides[0].editor.clone();
        stranger.outbox.clear();
        if let Some(message) = stranger.edit(id, vec![renamed(missing, "Nothing")]) {
            self.tell(0, message);
        }
    }

    fn reconnect(&mut self) {
        let which = (self.changes / CONNECTION % 2) as usize;
        let side = &mut self.sides[which];
        side.editor.disconnect();
        side.to_editor.clear();
        let session = side.session;
        let reason = "the network".to_owned();
        self.step(Input::Disconnected { session, reason });
        self.connect(which);
    }

    fn connect(&mut self, which: usize) {
        let session = SessionId(self.id());
        let side = &mut self.sides[which];
        side.session = session;
        let hello = Box::new(side.editor.hello(String::new(), String::new()));
        self.step(Input::Connected { session, hello });
        let inventory = self.sides[which].editor.inventory();
        self.tell(which, inventory);
        self.pass(PAUSE);
    }

    /// Returns an id that grows with time, as those of editors do.
    fn id(&mut self) -> Uuid {
        let n = u128::from(self.changes);
        let mixed = (n * 0x9E37_79B9_7F4A_7C15 + u128::from(self.seq)) & 0x3FFF_FFFF_FFFF_FFFF;
        Uuid::from_u128((n + 1) << 64 | mixed)
    }

    fn tell(&mut self, which: usize, message: ClientMessage) {
        let session = self.sides[which].session;
        let message = Box::new(message);
        self.step(Input::Message { session, message });
    }

    /// Lets time pass, and both editors read and answer.
    fn pass(&mut self, time: u64) {
        self.now += time;
        if self.engine.next_deadline().is_some_and(|at| at <= self.now) {
            self.step(Input::Tick);
        }
        for which in 0..self.sides.len() {
            while let Some(message) = self.sides[which].to_editor.pop_front() {
                let editor = &mut self.sides[which].editor;
                let answers = editor.hear(message);
                editor.outcomes.clear();
                editor.notices.clear();
                editor.refusals.clear();
                answers
                    .into_iter()
                    .for_each(|answer| self.tell(which, answer));
            }
        }
    }

    fn step(&mut self, input: Input) {
        let actions = self.engine.step(input, self.now);
        self.run(actions);
    }

    fn run(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Append(record) => {
                    self.seq += 1;
                    self.replay.record(self.seq, &record);
                }
                Action::Send { session, message } => {
                    if let Some(side) = self.side_of(session) {
                        side.to_editor.push_back(*message);
                    }
                }
                Action::Accept {
                    session,
                    epochs,
                    diverged_after,
                    ..
                } => {
                    if let Some(side) = self.side_of(session) {
                        side.editor.welcome(epochs, diverged_after);
                    }
                }
                Action::Close { error, .. } => panic!("a connection was closed: {error:?}"),
                _ => {}
            }
        }
    }

    fn side_of(&mut self, session: SessionId) -> Option<&mut Side> {
        self.sides.iter_mut().find(|side| side.session == session)
    }
}
