//! The client's end of a real socket: raw bytes for hostile input, and a fake editor that behaves.

use std::io::{self, Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use uuid::Uuid;
use vibesync_protocol::auth::{Token, proofs_equal};
use vibesync_protocol::{
    ClientMessage, DaemonMessage, Frame, FrameDecoder, Limits, encode, parse_daemon,
};
use vibesync_scene::{Change, OperationId};

use crate::fakes::daemon::Daemon;
use crate::fakes::editor::FakeEditor;
use crate::fakes::view::picture_of;

/// Bytes of a large frame that one read may return.
const AT_ONCE: usize = 1 << 20;

/// A blocking connection that sends any bytes, well-formed or not. No call waits longer than its timeout.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    decoder: FrameDecoder,
    received: Vec<u8>,
    patience: Duration,
}

impl Client {
    /// Connects without sending anything.
    pub fn dial(address: SocketAddr, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self {
            stream,
            decoder: FrameDecoder::new(Limits::SESSION),
            received: Vec::new(),
            patience,
        })
    }

    /// Sends raw bytes.
    pub fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a message without bulk data but a picture.
    pub fn send(&mut self, message: &ClientMessage) -> io::Result<()> {
        self.send_bytes(&with_attachments(message, &picture_of(message))?)
    }

    /// Completes the handshake as the client that `editor` describes, and checks the daemon's proof.
    pub fn shake_hands(&mut self, daemon: &Daemon, editor: &mut FakeEditor) -> io::Result<()> {
        self.prove(daemon.token(), editor)
    }

    /// Does the same with a daemon that this process has not started.
    pub fn prove(&mut self, token: &Token, editor: &mut FakeEditor) -> io::Result<()> {
        let project = editor.project;
        let challenge = match self.receive()? {
            DaemonMessage::Challenge { nonce, .. } => nonce,
            other => return Err(invalid(format!("no challenge but {other:?}"))),
        };
        let nonce = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        let proof = token.client_proof(&challenge, &nonce, project);
        let expected = token.daemon_proof(&challenge, &nonce, project);
        self.send(&ClientMessage::Hello(editor.hello(nonce, proof)))?;
        match self.receive()? {
            DaemonMessage::Welcome {
                proof,
                epochs,
                diverged_after,
                ..
            } if proofs_equal(&proof, &expected) => {
                editor.welcome(epochs, diverged_after);
                Ok(())
            }
            other => Err(invalid(format!("no proven welcome but {other:?}"))),
        }
    }

    /// Returns the next message. Errors: `UnexpectedEof` if the daemon has closed, `TimedOut` if no message comes.
    pub fn receive(&mut self) -> io::Result<DaemonMessage> {
        parse(&self.frame()?.0)
    }

    /// Returns the next frame with its attachments, and the time when its last byte was read.
    pub fn frame(&mut self) -> io::Result<(Frame, Instant)> {
        self.frame_within(self.patience)
    }

    /// Returns another handle of the connection, so that one thread can send while another receives.
    pub fn sender(&self) -> io::Result<TcpStream> {
        self.stream.try_clone()
    }

    /// Returns the next frame if it is complete in time; keeps the part that has arrived.
    fn frame_within(&mut self, patience: Duration) -> io::Result<(Frame, Instant)> {
        let deadline = Instant::now() + patience;
        loop {
            let length = self.decoder.frame_len(&self.received).map_err(invalid)?;
            if let Some(length) = length {
                if self.received.len() >= length {
                    let at = Instant::now();
                    return Ok((self.take_frame(length)?, at));
                }
                self.received.reserve(length - self.received.len());
            }
            let missing = length.map_or(0, |length| length - self.received.len());
            self.read_more(missing, deadline)?;
        }
    }

    fn take_frame(&mut self, length: usize) -> io::Result<Frame> {
        let rest = self.received.split_off(length);
        let bytes = std::mem::replace(&mut self.received, rest);
        self.decoder.decode(bytes.into()).map_err(invalid)
    }

    /// Reads available bytes; the `missing` bytes of a large frame go directly into the frame.
    fn read_more(&mut self, missing: usize, deadline: Instant) -> io::Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        let read = if missing >= AT_ONCE {
            let mut some = (&self.stream).take(AT_ONCE as u64);
            some.read_to_end(&mut self.received)
        } else {
            let mut chunk = [0; 64 * 1024];
            let read = self.stream.read(&mut chunk);
            let count = read.as_ref().map_or(0, |count| *count);
            self.received
                .extend_from_slice(chunk.get(..count).unwrap_or_default());
            read
        };
        match read {
            Ok(0) => Err(ErrorKind::UnexpectedEof.into()),
            Ok(_) => Ok(()),
            // Unix reports `WouldBlock` when a read times out; the deadline decides.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
            Err(error) => Err(error),
        }
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(ErrorKind::InvalidData, error)
}

fn frame(message: &ClientMessage) -> io::Result<Vec<u8>> {
    let header = serde_json::to_vec(message)?;
    encode(&header, &[] as &[&[u8]]).map_err(invalid)
}

/// Encodes a message with its bulk data.
pub fn with_attachments(
    message: &ClientMessage,
    attachments: &[impl AsRef<[u8]>],
) -> io::Result<Vec<u8>> {
    if attachments.is_empty() {
        return frame(message);
    }
    let mut header = serde_json::to_value(message)?;
    let lengths: Vec<usize> = attachments.iter().map(|it| it.as_ref().len()).collect();
    if let Some(fields) = header.as_object_mut() {
        fields.insert("attachments".into(), lengths.into());
    }
    encode(&serde_json::to_vec(&header)?, attachments).map_err(invalid)
}

fn parse(frame: &Frame) -> io::Result<DaemonMessage> {
    let (message, _) = parse_daemon(frame).map_err(invalid)?;
    Ok(message)
}

/// A received message, and the time when its last byte was read.
#[derive(Debug)]
pub struct Heard {
    /// The message.
    pub message: DaemonMessage,
    /// Time of arrival, before parsing.
    pub at: Instant,
}

/// An intent that was sent.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Its operation.
    pub operation_id: OperationId,
    /// Time when the encoded frame was given to the socket.
    pub at: Instant,
}

/// A fake editor in session with a daemon; it answers every message by itself.
#[derive(Debug)]
pub struct EditorSession {
    client: Client,
    /// The editor.
    pub editor: FakeEditor,
}

impl EditorSession {
    /// Connects, completes the handshake, sends the inventory and waits for the answer.
    pub fn join(daemon: &Daemon, editor: FakeEditor, patience: Duration) -> io::Result<Self> {
        let client = Client::dial(daemon.address()?, patience)?;
        let mut session = Self { client, editor };
        session.client.shake_hands(daemon, &mut session.editor)?;
        // The welcome decides about the versions in it.
        let inventory = session.editor.inventory();
        session.synchronize([inventory])
    }

    /// Joins like [`EditorSession::join`], but with an inventory from the caller, for instance one larger than a
    /// frame.
    pub fn join_with(
        daemon: &Daemon,
        editor: FakeEditor,
        inventory: impl IntoIterator<Item = ClientMessage>,
        patience: Duration,
    ) -> io::Result<Self> {
        let client = Client::dial(daemon.address()?, patience)?;
        let mut session = Self { client, editor };
        session.client.shake_hands(daemon, &mut session.editor)?;
        session.synchronize(inventory)
    }

    /// Sends the inventory and waits for the answer.
    fn synchronize(
        mut self,
        inventory: impl IntoIterator<Item = ClientMessage>,
    ) -> io::Result<Self> {
        for part in inventory {
            self.client.send(&part)?;
        }
        while !matches!(self.hear()?.message, DaemonMessage::Sync { .. }) {}
        Ok(self)
    }

    /// Returns the connection, for unusual messages. The editor does not see messages received here.
    pub fn client(&mut self) -> &mut Client {
        &mut self.client
    }

    /// Edits as a user: one intent.
    pub fn edit(&mut self, changes: Vec<Change>) -> io::Result<Sent> {
        let operation_id = OperationId(Uuid::now_v7());
        let Some(message) = self.editor.edit(operation_id, changes) else {
            return Err(ErrorKind::NotConnected.into());
        };
        let frame = self.frame_of(&message)?;
        let at = Instant::now();
        self.client.send_bytes(&frame)?;
        Ok(Sent { operation_id, at })
    }

    fn say(&mut self, message: &ClientMessage) -> io::Result<()> {
        let frame = self.frame_of(message)?;
        self.client.send_bytes(&frame)
    }

    /// Sends an intent with its bulk data, if it has any.
    fn frame_of(&self, message: &ClientMessage) -> io::Result<Vec<u8>> {
        match message {
            ClientMessage::Intent(intent) => {
                let bulk = self.editor.bulk_of(intent);
                with_attachments(message, &bulk)
            }
            _ => with_attachments(message, &picture_of(message)),
        }
    }

    /// Receives one message and answers it.
    pub fn hear(&mut self) -> io::Result<Heard> {
        self.hear_within(self.client.patience)
    }

    /// Receives and answers messages for a while, like an idle editor.
    pub fn linger(&mut self, duration: Duration) -> io::Result<()> {
        let end = Instant::now() + duration;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            match self.hear_within(left) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::TimedOut => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn hear_within(&mut self, patience: Duration) -> io::Result<Heard> {
        let (frame, at) = self.client.frame_within(patience)?;
        let message = parse(&frame)?;
        if let DaemonMessage::Ping { nonce, head_seq } = message {
            self.client.send(&ClientMessage::Pong {
                nonce,
                head_seq,
                editor_state: None,
            })?;
        }
        for answer in self.editor.hear(message.clone()) {
            self.say(&answer)?;
        }
        Ok(Heard { message, at })
    }
}
