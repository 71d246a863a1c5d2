//! A load of frames that are encoded in advance, so that the generator uses little of the two measured cores.

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

use crate::harness::Fallible;

/// Approximate bytes of whole frames that one write gives to the socket.
const PART: usize = 64 * 1024;

/// Encoded intents.
pub struct Load {
    parts: Vec<Vec<u8>>,
    intents: usize,
}

impl Load {
    /// Encodes intents of an editor, one for each list of changes.
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
                dry_run: false,
                changes,
                request_id: None,
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

    /// Sends everything as fast as the daemon reads, without waiting for answers. Returns the time from the first
    /// byte sent to the last acknowledgment received. Any answer but an acceptance is an error.
    pub fn run(&self, sender: &mut EditorSession) -> Fallible<Duration> {
        let client = sender.client();
        // The lock keeps two threads from mixing their frames.
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

/// The fields of a message that tell its type.
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
