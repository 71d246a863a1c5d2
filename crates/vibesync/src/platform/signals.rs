//! Requests to stop: Ctrl+C; on Unix also SIGTERM, and SIGHUP of a terminal that closes; on Windows also Ctrl+Break, a
//! console that closes, a logoff and a shutdown.

use std::io;
use std::pin::pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Returns a future that ends at a request to stop, with the name of the signal. Listens from this call on, not from the
/// first poll. Must be called inside of a runtime.
#[cfg(unix)]
pub fn wait_for_stop() -> impl Future<Output = &'static str> {
    use tokio::signal::unix::{Signal, SignalKind, signal};
    let listen = |kind| receive(signal(kind), Signal::recv);
    let terminate = listen(SignalKind::terminate());
    let interrupt = listen(SignalKind::interrupt());
    let hangup = listen(SignalKind::hangup());
    async move {
        tokio::select! {
            () = terminate => "SIGTERM",
            () = interrupt => "Ctrl+C",
            () = hangup => "its terminal was closed",
        }
    }
}

/// Waits for an event. If the system refuses to listen, the event ends the program as it does by default.
async fn receive<T>(listening: io::Result<T>, wait: impl AsyncFnOnce(&mut T) -> Option<()>) {
    match listening {
        Ok(mut listening) => drop(wait(&mut listening).await),
        Err(error) => {
            tracing::warn!("cannot listen for requests to stop: {error}");
            std::future::pending().await
        }
    }
}

/// Does the same on Windows. After all but Ctrl+C and Ctrl+Break, the system ends the program when it has not ended by
/// itself within five seconds.
#[cfg(windows)]
pub fn wait_for_stop() -> impl Future<Output = &'static str> {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
    let interrupt = receive(ctrl_c(), async |event| event.recv().await);
    let interrupt_all = receive(ctrl_break(), async |event| event.recv().await);
    let close = receive(ctrl_close(), async |event| event.recv().await);
    let logoff = receive(ctrl_logoff(), async |event| event.recv().await);
    let shutdown = receive(ctrl_shutdown(), async |event| event.recv().await);
    async move {
        tokio::select! {
            () = interrupt => "Ctrl+C",
            () = interrupt_all => "Ctrl+Break",
            () = close => "its terminal was closed",
            () = logoff => "its user logged off",
            () = shutdown => "the computer shuts down",
        }
    }
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
