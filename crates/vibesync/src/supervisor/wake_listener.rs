//! Listens in place of a daemon that sleeps, and holds the connections of clients until the daemon is there.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until};

use crate::platform::kept_handles::keep_socket;

/// Bounds of the held connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Maximum number. One more closes the oldest.
    pub count: usize,
    /// Maximum time of each.
    pub time: Duration,
}

impl Limits {
    /// The bounds of the service. A client whose connection is closed looks again and connects anew.
    pub const DEFAULT: Self = Self {
        count: 32,
        time: Duration::from_secs(30),
    };
}

/// A listener. Dropping it closes the listener and all held connections.
#[derive(Debug)]
pub struct WakeListener {
    port: u16,
    task: JoinHandle<()>,
}

impl WakeListener {
    /// Listens on a free loopback port. Sends `message` whenever a client connects.
    pub async fn open<T>(
        limits: Limits,
        connections: mpsc::Sender<T>,
        message: impl Fn() -> T + Send + 'static,
    ) -> io::Result<Self>
    where
        T: Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        keep_socket(&listener)?;
        let port = listener.local_addr()?.port();
        let connected = move || {
            // The channel is full if so many have connected that one more tells nothing new.
            let _ = connections.try_send(message());
        };
        let task = tokio::spawn(hold(listener, limits, connected));
        Ok(Self { port, task })
    }

    /// The port on which it listens.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for WakeListener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn hold(listener: TcpListener, limits: Limits, connected: impl Fn()) {
    // Oldest first, each with the time at which it is closed.
    let mut held: VecDeque<(Instant, TcpStream)> = VecDeque::new();
    loop {
        let oldest = held.front().map(|(until, _)| *until);
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // A daemon that inherits it holds it open, and its client waits in vain.
                    if let Err(error) = keep_socket(&stream) {
                        tracing::warn!("a daemon may hold a connection open: {error}");
                    }
                    held.push_back((Instant::now() + limits.time, stream));
                    if held.len() > limits.count {
                        held.pop_front();
                    }
                    connected();
                }
                Err(error) => {
                    // Probably out of file descriptors.
                    tracing::warn!("cannot accept: {error}");
                    held.pop_front();
                    sleep(Duration::from_millis(100)).await;
                }
            },
            () = sleep_until(oldest.unwrap_or_else(Instant::now)), if oldest.is_some() => {
                held.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;
    use tokio::time::timeout;

    use super::*;

    const MOMENT: Duration = Duration::from_millis(100);

    async fn is_closed(stream: &mut TcpStream, within: Duration) -> bool {
        let read = timeout(within, stream.read_u8()).await;
        read.is_ok_and(|read| read.is_err())
    }

    async fn open(count: usize, time: Duration) -> (WakeListener, mpsc::Receiver<()>) {
        let (sender, connections) = mpsc::channel(64);
        let limits = Limits { count, time };
        (
            WakeListener::open(limits, sender, || ()).await.unwrap(),
            connections,
        )
    }

    async fn dial(listener: &WakeListener, connections: &mut mpsc::Receiver<()>) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", listener.port())).await;
        connections.recv().await.unwrap();
        stream.unwrap()
    }

    #[tokio::test]
    async fn held_connections_are_bounded_in_number() {
        let (listener, mut connections) = open(2, Duration::from_secs(60)).await;
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(dial(&listener, &mut connections).await);
        }
        assert!(is_closed(&mut clients[0], Duration::from_secs(10)).await);
        assert!(!is_closed(&mut clients[1], MOMENT).await);
        drop(listener);
        for client in &mut clients[1..] {
            assert!(is_closed(client, Duration::from_secs(10)).await);
        }
    }

    #[tokio::test]
    async fn held_connections_are_bounded_in_time() {
        let (listener, mut connections) = open(8, 3 * MOMENT).await;
        let mut client = dial(&listener, &mut connections).await;
        assert!(!is_closed(&mut client, MOMENT).await);
        assert!(is_closed(&mut client, Duration::from_secs(10)).await);
        dial(&listener, &mut connections).await;
    }
}
