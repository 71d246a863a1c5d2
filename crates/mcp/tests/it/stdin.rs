//! Input of broken and hostile clients: the server goes on, with bounded memory.

use serde_json::{Value, json};
use vibesync_mcp::{End, Limits};

use crate::client::{Client, ERAS, Era};
use crate::fake::Fake;

/// Lines that are no requests of the protocol.
fn garbage() -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = [
        "",
        "\r",
        "hello",
        "{",
        "}{",
        "[]",
        "[1]",
        "null",
        "0",
        "\"x\"",
        "{}",
        r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0"}"#,
        r#"{"jsonrpc":"2.0","id":1}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#,
        r#"{"jsonrpc":"2.0","method":7}"#,
        r#"{"jsonrpc":"2.0","id":99,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":99,"error":{"code":1,"message":"x"}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/nope","params":[1]}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":"x"}"#,
    ]
    .map(|line| line.as_bytes().to_vec())
    .into();
    lines.push(vec![0xff, 0xfe, 0x00]);
    lines.push(b"\xef\xbb\xbf{}".to_vec());
    lines.push([b"[".repeat(100_000), b"]".repeat(100_000)].concat());
    lines
}

/// Reads until the answer to `tools/list` comes. Returns the number of messages before it.
async fn survives(client: &mut Client) -> usize {
    let id = client.start("tools/list", json!({})).await;
    for before in 0..200 {
        let message = client.receive().await;
        if message["id"] == id {
            assert!(message["result"]["tools"].is_array(), "{message}");
            return before;
        }
    }
    panic!("no answer");
}

#[tokio::test]
async fn garbage_within_a_conversation_ends_nothing() {
    for era in ERAS {
        let (mut client, _) = Client::open(Fake::new(), era).await;
        for line in garbage() {
            client.send_bytes(&line).await;
            client.send_bytes(b"\n").await;
        }
        let answers = survives(&mut client).await;
        assert!(answers <= garbage().len(), "{answers}");
        assert_eq!(client.close().await, End::Closed);
    }
}

#[tokio::test]
async fn garbage_before_the_first_request_ends_nothing() {
    for era in ERAS {
        let mut client = Client::dial(Fake::new(), era, Limits::default());
        for line in garbage() {
            client.send_bytes(&line).await;
            client.send_bytes(b"\n").await;
        }
        let begin = match era {
            Era::Modern => "server/discover",
            Era::Legacy => "initialize",
        };
        let info = json!({"name": "test", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
        client.start(begin, params).await;
        survives(&mut client).await;
    }
}

#[tokio::test]
async fn notification_between_discover_and_the_next_request_is_skipped() {
    let (mut client, _) = Client::open(Fake::new(), Era::Modern).await;
    for method in ["notifications/initialized", "notifications/cancelled"] {
        let notice: Value = json!({"jsonrpc": "2.0", "method": method, "params": {"requestId": 1}});
        client.send(&notice).await;
    }
    survives(&mut client).await;
}

#[tokio::test]
async fn line_that_is_too_long_is_skipped() {
    let limits = Limits::default();
    let mut client = Client::dial(Fake::new(), Era::Legacy, limits);
    client.begin().await;
    let chunk = vec![b'x'; 1 << 20];
    client
        .send_bytes(br#"{"jsonrpc":"2.0","id":1,"method":""#)
        .await;
    for _ in 0..16 {
        client.send_bytes(&chunk).await;
    }
    client.send_bytes(b"\"}\n").await;
    survives(&mut client).await;
}

#[tokio::test]
async fn half_a_line_at_the_end_is_no_message() {
    let (mut client, _) = Client::open(Fake::new(), Era::Legacy).await;
    client.send_bytes(br#"{"jsonrpc":"2.0","id":7,"meth"#).await;
    assert_eq!(client.close().await, End::Closed);
}

#[tokio::test]
async fn conversation_that_never_begins_ends_with_its_stream() {
    let client = Client::dial(Fake::new(), Era::Modern, Limits::default());
    assert_eq!(client.close().await, End::Closed);
}
