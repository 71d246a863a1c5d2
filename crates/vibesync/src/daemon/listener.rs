//! Accepts connections on loopback, up to a limit.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use vibesync_protocol::{Code, DaemonMessage};

use super::event::Event;
use super::outgoing_frame::plain_frame;
use super::session::serve;
use super::shared::Shared;
use super::writer::error_body;

/// Accepts connections until the task is aborted. Serves each connection in its own task.
pub async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    limit: usize,
) {
    let permits = Arc::new(Semaphore::new(limit));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Probably out of file descriptors: wait until other connections have closed.
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        match Arc::clone(&permits).try_acquire_owned() {
            Ok(permit) => {
                let (shared, core) = (shared.clone(), core.clone());
                tokio::spawn(async move {
                    serve(stream, shared, core).await;
                    drop(permit);
                });
            }
            Err(_) => refuse(stream, limit),
        }
    }
}

fn refuse(stream: TcpStream, limit: usize) {
    let code = Code::TooManyConnections;
    tracing::warn!(error_code = %code, most = limit, "connection refused");
    let message = format!("{limit} clients are connected already");
    let bytes = plain_frame(&DaemonMessage::Error {
        error: error_body(code, &message, ""),
        operation_id: None,
        fatal: true,
    });
    // Writes past the runtime, which does not know yet that a new socket is writable. The socket does not block, and a
    // frame this small fits into its buffer. If it does not fit, the client sees that the connection closes.
    let _ = stream
        .into_std()
        .and_then(|mut stream| stream.write_all(&bytes));
}
