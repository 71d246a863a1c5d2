//! The socket of one client, for writing. Usually the client's writer writes. While nothing waits for it, the thread that
//! has a small message writes it at once: to wake the writer would take longer than the write.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::tcp::OwnedWriteHalf;
use tokio_util::bytes::Bytes;

/// The socket, shared by the writer and all senders.
#[derive(Clone, Debug, Default)]
pub struct Wire(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// None before the writer has begun, and after its end.
    socket: Option<Arc<OwnedWriteHalf>>,
    /// Number of messages that wait for the writer or are being written.
    waiting: usize,
}

/// The place of a message that waits for the writer, or is being written. No other thread writes meanwhile.
#[derive(Debug)]
pub struct Turn(Wire);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.waiting = state.waiting.saturating_sub(1);
    }
}

/// The result of a write at once.
#[derive(Debug, PartialEq, Eq)]
pub enum Attempt<R> {
    /// The frame is written.
    Written,
    /// The socket took a part. Has the result of queuing the rest.
    Partly(R),
    /// Nothing was written: other messages wait, or the socket takes nothing.
    Refused,
}

impl Wire {
    /// Opens the wire for senders, until the result is dropped.
    pub fn open(&self, socket: OwnedWriteHalf) -> OpenWire {
        let socket = Arc::new(socket);
        self.lock().socket = Some(Arc::clone(&socket));
        OpenWire {
            wire: self.clone(),
            socket,
        }
    }

    /// Takes a turn. The message must be queued after that.
    pub fn turn(&self) -> Turn {
        self.lock().waiting += 1;
        Turn(self.clone())
    }

    /// Takes a turn if nothing waits.
    pub fn turn_if_idle(&self) -> Option<Turn> {
        let mut state = self.lock();
        let is_idle = state.waiting == 0;
        is_idle.then(|| {
            state.waiting = 1;
            Turn(self.clone())
        })
    }

    /// Writes a frame at once if nothing waits and the socket takes bytes. `queue` gets the bytes that the socket did not
    /// take, and a turn for them. It must queue them before it returns, since nothing else can be queued until then.
    pub fn write_at_once<R>(
        &self,
        frame: impl FnOnce() -> Vec<u8>,
        queue: impl FnOnce(Bytes, Turn) -> R,
    ) -> Attempt<R> {
        let mut state = self.lock();
        let is_idle = state.waiting == 0;
        let Some(socket) = state.socket.as_ref().filter(|_| is_idle) else {
            return Attempt::Refused;
        };
        let frame = Bytes::from(frame());
        match socket.try_write(&frame) {
            Ok(written) if written >= frame.len() => Attempt::Written,
            Ok(written) => {
                state.waiting = 1;
                Attempt::Partly(queue(frame.slice(written..), Turn(self.clone())))
            }
            // If the connection is broken, the writer finds out.
            Err(_) => Attempt::Refused,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The socket in the hands of the writer. No sender writes to it after the drop, which ends this direction of the
/// connection.
#[derive(Debug)]
pub struct OpenWire {
    wire: Wire,
    socket: Arc<OwnedWriteHalf>,
}

impl OpenWire {
    /// The socket. Only the holder of a turn may write.
    pub fn socket(&self) -> &OwnedWriteHalf {
        &self.socket
    }

    /// Takes a turn if nothing waits.
    pub fn turn_if_idle(&self) -> Option<Turn> {
        self.wire.turn_if_idle()
    }
}

impl Drop for OpenWire {
    fn drop(&mut self) {
        self.wire.lock().socket = None;
    }
}
