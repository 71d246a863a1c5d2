//! The only task that runs the engine. Makes the engine's records durable before it sends the engine's messages.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};
use vibesync_engine::{Action, Engine, Input};
use vibesync_protocol::{ClientMessage, Code, DaemonMessage, QueryResult, SafeMode};
use vibesync_scene::{Epoch, Invalid, RecordBody, Role, SessionId};
use vibesync_store::wal::{Wal, WalError};

use super::blob_check;
use super::clients::{Client, Clients};
use super::event::Event;
use super::group::Group;
use super::idle::IdleTimer;
use super::log_check::LogCheck;
use super::mesh_compare::{Compared, compare};
use super::projector::Projector;
use super::restore;
use super::revert;
use super::send_queue::Outgoing;
use super::shared::Shared;
use super::writer::error_body;
use crate::Error;

/// Maximum number of events in a group. The events of a group share one fsync.
const GROUP_EVENTS: usize = 1_024;

/// Number of log bytes that end a group. More would cost memory and delay the first event without a gain.
const GROUP_BYTES: usize = 4 << 20;

/// Larger steps back of the clock are reported. Smaller ones are normal corrections.
const CLOCK_JUMP: Duration = Duration::from_secs(2);

/// The engine, its log and its clients.
pub struct Core {
    engine: Engine,
    wal: Wal,
    projector: Projector,
    log_check: LogCheck,
    shared: Arc<Shared>,
    clients: Clients,
    idle: IdleTimer,
    events: mpsc::Receiver<Event>,
    /// Returns the results of slow work to the core.
    to_core: mpsc::Sender<Event>,
    started: Instant,
    /// Last time that the system clock was read.
    last_clock: SystemTime,
}

impl Core {
    /// Creates the core. [`Core::run`] starts it.
    pub fn new(
        engine: Engine,
        wal: Wal,
        (projector, log_check): (Projector, LogCheck),
        shared: Arc<Shared>,
        (to_core, events): (mpsc::Sender<Event>, mpsc::Receiver<Event>),
    ) -> Self {
        let idle = IdleTimer::start(shared.idle_limit, Instant::now());
        Self {
            engine,
            wal,
            projector,
            log_check,
            shared,
            clients: Clients::default(),
            idle,
            events,
            to_core,
            started: Instant::now(),
            last_clock: SystemTime::now(),
        }
    }

    /// Performs the actions of the boot, then serves until a shutdown or until the log fails.
    ///
    /// `booted` is called in between: the records of the boot are durable by then, and no client has been admitted.
    pub async fn run(
        mut self,
        boot: Vec<Action>,
        booted: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let result = self.serve(boot, booted).await;
        if let Err(error) = &result {
            tracing::error!(error_code = %error.code, place = error.location, "the daemon stops: {}", error.message);
        }
        let last = || match &result {
            Ok(reason) => Outgoing::Goodbye(reason.clone()),
            Err(error) => Outgoing::Close(error_body(error.code, &error.message, &error.location)),
        };
        self.clients.close_all(last).await;
        self.projector.stop();
        result.map(drop)
    }

    /// Serves until a shutdown. Returns its reason.
    async fn serve(
        &mut self,
        boot: Vec<Action>,
        booted: impl FnOnce() -> Result<(), Error>,
    ) -> Result<String, Error> {
        let mut group = Group::begin();
        self.gather(boot, &mut group)?;
        self.finish(group)?;
        booted()?;
        self.check_blobs();
        loop {
            let mut next = Some(self.next_event().await);
            self.warn_if_clock_went_back();
            let mut group = Group::begin();
            let mut stopping = None;
            while let Some(mut event) = next {
                if let Some(Event::Shutdown { reason }) = &mut event {
                    stopping = Some(std::mem::take(reason));
                }
                let input = self.input(event);
                let now = self.now();
                let actions = self.engine.step(input, now);
                self.gather(actions, &mut group)?;
                group.events += 1;
                let is_full =
                    group.events >= GROUP_EVENTS || self.wal.pending_bytes() >= GROUP_BYTES;
                next = if is_full || stopping.is_some() {
                    None
                } else {
                    self.events.try_recv().ok().map(Some)
                };
            }
            self.finish(group)?;
            if let Some(reason) = stopping {
                return Ok(reason);
            }
            self.stop_if_idle();
        }
    }

    /// Looks for the blobs of the whole scene. A missing one is found before an editor needs it.
    fn check_blobs(&self) {
        let needed = blob_check::needed(self.engine.scene());
        if !needed.is_empty() {
            self.spawn_work(move |shared| Event::BlobsLost {
                lost: blob_check::find_lost(&shared.blobs, &needed),
                unsent: None,
            });
        }
    }

    /// Waits for the next event; returns none when a deadline of the engine comes first.
    async fn next_event(&mut self) -> Option<Event> {
        let deadline = self.engine.next_deadline();
        let deadline = deadline.map(|deadline| self.started + Duration::from_millis(deadline));
        let Some(at) = deadline.into_iter().chain(self.idle.deadline()).min() else {
            return self.events.recv().await;
        };
        tokio::select! {
            event = self.events.recv() => event,
            () = tokio::time::sleep_until(at) => None,
        }
    }

    /// Asks the daemon to stop if nobody has used it for long, and nothing is open.
    fn stop_if_idle(&mut self) {
        let (now, engine) = (Instant::now(), &self.engine);
        self.idle.note(self.clients.has_user(), now);
        let expired = self.idle.expire(now, || {
            let status = engine.status();
            status.open_transactions > 0 || status.waiting_intents > 0
        });
        if let Some(limit) = expired {
            let time = humantime::format_duration(limit);
            let reason = format!("nobody has used the daemon for {time}");
            // The channel is full if the daemon stops already.
            let _ = self.shared.stop.try_send(reason);
        }
    }

    /// Returns the milliseconds since the start, from a clock that never goes back.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Translates an event, or a deadline, into an input of the engine.
    fn input(&mut self, event: Option<Event>) -> Input {
        match event {
            None => Input::Tick,
            Some(Event::Connected {
                session,
                hello,
                welcome,
                admitted,
                send_queue,
                writer,
            }) => {
                let client = Client {
                    send_queue,
                    writer,
                    is_command: hello.role == Role::Cli,
                    welcome: Some((welcome, admitted)),
                };
                self.clients.insert(session, client);
                Input::Connected { session, hello }
            }
            Some(Event::Disconnected { session, reason }) => {
                let reason = reason.to_string();
                self.clients.remove(session);
                Input::Disconnected { session, reason }
            }
            Some(Event::Message {
                session,
                message,
                invalid,
                permit,
            }) => {
                drop(permit);
                received(session, *message, invalid)
            }
            Some(Event::Restorable { session, restore }) => match restore {
                Ok(restore) => Input::Restorable { session, restore },
                Err(invalid) => Input::Unrestorable { session, invalid },
            },
            Some(Event::Revertable { session, revert }) => match revert {
                Ok(revert) => Input::Revertable { session, revert },
                Err(invalid) => Input::Unrestorable { session, invalid },
            },
            Some(Event::Compared {
                batch,
                differing,
                lost,
            }) => Input::MeshesCompared {
                batch,
                differing,
                lost,
            },
            Some(Event::BlobsLost { lost, unsent }) => {
                blob_check::trace_lost(self.engine.scene(), &lost);
                Input::BlobsLost { lost, unsent }
            }
            Some(Event::BlobsFound { blobs }) => Input::BlobsFound { blobs },
            Some(Event::Shutdown { .. }) => Input::Shutdown,
        }
    }

    /// Encodes the records of a group; keeps all other actions until the records are durable.
    fn gather(&mut self, actions: Vec<Action>, group: &mut Group) -> Result<(), Error> {
        for action in actions {
            match action {
                Action::Append(record) => {
                    let appended = self.wal.append([&*record], &group.timestamp);
                    appended.map_err(log_failed)?;
                    group.records += 1;
                    if tracing::enabled!(tracing::Level::DEBUG) {
                        group.traced_records.push(*record);
                    }
                }
                other => group.deferred_actions.push(other),
            }
        }
        Ok(())
    }

    /// Makes the records of a group durable, then performs its other actions in order.
    fn finish(&mut self, group: Group) -> Result<(), Error> {
        if group.records > 0 {
            self.wal.sync().map_err(log_failed)?;
            let head = self.engine.head_seq();
            self.shared.head_seq.store(head, Ordering::Release);
        }
        for action in group.deferred_actions {
            self.perform(action);
        }
        if group.records > 0 {
            // Comes last, because clients must not wait for the projector.
            self.projector.follow(self.engine.head_seq());
            group.traced_records.iter().for_each(trace_record);
        }
        Ok(())
    }

    fn perform(&mut self, action: Action) {
        match action {
            // Handled in `gather`, before all other actions.
            Action::Append(_) => {}
            Action::Send {
                session,
                mut message,
            } => {
                self.complete_status(&mut message);
                self.clients.send(session, Outgoing::Message(message));
            }
            Action::Preview { session, update } => self.clients.preview(session, update),
            Action::Close { session, error } => {
                self.clients.send(session, Outgoing::Close(error));
                self.clients.remove(session);
            }
            Action::Accept {
                session,
                safe_mode,
                epochs,
                diverged_after,
            } => self.welcome(session, safe_mode, epochs, diverged_after),
            Action::CompareMeshes { batch, pairs } => self.spawn_work(move |shared| {
                let Compared { differing, lost } = compare(&shared.blobs, &pairs);
                Event::Compared {
                    batch,
                    differing,
                    lost,
                }
            }),
            Action::LookForBlobs { blobs } => self.spawn_work(move |shared| {
                let found = blobs.into_iter().filter(|it| shared.blobs.has_intact(*it));
                Event::BlobsFound {
                    blobs: found.collect(),
                }
            }),
            Action::ReadCommit { session, request } => self.spawn_work(move |shared| {
                let restore = restore::read_commit(&shared.audit, request);
                Event::Restorable { session, restore }
            }),
            Action::ReadWork {
                session,
                request,
                selection,
            } => self.spawn_work(move |shared| {
                let files = shared.view.files();
                let revert = revert::read_work(files, &shared.blobs, *request, selection);
                Event::Revertable { session, revert }
            }),
            Action::CheckBlobs {
                session,
                restore,
                blobs,
            } => self.spawn_work(move |shared| {
                let restore = restore::check_blobs(&shared.blobs, restore, blobs);
                Event::Restorable { session, restore }
            }),
        }
    }

    /// Sends the welcome to a client that the engine accepted.
    fn welcome(
        &mut self,
        session: SessionId,
        current: Option<SafeMode>,
        known: Vec<Epoch>,
        divergence: Option<u64>,
    ) {
        if let Some(seq) = divergence {
            tracing::warn!(session_id = %session, error_code = %Code::LogDiverged, "an editor knows records that the log lacks; both share what is up to sequence {seq}");
        }
        let Some(mut welcome) = self.clients.take_welcome(session) else {
            return;
        };
        if let DaemonMessage::Welcome {
            safe_mode,
            epochs,
            diverged_after,
            ..
        } = &mut *welcome
        {
            (*safe_mode, *epochs, *diverged_after) = (current, known, divergence);
        }
        self.clients.send(session, Outgoing::Message(welcome));
    }

    /// Fills in the fields of a status that the engine does not know.
    fn complete_status(&self, message: &mut DaemonMessage) {
        if let DaemonMessage::Result {
            result: QueryResult::Status { status },
            ..
        } = message
        {
            status.lagging = self.projector.health();
            status.log_damage = self.log_check.damage();
            self.shared.previews.add_to(&mut status.previews);
        }
    }

    /// Warns if the clock went back. The log is ordered by sequence, but people read its times.
    fn warn_if_clock_went_back(&mut self) {
        let now = SystemTime::now();
        if let Ok(back) = self.last_clock.duration_since(now)
            && back > CLOCK_JUMP
        {
            let (seconds, seq) = (back.as_secs(), self.wal.next_seq());
            tracing::warn!(
                seconds,
                seq,
                "the clock went back; so do the times in the log from here on"
            );
        }
        self.last_clock = now;
    }

    /// Runs slow work in another thread. Its result comes back as an event.
    fn spawn_work(&self, work: impl FnOnce(&Shared) -> Event + Send + 'static) {
        let (shared, to_core) = (self.shared.clone(), self.to_core.clone());
        tokio::task::spawn_blocking(move || {
            // The channel is closed when the daemon stops.
            let _ = to_core.blocking_send(work(&shared));
        });
    }
}

/// Translates a client's message, and the defect of its bulk data, into an input of the engine.
fn received(session: SessionId, message: ClientMessage, invalid: Option<Invalid>) -> Input {
    match (message, invalid) {
        (ClientMessage::Intent(intent), Some(invalid)) => Input::Unsound {
            session,
            intent: Box::new(intent),
            invalid,
        },
        (message, _) => Input::Message {
            session,
            message: Box::new(message),
        },
    }
}

fn log_failed(error: WalError) -> Error {
    Error::from_source(error.code(), "wal", error)
}

/// Shows a record of the transaction log in the program's log.
fn trace_record(record: &RecordBody) {
    tracing::debug!(
        session_id = record.session_id.map(tracing::field::display),
        operation_id = record.operation_id.map(tracing::field::display),
        phase = ?record.phase,
        outcome = ?record.outcome,
        error_code = record.error_code.map(tracing::field::display),
        entities = record.uuids.len(),
        "logged"
    );
}
