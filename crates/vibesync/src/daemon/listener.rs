//! Connections in, on loopback alone and not more than allowed.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use vibesync_protocol::{Code, DaemonMessage};

use super::bulk;
use super::event::Event;
use super::session::serve;
use super::shared::Shared;
use super::writer::refusal;

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
            Ok(permit) => {
                let (shared, core) = (shared.clone(), core.clone());
                tokio::spawn(async move {
                    serve(stream, shared, core).await;
                    drop(permit);
                });
            }
            Err(_) => refuse(stream, most),
        }
    }
}

fn refuse(stream: TcpStream, most: usize) {
    let code = Code::TooManyConnections;
    tracing::warn!(error_code = %code, most, "connection refused");
    let message = format!("{most} clients are connected already");
    let bytes = bulk::plain_frame(&DaemonMessage::Error {
        error: refusal(code, &message, ""),
        operation_id: None,
        fatal: true,
    });
    // The runtime does not know yet that a fresh socket takes bytes; the system does. It never blocks, and a frame
    // this small fits into its buffer; if not, the client sees the connection close.
    let _ = stream
        .into_std()
        .and_then(|mut stream| stream.write_all(&bytes));
}
