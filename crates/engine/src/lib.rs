//! What is decided: a state machine, `(input, now) -> actions`.
//!
//! The engine has no clock, thread, file, socket or randomness of its own, so a whole run replays from its inputs.
//! The program runs the actions of a step in order: append, make durable, and only then send.
//!
//! The path of a change reads off the file names: [`session`] -> [`intent`] -> [`check`], with the rules of [`conflict`]
//! -> [`consult`] -> [`transaction`] -> [`queue`] -> [`batch`] -> [`verify`]. What cannot be decided yet is [`waiting`],
//! automation among it where it would come under a person's [`hands`]; [`sync`] brings an editor up to date that was
//! away. What fails is counted by [`breakers`], and what they stop is [`withheld`].

mod action;
mod batch;
mod breakers;
mod check;
mod conflict;
mod consult;
mod hands;
mod intent;
mod peer;
mod presence;
mod queue;
mod rate;
mod restore;
mod session;
mod status;
mod sync;
mod touch;
mod transaction;
mod under_way;
mod verify;
mod waiting;
mod withheld;

use std::collections::BTreeMap;

pub use action::{Action, Input, MeshPair, Options, Restore};
pub use breakers::Thresholds;
use hands::{AllHands, InUse};
use presence::{Presence, Presences};
pub use rate::Rate;
use session::Sessions;
use under_way::Transactions;
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, ErrorBody, LastError, Query, QueryResult, Status,
};
use vibesync_scene::{
    BatchId, FailureHistory, OperationId, Operations, Outcome, Payload, Phase, RecordBody, Replay,
    Role, Row, Scene, SessionId, Uuid, clipped,
};
use waiting::Waiting;

/// The authority: what the scene is, who is connected, what is under way.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    scene: Scene,
    operations: Operations,
    failures: FailureHistory,
    /// What automation has spent of its rate.
    bucket: rate::Bucket,
    transactions: Transactions,
    sessions: Sessions,
    batches: BTreeMap<BatchId, verify::Pending>,
    waiting: Waiting,
    hands: AllHands,
    presences: Presences,
    /// Milliseconds of the step under way.
    now: u64,
    next_seq: u64,
    next_batch: u64,
    last_error: Option<LastError>,
    /// Whether a restore is being prepared outside.
    is_restoring: bool,
    actions: Vec<Action>,
}

impl Engine {
    /// Takes over what the log says. Transactions that were cut off while they were being written are rolled back:
    /// nobody was told of them. Complete ones were acknowledged: they stand, and the other editor is owed them.
    pub fn restore(options: Options, daemon_version: &str, replay: Replay) -> (Self, Vec<Action>) {
        let mut engine = Self {
            scene: replay.scene,
            operations: replay.operations,
            failures: replay.failures,
            bucket: rate::Bucket::default(),
            transactions: Transactions::default(),
            sessions: Sessions::default(),
            batches: BTreeMap::new(),
            waiting: Waiting::default(),
            hands: AllHands::new(options.idle_ms),
            presences: Presences::new(options.heartbeat_ms),
            now: 0,
            next_seq: replay.last_seq + 1,
            next_batch: 1,
            last_error: None,
            is_restoring: false,
            actions: Vec::new(),
            options,
        };
        let boot = Payload::Boot {
            daemon_version: daemon_version.to_owned(),
            project_id: engine.options.project_id,
            last_shutdown_clean: replay.clean || replay.last_seq == 0,
        };
        engine.append_own(Phase::Boot, Outcome::Ok, boot);
        for open in replay.open.into_values().rev() {
            engine.settle_interrupted(open);
        }
        engine.judge_boots();
        let actions = std::mem::take(&mut engine.actions);
        (engine, actions)
    }

    /// One step: what `input` means at `now` (milliseconds of a clock that never goes back).
    pub fn step(&mut self, input: Input, now: u64) -> Vec<Action> {
        self.now = now;
        self.hands.rest(now);
        match input {
            Input::Connected { session, hello } => self.connect(session, *hello),
            Input::Disconnected { session, reason } => self.disconnect(session, &reason, false),
            Input::Message { session, message } => self.message(session, *message),
            Input::Unsound {
                session,
                intent,
                invalid,
            } => self.refuse_intent(session, &intent, invalid),
            Input::Restorable { session, restore } => self.restorable(session, restore),
            Input::Unrestorable { session, invalid } => self.refuse_restore(session, invalid),
            Input::MeshesCompared { batch, differing } => self.meshes_compared(batch, differing),
            Input::Tick => self.expire(now),
            Input::Shutdown => {
                self.append_own(Phase::Shutdown, Outcome::Ok, Payload::Shutdown {});
            }
        }
        self.release();
        self.tell_presences();
        self.judge_steady(now);
        self.withhold();
        self.flush_queues(now);
        std::mem::take(&mut self.actions)
    }

    /// When [`Input::Tick`] should come next; none if nothing waits for time to pass.
    pub fn next_deadline(&self) -> Option<u64> {
        let deadlines = self.sessions.deadlines();
        let others = self.waiting.deadline().into_iter();
        deadlines
            .chain(others)
            .chain(self.presences.deadline())
            .chain(self.hands.deadline())
            .chain(self.steady_at())
            .min()
    }

    /// Sequence of the newest record.
    pub fn head_seq(&self) -> u64 {
        self.next_seq - 1
    }

    /// The authoritative scene.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// What failed and is not known to work again.
    pub fn failures(&self) -> &FailureHistory {
        &self.failures
    }

    /// What `vibesync status` shows.
    pub fn status(&self) -> Status {
        status::of(self)
    }

    fn message(&mut self, session: SessionId, message: ClientMessage) {
        if self.sessions.get(session).is_none() {
            return;
        }
        self.presences.heard(session, self.now);
        match message {
            ClientMessage::Inventory { entities, last } => self.inventory(session, entities, last),
            ClientMessage::Intent(intent) => self.intent(session, intent),
            ClientMessage::Applied { batch_id, results } => {
                self.applied(session, batch_id, results)
            }
            ClientMessage::Deferred { batch_id, state } => self.deferred(session, batch_id, state),
            ClientMessage::EditorState { state, objects } => {
                self.set_state(session, state);
                self.set_hands(session, state, objects);
            }
            ClientMessage::Query {
                request_id,
                what,
                after,
                limit,
            } => {
                let result = self.query(what, after, limit);
                self.send(session, DaemonMessage::Result { request_id, result });
            }
            ClientMessage::Ping { editor_state, .. } | ClientMessage::Pong { editor_state, .. } => {
                if let Some(state) = editor_state {
                    self.set_state(session, state);
                }
            }
            ClientMessage::Goodbye { reason } => {
                self.disconnect(session, &clipped(reason), true);
            }
            ClientMessage::Restore(request) => self.ask_to_restore(session, request),
            ClientMessage::Reset(request) => self.reset(session, request),
            ClientMessage::Hello(_) => {
                self.error(
                    session,
                    Code::MessageUnknown,
                    "the handshake is over",
                    "type",
                    None,
                );
            }
        }
    }

    fn query(&self, what: Query, after: Option<Uuid>, limit: Option<u32>) -> QueryResult {
        match what {
            Query::Status => QueryResult::Status {
                status: Box::new(self.status()),
            },
            Query::Governance => status::governance(&self.failures),
            Query::Entities => {
                let limit = limit.unwrap_or(100).clamp(1, 1_000) as usize;
                let newer = self.scene.rows_after(after);
                let mut entities: Vec<Row> = newer.take(limit + 1).cloned().collect();
                let more = entities.len() > limit;
                entities.truncate(limit);
                let next = entities.last().filter(|_| more).map(|row| row.entity.uuid);
                QueryResult::Entities { entities, next }
            }
        }
    }

    fn send(&mut self, session: SessionId, message: DaemonMessage) {
        self.actions.push(Action::Send {
            session,
            message: Box::new(message),
        });
    }

    fn error(
        &mut self,
        session: SessionId,
        code: Code,
        message: &str,
        location: &str,
        operation_id: Option<OperationId>,
    ) {
        let error = ErrorBody {
            code,
            message: message.to_owned(),
            location: location.to_owned(),
            help: code.help().to_owned(),
        };
        self.send(
            session,
            DaemonMessage::Error {
                error,
                operation_id,
                fatal: false,
            },
        );
    }

    /// Appends a record and says which sequence it has.
    fn append(&mut self, record: RecordBody) -> u64 {
        let seq = self.next_seq;
        self.next_seq += 1;
        self.failures.record(seq, &record);
        self.actions.push(Action::Append(Box::new(record)));
        seq
    }

    /// A record of the daemon itself.
    fn append_own(&mut self, phase: Phase, outcome: Outcome, payload: Payload) -> u64 {
        self.append(RecordBody {
            session_id: None,
            operation_id: None,
            uuids: Vec::new(),
            phase,
            outcome,
            error_code: None,
            payload,
        })
    }

    /// The editors that are connected and get changes, all but `origin`.
    fn receivers(&self, origin: Role) -> Vec<Role> {
        Role::EDITORS
            .into_iter()
            .filter(|role| *role != origin && self.sessions.peer(*role).is_some())
            .collect()
    }
}
