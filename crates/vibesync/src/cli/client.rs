//! A blocking client of the wire protocol, for commands that ask a running daemon.

mod addons;
mod blobs;
mod intents;

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::ops::RangeInclusive;
use std::time::{Duration, Instant};

use vibesync_protocol::auth::{Token, proofs_equal};
use vibesync_protocol::discovery::Discovery;
use vibesync_protocol::{
    AgentIdentity, AgentReport, ClientMessage, DaemonMessage, DecideRequest, EditorState,
    ErrorBody, FrameDecoder, Hello, Limits, OpenApproval, PROTOCOL_VERSION, Query, QueryResult,
    ResetRequest, RestoreRequest, RevertRequest, SCHEMA_VERSION, SetAgentRequest, Status,
    WireError, feature, parse_daemon,
};
use vibesync_scene::{Code, InstanceId, OperationId, Outcome, ProjectId, Role, Row, Uuid};

use crate::error::Error;

/// Number of rows in one query.
const PAGE: u32 = 1_000;

/// A connection with the role `cli` or `agent`.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    address: SocketAddr,
    decoder: FrameDecoder,
    received: Vec<u8>,
    timeout: Duration,
    /// Time limit of the current request.
    deadline: Instant,
}

impl Client {
    /// Connects to a daemon, as an agent or as the command line. Both sides prove that they know the token. Every request must be answered within `timeout`.
    pub fn connect(
        found: &Discovery,
        token: &Token,
        agent: Option<&AgentIdentity>,
        instance_id: InstanceId,
        timeout: Duration,
    ) -> Result<Self, Error> {
        let location = format!("{}:{}", found.host, found.port);
        let invalid = |message: String| Error::new(Code::RuntimeFolder, &location, message);
        let host = found.host.parse();
        let address = host
            .map(|host| SocketAddr::new(host, found.port))
            .map_err(|error| invalid(format!("`host` in the discovery file: {error}")))?;
        if !address.ip().is_loopback() {
            return Err(invalid("the discovery file names another machine".into()));
        }
        let stream = TcpStream::connect_timeout(&address, timeout).map_err(|error| {
            let message = format!("no process answers at the address of the daemon: {error}");
            Error::new(Code::NoDaemon, &location, message).caused_by(error)
        })?;
        // Else a message may wait until the daemon's system has confirmed the one before.
        let _ = stream.set_nodelay(true);
        let mut client = Self {
            stream,
            address,
            decoder: FrameDecoder::new(Limits::HANDSHAKE),
            received: Vec::new(),
            timeout,
            deadline: Instant::now() + timeout,
        };
        client.shake_hands(found, token, agent, instance_id)?;
        Ok(client)
    }

    /// Returns a second handle of the socket, which another thread may write to.
    pub fn socket(&self) -> Result<TcpStream, Error> {
        self.stream.try_clone().map_err(|error| self.lost(error))
    }

    /// Returns the next message. Fails after `patience` without one.
    pub fn next_message(&mut self, patience: Duration) -> Result<DaemonMessage, Error> {
        self.deadline = Instant::now() + patience;
        self.receive_any()
    }

    /// Asks for the daemon's state.
    pub fn status(&mut self) -> Result<Box<Status>, Error> {
        self.query(Query::Status, None, |result| match result {
            QueryResult::Status { status } => Some(status),
            _ => None,
        })
    }

    /// Asks for the rows after a uuid. Returns them and the uuid to continue with.
    pub fn rows(&mut self, after: Option<Uuid>) -> Result<(Vec<Row>, Option<Uuid>), Error> {
        self.query(Query::Entities, after, |result| match result {
            QueryResult::Entities { entities, next } => Some((entities, next)),
            _ => None,
        })
    }

    /// Asks for failures and open circuit breakers.
    pub fn governance(&mut self) -> Result<QueryResult, Error> {
        self.query(Query::Governance, None, |result| match result {
            result @ QueryResult::Governance { .. } => Some(result),
            _ => None,
        })
    }

    /// Resets the failures of a scope. Returns the sequence of its record; none if there was no failure.
    pub fn reset(&mut self, request: ResetRequest) -> Result<Option<u64>, Error> {
        let sent_id = request.request_id;
        self.request(&ClientMessage::Reset(request))?;
        self.receive_result(sent_id, |result| match result {
            QueryResult::Reset { seq } => Some(seq),
            _ => None,
        })
    }

    /// Asks for the agents, and for what they wait for.
    pub fn agents(&mut self) -> Result<(Vec<AgentReport>, Vec<OpenApproval>), Error> {
        self.query(Query::Agents, None, |result| match result {
            QueryResult::Agents { agents, approvals } => Some((agents, approvals)),
            _ => None,
        })
    }

    /// Decides about an agent. Returns the sequence of the record.
    pub fn set_agent(&mut self, request: SetAgentRequest) -> Result<u64, Error> {
        let sent_id = request.request_id;
        self.request(&ClientMessage::SetAgent(request))?;
        self.receive_result(sent_id, |result| match result {
            QueryResult::SetAgent { seq } => Some(seq),
            _ => None,
        })
    }

    /// Answers an agent. Returns the sequence of the record; none if the question is not open any more.
    pub fn decide(&mut self, request: DecideRequest) -> Result<Option<u64>, Error> {
        let sent_id = request.request_id;
        self.request(&ClientMessage::Decide(request))?;
        self.receive_result(sent_id, |result| match result {
            QueryResult::Decide { seq } => Some(seq),
            _ => None,
        })
    }

    /// Asks the daemon to stop, and waits until it says goodbye.
    pub fn stop(&mut self, reason: String) -> Result<(), Error> {
        self.request(&ClientMessage::Stop { reason })?;
        // Pings need no answer: the daemon stops.
        while !matches!(self.receive()?, DaemonMessage::Goodbye { .. }) {}
        Ok(())
    }

    /// Asks for a restore. Returns the changes that it makes or would make.
    pub fn restore(&mut self, request: RestoreRequest) -> Result<QueryResult, Error> {
        self.ask_for(request.request_id, ClientMessage::Restore(request))
    }

    /// Asks to take back what an agent did. Returns the changes that this makes or would make.
    pub fn revert(&mut self, request: RevertRequest) -> Result<QueryResult, Error> {
        self.ask_for(request.request_id, ClientMessage::Revert(request))
    }

    /// Sends a request, and returns its result.
    fn ask_for(&mut self, sent_id: Uuid, message: ClientMessage) -> Result<QueryResult, Error> {
        self.request(&message)?;
        self.receive_result(sent_id, Some)
    }

    /// Receives the result of a request that `select` accepts.
    fn receive_result<T>(
        &mut self,
        sent_id: Uuid,
        select: impl Fn(QueryResult) -> Option<T>,
    ) -> Result<T, Error> {
        self.receive_matching(|message| match message {
            DaemonMessage::Result { request_id, result } if request_id == sent_id => select(result),
            _ => None,
        })
    }

    /// Returns the sequence of an accepted operation. Has a time limit of its own: it may wait for another one.
    pub fn wait_for_ack(
        &mut self,
        operation: OperationId,
        timeout: Duration,
    ) -> Result<u64, Error> {
        self.deadline = Instant::now() + timeout.max(self.timeout);
        let answer = self.receive_matching(|message| match message {
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

    /// Waits until an operation ends. Returns none after `timeout`.
    pub fn wait_for_outcome(
        &mut self,
        operation: OperationId,
        timeout: Duration,
    ) -> Result<Option<(Outcome, Option<ErrorBody>)>, Error> {
        self.deadline = Instant::now() + timeout;
        let outcome = self.receive_matching(|message| match message {
            DaemonMessage::Outcome {
                operation_id,
                outcome,
                error,
                ..
            } if operation_id == operation => Some((outcome, error)),
            _ => None,
        });
        match outcome {
            Ok(outcome) => Ok(Some(outcome)),
            Err(_) if self.time_left().is_err() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn query<T>(
        &mut self,
        what: Query,
        after: Option<Uuid>,
        select: impl Fn(QueryResult) -> Option<T>,
    ) -> Result<T, Error> {
        let sent_id = Uuid::new_v4();
        self.request(&ClientMessage::Query {
            request_id: sent_id,
            what,
            after,
            limit: Some(PAGE),
        })?;
        self.receive_result(sent_id, select)
    }

    /// Sends a request and starts its time limit.
    fn request(&mut self, message: &ClientMessage) -> Result<(), Error> {
        self.deadline = Instant::now() + self.timeout;
        self.send(message)
    }

    /// Receives until `select` accepts a message. Answers pings and skips all other messages.
    fn receive_matching<T>(
        &mut self,
        select: impl Fn(DaemonMessage) -> Option<T>,
    ) -> Result<T, Error> {
        loop {
            match self.receive()? {
                DaemonMessage::Ping { nonce, head_seq } => self.send(&ClientMessage::Pong {
                    nonce,
                    head_seq,
                    editor_state: None,
                })?,
                DaemonMessage::Goodbye { reason } => {
                    return Err(self.failed(Code::NoDaemon, reason));
                }
                message => {
                    if let Some(found) = select(message) {
                        return Ok(found);
                    }
                }
            }
        }
    }

    fn shake_hands(
        &mut self,
        found: &Discovery,
        token: &Token,
        agent: Option<&AgentIdentity>,
        instance_id: InstanceId,
    ) -> Result<(), Error> {
        let DaemonMessage::Challenge {
            protocol_min,
            protocol_max,
            schema_version,
            project_id,
            nonce: challenge,
            features,
            ..
        } = self.receive()?
        else {
            return Err(self.failed(
                Code::MessageMalformed,
                "the daemon did not begin with a challenge",
            ));
        };
        self.check_versions(protocol_min..=protocol_max, schema_version)?;
        self.check_project(found, project_id)?;
        // An older daemon refuses what it has not offered.
        let offers_agents = features.iter().any(|it| it == feature::AGENTS);
        let nonce = new_nonce();
        let expected = token.daemon_proof(&challenge, &nonce, project_id);
        let version = env!("CARGO_PKG_VERSION");
        self.send(&ClientMessage::Hello(Hello {
            protocol: PROTOCOL_VERSION,
            schema_version: SCHEMA_VERSION,
            project_id,
            role: agent.map_or(Role::Cli, |_| Role::Agent),
            editor_version: version.to_owned(),
            client_version: version.to_owned(),
            instance_id,
            last_seq: 0,
            epochs: None,
            diverged_after: None,
            editor_state: EditorState::Background,
            components: Vec::new(),
            proof: token.client_proof(&challenge, &nonce, project_id),
            nonce,
            features: Vec::new(),
            agent: agent.filter(|_| offers_agents).cloned(),
        }))?;
        self.receive_welcome(&expected)?;
        self.decoder = FrameDecoder::new(Limits::SESSION);
        Ok(())
    }

    /// Receives the welcome, and checks the proof in it.
    fn receive_welcome(&mut self, expected: &str) -> Result<(), Error> {
        let DaemonMessage::Welcome { proof, .. } = self.receive()? else {
            return Err(self.failed(
                Code::MessageMalformed,
                "the daemon did not answer with a welcome",
            ));
        };
        if !proofs_equal(&proof, expected) {
            return Err(self.failed(
                Code::WrongProof,
                "the process on this port does not know the token",
            ));
        }
        Ok(())
    }

    fn check_project(&self, found: &Discovery, project: ProjectId) -> Result<(), Error> {
        if project != found.project_id {
            return Err(self.failed(Code::WrongProject, "another daemon uses this port now"));
        }
        Ok(())
    }

    fn check_versions(&self, protocols: RangeInclusive<u32>, schema: u32) -> Result<(), Error> {
        if !protocols.contains(&PROTOCOL_VERSION) || schema != SCHEMA_VERSION {
            let message = "the daemon has another version than this program";
            return Err(self.failed(Code::VersionUnsupported, message));
        }
        Ok(())
    }

    fn send(&mut self, message: &ClientMessage) -> Result<(), Error> {
        let header = serde_json::to_vec(message)
            .map_err(|error| self.failed(Code::MessageMalformed, error.to_string()))?;
        self.send_frame(&header, &[])
    }

    /// Receives the next message. Turns an error of the daemon into an error.
    fn receive(&mut self) -> Result<DaemonMessage, Error> {
        match self.receive_any()? {
            DaemonMessage::Error { error, .. } if error.location.is_empty() => {
                Err(self.failed(error.code, error.message))
            }
            DaemonMessage::Error { error, .. } => {
                Err(Error::new(error.code, error.location, error.message))
            }
            message => Ok(message),
        }
    }

    /// Receives the next message, errors of the daemon among them.
    fn receive_any(&mut self) -> Result<DaemonMessage, Error> {
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
        let unreadable = |error: WireError| {
            let message = format!("cannot read the daemon's answer: {}", error.message);
            self.failed(error.code, message).caused_by(error)
        };
        message.map_err(unreadable)
    }

    fn read_more(&mut self) -> Result<(), Error> {
        let mut chunk = [0; 16 * 1024];
        let timeout = self.time_left()?;
        let read = self.stream.set_read_timeout(Some(timeout));
        match read.and_then(|()| self.stream.read(&mut chunk)) {
            Ok(0) => Err(self.lost(ErrorKind::UnexpectedEof.into())),
            Ok(count) => {
                self.received
                    .extend_from_slice(chunk.get(..count).unwrap_or_default());
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(self.lost(error)),
        }
    }

    fn time_left(&self) -> Result<Duration, Error> {
        let time = self.deadline.saturating_duration_since(Instant::now());
        if time.is_zero() {
            return Err(self.lost(ErrorKind::TimedOut.into()));
        }
        Ok(time)
    }

    /// Builds the error for a connection that failed.
    fn lost(&self, error: std::io::Error) -> Error {
        let message = match error.kind() {
            ErrorKind::TimedOut | ErrorKind::WouldBlock => {
                "the daemon does not answer in time".to_owned()
            }
            ErrorKind::UnexpectedEof => "the daemon closed the connection".to_owned(),
            _ => format!("the connection to the daemon broke: {error}"),
        };
        self.failed(Code::NoDaemon, message).caused_by(error)
    }

    fn failed(&self, code: Code, message: impl Into<String>) -> Error {
        Error::new(code, self.address, message)
    }
}

/// Returns a challenge of 64 hex digits.
fn new_nonce() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}
