//! The handshake of a connection: challenge, hello, proofs.

use std::io;
use std::sync::atomic::Ordering;

use tokio::io::AsyncWriteExt;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use tokio_stream::StreamExt;
use tokio_util::codec::FramedRead;
use uuid::Uuid;
use vibesync_protocol::auth::{Token, proofs_equal};
use vibesync_protocol::{
    ClientMessage, Code, DaemonMessage, ErrorBody, Hello, Limits, PROTOCOL_VERSION, SCHEMA_VERSION,
    feature, parse_client_head,
};
use vibesync_scene::{Role, SessionId};

use super::codec::{FrameCodec, Part, ReadError};
use super::plain_frame::plain_frame;
use super::shared::Shared;
use super::writer::error_body;

/// The frames that a client sends.
pub type Reader = FramedRead<OwnedReadHalf, FrameCodec>;

/// Runs the handshake in its time limit. Returns the client's hello and the daemon's proof.
pub async fn shake_hands(
    reader: &mut Reader,
    write: &mut OwnedWriteHalf,
    shared: &Shared,
) -> Result<(Hello, String), ErrorBody> {
    let late = |_| Err(error_body(Code::HandshakeTimeout, "no hello in time", ""));
    let exchange = exchange(reader, write, shared);
    timeout(shared.handshake_timeout, exchange)
        .await
        .unwrap_or_else(late)
}

async fn exchange(
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
        features: feature::OFFERED.iter().map(|it| (*it).to_owned()).collect(),
    };
    let frame = plain_frame(&challenge);
    write.write_all(&frame).await.map_err(closed_early)?;
    let hello = read_hello(reader).await?;
    let token = check_hello(&hello, &nonce, shared)?;
    let proof = token.daemon_proof(&nonce, &hello.nonce, shared.project);
    Ok((hello, proof))
}

async fn read_hello(reader: &mut Reader) -> Result<Hello, ErrorBody> {
    let head = match reader.next().await {
        Some(Ok(Part::Head(head))) => head,
        Some(Ok(Part::Bulk(_))) => return Err(error_body(Code::FrameTruncated, "no hello", "")),
        Some(Err(ReadError::Wire(error))) => {
            return Err(error_body(error.code, &error.message, ""));
        }
        Some(Err(ReadError::Io(error))) => return Err(closed_early(error)),
        None => return Err(closed_early(io::ErrorKind::UnexpectedEof.into())),
    };
    match parse_client_head(&head) {
        Ok((ClientMessage::Hello(hello), _)) => Ok(hello),
        Ok(_) => Err(error_body(
            Code::MessageUnknown,
            "the first message must be hello",
            "type",
        )),
        Err(error) => Err(error_body(error.code, &error.message, "hello")),
    }
}

fn closed_early(_: io::Error) -> ErrorBody {
    let message = "the connection closed before hello";
    error_body(Code::FrameTruncated, message, "")
}

/// Checks a hello. Returns the secret that proves it.
fn check_hello<'a>(hello: &Hello, nonce: &str, shared: &'a Shared) -> Result<&'a Token, ErrorBody> {
    if hello.protocol != PROTOCOL_VERSION || hello.schema_version != SCHEMA_VERSION {
        let message = format!(
            "protocol {} and schema {} are not {PROTOCOL_VERSION} and {SCHEMA_VERSION}",
            hello.protocol, hello.schema_version
        );
        let code = Code::VersionUnsupported;
        return Err(error_body(code, &message, "hello.protocol"));
    }
    if hello.project_id != shared.project {
        let message = format!("this daemon serves project {}", shared.project);
        return Err(error_body(Code::WrongProject, &message, "hello.project_id"));
    }
    // The user's secret proves any role; an agent's secret proves an agent alone.
    let agents = (hello.role == Role::Agent).then_some(&shared.agent_token);
    let mut tokens = agents.into_iter().chain([&shared.token]);
    let fits = |token: &&Token| {
        let expected = token.client_proof(nonce, &hello.nonce, shared.project);
        proofs_equal(&expected, &hello.proof)
    };
    tokens.find(fits).ok_or_else(|| {
        let message = "the proof does not fit the challenge";
        error_body(Code::WrongProof, message, "hello.proof")
    })
}

/// Builds the message that a client gets if the engine accepts it. The core fills in what the engine knows.
pub fn welcome(
    session_id: SessionId,
    proof: String,
    limits: Limits,
    shared: &Shared,
) -> DaemonMessage {
    DaemonMessage::Welcome {
        session_id,
        protocol: PROTOCOL_VERSION,
        proof,
        head_seq: shared.head_seq.load(Ordering::Acquire),
        heartbeat_ms: u64::try_from(shared.heartbeat.as_millis()).unwrap_or(u64::MAX),
        batch_window_ms: shared.batch_window_ms,
        limits: limits.into(),
        safe_mode: None,
        epochs: Vec::new(),
        diverged_after: None,
    }
}
