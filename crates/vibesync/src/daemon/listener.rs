//! Accepts connections on loopback.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::admission::Admission;
use super::event::Event;
use super::session::serve;
use super::shared::Shared;

/// Accepts connections until the task is aborted. Serves each connection in its own task.
pub async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    limit: usize,
) {
    let admission = Admission::new(limit);
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let handshake = admission.begin_handshake();
                let (shared, core) = (shared.clone(), core.clone());
                let admission = Arc::clone(&admission);
                tokio::spawn(serve(stream, shared, core, admission, handshake));
            }
            Err(error) => {
                // Probably out of file descriptors: wait until other connections have closed.
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}
