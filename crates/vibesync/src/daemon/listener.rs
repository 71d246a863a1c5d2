//! Connections in, on loopback alone and not more than allowed.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use vibesync_protocol::{Code, DaemonMessage, ErrorBody};

use super::bulk;
use super::core::Event;
use super::session::{Shared, serve};

/// Accepts for ever; each connection is a task of its own.
pub async fn accept(
    listener: TcpListener,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    most: usize,
) {
    let places = Arc::new(Semaphore::new(most));
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                // Out of file descriptors, most likely: give others time to close theirs.
                tracing::warn!("cannot accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        match Arc::clone(&places).try_acquire_owned() {
            Ok(place) => {
                let (shared, core) = (shared.clone(), core.clone());
                tokio::spawn(async move {
                    serve(stream, shared, core).await;
                    drop(place);
                });
            }
            Err(_) => refuse(&stream, most),
        }
    }
}

fn refuse(stream: &tokio::net::TcpStream, most: usize) {
    let code = Code::TooManyConnections;
    tracing::warn!(error_code = %code, most, "connection refused");
    let error = ErrorBody {
        code,
        message: format!("{most} clients are connected already"),
        place: String::new(),
        help: code.help().into(),
    };
    // A fresh socket's buffer takes a frame this small; if not, the client sees the connection close.
    let _ = stream.try_write(&bulk::plain_frame(&DaemonMessage::Error {
        error,
        operation_id: None,
        fatal: true,
    }));
}
