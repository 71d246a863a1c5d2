//! One connection: handshake, then frames in, frames out, heartbeats.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;
use uuid::Uuid;
use vibesync_protocol::auth::proofs_equal;
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, ErrorBody, Hello, Limits, PROTOCOL_VERSION, SCHEMA_VERSION,
    WireLimits, parse_client_head,
};
use vibesync_scene::{Role, SessionId};

use super::bulk;
use super::codec::{FrameCodec, Part, ReadError};
use super::event::{Event, Outgoing};
use super::incoming::Incoming;
use super::outbox::{Outbox, outbox};
use super::shared::Shared;
use super::writer::{close, refusal, write_frames};

type Reader = FramedRead<OwnedReadHalf, FrameCodec>;

/// Serves a connection until it ends. Nothing that a client does ends anything but its own connection.
pub async fn serve(stream: TcpStream, shared: Arc<Shared>, core: mpsc::Sender<Event>) {
    let session = SessionId(Uuid::new_v4());
    // Small frames must not wait for more: latency is what the user feels.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(session_id = %session, "no nodelay: {error}");
    }
    let (read, mut write) = stream.into_split();
    let mut reader = FramedRead::new(read, FrameCodec::new(Limits::HANDSHAKE));
    let shaken = timeout(
        shared.handshake_timeout,
        shake_hands(&mut reader, &mut write, &shared),
    )
    .await;
    let late = |_| Err(refusal(Code::HandshakeTimeout, "no hello in time", ""));
    let (hello, proof) = match shaken.unwrap_or_else(late) {
        Ok(done) => done,
        Err(error) => {
            tracing::warn!(session_id = %session, error_code = %error.code, place = error.location, "handshake failed: {}", error.message);
            return close(&mut write, error, shared.patience()).await;
        }
    };
    reader.decoder_mut().set_limits(Limits::SESSION);
    let role = hello.role;
    if role == Role::Blender {
        shared.blender.note(&hello.editor_version);
    }
    let (outbox, outgoing) = outbox();
    let welcome = Box::new(welcome(session, proof, &shared));
    let mut writer = tokio::spawn(write_frames(write, outgoing, shared.clone()));
    let connected = Event::Connected {
        session,
        hello: Box::new(hello),
        welcome,
        outbox: outbox.clone(),
        writer: writer.abort_handle(),
    };
    if core.send(connected).await.is_err() {
        return;
    }
    if role != Role::Cli {
        tracing::info!(session_id = %session, role = role.as_str(), "connected");
    }
    let incoming = Incoming::new(session, role, shared.clone(), core.clone(), outbox.clone());
    let reason = read_frames(&mut reader, incoming, &shared, &outbox).await;
    if role != Role::Cli {
        tracing::info!(session_id = %session, role = role.as_str(), reason, "disconnected");
    }
    drop(outbox);
    if core
        .send(Event::Disconnected { session, reason })
        .await
        .is_ok()
    {
        // The writer ends once the core lets go of its end; a client that reads nothing is not waited for.
        let _ = timeout(Duration::from_secs(2), &mut writer).await;
        writer.abort();
    }
}

/// Challenge, hello, proofs. Gives the client's hello and the daemon's answer to its challenge.
async fn shake_hands(
    reader: &mut Reader,
    write: &mut OwnedWriteHalf,
    shared: &Shared,
) -> Result<(Hello, String), ErrorBody> {
    let nonce = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
    let challenge = DaemonMessage::Challenge {
        protocol_min: PROTOCOL_VERSION,
        protocol_max: PROTOCOL_VERSION,
        schema_version: SCHEMA_VERSION,
        daemon_version: env!("CARGO_PKG_VERSION").into(),
        project_id: shared.project,
        nonce: nonce.clone(),
    };
    let gone = |_| {
        refusal(
            Code::FrameTruncated,
            "the connection closed before hello",
            "",
        )
    };
    write
        .write_all(&bulk::plain_frame(&challenge))
        .await
        .map_err(gone)?;
    let head = match reader.next().await {
        Some(Ok(Part::Head(head))) => head,
        Some(Ok(Part::Bulk(_))) => return Err(refusal(Code::FrameTruncated, "no hello", "")),
        Some(Err(ReadError::Wire(error))) => return Err(refusal(error.code, &error.message, "")),
        Some(Err(ReadError::Io(error))) => return Err(gone(error)),
        None => return Err(gone(std::io::ErrorKind::UnexpectedEof.into())),
    };
    let hello = match parse_client_head(&head) {
        Ok((ClientMessage::Hello(hello), _)) => hello,
        Ok(_) => {
            return Err(refusal(
                Code::MessageUnknown,
                "the first message must be hello",
                "type",
            ));
        }
        Err(error) => return Err(refusal(error.code, &error.message, "hello")),
    };
    check_hello(&hello, &nonce, shared)?;
    let proof = shared
        .token
        .daemon_proof(&nonce, &hello.nonce, shared.project);
    Ok((hello, proof))
}

fn check_hello(hello: &Hello, nonce: &str, shared: &Shared) -> Result<(), ErrorBody> {
    if hello.protocol != PROTOCOL_VERSION || hello.schema_version != SCHEMA_VERSION {
        let message = format!(
            "protocol {} and schema {} are not {PROTOCOL_VERSION} and {SCHEMA_VERSION}",
            hello.protocol, hello.schema_version
        );
        return Err(refusal(
            Code::VersionUnsupported,
            &message,
            "hello.protocol",
        ));
    }
    if hello.project_id != shared.project {
        let message = format!("this daemon serves project {}", shared.project);
        return Err(refusal(Code::OtherProject, &message, "hello.project_id"));
    }
    let expected = shared
        .token
        .client_proof(nonce, &hello.nonce, shared.project);
    if !proofs_equal(&expected, &hello.proof) {
        return Err(refusal(
            Code::ProofWrong,
            "the proof does not fit the challenge",
            "hello.proof",
        ));
    }
    Ok(())
}

fn welcome(session_id: SessionId, proof: String, shared: &Shared) -> DaemonMessage {
    DaemonMessage::Welcome {
        session_id,
        protocol: PROTOCOL_VERSION,
        proof,
        head_seq: shared.head_seq.load(Ordering::Acquire),
        heartbeat_ms: u64::try_from(shared.heartbeat.as_millis()).unwrap_or(u64::MAX),
        batch_window_ms: shared.batch_window_ms,
        limits: WireLimits::default(),
        // The core knows, when it lets the client in.
        safe_mode: None,
    }
}

/// Reads until the connection ends, and says why it did.
async fn read_frames(
    reader: &mut Reader,
    mut incoming: Incoming,
    shared: &Arc<Shared>,
    outbox: &Outbox,
) -> String {
    // The first ping comes after the first period: nothing may overtake the welcome.
    let mut heartbeat =
        tokio::time::interval_at(Instant::now() + shared.heartbeat, shared.heartbeat);
    let mut heard = Instant::now();
    let mut nonce = 0;
    loop {
        tokio::select! {
            part = reader.next() => {
                match part {
                    Some(Ok(part)) => {
                        if let Some(reason) = incoming.take(part).await {
                            return reason;
                        }
                        // It was the daemon that took its time.
                        heard = Instant::now();
                    }
                    Some(Err(ReadError::Wire(error))) => {
                        let refusal = refusal(error.code, &error.message, "frame");
                        let reason = error.to_string();
                        let _ = outbox.send(Outgoing::Close(refusal));
                        return reason;
                    }
                    Some(Err(ReadError::Io(error))) => return error.to_string(),
                    None => return "closed by the client".into(),
                }
            }
            _ = heartbeat.tick() => {
                if heard.elapsed() > shared.patience() {
                    let _ = outbox.send(Outgoing::Close(refusal(Code::PeerSilent, "silent for too long", "")));
                    return format!("{}: silent for {} s", Code::PeerSilent, heard.elapsed().as_secs());
                }
                nonce += 1;
                let head_seq = shared.head_seq.load(Ordering::Acquire);
                if let Some(reason) = outbox.say(DaemonMessage::Ping { nonce, head_seq }) {
                    return reason;
                }
            }
            // The writer has ended: the session was replaced or refused, or the client takes nothing.
            () = outbox.closed() => return "closed by the daemon".into(),
        }
    }
}
