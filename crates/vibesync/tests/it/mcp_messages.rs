//! The messages that `vibesync mcp` sends to a daemon: a peer that counts them stands for it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use serde_json::{Value, json};
use vibesync_protocol::auth::Token;
use vibesync_protocol::{DescribedEntity, FrameDecoder, Limits, encode};
use vibesync_scene::{Entity, EntityKind, LastWriters, ProjectId, Row, Transform, Uuid};

use crate::harness::{CUBE, create};
use crate::mcp::{ERAS, Server};
use crate::project::TestProject;

const PROJECT: &str = "01912345-0000-7000-8000-000000000001";
const NONCE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// A peer that knows the token, has one cube, and acknowledges each intent.
struct Peer {
    stream: TcpStream,
    token: Token,
    sent: SyncSender<String>,
}

impl Peer {
    fn send(&mut self, message: &Value) {
        let frame = encode(message.to_string().as_bytes(), &[] as &[&[u8]]);
        // Fails if the client has gone.
        let _ = self.stream.write_all(&frame.unwrap());
    }

    fn serve(mut self) {
        self.send(&json!({
            "type": "challenge", "protocol_min": 1, "protocol_max": 1, "schema_version": 1, "daemon_version": "9",
            "project_id": PROJECT, "nonce": NONCE,
        }));
        let (decoder, mut received) = (FrameDecoder::new(Limits::SESSION), Vec::new());
        let mut chunk = [0; 4096];
        while let Ok(count @ 1..) = self.stream.read(&mut chunk) {
            received.extend_from_slice(&chunk[..count]);
            while let Some(length) = decoder.frame_len(&received).unwrap()
                && received.len() >= length
            {
                let frame: Vec<u8> = received.drain(..length).collect();
                let frame = decoder.decode(frame.into()).unwrap();
                self.answer(&serde_json::from_slice(&frame.head().header).unwrap());
            }
        }
    }

    fn answer(&mut self, message: &Value) {
        let name = message["type"].as_str().unwrap();
        if name != "hello" && message["what"] != "capabilities" {
            self.sent.send(name.to_owned()).unwrap();
        }
        let answer = match name {
            "hello" => self.welcome(message),
            "intent" => json!({
                "type": "ack", "operation_id": message["operation_id"], "status": "accepted", "seq": 7,
            }),
            "ask" => described(&message["request_id"]),
            _ => json!({
                "type": "result", "request_id": message["request_id"], "what": "capabilities", "revision": 0, "total": 0,
                "addons": [],
            }),
        };
        self.send(&answer);
    }

    fn welcome(&self, hello: &Value) -> Value {
        let project = ProjectId(PROJECT.parse().unwrap());
        let nonce = hello["nonce"].as_str().unwrap();
        json!({
            "type": "welcome", "session_id": PROJECT, "protocol": 1, "head_seq": 5, "heartbeat_ms": 2000,
            "proof": self.token.daemon_proof(NONCE, nonce, project), "batch_window_ms": 300,
            "limits": {"max_frame_bytes": 1, "max_header_bytes": 1, "max_attachments": 1, "max_changes": 1},
        })
    }
}

/// The answer that describes the cube.
fn described(request_id: &Value) -> Value {
    let components = create(CUBE, Transform::IDENTITY).components().cloned();
    let row = Row {
        entity: Entity {
            uuid: CUBE,
            kind: EntityKind::Object,
            components: components.unwrap(),
        },
        version: 4,
        tombstone: false,
        changed: LastWriters::default(),
        quarantine: None,
    };
    let cube = DescribedEntity {
        row,
        world: None,
        children: 0,
        users: 0,
        depth: 0,
    };
    json!({
        "type": "result", "request_id": request_id, "what": "describe", "seq": 5, "total": 1, "described": [cube],
        "missing": [], "next": null,
    })
}

/// Lets a peer stand for the daemon of a project. Returns the types of the messages that it gets, without the handshake
/// and questions about add-ons.
fn start(project: &TestProject) -> Receiver<String> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let id = json!({"schema_version": 1, "project_id": PROJECT});
    project.file(".vibesync/project.json", &id.to_string());
    let discovery = json!({
        "schema_version": 1, "project_id": PROJECT, "project_root": project.root(), "host": "127.0.0.1", "port": port,
        "token_path": project.runtime().join("token"), "pid": 1, "daemon_version": "9",
    });
    project.file(&format!("../run/{PROJECT}.json"), &discovery.to_string());
    let secret = "ab".repeat(32);
    let path = project.runtime().join("agent-token");
    vibesync_store::durable::write_private(&path, secret.as_bytes()).unwrap();
    let (sent, messages) = sync_channel(100);
    std::thread::spawn(move || {
        let stream = listener.accept().unwrap().0;
        let token = Token::parse(&secret).unwrap();
        Peer {
            stream,
            token,
            sent,
        }
        .serve();
    });
    messages
}

#[test]
fn acknowledged_change_is_not_asked_for_its_state() {
    let project = TestProject::new();
    let messages = start(&project);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let change = json!({"op": "update", "uuid": CUBE, "translation": [1, 2, 3]});
    let operation = json!(Uuid::from_u128(9));
    let arguments =
        json!({"changes": [change], "base_seq": 5, "wait_ms": 0, "operation_id": operation});
    let answer = server.call("scene_change", arguments);
    let told = (&answer["state"], &answer["seq"]);
    assert_eq!(told, (&json!("pending"), &json!(7)), "{answer}");
    server.close();
    assert_eq!(Vec::from_iter(messages), ["ask", "intent"]);
}
