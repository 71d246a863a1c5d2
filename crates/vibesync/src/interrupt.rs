//! Being asked to stop: Ctrl+C, and on Unix SIGTERM.

use std::pin::pin;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;

/// Ends once the user or the system asks; they are heard from the call on. Inside of a runtime only.
#[cfg(unix)]
pub fn asked_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = heard(signal(SignalKind::terminate()));
    let interrupt = heard(signal(SignalKind::interrupt()));
    async move {
        tokio::select! {
            () = terminate => {}
            () = interrupt => {}
        }
    }
}

/// Where the system refuses, the signal ends the program as it would any other.
#[cfg(unix)]
async fn heard(listening: std::io::Result<tokio::signal::unix::Signal>) {
    match listening {
        Ok(mut signal) => drop(signal.recv().await),
        Err(error) => {
            tracing::warn!("a request to stop cannot be heard: {error}");
            std::future::pending().await
        }
    }
}

/// Returns once the user or the system asks.
#[cfg(not(unix))]
pub async fn asked_to_stop() {
    let _ = tokio::signal::ctrl_c().await;
}

/// For commands that look again and again until they are asked to stop.
#[derive(Debug)]
pub struct Interrupt(Receiver<()>);

impl Interrupt {
    /// Listens from now on. Where the system refuses, the signal ends the program as it would any other.
    pub fn listen() -> Self {
        let (tell, told) = mpsc::sync_channel(2);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let listening = runtime.and_then(|runtime| {
            std::thread::Builder::new()
                .name("interrupt".into())
                .spawn(move || runtime.block_on(listen(&tell)))
        });
        match listening {
            // Signals are heard from here on, not from some moment later.
            Ok(_) => drop(told.recv()),
            Err(error) => tracing::warn!("Ctrl+C is not handled: {error}"),
        }
        Self(told)
    }

    /// Waits for `time`; true as soon as the program was asked to stop.
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

/// Tells once when it listens, and once when it was asked. Nobody hears it where the command has ended already.
async fn listen(tell: &mpsc::SyncSender<()>) {
    let mut asked = pin!(asked_to_stop());
    tokio::select! {
        biased;
        () = &mut asked => {}
        () = std::future::ready(()) => {
            let _ = tell.send(());
            asked.await;
        }
    }
    let _ = tell.send(());
}
