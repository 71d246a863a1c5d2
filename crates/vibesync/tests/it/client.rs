//! The command line against a peer that is no daemon, or the wrong one.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::{Value, json};

use crate::project::{CommandOutput, TestProject};

const PROJECT: &str = "01912345-0000-7000-8000-000000000001";

fn frame(header: &Value) -> Vec<u8> {
    vibesync_protocol::encode(header.to_string().as_bytes(), &[] as &[&[u8]]).unwrap()
}

fn challenge(project: &str, protocol: u32) -> Vec<u8> {
    frame(&json!({
        "type": "challenge", "protocol_min": protocol, "protocol_max": protocol, "schema_version": 1,
        "daemon_version": "9", "project_id": project, "nonce": "0".repeat(64),
    }))
}

/// Runs `vibesync status` with a discovery file that leads to a peer, which sends these frames.
fn status_from(host: &str, said: Vec<Vec<u8>>) -> CommandOutput {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let project = TestProject::new();
    project.file(
        ".vibesync/project.json",
        &json!({"schema_version": 1, "project_id": PROJECT}).to_string(),
    );
    let token = project.runtime().join("token");
    let discovery = json!({
        "schema_version": 1, "project_id": PROJECT, "project_root": project.root(), "host": host, "port": port,
        "token_path": token, "pid": 1, "daemon_version": "9",
    });
    project.file(&format!("../run/{PROJECT}.json"), &discovery.to_string());
    vibesync_store::durable::write_private(&token, "ab".repeat(32).as_bytes()).unwrap();
    let peer = std::thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else {
            return;
        };
        for frame in said {
            let _ = stream.write_all(&frame);
            // Waits for the answer: closing the connection at once could lose a frame.
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    let ran = project.run(&["status"]);
    // Releases the peer if the client never connected.
    drop(std::net::TcpStream::connect(("127.0.0.1", port)));
    peer.join().unwrap();
    ran
}

#[test]
fn daemon_that_does_not_know_the_token_is_rejected() {
    let welcome = json!({
        "type": "welcome", "session_id": PROJECT, "protocol": 1, "proof": "0".repeat(64), "head_seq": 0,
        "heartbeat_ms": 2000, "batch_window_ms": 300,
        "limits": {"max_frame_bytes": 1, "max_header_bytes": 1, "max_attachments": 1, "max_changes": 1},
    });
    let ran = status_from("127.0.0.1", vec![challenge(PROJECT, 1), frame(&welcome)]);
    assert!(
        ran.code == Some(1) && ran.err.contains("VS-2002"),
        "{ran:?}"
    );
}

#[test]
fn wrong_project_version_or_host_has_its_own_code() {
    let other = "01912345-0000-7000-8000-000000000002";
    let cases = [
        ("127.0.0.1", vec![challenge(other, 1)], "VS-2003"),
        ("127.0.0.1", vec![challenge(PROJECT, 2)], "VS-2001"),
        (
            "127.0.0.1",
            vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()],
            "VS-1002",
        ),
        (
            "127.0.0.1",
            vec![frame(&json!({"type": "goodbye", "reason": "x"}))],
            "VS-1006",
        ),
        ("127.0.0.1", vec![], "VS-6003"),
        ("192.0.2.1", vec![], "VS-6005"),
    ];
    for (host, said, code) in cases {
        let ran = status_from(host, said);
        assert!(
            ran.code == Some(1) && ran.err.contains(code),
            "{code}: {ran:?}"
        );
    }
}
