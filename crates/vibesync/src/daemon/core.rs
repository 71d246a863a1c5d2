//! The single writer: inputs to the engine, its records to the log, and only then its messages to the clients.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::{Duration, Instant};
use vibesync_engine::{Action, Engine, Input};
use vibesync_protocol::{ClientMessage, Code, DaemonMessage, ErrorBody, QueryResult, SafeMode};
use vibesync_scene::{RecordBody, SessionId};
use vibesync_store::wal::{Wal, WalError, timestamp};

use super::bulk;
use super::event::{Event, Outgoing};
use super::outbox::{Outbox, Unsent};
use super::projector::Projector;
use super::restore;
use super::shared::Shared;
use crate::Error;

struct Client {
    outbox: Outbox,
    writer: AbortHandle,
    welcome: Option<Box<DaemonMessage>>,
}

/// Events taken in one go: they share one fsync.
const GROUP: usize = 1_024;

/// Bytes of log that close a group: more would cost memory and let the first of them wait, and gain nothing.
const GROUP_BYTES: usize = 4 << 20;

/// The clock may be set back a little by whoever keeps it right.
const CLOCK_JUMP: Duration = Duration::from_secs(2);

/// Events that are decided together: their records become durable at once, then the rest is done.
struct Group {
    /// Of its records: RFC 3339, UTC.
    timestamp: String,
    events: usize,
    records: usize,
    /// All actions but the records.
    rest: Vec<Action>,
    /// Its records, where the program's log tells of them.
    told: Vec<RecordBody>,
}

impl Group {
    fn begin() -> Self {
        Self {
            timestamp: timestamp(SystemTime::now()),
            events: 0,
            records: 0,
            rest: Vec::new(),
            told: Vec::new(),
        }
    }
}

/// The engine with its log and its clients.
pub struct Core {
    engine: Engine,
    wal: Wal,
    projector: Projector,
    shared: Arc<Shared>,
    clients: HashMap<SessionId, Client>,
    events: mpsc::Receiver<Event>,
    /// For work that comes back to the core.
    to_core: mpsc::Sender<Event>,
    started: Instant,
    /// What the clock said last.
    clock: SystemTime,
}

impl Core {
    /// Takes over; `boot` is what the engine wants done first.
    pub fn new(
        engine: Engine,
        wal: Wal,
        projector: Projector,
        shared: Arc<Shared>,
        (to_core, events): (mpsc::Sender<Event>, mpsc::Receiver<Event>),
    ) -> Self {
        Self {
            engine,
            wal,
            projector,
            shared,
            clients: HashMap::new(),
            events,
            to_core,
            started: Instant::now(),
            clock: SystemTime::now(),
        }
    }

    /// Runs until it is told to stop, or until the log cannot be trusted anymore.
    pub async fn run(mut self, boot: Vec<Action>) -> Result<(), Error> {
        let ended = self.serve(boot).await;
        if let Err(error) = &ended {
            tracing::error!(error_code = %error.code, place = error.location, "the daemon stops: {}", error.message);
            let body = ErrorBody {
                code: error.code,
                message: error.message.clone(),
                location: error.location.clone(),
                help: error.code.help().into(),
            };
            for client in self.clients.values() {
                let _ = client.outbox.send(Outgoing::Close(body.clone()));
            }
        }
        self.clients.clear();
        self.projector.stop();
        ended
    }

    async fn serve(&mut self, boot: Vec<Action>) -> Result<(), Error> {
        let mut group = Group::begin();
        self.gather(boot, &mut group)?;
        self.finish(group)?;
        loop {
            let mut next = Some(self.next_event().await);
            self.look_at_clock();
            let mut group = Group::begin();
            let mut stop = false;
            while let Some(event) = next {
                let input = self.input(event);
                stop = matches!(input, Input::Shutdown);
                let now = self.now();
                let actions = self.engine.step(input, now);
                self.gather(actions, &mut group)?;
                group.events += 1;
                let full = group.events >= GROUP || self.wal.pending_bytes() >= GROUP_BYTES;
                next = if full || stop {
                    None
                } else {
                    self.events.try_recv().ok().map(Some)
                };
            }
            self.finish(group)?;
            if stop {
                return Ok(());
            }
        }
    }

    /// The next event; none when a deadline of the engine comes first.
    async fn next_event(&mut self) -> Option<Event> {
        let Some(deadline) = self.engine.next_deadline() else {
            return self.events.recv().await;
        };
        let at = self.started + Duration::from_millis(deadline);
        tokio::select! {
            event = self.events.recv() => event,
            () = tokio::time::sleep_until(at) => None,
        }
    }

    /// Milliseconds since the start: a clock that never goes back.
    fn now(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// What an event, or time that passed, means to the engine.
    fn input(&mut self, event: Option<Event>) -> Input {
        match event {
            None => Input::Tick,
            Some(Event::Connected {
                session,
                hello,
                welcome,
                outbox,
                writer,
            }) => {
                self.clients.insert(
                    session,
                    Client {
                        outbox,
                        writer,
                        welcome: Some(welcome),
                    },
                );
                Input::Connected { session, hello }
            }
            Some(Event::Disconnected { session, reason }) => {
                self.clients.remove(&session);
                Input::Disconnected { session, reason }
            }
            Some(Event::Message {
                session,
                message,
                invalid,
                permit,
            }) => {
                drop(permit);
                match (*message, invalid) {
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
            Some(Event::Restorable { session, restore }) => match restore {
                Ok(restore) => Input::Restorable { session, restore },
                Err(invalid) => Input::Unrestorable { session, invalid },
            },
            Some(Event::Compared { batch, differing }) => {
                Input::MeshesCompared { batch, differing }
            }
            Some(Event::Shutdown) => Input::Shutdown,
        }
    }

    /// Encodes what is to be appended; keeps the rest until that is durable.
    fn gather(&mut self, actions: Vec<Action>, group: &mut Group) -> Result<(), Error> {
        for action in actions {
            match action {
                Action::Append(record) => {
                    let appended = self.wal.append([&*record], &group.timestamp);
                    appended.map_err(log_failed)?;
                    group.records += 1;
                    if tracing::enabled!(tracing::Level::DEBUG) {
                        group.told.push(*record);
                    }
                }
                other => group.rest.push(other),
            }
        }
        Ok(())
    }

    /// Makes durable what was appended, and only then does the rest, in order.
    fn finish(&mut self, group: Group) -> Result<(), Error> {
        if group.records > 0 {
            self.wal.sync().map_err(log_failed)?;
            let head = self.engine.head_seq();
            self.shared.head_seq.store(head, Ordering::Release);
        }
        let rest = group.rest.into_iter();
        rest.for_each(|action| self.perform(action));
        if group.records > 0 {
            // Last: what follows the log must not keep the clients waiting.
            self.projector.follow(self.engine.head_seq());
            group.told.iter().for_each(tell);
        }
        Ok(())
    }

    fn perform(&mut self, action: Action) {
        match action {
            // Done before anything else, see `gather`.
            Action::Append(_) => {}
            Action::Send {
                session,
                mut message,
            } => {
                self.complete(&mut message);
                self.send(session, Outgoing::Message(message));
            }
            Action::Close { session, error } => {
                self.send(session, Outgoing::Close(error));
                self.clients.remove(&session);
            }
            Action::Accept { session, safe_mode } => self.welcome(session, safe_mode),
            Action::CompareMeshes { batch, pairs } => self.outside(move |shared| {
                let differing = bulk::compare(&shared.blobs, &pairs);
                Event::Compared { batch, differing }
            }),
            Action::ReadCommit { session, request } => self.outside(move |shared| {
                let restore = restore::read(&shared.audit, request);
                Event::Restorable { session, restore }
            }),
            Action::CheckBlobs {
                session,
                restore,
                blobs,
            } => self.outside(move |shared| {
                let restore = restore::check(&shared.blobs, restore, blobs);
                Event::Restorable { session, restore }
            }),
        }
    }

    fn welcome(&mut self, session: SessionId, told: Option<SafeMode>) {
        let client = self.clients.get_mut(&session);
        let Some(mut welcome) = client.and_then(|client| client.welcome.take()) else {
            return;
        };
        if let DaemonMessage::Welcome { safe_mode, .. } = &mut *welcome {
            *safe_mode = told;
        }
        self.send(session, Outgoing::Message(welcome));
    }

    /// Adds to the status what the engine does not know.
    fn complete(&self, message: &mut DaemonMessage) {
        if let DaemonMessage::Result {
            result: QueryResult::Status { status },
            ..
        } = message
        {
            status.lagging = self.projector.trouble();
        }
    }

    /// Tells where the clock went back: order in the log is by sequence, but people read times.
    fn look_at_clock(&mut self) {
        let now = SystemTime::now();
        if let Ok(back) = self.clock.duration_since(now)
            && back > CLOCK_JUMP
        {
            let (seconds, seq) = (back.as_secs(), self.wal.next_seq());
            tracing::warn!(
                seconds,
                seq,
                "the clock went back; so do the times in the log from here on"
            );
        }
        self.clock = now;
    }

    /// Does what takes long on another thread, and comes back with an event.
    fn outside(&self, work: impl FnOnce(&Shared) -> Event + Send + 'static) {
        let (shared, to_core) = (self.shared.clone(), self.to_core.clone());
        tokio::task::spawn_blocking(move || {
            // A closed channel means that the daemon stops.
            let _ = to_core.blocking_send(work(&shared));
        });
    }

    /// Hands a message to a session's writer. A client that lets too many wait is let go: it resumes when it
    /// comes back, and nobody else waits for it.
    fn send(&mut self, session: SessionId, outgoing: Outgoing) {
        let Some(client) = self.clients.get(&session) else {
            return;
        };
        if client.outbox.send(outgoing) == Err(Unsent::Full) {
            tracing::warn!(session_id = %session, error_code = %Code::PeerSilent, "the client does not read; its connection is closed");
            // Its writer waits for a socket that takes nothing; without it the session ends and says so here.
            client.writer.abort();
            self.clients.remove(&session);
        }
    }
}

fn log_failed(error: WalError) -> Error {
    Error::new(error.code(), "wal", error.to_string())
}

/// One line in the program's log for each record of the transaction log.
fn tell(record: &RecordBody) {
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
