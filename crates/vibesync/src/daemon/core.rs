//! The only task that runs the engine. Passes the engine's records and effects on in groups; `pipeline` makes the records
//! durable before the effects happen.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::task::block_in_place;
use tokio::time::{Duration, Instant};
use vibesync_engine::{Action, Engine, Input};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{Invalid, Role, SessionId};

use super::blob_check;
use super::clients::{Client, Clients};
use super::effects::{Effects, Work};
use super::event::Event;
use super::group::OpenGroup;
use super::idle::IdleTimer;
use super::pipeline::Pipeline;
use super::send_queue::Outgoing;
use super::shared::Shared;
use super::writer::error_body;
use crate::Error;

/// Larger steps back of the clock are reported. Smaller ones are normal corrections.
const CLOCK_JUMP: Duration = Duration::from_secs(2);

/// The engine, its clients, and the way to its log.
pub struct Core {
    engine: Engine,
    pipeline: Pipeline<Effects>,
    /// Decided events that are not passed on yet.
    group: Option<OpenGroup>,
    clients: Arc<Clients>,
    shared: Arc<Shared>,
    work: Work,
    idle: IdleTimer,
    events: mpsc::Receiver<Event>,
    started: Instant,
    /// Last time that the system clock was read.
    last_clock: SystemTime,
}

/// The reason why the core goes on.
enum Wakeup {
    /// An event came.
    Event(Event),
    /// A deadline of the engine came.
    Deadline,
    /// A group is durable.
    Committed,
}

/// The events to decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    /// This one.
    One,
    /// This one and those that wait. It may take long.
    All,
}

impl Core {
    /// Creates the core. [`Core::run`] starts it.
    pub fn new(
        engine: Engine,
        pipeline: Pipeline<Effects>,
        clients: Arc<Clients>,
        work: Work,
        events: mpsc::Receiver<Event>,
    ) -> Self {
        let shared = Arc::clone(&work.shared);
        let idle = IdleTimer::start(shared.idle_limit, Instant::now());
        Self {
            engine,
            pipeline,
            group: None,
            clients,
            shared,
            work,
            idle,
            events,
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
        booted: impl FnOnce() -> Result<(), Error> + Send,
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
        block_in_place(|| self.pipeline.stop());
        result.map(drop)
    }

    /// Serves until a shutdown. Returns its reason.
    async fn serve(
        &mut self,
        boot: Vec<Action>,
        booted: impl FnOnce() -> Result<(), Error> + Send,
    ) -> Result<String, Error> {
        let mut group = OpenGroup::begin(self.first_seq(&boot));
        group.add(boot);
        block_in_place(|| self.pipeline.commit(group.end()))?;
        self.pipeline.settle().await?;
        booted()?;
        self.check_blobs();
        loop {
            let stopping = match self.next().await? {
                Wakeup::Committed => {
                    self.pass_on()?;
                    None
                }
                // The thread goes on with this message, and gives its connections away only for the disk.
                Wakeup::Event(event) if event.is_small() && self.events.is_empty() => {
                    self.take(Some(event), Which::One)?
                }
                Wakeup::Event(event) => block_in_place(|| self.take(Some(event), Which::All))?,
                Wakeup::Deadline => block_in_place(|| self.take(None, Which::All))?,
            };
            if let Some(reason) = stopping {
                self.pipeline.settle().await?;
                self.pass_on()?;
                self.pipeline.settle().await?;
                return Ok(reason);
            }
            self.stop_if_idle();
        }
    }

    /// Returns the sequence of the first record among the newest actions.
    fn first_seq(&self, newest: &[Action]) -> u64 {
        let is_record = |action: &&Action| matches!(action, Action::Append(_));
        self.engine.head_seq() + 1 - newest.iter().filter(is_record).count() as u64
    }

    /// Decides events, and passes the group on if possible. Returns the reason of a shutdown.
    fn take(&mut self, first: Option<Event>, which: Which) -> Result<Option<String>, Error> {
        let stopping = self.decide(first, which)?;
        if stopping.is_none() {
            self.pass_on()?;
        }
        Ok(stopping)
    }

    /// Decides an event, or a deadline, and events that wait, until the group is complete. Returns the reason of a
    /// shutdown.
    fn decide(&mut self, first: Option<Event>, which: Which) -> Result<Option<String>, Error> {
        self.warn_if_clock_went_back();
        let first_seq = self.engine.head_seq() + 1;
        let group = self.group.take();
        let mut group = group.unwrap_or_else(|| OpenGroup::begin(first_seq));
        let mut stopping = None;
        let mut next = Some(first);
        while let Some(mut event) = next {
            match &mut event {
                Some(Event::Shutdown { reason }) => stopping = Some(std::mem::take(reason)),
                Some(Event::Disconnected { session, .. }) => group.drop_client(*session),
                Some(Event::ListBlobs { reply }) => {
                    if let Some(reply) = reply.take() {
                        group.answer(reply, self.engine.blobs_in_use());
                    }
                }
                _ => {}
            }
            let input = self.input(event);
            let now = self.now();
            group.add(self.engine.step(input, now));
            let is_complete = self.pipeline.completes(&group)? || stopping.is_some();
            next = match is_complete || which == Which::One {
                true => None,
                false => self.events.try_recv().ok().map(Some),
            };
        }
        self.group = Some(group);
        Ok(stopping)
    }

    /// Passes the group on if the pipeline accepts it.
    fn pass_on(&mut self) -> Result<(), Error> {
        let accepts = |group: &mut OpenGroup| self.pipeline.accepts(group.is_full());
        match self.group.take_if(accepts) {
            Some(group) if group.records() > 0 => {
                // The disk is slow: another thread takes over the connections of this one.
                block_in_place(|| self.pipeline.commit(group.end()))
            }
            Some(group) => self.pipeline.commit(group.end()),
            None => Ok(()),
        }
    }

    /// Looks for the blobs of the whole scene. A missing one is found before an editor needs it.
    fn check_blobs(&self) {
        let needed = blob_check::needed(self.engine.scene());
        if !needed.is_empty() {
            self.work.spawn(move |shared| Event::BlobsLost {
                lost: blob_check::find_lost(&shared.blobs, &needed),
                unsent: None,
            });
        }
    }

    /// Waits for the next event, deadline or durable group. While the group is full, events and deadlines wait.
    async fn next(&mut self) -> Result<Wakeup, Error> {
        let deadline = self.engine.next_deadline();
        let deadline = deadline.map(|deadline| self.started + Duration::from_millis(deadline));
        let at = deadline.into_iter().chain(self.idle.deadline()).min();
        let is_full = self.group.as_ref().is_some_and(OpenGroup::is_full);
        tokio::select! {
            done = self.pipeline.next_done(), if self.pipeline.is_busy() => done.map(|()| Wakeup::Committed),
            Some(event) = self.events.recv(), if !is_full => Ok(Wakeup::Event(event)),
            () = sleep_until(at), if !is_full => Ok(Wakeup::Deadline),
            // Not reached: a full group waits only behind others.
            else => Ok(Wakeup::Committed),
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
            None | Some(Event::ListBlobs { .. }) => Input::Tick,
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
            // The client is dropped with its group.
            Some(Event::Disconnected { session, reason }) => Input::Disconnected {
                session,
                reason: reason.to_string(),
            },
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

    /// Warns if the clock went back. The log is ordered by sequence, but people read its times.
    fn warn_if_clock_went_back(&mut self) {
        let now = SystemTime::now();
        if let Ok(back) = self.last_clock.duration_since(now)
            && back > CLOCK_JUMP
        {
            let (seconds, seq) = (back.as_secs(), self.engine.head_seq() + 1);
            tracing::warn!(
                seconds,
                seq,
                "the clock went back; so do the times in the log from here on"
            );
        }
        self.last_clock = now;
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

/// Sleeps until a time; for ever if there is none.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
