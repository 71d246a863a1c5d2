//! The engine: its state, and the sequence of a step.
//!
//! Each step decides first and delivers last. The input is handled, then deferred intents are decided again. Then changes
//! of presence are logged, failed entities are suppressed, and the next batches are sent.
//!
//! The state has one part for each folder, and each part owns its data:
//!
//! - [`Journal`]: records and messages of the step, the failure history that follows from the records, the time.
//! - [`Scene`]: the entities. Only transactions and quarantine change it.
//! - [`Sessions`]: connections, editor processes, and the presence of editors.
//! - [`Intake`]: intents that wait, and the objects that people edit.
//! - [`Governance`]: thresholds and the rate limit.
//! - [`Agents`]: what agents may do, and what they ask people.
//! - [`Transactions`]: open transactions and answered operations.
//! - [`Delivery`]: the replica and the delivery queue of each editor, and the batches in flight.
//! - [`Registry`]: add-ons that agents may use, and the permissions of people.
//! - [`Calls`]: calls of their tools.
//! - [`Previews`]: what editors show while people work. No other part depends on it.
//! - [`Views`]: looks through viewports, and selections.
//!
//! A function gets only the parts that it uses, as arguments, so its signature shows what it can read and change. An
//! operation that needs more parts lists them as the fields of a struct:
//!
//! - `DecisionInput` is what a decision on an intent depends on. A decision changes nothing.
//! - `Acceptance` carries out a valid intent, and `Answers` refuses or repeats.
//! - `BatchResult` settles or rolls back the transactions in a batch.
//!
//! The engine only builds these structs and says which operation comes next.

mod agents;
mod asking;
mod blobs;
mod calls;
mod capabilities;
mod connections;
mod intents;
mod previews;
mod queries;
mod views;

use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, ResetRequest, RestoreRequest, RevertRequest,
};
use vibesync_scene::{
    AgentHistory, Epoch, Epochs, FailureHistory, OperationId, Outcome, Payload, Phase, Replay,
    Role, Scene, SessionId, truncate_text,
};

use crate::action::{Action, Input, Restore};
use crate::agents::access::Purpose;
use crate::agents::state::Agents;
use crate::calls::state::Calls;
use crate::capabilities::registry::Registry;
use crate::delivery::batch_result::BatchResult;
use crate::delivery::state::{Delivery, FinishedBatch};
use crate::delivery::suppressed::suppress;
use crate::governance::failure::Failure;
use crate::governance::reset::reset;
use crate::governance::safe_mode::check_boots;
use crate::governance::state::Governance;
use crate::intake::answer::Answers;
use crate::intake::state::Intake;
use crate::journal::Journal;
use crate::options::Options;
use crate::previews::state::Previews;
use crate::revert::work::Revert;
use crate::session::sessions::{DisconnectReason, Sessions};
use crate::transaction::lifecycle::Transactions;
use crate::views::state::Views;

/// The state machine that decides everything; see the module's head.
#[derive(Debug)]
pub struct Engine {
    options: Options,
    journal: Journal,
    /// The epochs of the log, including the one that this start has begun.
    epochs: Epochs,
    scene: Scene,
    sessions: Sessions,
    intake: Intake,
    governance: Governance,
    agents: Agents,
    transactions: Transactions,
    delivery: Delivery,
    registry: Registry,
    calls: Calls,
    previews: Previews,
    views: Views,
}

impl Engine {
    /// Continues from the log. Incomplete transactions are rolled back: no client was told about them. Complete ones were
    /// acknowledged: they stand, and the other editors get them later.
    pub fn restore(options: Options, daemon_version: &str, replay: Replay) -> (Self, Vec<Action>) {
        let epoch = Epoch {
            id: options.epoch,
            first_seq: replay.first_seq_of_epoch(replay.last_seq + 1),
        };
        let mut engine = Self {
            journal: Journal::new(replay.last_seq, replay.failures, replay.agents),
            epochs: replay.epochs,
            scene: replay.scene,
            sessions: Sessions::new(options.heartbeat_ms),
            intake: Intake::new(options.idle_ms),
            governance: Governance::new(options.thresholds.clone(), options.rate.clone()),
            agents: Agents::new(options.agents.clone()),
            transactions: Transactions::new(replay.operations),
            delivery: Delivery::default(),
            registry: Registry::new(replay.grants, options.grant_key.clone(), options.project_id),
            calls: Calls::new(replay.calls),
            previews: Previews::default(),
            views: Views::new(),
            options,
        };
        let boot = Payload::Boot {
            daemon_version: daemon_version.to_owned(),
            project_id: engine.options.project_id,
            last_shutdown_clean: replay.is_clean_shutdown || replay.last_seq == 0,
            epoch: Some(epoch.id),
        };
        engine.journal.append_own(Phase::Boot, Outcome::Ok, boot);
        engine.epochs.begin(epoch);
        for open in replay.open.into_values().rev() {
            let (journal, sessions) = (&mut engine.journal, &engine.sessions);
            if !engine
                .transactions
                .settle_interrupted(journal, sessions, &open)
            {
                engine.count(&Failure::of_interrupted(&open));
            }
        }
        engine.calls.end_interrupted(&mut engine.journal);
        let max_crashes = engine.options.thresholds.crashes;
        check_boots(&mut engine.journal, &engine.delivery.replicas, max_crashes);
        let actions = engine.journal.take_actions();
        (engine, actions)
    }

    /// Handles an input at `now`, in milliseconds of a clock that never goes back.
    pub fn step(&mut self, input: Input, now: u64) -> Vec<Action> {
        self.journal.start_step(now);
        let Some(input) = self.handle_preview(input) else {
            return self.journal.take_actions();
        };
        self.journal.log_due_refusals();
        self.intake.edits.expire(now);
        self.expire_approvals();
        self.handle(input);
        self.release_intents();
        self.settle_call_intents();
        self.end_late_calls();
        self.send_calls();
        self.work_on_views();
        self.recover_blobs();
        self.sessions.presences.log_changes(&mut self.journal);
        self.governance.log_steady(&mut self.journal);
        suppress(
            &mut self.journal,
            &self.scene,
            &mut self.delivery,
            &mut self.transactions,
            &self.sessions,
        );
        self.delivery.flush(
            &mut self.journal,
            &self.scene,
            &self.transactions.open,
            &self.sessions.presences,
            &self.options,
        );
        self.announce_approvals();
        self.journal.take_actions()
    }

    /// Returns the time at which the next [`Input::Tick`] is due; none if nothing waits for time to pass.
    pub fn next_deadline(&self) -> Option<u64> {
        let others = [
            self.intake.deadline(),
            self.sessions.presences.deadline(),
            self.governance.steady_at(self.journal.failures()),
            self.delivery.lost.deadline(),
            self.journal.refusals_deadline(),
            self.agents.approvals.deadline(),
            self.calls.deadline(),
            self.views.deadline(),
        ];
        let deliveries = self.delivery.replicas.deadlines();
        deliveries.chain(others.into_iter().flatten()).min()
    }

    /// Returns the sequence of the newest record.
    pub fn head_seq(&self) -> u64 {
        self.journal.head_seq()
    }

    /// Returns the authoritative scene.
    pub fn scene(&self) -> &Scene {
        &self.scene
    }

    /// Returns the failures that are not known to work again.
    pub fn failures(&self) -> &FailureHistory {
        self.journal.failures()
    }

    /// Returns what the log knows about agents.
    pub fn agents(&self) -> &AgentHistory {
        self.journal.agents()
    }

    fn handle(&mut self, input: Input) {
        match input {
            Input::Connected { session, hello } => self.connect(session, *hello),
            Input::Disconnected { session, reason } => {
                self.disconnect(session, &DisconnectReason::ConnectionLost(reason));
            }
            Input::Message { session, message } => {
                self.note_stored(&message);
                if let Some(role) = self.sessions.role(session) {
                    self.handle_message(session, role, *message);
                }
            }
            Input::Unsound {
                session,
                intent,
                invalid,
            } => self.answers().refuse(session, &intent, invalid),
            Input::Restorable { session, restore } => self.restore_read(session, restore),
            Input::Revertable { session, revert } => self.take_back(session, &revert),
            Input::Unrestorable { session, invalid } => {
                self.intake
                    .refuse_restore(&mut self.journal, session, &invalid);
            }
            Input::BlobsLost { lost, unsent } => self.lose_blobs(lost, unsent),
            Input::BlobsFound { blobs } => self.delivery.lost.find(blobs.into_iter()),
            Input::MeshesCompared {
                batch,
                differing,
                lost,
            } => {
                self.lose_blobs(lost, None);
                let differing = self.delivery.put_off_unreadable(batch, differing);
                let finished = self.delivery.finish_comparison(batch, differing);
                self.finish_batch(finished);
            }
            Input::Tick => {
                for role in Role::EDITORS {
                    let now = self.journal.now();
                    let finished = self.delivery.take_timed_out(role, now);
                    self.finish_batch(finished);
                    self.batch_result().fail_vanished(role);
                }
            }
            Input::Shutdown => {
                self.journal.log_all_refusals();
                let payload = Payload::Shutdown {};
                self.journal
                    .append_own(Phase::Shutdown, Outcome::Ok, payload);
            }
        }
    }

    /// Restores what was read from a commit.
    fn restore_read(&mut self, session: SessionId, restore: Box<Restore>) {
        self.delivery.lost.find(restore.checked.iter().copied());
        let role = self.sessions.role(session).unwrap_or(Role::Cli);
        let project_id = self.options.project_id;
        let (journal, scene) = (&mut self.journal, &self.scene);
        let sender = (session, role);
        let intent = self
            .intake
            .prepare_restore(journal, scene, project_id, sender, restore);
        if let Some(intent) = intent {
            self.receive_intent(session, intent, Purpose::Restore);
        }
    }

    /// Takes back an agent's work that was read from the log.
    fn take_back(&mut self, session: SessionId, revert: &Revert) {
        let role = self.sessions.role(session).unwrap_or(Role::Cli);
        let project_id = self.options.project_id;
        let (journal, scene) = (&mut self.journal, &self.scene);
        let sender = (session, role);
        let intent = self
            .intake
            .prepare_revert(journal, scene, project_id, sender, revert);
        if let Some(intent) = intent {
            self.receive_intent(session, intent, Purpose::Undo);
        }
    }

    fn handle_message(&mut self, session: SessionId, role: Role, message: ClientMessage) {
        let now = self.journal.now();
        self.sessions.presences.note_message(session, now);
        match message {
            ClientMessage::Inventory { entities, last } => {
                self.receive_inventory(session, entities, last);
            }
            ClientMessage::Intent(intent) => self.receive_intent(session, intent, Purpose::Change),
            ClientMessage::Applied { batch_id, results } => {
                let (journal, scene) = (&mut self.journal, &self.scene);
                let pending = &mut self.intake.pending;
                let finished = self
                    .delivery
                    .read_back(journal, scene, pending, session, batch_id, results);
                self.finish_batch(finished);
            }
            ClientMessage::Deferred { batch_id, state } => {
                self.sessions.set_state(session, state, now);
                self.delivery
                    .defer_batch(&mut self.journal, session, batch_id);
            }
            ClientMessage::EditorState { state, objects } => {
                self.sessions.set_state(session, state, now);
                self.set_active_edits(session, state, objects);
            }
            ClientMessage::Query {
                request_id,
                what,
                after,
                limit,
            } => {
                let result = self.query((session, role), what, after, limit);
                self.journal
                    .send(session, DaemonMessage::Result { request_id, result });
            }
            ClientMessage::Ping { editor_state, .. } | ClientMessage::Pong { editor_state, .. } => {
                if let Some(state) = editor_state {
                    self.sessions.set_state(session, state, now);
                }
            }
            ClientMessage::Goodbye { reason } => {
                self.disconnect(session, &DisconnectReason::Goodbye(truncate_text(reason)));
            }
            ClientMessage::Restore(request) => self.request_restore(session, role, request),
            ClientMessage::Decide(request) => self.decide(session, role, request),
            ClientMessage::SetAgent(request) => self.set_agent(session, role, request),
            ClientMessage::Revert(request) => self.request_revert(session, role, request),
            ClientMessage::Reset(request) => self.reset(session, role, request),
            // Questions, and some requests of the command line, never reach the engine.
            ClientMessage::Hello(_)
            | ClientMessage::Ask { .. }
            | ClientMessage::Prune(_)
            | ClientMessage::Stop { .. } => {
                let message = "the handshake is over, and this is for the command line";
                self.journal
                    .send_error(session, Code::MessageUnknown, message, "type");
            }
            message => self.handle_capability_message(session, role, message),
        }
    }

    fn request_restore(&mut self, session: SessionId, role: Role, request: RestoreRequest) {
        let operation = OperationId(request.request_id);
        if !self.repeat_waiting(session, operation) {
            let journal = &mut self.journal;
            self.intake.request_restore(journal, session, role, request);
        }
    }

    fn request_revert(&mut self, session: SessionId, role: Role, request: RevertRequest) {
        let operation = OperationId(request.request_id);
        if !self.repeat_waiting(session, operation) {
            let asker = (role, self.sessions.agent(session));
            let (journal, transactions) = (&mut self.journal, &self.transactions);
            self.intake
                .request_revert(journal, transactions, session, asker, request);
        }
    }

    fn reset(&mut self, session: SessionId, by: Role, request: ResetRequest) {
        let replicas = &self.delivery.replicas;
        reset(&mut self.journal, replicas, session, by, request);
        self.refresh_registry();
    }

    fn finish_batch(&mut self, finished: Option<FinishedBatch>) {
        if let Some(finished) = finished {
            self.batch_result().finish_batch(finished);
        }
    }

    fn batch_result(&mut self) -> BatchResult<'_> {
        BatchResult {
            journal: &mut self.journal,
            scene: &mut self.scene,
            transactions: &mut self.transactions,
            replicas: &mut self.delivery.replicas,
            pending: &mut self.intake.pending,
            governance: &self.governance,
            sessions: &self.sessions,
        }
    }

    fn count(&mut self, failure: &Failure<'_>) {
        let replicas = &self.delivery.replicas;
        self.governance
            .count(&mut self.journal, &self.scene, replicas, failure);
    }

    fn answers(&mut self) -> Answers<'_> {
        Answers {
            journal: &mut self.journal,
            governance: &self.governance,
            scene: &self.scene,
            replicas: &mut self.delivery.replicas,
            sessions: &self.sessions,
        }
    }
}
