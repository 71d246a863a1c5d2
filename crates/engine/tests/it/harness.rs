//! The test harness: an engine, its log, two fake editors, and the wires between them.

mod beside;
mod blobs;
mod connection;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;
use vibesync_engine::{Action, AgentOptions, Engine, Input, Options, Rate, Thresholds};
use vibesync_protocol::{ClientMessage, DaemonMessage, EditorState};
use vibesync_scene::{
    AgentMode, BatchId, BlobId, Change, Code, ComponentSet, Components, Entity, EpochId,
    InstanceId, OperationId, Outcome, Phase, ProjectId, RecordBody, Replay, Role, SessionId,
};
use vibesync_testkit::FakeEditor;
pub use vibesync_testkit::change::{
    guarded, moved, object, parented, renamed, showing, triangle, update,
};
use vibesync_testkit::edit::as_known;

pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xABCD));

pub const A: Uuid = Uuid::from_u128(1);

/// A time that settling does not wait for, milliseconds.
const LATE: u64 = 290_000;
/// A time that no test reaches, milliseconds.
const QUIET: u64 = 1_000_000_000;

/// Number of epochs that tests have begun.
static EPOCHS: AtomicU64 = AtomicU64::new(0);

/// Returns options for one start, with an epoch of its own.
pub fn options() -> Options {
    let epoch = EPOCHS.fetch_add(1, Ordering::Relaxed);
    Options {
        project_id: PROJECT,
        epoch: EpochId(Uuid::from_u128(0xE000_0000 + u128::from(epoch))),
        batch_window_ms: 300,
        apply_timeout_ms: 10_000,
        // Editors fall silent only in tests of presence.
        heartbeat_ms: QUIET,
        idle_ms: 1_000,
        max_open: 1_000,
        max_batch: 1_000,
        max_catch_up_batch: 0,
        max_large_batch: 0,
        max_batch_bytes: 1 << 26,
        rate: Rate::default(),
        grant_key: vibesync_testkit::fakes::addons::grant_key(),
        thresholds: Thresholds {
            // Without it, tests that let time pass would find one more record in the log.
            steady_after_ms: QUIET,
            ..Thresholds::default()
        },
        agents: AgentOptions {
            mode: AgentMode::Work,
            ..AgentOptions::default()
        },
    }
}

/// An editor, and the messages on its way to and from the daemon.
pub struct Wire {
    pub editor: FakeEditor,
    pub session: Option<SessionId>,
    pub to_daemon: VecDeque<ClientMessage>,
    pub to_editor: VecDeque<DaemonMessage>,
    /// Previews on their way to the editor. They pass all messages.
    pub previews: Vec<DaemonMessage>,
}

pub struct Harness {
    pub engine: Engine,
    pub log: Vec<RecordBody>,
    pub wires: BTreeMap<Role, Wire>,
    pub now: u64,
    /// Result of the next mesh comparison.
    pub differing: Vec<(Uuid, String)>,
    /// Content of the commit to restore.
    pub commit: BTreeMap<Uuid, Entity>,
    /// Blobs that are missing.
    pub missing_blobs: BTreeSet<BlobId>,
    /// Messages to clients without a wire: agents and the command line.
    pub received: Vec<DaemonMessage>,
    /// Connections that the daemon has closed, each with the reason.
    pub closed: Vec<(SessionId, Code)>,
    /// All messages to editors, if they are to be kept; without previews.
    pub trace: Option<Vec<(SessionId, DaemonMessage)>>,
    /// The epoch of this start of the daemon.
    epoch: EpochId,
    /// The rights of agents; the same after a crash.
    agents: AgentOptions,
    /// Ids of all batches that were sent.
    batches: BTreeSet<BatchId>,
    next_id: u128,
}

impl Harness {
    pub fn new() -> Self {
        Self::with(options())
    }

    pub fn with(options: Options) -> Self {
        let mut log = Vec::new();
        let (agents, epoch) = (options.agents.clone(), options.epoch);
        let (engine, actions) = Engine::restore(options, "test", Replay::default());
        log.extend(actions.into_iter().filter_map(appended));
        let wire = |role, id| Wire {
            editor: FakeEditor::new(role, InstanceId(Uuid::from_u128(id)), PROJECT),
            session: None,
            to_daemon: VecDeque::new(),
            to_editor: VecDeque::new(),
            previews: Vec::new(),
        };
        let wires = BTreeMap::from([
            (Role::Blender, wire(Role::Blender, 1)),
            (Role::Unity, wire(Role::Unity, 2)),
        ]);
        Self {
            engine,
            log,
            wires,
            now: 0,
            differing: Vec::new(),
            commit: BTreeMap::new(),
            missing_blobs: BTreeSet::new(),
            received: Vec::new(),
            closed: Vec::new(),
            trace: None,
            epoch,
            agents,
            batches: BTreeSet::new(),
            next_id: 1_000,
        }
    }

    /// Returns two connected editors with an empty scene.
    pub fn connected() -> Self {
        let mut harness = Self::new();
        harness.connect_all();
        harness
    }

    /// Returns connected editors that both have the object [`A`].
    pub fn with_object() -> Self {
        let mut harness = Self::connected();
        harness.edit(Role::Blender, vec![object(A, "A", None)]);
        harness.settle();
        harness
    }

    pub fn connect_all(&mut self) {
        for role in Role::EDITORS {
            self.connect(role);
        }
        self.settle();
    }

    pub fn id(&mut self) -> Uuid {
        self.next_id += 1;
        Uuid::from_u128(self.next_id)
    }

    pub fn step(&mut self, input: Input) {
        let actions = self.engine.step(input, self.now);
        self.run(actions);
    }

    pub fn run(&mut self, actions: Vec<Action>) {
        for action in actions {
            match action {
                Action::Append(record) => self.log.push(*record),
                Action::Send { session, message } => self.send(session, *message),
                Action::Accept {
                    session,
                    epochs,
                    diverged_after,
                    ..
                } => {
                    if let Some(wire) = self.wire_of(session) {
                        wire.editor.welcome(epochs, diverged_after);
                        wire.to_daemon.push_back(wire.editor.inventory());
                    }
                }
                Action::Close { session, error } => {
                    self.closed.push((session, error.code));
                    if let Some(wire) = self.wire_of(session) {
                        wire.session = None;
                    }
                }
                Action::CompareMeshes { batch, .. } => {
                    let differing = self.differing.clone();
                    let lost = self.lost();
                    self.step(Input::MeshesCompared {
                        batch,
                        differing,
                        lost,
                    });
                }
                other => self.run_beside(other),
            }
        }
    }

    fn wire_of(&mut self, session: SessionId) -> Option<&mut Wire> {
        let mut wires = self.wires.values_mut();
        wires.find(|wire| wire.session == Some(session))
    }

    fn send(&mut self, session: SessionId, message: DaemonMessage) {
        if let DaemonMessage::Apply {
            batch_id, changes, ..
        } = &message
        {
            let components = changes.iter().filter_map(|it| it.change.components());
            let mut blobs = components.flat_map(Components::blobs);
            if blobs.any(|blob| self.missing_blobs.contains(&blob)) {
                let unsent = Some((session, *batch_id));
                let lost = self.lost();
                return self.step(Input::BlobsLost { lost, unsent });
            }
            let is_new = self.batches.insert(*batch_id);
            assert!(is_new, "two batches of one id");
            let uuids = changes.iter().map(|change| change.change.uuid());
            let once: BTreeSet<Uuid> = uuids.collect();
            assert_eq!(once.len(), changes.len(), "an entity twice in a batch");
        }
        if let Some(trace) = &mut self.trace {
            trace.push((session, message.clone()));
        }
        match self.wire_of(session) {
            Some(wire) => wire.to_editor.push_back(message),
            None => self.received.push(message),
        }
    }

    pub fn replay(&self) -> Replay {
        let mut replay = Replay::default();
        for (seq, record) in (1..).zip(&self.log) {
            replay.record(seq, record);
        }
        replay
    }

    /// Delivers one message to an editor, and puts its answers on the wire.
    pub fn deliver_to_editor(&mut self, role: Role) {
        let wire = self.wires.get_mut(&role).unwrap();
        if let Some(message) = wire.to_editor.pop_front() {
            let answers = wire.editor.hear(message);
            wire.to_daemon.extend(answers);
        }
    }

    /// Delivers one message of an editor to the daemon.
    pub fn deliver_to_daemon(&mut self, role: Role) {
        let wire = self.wires.get_mut(&role).unwrap();
        if let (Some(session), Some(message)) = (wire.session, wire.to_daemon.pop_front()) {
            if let ClientMessage::Intent(intent) = &message {
                // The program stores bulk data before the engine gets it.
                let sent = intent.changes.iter().filter_map(Change::components);
                let sent: Vec<BlobId> = sent.flat_map(Components::blobs).collect();
                self.missing_blobs.retain(|blob| !sent.contains(blob));
            }
            self.step(Input::Message {
                session,
                message: Box::new(message),
            });
        }
    }

    /// Lets the editor defer the batch on its way to it, if any.
    pub fn defer(&mut self, role: Role) {
        let wire = &self.wires[&role];
        let batch = wire.to_editor.iter().find_map(|message| match message {
            DaemonMessage::Apply { batch_id, .. } => Some(*batch_id),
            _ => None,
        });
        if let (Some(session), Some(batch_id)) = (wire.session, batch) {
            let state = EditorState::Modal;
            let message = Box::new(ClientMessage::Deferred { batch_id, state });
            self.step(Input::Message { session, message });
        }
    }

    /// Returns the engine's next deadline, but for editors that fall silent.
    pub fn next_deadline(&self) -> Option<u64> {
        let deadline = self.engine.next_deadline();
        deadline.filter(|at| *at < self.now + LATE)
    }

    /// Runs until no message is on its way and no deadline is left.
    pub fn settle(&mut self) {
        for _ in 0..100_000 {
            let busy = self
                .wires
                .values()
                .any(|wire| !wire.to_daemon.is_empty() || !wire.to_editor.is_empty());
            if busy {
                for role in Role::EDITORS {
                    self.deliver_to_editor(role);
                    self.deliver_to_daemon(role);
                }
            } else if let Some(deadline) = self.next_deadline() {
                self.now = self.now.max(deadline);
                self.step(Input::Tick);
            } else {
                return;
            }
        }
        panic!("the harness does not settle");
    }

    pub fn edit(&mut self, role: Role, changes: Vec<Change>) -> OperationId {
        let id = OperationId(self.id());
        let wire = self.wires.get_mut(&role).unwrap();
        if let Some(message) = wire.editor.edit(id, changes) {
            wire.to_daemon.push_back(message);
        }
        id
    }

    /// Delivers all messages of an editor to the daemon, before any answer is delivered.
    pub fn deliver_all_to_daemon(&mut self, role: Role) {
        while !self.wires[&role].to_daemon.is_empty() {
            self.deliver_to_daemon(role);
        }
    }

    /// Checks that both editors and the replayed log equal the authority.
    pub fn assert_converged(&self) {
        let rows = self.engine.scene().rows().filter(|row| !row.tombstone);
        let authority: BTreeMap<_, _> = rows
            .map(|row| (row.entity.uuid, row.entity.clone()))
            .collect();
        for role in Role::EDITORS {
            let known: ComponentSet = self.editor(role).components().collect();
            let wanted = as_known(&authority, known);
            assert_eq!(self.editor(role).entities, wanted, "{role:?}");
        }
        let replay = self.replay();
        assert_eq!(&replay.scene, self.engine.scene(), "the log says so");
        assert_eq!(&replay.failures, self.engine.failures(), "and what failed");
        assert_eq!(
            &replay.agents,
            self.engine.agents(),
            "and what agents may do"
        );
    }

    /// Returns the session of a connected editor.
    pub fn session_of(&self, role: Role) -> SessionId {
        self.wires[&role].session.unwrap()
    }

    /// Returns the number of batches on their way to an editor.
    pub fn batch_count(&self, role: Role) -> usize {
        let messages = self.wires[&role].to_editor.iter();
        let is_batch = |it: &&DaemonMessage| matches!(it, DaemonMessage::Apply { .. });
        messages.filter(is_batch).count()
    }

    /// Returns the outcomes of the logged deliveries.
    pub fn deliveries(&self) -> Vec<Outcome> {
        let records = self.log.iter();
        let deliveries = records.filter(|record| record.phase == Phase::Deliver);
        deliveries.map(|record| record.outcome).collect()
    }

    pub fn editor(&self, role: Role) -> &FakeEditor {
        &self.wires[&role].editor
    }

    /// Returns the logged phases of an operation, in order.
    pub fn phases(&self, id: OperationId) -> Vec<Phase> {
        self.log
            .iter()
            .filter(|record| record.operation_id == Some(id))
            .map(|record| record.phase)
            .collect()
    }
}

fn appended(action: Action) -> Option<RecordBody> {
    match action {
        Action::Append(record) => Some(*record),
        _ => None,
    }
}
