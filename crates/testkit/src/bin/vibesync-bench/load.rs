//! A load whose frames are encoded beforehand, so that making it takes little of the two cores that are measured.

use std::borrow::Cow;
use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::Deserialize;
use uuid::Uuid;
use vibesync_protocol::{
    ClientMessage, DaemonMessage, Intent, SCHEMA_VERSION, encode, parse_daemon,
};
use vibesync_scene::{Change, OperationId};
use vibesync_testkit::{Client, EditorSession};

use crate::stage::Fallible;

/// Bytes that are given to the socket together, or a little more: whole frames.
const PART: usize = 64 * 1024;

/// Intents as the bytes that go through the socket.
pub struct Load {
    parts: Vec<Vec<u8>>,
    intents: usize,
}

impl Load {
    /// Encodes intents of an editor, each with these changes.
    pub fn new(
        sender: &EditorSession,
        intents: impl IntoIterator<Item = Vec<Change>>,
    ) -> Fallible<Self> {
        let mut load = Self {
            parts: Vec::new(),
            intents: 0,
        };
        for changes in intents {
            let intent = ClientMessage::Intent(Intent {
                operation_id: OperationId(Uuid::now_v7()),
                project_id: sender.editor.project,
                schema_version: SCHEMA_VERSION,
                base_seq: sender.editor.head_seq,
                label: "Move".into(),
                changes,
            });
            let header = serde_json::to_vec(&intent)?;
            let frame = encode(&header, &[] as &[&[u8]])?;
            match load.parts.last_mut().filter(|part| part.len() < PART) {
                Some(part) => part.extend(frame),
                None => load.parts.push(frame),
            }
            load.intents += 1;
        }
        Ok(load)
    }

    /// Sends all of it as fast as the daemon reads, without waiting for answers; takes from the first byte sent to the
    /// last acknowledgment received. Anything but an acceptance is an error.
    pub fn run(&self, sender: &mut EditorSession) -> Fallible<Duration> {
        let client = sender.client();
        // Of two threads: neither may send into the middle of the other's frame.
        let socket = Mutex::new(client.sender()?);
        std::thread::scope(|scope| {
            let begin = Instant::now();
            let writer = scope.spawn(|| self.parts.iter().try_for_each(|part| send(&socket, part)));
            for _ in 0..self.intents {
                accepted(client, &socket)?;
            }
            let took = begin.elapsed();
            writer.join().map_err(|_| "the writer panicked")??;
            Ok(took)
        })
    }
}

/// The little of a message that decides what it is.
#[derive(Deserialize)]
struct Told<'a> {
    #[serde(rename = "type", borrow)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
}

fn send(socket: &Mutex<TcpStream>, frames: &[u8]) -> io::Result<()> {
    let mut socket = socket.lock().map_err(|_| io::Error::other("poisoned"))?;
    socket.write_all(frames)
}

/// Waits for the next acknowledgment.
fn accepted(client: &mut Client, socket: &Mutex<TcpStream>) -> Fallible {
    loop {
        let (frame, _) = client.frame()?;
        let told: Told<'_> = serde_json::from_slice(&frame.header)?;
        match (told.kind.as_ref(), told.status.as_deref()) {
            ("ack", Some("accepted")) => return Ok(()),
            ("ack" | "error", _) => {
                return Err(String::from_utf8_lossy(&frame.header).into());
            }
            ("ping", _) => {
                if let DaemonMessage::Ping { nonce, head_seq } = parse_daemon(&frame)?.0 {
                    let pong = serde_json::to_vec(&ClientMessage::Pong {
                        nonce,
                        head_seq,
                        editor_state: None,
                    })?;
                    send(socket, &encode(&pong, &[] as &[&[u8]])?)?;
                }
            }
            _ => {}
        }
    }
}
