//! Requests to stop: Ctrl+C; on Unix also SIGTERM, and SIGHUP of a terminal that closes.

use std::pin::pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Returns a future that ends at a request to stop, with the name of the signal. Listens from this call on, not from the
/// first poll. Must be called inside of a runtime.
#[cfg(unix)]
pub fn wait_for_stop() -> impl Future<Output = &'static str> {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = receive(signal(SignalKind::terminate()));
    let interrupt = receive(signal(SignalKind::interrupt()));
    let hangup = receive(signal(SignalKind::hangup()));
    async move {
        tokio::select! {
            () = terminate => "SIGTERM",
            () = interrupt => "Ctrl+C",
            () = hangup => "its terminal was closed",
        }
    }
}

/// Waits for a signal. If the system refuses to listen, the signal ends the program as it does by default.
#[cfg(unix)]
async fn receive(listening: std::io::Result<tokio::signal::unix::Signal>) {
    match listening {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::warn!("cannot listen for stop signals: {error}");
            std::future::pending().await
        }
    }
}

/// Waits for a request to stop. Returns its name.
#[cfg(not(unix))]
pub async fn wait_for_stop() -> &'static str {
    let _ = tokio::signal::ctrl_c().await;
    "Ctrl+C"
}

/// A request to stop, for commands that poll.
#[derive(Debug)]
pub struct Interrupt(Receiver<()>);

impl Interrupt {
    /// Begins to listen. If the system refuses, the signal ends the program as it does by default.
    pub fn listen() -> Self {
        let (sender, receiver) = mpsc::sync_channel(2);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let listening = runtime.and_then(|runtime| {
            std::thread::Builder::new()
                .name("interrupt".into())
                .spawn(move || runtime.block_on(listen(&sender)))
        });
        match listening {
            // Waits until the thread listens, so that no signal is missed after this call.
            Ok(_) => drop(receiver.recv()),
            Err(error) => tracing::warn!("Ctrl+C is not handled: {error}"),
        }
        Self(receiver)
    }

    /// Sleeps for `time`. Returns true as soon as there is a request to stop.
    pub fn comes_within(&self, time: Duration) -> bool {
        match self.0.recv_timeout(time) {
            Ok(()) => true,
            Err(RecvTimeoutError::Timeout) => false,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(time);
                false
            }
        }
    }
}

/// Sends once when it listens, and once at a request to stop. The receiver is gone if the command has ended already.
async fn listen(sender: &mpsc::SyncSender<()>) {
    let mut stop = pin!(wait_for_stop());
    tokio::select! {
        biased;
        _ = &mut stop => {}
        () = std::future::ready(()) => {
            let _ = sender.send(());
            let _ = stop.await;
        }
    }
    let _ = sender.send(());
}
