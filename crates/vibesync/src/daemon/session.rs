//! One connection: the handshake, then messages in both directions and heartbeats.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::net::tcp::OwnedWriteHalf;
use tokio::sync::{OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;
use uuid::Uuid;
use vibesync_protocol::{Code, DaemonMessage, ErrorBody, Hello, Limits, feature};
use vibesync_scene::{Role, SessionId};

use super::admission::{Admission, HandshakePermit};
use super::close_reason::CloseReason;
use super::codec::{FrameCodec, ReadError};
use super::event::Event;
use super::handshake::{Reader, shake_hands, welcome};
use super::held::Held;
use super::message_reader::MessageReader;
use super::preview_drain::PreviewDrain;
use super::send_queue::{Outgoing, SendQueue, send_queue};
use super::shared::Shared;
use super::writer::{close, error_body, write_frames};

/// Time that the writer gets to finish after the connection has ended.
const WRITER_TIMEOUT: Duration = Duration::from_secs(2);

/// Serves a connection until it ends. A client can end its own connection only.
pub async fn serve(
    stream: TcpStream,
    shared: Arc<Shared>,
    core: mpsc::Sender<Event>,
    admission: Arc<Admission>,
    handshake: HandshakePermit,
) {
    let session = SessionId(Uuid::new_v4());
    let (mut reader, mut write) = split(stream, session);
    let admitted = authenticate(&mut reader, &mut write, &shared, &admission, handshake).await;
    let (hello, proof, _permit) = match admitted {
        Ok(admitted) => admitted,
        Err(error) => {
            log_failed_handshake(session, &error, &shared);
            return close(&write, error, shared.silence_limit()).await;
        }
    };
    reader.decoder_mut().set_limits(limits_of(&hello));
    let role = hello.role;
    let held = Held::new(accepts(&hello, feature::APPLY_PATCHES));
    let client = (session, role, accepts(&hello, feature::UPLOAD_PATCHES));
    if role == Role::Blender {
        shared.blender_version.record(&hello.editor_version);
    }
    let (send_queue, queued) = send_queue(Arc::clone(&shared.previews));
    let to_core = (session, core.clone());
    let previews = PreviewDrain::new(Arc::clone(&send_queue.previews));
    let (wire, messages) = (send_queue.wire.open(write), (queued, previews));
    let held = (shared.clone(), held);
    let mut writer = tokio::spawn(write_frames(wire, messages, to_core, held));
    let (admitted, is_admitted) = oneshot::channel();
    let connected = Event::Connected {
        session,
        welcome: Box::new(welcome(session, proof, limits_of(&hello), &shared)),
        hello: Box::new(hello),
        admitted,
        send_queue: send_queue.clone(),
        writer: writer.abort_handle(),
    };
    if core.send(connected).await.is_err() {
        return;
    }
    if role != Role::Cli {
        tracing::info!(session_id = %session, role = role.as_str(), "connected");
    }
    let (queue, to_core) = (send_queue.clone(), core.clone());
    let messages = MessageReader::new(client, shared.clone(), to_core, queue);
    let reason = match is_admitted.await {
        Ok(()) => read_frames(&mut reader, messages, &shared, &send_queue).await,
        Err(_) => CloseReason::ClosedByDaemon,
    };
    log_end(session, role, &reason);
    drop(send_queue);
    let disconnected = Event::Disconnected { session, reason };
    if core.send(disconnected).await.is_ok() {
        // The writer ends when the core drops its end of the queue. A client that does not read is not waited for.
        let _ = timeout(WRITER_TIMEOUT, &mut writer).await;
        writer.abort();
    }
}

fn log_end(session: SessionId, role: Role, reason: &CloseReason) {
    if role != Role::Cli {
        let reason = reason.to_string();
        tracing::info!(session_id = %session, role = role.as_str(), reason, "disconnected");
    }
}

/// Whether an editor accepts a feature.
fn accepts(hello: &Hello, feature: &str) -> bool {
    hello.role.is_editor() && hello.features.iter().any(|it| it == feature)
}

/// Returns the limits of a client's frames.
fn limits_of(hello: &Hello) -> Limits {
    match accepts(hello, feature::LARGE_BATCHES) {
        true => Limits::LARGE_BATCHES,
        false => Limits::SESSION,
    }
}

/// Logs a failed handshake: as a warning if the client has sent a message.
fn log_failed_handshake(session: SessionId, error: &ErrorBody, shared: &Shared) {
    // A connection without any message is a probe of the port, or another program that has mistaken it.
    let is_probe = matches!(
        error.code,
        Code::FrameTruncated
            | Code::FrameTooLong
            | Code::HeaderInvalid
            | Code::AttachmentsInvalid
            | Code::HandshakeTimeout
    );
    let (code, place, message) = (error.code, &error.location, &error.message);
    if is_probe {
        tracing::debug!(session_id = %session, error_code = %code, place, "no handshake: {message}");
    } else if shared.warnings.is_new("handshake failed", code) {
        tracing::warn!(session_id = %session, error_code = %code, place, "handshake failed: {message}");
    }
}

/// Splits a socket into its two directions.
fn split(stream: TcpStream, session: SessionId) -> (Reader, OwnedWriteHalf) {
    // Sends small frames at once, because a person feels the latency.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(session_id = %session, "no nodelay: {error}");
    }
    let (read, write) = stream.into_split();
    let codec = FrameCodec::new(Limits::HANDSHAKE);
    (FramedRead::new(read, codec), write)
}

/// Runs the handshake, and takes a permit of the authenticated connections.
async fn authenticate(
    reader: &mut Reader,
    write: &mut OwnedWriteHalf,
    shared: &Shared,
    admission: &Admission,
    mut handshake: HandshakePermit,
) -> Result<(Hello, String, OwnedSemaphorePermit), ErrorBody> {
    let (hello, proof) = tokio::select! {
        done = shake_hands(reader, write, shared) => done?,
        () = handshake.evicted() => {
            let message = "too many connections wait for their handshake";
            return Err(error_body(Code::TooManyConnections, message, ""));
        }
    };
    let Some(permit) = admission.admit(hello.role) else {
        let message = format!("{} clients are connected already", admission.limit());
        return Err(error_body(Code::TooManyConnections, &message, ""));
    };
    Ok((hello, proof, permit))
}

/// Reads until the connection ends, and returns the reason.
async fn read_frames(
    reader: &mut Reader,
    mut messages: MessageReader,
    shared: &Shared,
    send_queue: &SendQueue,
) -> CloseReason {
    // The first ping follows after one period, because the welcome must be the first message.
    let first_ping = Instant::now() + shared.heartbeat;
    let mut heartbeat = tokio::time::interval_at(first_ping, shared.heartbeat);
    let mut last_heard = Instant::now();
    let mut nonce = 0;
    loop {
        tokio::select! {
            part = reader.next() => {
                let taken = match part {
                    Some(Ok(part)) => messages.take(part).await,
                    Some(Err(ReadError::Wire(error))) => {
                        let body = error_body(error.code, &error.message, "frame");
                        let _ = send_queue.send(Outgoing::Close(body));
                        Err(error.into())
                    }
                    Some(Err(ReadError::Io(error))) => Err(error.into()),
                    None => Err(CloseReason::ClosedByClient),
                };
                if let Err(reason) = taken {
                    return reason;
                }
                // Set after the message is taken: time that the daemon needs does not count as silence.
                last_heard = Instant::now();
            }
            _ = heartbeat.tick() => {
                let silence = last_heard.elapsed();
                if silence > shared.silence_limit() {
                    let body = error_body(Code::PeerSilent, "silent for too long", "");
                    let _ = send_queue.send(Outgoing::Close(body));
                    return CloseReason::Silent(silence);
                }
                nonce += 1;
                let head_seq = shared.head_seq.load(Ordering::Acquire);
                if let Err(error) = send_queue.send_message(DaemonMessage::Ping { nonce, head_seq }) {
                    return error.into();
                }
            }
            // The writer has ended: the session was replaced or refused, or the client does not read.
            () = send_queue.closed() => return CloseReason::ClosedByDaemon,
        }
    }
}
