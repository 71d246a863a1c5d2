//! A small blocking client of the wire protocol, for commands that ask a running daemon.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use vibesync_protocol::auth::{Token, proofs_equal};
use vibesync_protocol::discovery::Discovery;
use vibesync_protocol::{
    ClientMessage, DaemonMessage, EditorState, ErrorBody, FrameDecoder, Hello, Limits,
    PROTOCOL_VERSION, Query, QueryResult, ResetRequest, RestoreRequest, SCHEMA_VERSION, Status,
    encode, parse_daemon,
};
use vibesync_scene::{Code, InstanceId, OperationId, Outcome, Role, Row, Uuid};

use crate::error::Error;

/// Rows asked for at once.
const PAGE: u32 = 1_000;

/// A session of role `cli`.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    decoder: FrameDecoder,
    received: Vec<u8>,
    patience: Duration,
    /// When the answer that is waited for must be here.
    deadline: Instant,
}

impl Client {
    /// Connects to a daemon and proves who it is, both ways. Whatever is asked must be answered within `patience`.
    pub fn connect(found: &Discovery, token: &Token, patience: Duration) -> Result<Self, Error> {
        let location = format!("{}:{}", found.host, found.port);
        let invalid = |message: String| Error::new(Code::RuntimeFolder, &location, message);
        let host = found.host.parse();
        let address = host
            .map(|host| SocketAddr::new(host, found.port))
            .map_err(|error| invalid(format!("`host` in the discovery file: {error}")))?;
        if !address.ip().is_loopback() {
            return Err(invalid("the discovery file names another machine".into()));
        }
        let stream = TcpStream::connect_timeout(&address, patience).map_err(|error| {
            let message = format!("nothing answers where a daemon announced itself: {error}");
            Error::new(Code::NoDaemon, &location, message)
        })?;
        let mut client = Self {
            stream,
            address,
            decoder: FrameDecoder::new(Limits::HANDSHAKE),
            received: Vec::new(),
            patience,
            deadline: Instant::now() + patience,
        };
        client.shake_hands(found, token)?;
        Ok(client)
    }

    /// Asks for the daemon's state.
    pub fn status(&mut self) -> Result<Box<Status>, Error> {
        self.query(Query::Status, None, |result| match result {
            QueryResult::Status { status } => Some(status),
            _ => None,
        })
    }

    /// Rows by uuid behind `after`, and where to go on.
    pub fn rows(&mut self, after: Option<Uuid>) -> Result<(Vec<Row>, Option<Uuid>), Error> {
        self.query(Query::Entities, after, |result| match result {
            QueryResult::Entities { entities, next } => Some((entities, next)),
            _ => None,
        })
    }

    /// What failed and is not tried again.
    pub fn governance(&mut self) -> Result<QueryResult, Error> {
        self.query(Query::Governance, None, |result| match result {
            result @ QueryResult::Governance { .. } => Some(result),
            _ => None,
        })
    }

    /// Lets something be tried again: the sequence of the record that says so; none where nothing was wrong with it.
    pub fn reset(&mut self, request: ResetRequest) -> Result<Option<u64>, Error> {
        let asked = request.request_id;
        self.ask(&ClientMessage::Reset(request))?;
        self.hear(|message| match message {
            DaemonMessage::Result {
                request_id,
                result: QueryResult::Reset { seq },
            } if request_id == asked => Some(seq),
            _ => None,
        })
    }

    /// Asks for a restore: what it does, or would do.
    pub fn restore(&mut self, request: RestoreRequest) -> Result<QueryResult, Error> {
        let asked = request.request_id;
        self.ask(&ClientMessage::Restore(request))?;
        self.hear(|message| match message {
            DaemonMessage::Result { request_id, result } if request_id == asked => Some(result),
            _ => None,
        })
    }

    /// Waits until the log has an operation, or has refused it: its sequence. It may have to wait for another one that
    /// editors are working on, so it has `patience` of its own.
    pub fn accepted(&mut self, operation: OperationId, patience: Duration) -> Result<u64, Error> {
        self.deadline = Instant::now() + patience.max(self.patience);
        let answer = self.hear(|message| match message {
            DaemonMessage::Ack {
                operation_id,
                seq,
                error,
                ..
            } if operation_id == operation => Some((seq, error)),
            _ => None,
        })?;
        match answer {
            (seq, None) => Ok(seq),
            (_, Some(error)) => Err(Error::new(error.code, error.location, error.message)),
        }
    }

    /// Waits until an operation has ended; none where that takes longer than `patience`.
    pub fn ended(
        &mut self,
        operation: OperationId,
        patience: Duration,
    ) -> Result<Option<(Outcome, Option<ErrorBody>)>, Error> {
        self.deadline = Instant::now() + patience;
        let ended = self.hear(|message| match message {
            DaemonMessage::Outcome {
                operation_id,
                outcome,
                error,
                ..
            } if operation_id == operation => Some((outcome, error)),
            _ => None,
        });
        match ended {
            Ok(ended) => Ok(Some(ended)),
            Err(_) if self.time_left().is_err() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn query<T>(
        &mut self,
        what: Query,
        after: Option<Uuid>,
        wanted: impl Fn(QueryResult) -> Option<T>,
    ) -> Result<T, Error> {
        let asked = Uuid::new_v4();
        self.ask(&ClientMessage::Query {
            request_id: asked,
            what,
            after,
            limit: Some(PAGE),
        })?;
        self.hear(|message| match message {
            DaemonMessage::Result { request_id, result } if request_id == asked => wanted(result),
            _ => None,
        })
    }

    /// Sends something that is to be answered from now on in time.
    fn ask(&mut self, message: &ClientMessage) -> Result<(), Error> {
        self.deadline = Instant::now() + self.patience;
        self.send(message)
    }

    /// The next message that is `wanted`. Pings are answered, everything else is passed over.
    fn hear<T>(&mut self, wanted: impl Fn(DaemonMessage) -> Option<T>) -> Result<T, Error> {
        loop {
            match self.receive()? {
                DaemonMessage::Ping { nonce, head_seq } => self.send(&ClientMessage::Pong {
                    nonce,
                    head_seq,
                    editor_state: None,
                })?,
                message => {
                    if let Some(found) = wanted(message) {
                        return Ok(found);
                    }
                }
            }
        }
    }

    fn shake_hands(&mut self, found: &Discovery, token: &Token) -> Result<(), Error> {
        let DaemonMessage::Challenge {
            protocol_min,
            protocol_max,
            schema_version,
            project_id,
            nonce: challenge,
            ..
        } = self.receive()?
        else {
            return Err(self.failed(
                Code::MessageMalformed,
                "the daemon did not begin with a challenge",
            ));
        };
        if project_id != found.project_id {
            return Err(self.failed(Code::OtherProject, "another daemon has this port now"));
        }
        let ours = (protocol_min..=protocol_max).contains(&PROTOCOL_VERSION);
        if !ours || schema_version != SCHEMA_VERSION {
            let message = "the daemon is of another version than this program";
            return Err(self.failed(Code::VersionUnsupported, message));
        }
        let nonce = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let expected = token.daemon_proof(&challenge, &nonce, project_id);
        let version = env!("CARGO_PKG_VERSION");
        self.send(&ClientMessage::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            schema_version: SCHEMA_VERSION,
            project_id,
            role: Role::Cli,
            editor_version: version.to_owned(),
            client_version: version.to_owned(),
            instance_id: InstanceId(Uuid::new_v4()),
            last_seq: 0,
            editor_state: EditorState::Background,
            components: Vec::new(),
            proof: token.client_proof(&challenge, &nonce, project_id),
            nonce,
        }))?;
        let DaemonMessage::Welcome { proof, .. } = self.receive()? else {
            return Err(self.failed(
                Code::MessageMalformed,
                "the daemon did not answer with a welcome",
            ));
        };
        if !proofs_equal(&proof, &expected) {
            return Err(self.failed(
                Code::ProofWrong,
                "what listens there does not know the token",
            ));
        }
        self.decoder = FrameDecoder::new(Limits::SESSION);
        Ok(())
    }

    fn send(&mut self, message: &ClientMessage) -> Result<(), Error> {
        let header = serde_json::to_vec(message)
            .map_err(|error| self.failed(Code::MessageMalformed, error.to_string()))?;
        let frame = encode(&header, &[] as &[&[u8]])
            .map_err(|error| self.failed(error.code, error.message))?;
        let left = self.time_left()?;
        let sent = self.stream.set_write_timeout(Some(left));
        sent.and_then(|()| self.stream.write_all(&frame))
            .map_err(|error| self.lost(&error))
    }

    /// The next message; an error that the daemon reports is returned as such.
    fn receive(&mut self) -> Result<DaemonMessage, Error> {
        let frame = loop {
            let length = self.decoder.frame_len(&self.received);
            let length = length.map_err(|error| self.failed(error.code, error.message))?;
            match length {
                Some(length) if self.received.len() >= length => {
                    let rest = self.received.split_off(length);
                    break std::mem::replace(&mut self.received, rest);
                }
                _ => self.read_more()?,
            }
        };
        let frame = self.decoder.decode(frame.into());
        let message = frame.and_then(|frame| Ok(parse_daemon(&frame)?.0));
        match message.map_err(|error| self.failed(error.code, error.message))? {
            DaemonMessage::Error { error, .. } if error.location.is_empty() => {
                Err(self.failed(error.code, error.message))
            }
            DaemonMessage::Error { error, .. } => {
                Err(Error::new(error.code, error.location, error.message))
            }
            message => Ok(message),
        }
    }

    fn read_more(&mut self) -> Result<(), Error> {
        let mut chunk = [0; 16 * 1024];
        let left = self.time_left()?;
        let read = self.stream.set_read_timeout(Some(left));
        match read.and_then(|()| self.stream.read(&mut chunk)) {
            Ok(0) => Err(self.lost(&ErrorKind::UnexpectedEof.into())),
            Ok(count) => {
                self.received
                    .extend_from_slice(chunk.get(..count).unwrap_or_default());
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(self.lost(&error)),
        }
    }

    fn time_left(&self) -> Result<Duration, Error> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(self.lost(&ErrorKind::TimedOut.into()));
        }
        Ok(left)
    }

    fn lost(&self, error: &std::io::Error) -> Error {
        let message = match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                "the daemon does not answer in time".to_owned()
            }
            ErrorKind::UnexpectedEof => "the daemon closed the connection".to_owned(),
            _ => format!("the connection to the daemon broke: {error}"),
        };
        self.failed(Code::NoDaemon, message)
    }

    fn failed(&self, code: Code, message: impl Into<String>) -> Error {
        Error::new(code, self.address, message)
    }
}
