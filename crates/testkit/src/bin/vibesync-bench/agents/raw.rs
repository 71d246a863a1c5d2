//! An agent that speaks the daemon's own protocol: the limit of one that speaks the protocol of agents.

use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::{
    AckStatus, ClientMessage, DaemonMessage, Intent, QueryResult, Question, SCHEMA_VERSION, encode,
    parse_daemon,
};
use vibesync_scene::{Change, OperationId, ProjectId, Role};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{Fallible, PATIENCE, editor};

/// The connection of an agent.
pub struct RawAgent {
    client: Client,
    project: ProjectId,
    /// The head of the log when the agent connected.
    pub base_seq: u64,
}

impl RawAgent {
    /// Connects, and asks for the head of the log.
    pub fn join(daemon: &Daemon) -> Fallible<Self> {
        let mut agent = Self::connect(daemon)?;
        let question = Question::Changes { since: u64::MAX };
        match agent.ask(question)? {
            QueryResult::Changes { seq, .. } => agent.base_seq = seq,
            other => return Err(format!("no head but {other:?}").into()),
        }
        Ok(agent)
    }

    /// Connects without a question.
    pub fn connect(daemon: &Daemon) -> Fallible<Self> {
        let mut client = Client::dial(daemon.address()?, PATIENCE)?;
        client.shake_hands(daemon, &mut editor(daemon, Role::Agent))?;
        Ok(Self {
            client,
            project: daemon.discovery().project_id,
            base_seq: 0,
        })
    }

    /// Sends an intent. Returns the time from its first byte to the last of the acknowledgment.
    pub fn change(&mut self, changes: Vec<Change>) -> Fallible<Duration> {
        let id = OperationId(Uuid::now_v7());
        let message = ClientMessage::Intent(self.intent(id, changes));
        let (took, status) = self.exchange(&message, |message| match message {
            DaemonMessage::Ack {
                operation_id,
                status,
                error,
                ..
            } if operation_id == id => Some((status, error)),
            _ => None,
        })?;
        match status {
            (AckStatus::Accepted, _) => Ok(took),
            (status, error) => Err(format!("an intent was {status:?}: {error:?}").into()),
        }
    }

    /// Makes an intent.
    pub fn intent(&self, operation_id: OperationId, changes: Vec<Change>) -> Intent {
        Intent {
            operation_id,
            project_id: self.project,
            schema_version: SCHEMA_VERSION,
            base_seq: self.base_seq,
            label: "Move".into(),
            dry_run: false,
            changes,
            request_id: None,
        }
    }

    /// Asks a question about the scene.
    pub fn ask(&mut self, question: Question) -> Fallible<QueryResult> {
        let id = Uuid::now_v7();
        let message = ClientMessage::Ask {
            request_id: id,
            question,
        };
        let answer = self.exchange(&message, |message| match message {
            DaemonMessage::Result { request_id, result } if request_id == id => Some(Ok(result)),
            DaemonMessage::Error { error, .. } => Some(Err(error.message)),
            _ => None,
        });
        Ok(answer?.1?)
    }

    /// Sends a message, and waits for the answer that `select` takes. Returns the time between them.
    pub fn exchange<T>(
        &mut self,
        message: &ClientMessage,
        select: impl Fn(DaemonMessage) -> Option<T>,
    ) -> Fallible<(Duration, T)> {
        let frame = encode(&serde_json::to_vec(message)?, &[] as &[&[u8]])?;
        let begin = Instant::now();
        self.client.send_bytes(&frame)?;
        loop {
            let (frame, at) = self.client.frame()?;
            match parse_daemon(&frame)?.0 {
                DaemonMessage::Ping { nonce, head_seq } => {
                    self.client.send(&ClientMessage::Pong {
                        nonce,
                        head_seq,
                        editor_state: None,
                    })?
                }
                message => {
                    if let Some(answer) = select(message) {
                        return Ok((at.duration_since(begin), answer));
                    }
                }
            }
        }
    }
}
