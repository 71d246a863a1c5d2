//! One connection with the daemon that several calls use at the same time. A thread reads it and sorts the answers.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use vibesync_mcp::{Called, Wait};
use vibesync_protocol::{ClientMessage, DaemonMessage, QueryResult, encode};
use vibesync_scene::{Code, OperationId, Uuid};

use super::inbox::{Followed, Inbox, WindowAnswer};
use crate::cli::client::Client;
use crate::error::Error;

/// Time without a message after which the daemon counts as gone. It pings far more often.
const SILENCE: Duration = Duration::from_secs(60);

/// Maximum time for a write.
const WRITE_TIMEOUT: Duration = Duration::from_secs(20);

/// Time without a call after which the connection is closed. An open one keeps the daemon of a service awake.
const IDLE: Duration = Duration::from_secs(300);

/// A connection with the daemon.
#[derive(Debug)]
pub(super) struct Connection {
    socket: Mutex<TcpStream>,
    inbox: Inbox,
    used: Mutex<Instant>,
}

impl Connection {
    /// Starts the thread that reads the connection.
    pub fn start(client: Client, capability_changes: Arc<AtomicU64>) -> Result<Arc<Self>, Error> {
        let socket = client.socket()?;
        let limited = socket.set_write_timeout(Some(WRITE_TIMEOUT));
        limited.map_err(|error| Error::from_source(Code::NoDaemon, "daemon", error))?;
        let connection = Arc::new(Self {
            socket: Mutex::new(socket),
            inbox: Inbox::counting(capability_changes),
            used: Mutex::new(Instant::now()),
        });
        let read = Arc::clone(&connection);
        let thread = std::thread::Builder::new().name("daemon".into());
        thread
            .spawn(move || read.read(client))
            .map_err(|error| Error::thread("daemon", error))?;
        Ok(connection)
    }

    /// Returns true if the connection has ended.
    pub fn has_ended(&self) -> bool {
        self.inbox.has_ended()
    }

    /// Sends a request, and waits for its result. A dry run is a request, too: its operation is the request.
    pub fn request(
        &self,
        request_id: Uuid,
        message: &ClientMessage,
        attachments: &[Vec<u8>],
        timeout: Duration,
    ) -> Result<QueryResult, Error> {
        let send = || self.send(message, attachments);
        let wait = Wait::for_time(timeout);
        self.answered(request_id, send, || self.inbox.result(request_id, &wait))
    }

    /// Sends a request that an operation of the same id follows, and waits for its result. Returns none if there is no
    /// result because the operation waits for a person already.
    pub fn request_or_question(
        &self,
        id: OperationId,
        message: &ClientMessage,
        timeout: Duration,
    ) -> Result<Option<QueryResult>, Error> {
        let send = || self.send(message, &[]);
        let wait = Wait::for_time(timeout);
        self.answered(id.0, send, || self.inbox.result_or_question(id, &wait))
    }

    /// Sends a call, and follows it until it ends or the wait is over.
    pub fn call(
        &self,
        request_id: Uuid,
        message: &ClientMessage,
        wait: &Wait,
    ) -> Result<Called, Error> {
        self.inbox.follow_call(request_id);
        let send = || self.send(message, &[]);
        let called = self.answered(request_id, send, || self.inbox.called(request_id, wait));
        self.inbox.forget_call(request_id);
        called
    }

    /// Sends a look or a selection, and waits for its answer.
    pub fn window(
        &self,
        request_id: Uuid,
        message: &ClientMessage,
        wait: &Wait,
    ) -> Result<WindowAnswer, Error> {
        self.inbox.expect_window(request_id);
        let send = || self.send(message, &[]);
        let answer = self.answered(request_id, send, || self.inbox.window(request_id, wait));
        self.inbox.forget_window(request_id);
        answer
    }

    /// Sends a request and reads its answer. Results and errors of the request are kept meanwhile.
    fn answered<T>(
        &self,
        request_id: Uuid,
        send: impl FnOnce() -> Result<(), Error>,
        read: impl FnOnce() -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.inbox.expect_result(request_id);
        let answer = send().and_then(|()| read());
        self.inbox.forget_result(request_id);
        answer
    }

    /// Follows the answers to an operation from now on.
    pub fn follow(&self, id: OperationId) {
        self.inbox.follow(id);
    }

    /// Returns true if the answers to an operation are kept.
    pub fn is_following(&self, id: OperationId) -> bool {
        self.inbox.is_following(id)
    }

    /// Forgets the answers to an operation that has not begun.
    pub fn forget(&self, id: OperationId) {
        self.inbox.forget(id);
    }

    /// Waits until an operation ends, the wait is over or the connection ends. Returns what has come.
    pub fn followed(&self, id: OperationId, wait: &Wait) -> Result<Followed, Error> {
        self.inbox.followed(id, wait)
    }

    /// Waits until an operation is acknowledged, the wait is over or the connection ends. Returns what has come.
    pub fn acknowledged(&self, id: OperationId, wait: &Wait) -> Result<Followed, Error> {
        self.inbox.acknowledged(id, wait)
    }

    /// Sends a message with its attachments.
    pub fn send(&self, message: &ClientMessage, attachments: &[Vec<u8>]) -> Result<(), Error> {
        *lock(&self.used) = Instant::now();
        let frame = frame(message, attachments)?;
        let sent = lock(&self.socket).write_all(&frame);
        sent.map_err(|error| {
            // A part of a frame may have gone out.
            self.close();
            Error::from_source(Code::NoDaemon, "daemon", error)
        })
    }

    fn close(&self) {
        let _ = lock(&self.socket).shutdown(Shutdown::Both);
    }

    /// Reads until the connection ends.
    fn read(&self, mut client: Client) {
        let error = loop {
            match client.next_message(SILENCE) {
                Ok(DaemonMessage::Ping { nonce, head_seq }) => {
                    let pong = ClientMessage::Pong {
                        nonce,
                        head_seq,
                        editor_state: None,
                    };
                    if let Err(error) = self.answer_ping(&pong) {
                        break error;
                    }
                }
                Ok(DaemonMessage::Goodbye { reason }) => {
                    break Error::new(Code::NoDaemon, "daemon", reason);
                }
                Ok(message) => self.inbox.put(message),
                Err(error) => break error,
            }
        };
        self.close();
        self.inbox.end(error);
    }

    /// Answers a ping, unless nobody has used the connection for long.
    fn answer_ping(&self, pong: &ClientMessage) -> Result<(), Error> {
        let used = *lock(&self.used);
        if used.elapsed() > IDLE && !self.inbox.is_awaiting_decision() {
            let message = "closed: not used for long";
            return Err(Error::new(Code::NoDaemon, "daemon", message));
        }
        let sent = self.send(pong, &[]);
        *lock(&self.used) = used;
        sent
    }
}

/// Encodes a message with its attachments.
fn frame(message: &ClientMessage, attachments: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
    let header = match attachments.is_empty() {
        true => serde_json::to_vec(message),
        false => serde_json::to_value(message).and_then(|mut header| {
            let lengths: Vec<usize> = attachments.iter().map(Vec::len).collect();
            if let Some(fields) = header.as_object_mut() {
                fields.insert("attachments".into(), lengths.into());
            }
            serde_json::to_vec(&header)
        }),
    };
    let header =
        header.map_err(|error| Error::new(Code::MessageMalformed, "message", error.to_string()))?;
    encode(&header, attachments).map_err(|error| Error::new(error.code, "message", error.message))
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
