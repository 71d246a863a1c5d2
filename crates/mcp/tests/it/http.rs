//! Requests over HTTP: which are refused, at which moment, and what is served.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vibesync_mcp::{HttpLimits, HttpServer, Limits};
use vibesync_scene::Uuid;

use crate::client::{ERAS, Era};
use crate::fake::Fake;
use crate::http_client::{Answer, Connection, Head, PORT, SECRET, short};

fn server(limits: HttpLimits) -> Arc<HttpServer> {
    let daemon = Arc::new(Fake::new());
    Arc::new(HttpServer::new(daemon, SECRET.into(), PORT, limits))
}

fn initialize() -> String {
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}).to_string()
}

async fn ask(server: &Arc<HttpServer>, head: &Head, message: &str) -> Answer {
    let mut connection = Connection::dial(server);
    connection.post(&head.text(), message).await;
    connection.receive().await
}

/// The head and the message of a request in the revision 2026-07-28.
fn modern(method: &str, name: Option<&str>, mut params: Value) -> (Head, String) {
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let message = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let mut head = Head::new()
        .with("MCP-Protocol-Version", "2026-07-28")
        .with("Mcp-Method", method);
    if let Some(name) = name {
        head = head.with("Mcp-Name", name);
    }
    (head, message.to_string())
}

/// Values of the header Host that are served.
const OWN_HOSTS: [&str; 4] = [
    "127.0.0.1:8617",
    "localhost:8617",
    "[::1]:8617",
    "LOCALHOST:8617",
];

#[tokio::test]
async fn host_must_be_that_of_the_listener() {
    let server = server(HttpLimits::default());
    let others = [
        "evil.example:8617",
        "127.0.0.1",
        "127.0.0.1:8618",
        "localhost.evil.example:8617",
        "127.0.0.2:8617",
        "0.0.0.0:8617",
        "[::]:8617",
    ];
    let statuses = OWN_HOSTS.map(|host| (host, 200)).into_iter();
    for (host, status) in statuses.chain(others.map(|host| (host, 403))) {
        let head = Head::new().with("Host", host);
        let answer = ask(&server, &head, &initialize()).await;
        assert_eq!(answer.status, status, "{host}");
    }
    let head = Head::new().without("Host");
    assert_eq!(ask(&server, &head, &initialize()).await.status, 400);
}

#[tokio::test]
async fn origin_must_be_that_of_the_listener() {
    let server = server(HttpLimits::default());
    for host in OWN_HOSTS {
        let origin = format!("http://{}", host.to_lowercase());
        let head = Head::new().with("Origin", &origin);
        let answer = ask(&server, &head, &initialize()).await;
        assert_eq!(answer.status, 200, "{origin}");
    }
    let others = [
        "http://evil.example",
        "http://evil.example:8617",
        "https://127.0.0.1:8617",
        "http://127.0.0.1",
        "http://localhost:8618",
        "http://localhost.evil.example:8617",
        "null",
        "",
        "file://",
        "vscode-webview://1",
    ];
    for origin in others {
        let head = Head::new().with("Origin", origin);
        let answer = ask(&server, &head, &initialize()).await;
        assert_eq!(answer.status, 403, "{origin}");
        let is_cors = |name: &str| name.starts_with("access-control");
        assert!(
            !answer.headers.iter().any(|(name, _)| is_cors(name)),
            "{answer:?}"
        );
    }
}

#[tokio::test]
async fn secret_must_be_sent_once_and_whole() {
    let server = server(HttpLimits::default());
    let head = Head::new().with("Authorization", &format!("bearer  {SECRET}"));
    assert_eq!(ask(&server, &head, &initialize()).await.status, 200);
    let (short, long) = (&SECRET[..63], format!("Bearer {SECRET}0"));
    let wrong = [
        String::new(),
        "Bearer".into(),
        "Bearer ".into(),
        format!("Bearer {short}"),
        format!("Bearer {short}0"),
        long,
        format!("Basic {SECRET}"),
        SECRET.into(),
        format!("Bearer {}", SECRET.to_uppercase()),
        format!("Bearer {SECRET}, Bearer {SECRET}"),
    ];
    for value in &wrong {
        let head = Head::new().with("Authorization", value);
        let answer = ask(&server, &head, &initialize()).await;
        assert_eq!(answer.status, 401, "{value:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        assert_eq!(answer.header("connection"), Some("close"));
    }
    let mut twice = Head::new();
    twice
        .headers
        .push(("Authorization".into(), format!("Bearer {SECRET}")));
    assert_eq!(ask(&server, &twice, &initialize()).await.status, 401);
    let none = Head::new().without("Authorization");
    for line in [
        "GET / HTTP/1.1",
        "OPTIONS /mcp HTTP/1.1",
        "DELETE /mcp HTTP/1.1",
    ] {
        let head = Head {
            line: line.into(),
            ..none.clone()
        };
        assert_eq!(ask(&server, &head, "").await.status, 401, "{line}");
    }
}

#[tokio::test]
async fn secret_is_checked_before_the_body_comes() {
    let server = server(HttpLimits::default());
    let none = Head::new().without("Authorization").text();
    // No byte of these bodies is ever sent.
    for body in [
        "Content-Length: 1000000\r\nExpect: 100-continue\r\n\r\n",
        "Content-Length: 99999999999\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n8\r\n{\"endles",
    ] {
        let mut connection = Connection::dial(&server);
        connection.send(format!("{none}{body}")).await;
        assert_eq!(connection.receive().await.status, 401, "{body}");
        connection.closed().await;
    }
    let mut connection = Connection::dial(&server);
    let expect = Head::new().with("Expect", "100-continue").text();
    let message = initialize();
    let length = format!("Content-Length: {}\r\n\r\n", message.len());
    connection.send(format!("{expect}{length}")).await;
    assert_eq!(connection.receive().await.status, 100, "the body is wanted");
    connection.send(message).await;
    assert_eq!(connection.receive().await.status, 200);
}

#[tokio::test]
async fn other_paths_and_methods_are_not_served() {
    let server = server(HttpLimits::default());
    for (line, status) in [
        ("POST / HTTP/1.1", 404),
        ("POST /mcp/ HTTP/1.1", 404),
        ("GET /.well-known/oauth-protected-resource HTTP/1.1", 404),
        ("OPTIONS /mcp HTTP/1.1", 405),
        ("PUT /mcp HTTP/1.1", 405),
    ] {
        let head = Head {
            line: line.into(),
            ..Head::new()
        };
        let answer = ask(&server, &head, "").await;
        assert_eq!(answer.status, status, "{line}");
    }
}

#[tokio::test]
async fn body_that_is_too_large_is_refused() {
    let calls = Limits {
        line: 4_000,
        ..Limits::default()
    };
    let server = server(HttpLimits {
        calls,
        ..HttpLimits::default()
    });
    let fits = initialize();
    let padded = |length: usize| format!("{fits}{}", " ".repeat(length - fits.len()));
    assert_eq!(ask(&server, &Head::new(), &padded(4_000)).await.status, 200);
    assert_eq!(ask(&server, &Head::new(), &padded(4_001)).await.status, 413);
    let mut connection = Connection::dial(&server);
    let chunked = Head::new().with("Transfer-Encoding", "chunked").text();
    connection.send(format!("{chunked}\r\n")).await;
    for _ in 0..4 {
        connection
            .send(format!("400\r\n{}\r\n", " ".repeat(0x400)))
            .await;
    }
    assert_eq!(
        connection.receive().await.status,
        413,
        "the body has no end"
    );
}

#[tokio::test]
async fn heads_without_end_are_refused() {
    let server = server(HttpLimits::default());
    let mut many = Head::new();
    many.headers
        .extend((0..100).map(|n| (format!("X-{n}"), "1".into())));
    assert_eq!(ask(&server, &many, "").await.status, 431);
    let mut connection = Connection::dial(&server);
    connection.send("POST /mcp HTTP/1.1\r\n").await;
    let endless = (0..1_000).map(|n| format!("X-{n}: {}\r\n", "1".repeat(1_000)));
    let mut sent = 0;
    for line in endless {
        if connection.try_send(&line).await.is_err() {
            break;
        }
        sent += line.len();
    }
    assert!(sent < 200_000, "{sent}");
    connection.closed().await;
}

#[tokio::test]
async fn client_that_sends_no_head_in_time_is_left() {
    let server = server(HttpLimits {
        headers: short(),
        ..HttpLimits::default()
    });
    Connection::dial(&server).closed().await;
    let mut connection = Connection::dial(&server);
    connection.send("POST /mcp HTTP/1.1\r\nHost: 127").await;
    connection.closed().await;
    let mut connection = Connection::dial(&server);
    connection.post(&Head::new().text(), "{}").await;
    assert!(connection.receive().await.status >= 400);
    connection.closed().await;
}

#[tokio::test]
async fn client_that_sends_no_body_in_time_is_left() {
    let server = server(HttpLimits {
        request: short(),
        ..HttpLimits::default()
    });
    let mut connection = Connection::dial(&server);
    let head = Head::new().text();
    connection
        .send(format!("{head}Content-Length: 100\r\n\r\n{{"))
        .await;
    assert_eq!(connection.receive().await.status, 408);
    connection.closed().await;
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let server = server(HttpLimits::default());
    for message in [
        "",
        "{",
        "[]",
        "null",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "\u{0}",
    ] {
        let status = ask(&server, &Head::new(), message).await.status;
        assert!((400..500).contains(&status), "{message}: {status}");
    }
    let deep = "[".repeat(100_000);
    assert_eq!(ask(&server, &Head::new(), &deep).await.status, 415);
    for head in [
        Head::new().without("Accept"),
        Head::new().with("Content-Type", "text/plain"),
    ] {
        let status = ask(&server, &head, &initialize()).await.status;
        assert!(status == 406 || status == 415, "{status}");
    }
    let mut connection = Connection::dial(&server);
    connection
        .send("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        .await;
    assert_eq!(
        connection.receive().await.status,
        400,
        "TLS is not spoken here"
    );
}

#[tokio::test]
async fn tools_are_called_in_both_eras() {
    let server = server(HttpLimits::default());
    let params = json!({"name": "status", "arguments": {}});
    for era in ERAS {
        let answer = match era {
            Era::Modern => {
                let (head, message) = modern("tools/call", Some("status"), params.clone());
                ask(&server, &head, &message).await
            }
            Era::Legacy => {
                let opened = ask(&server, &Head::new(), &initialize()).await;
                let session = opened.header("mcp-session-id").unwrap().to_owned();
                let head = Head::new()
                    .with("Mcp-Session-Id", &session)
                    .with("MCP-Protocol-Version", "2025-11-25");
                let ready = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
                assert_eq!(ask(&server, &head, &ready.to_string()).await.status, 202);
                let call =
                    json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
                ask(&server, &head, &call.to_string()).await
            }
        };
        assert_eq!(answer.status, 200, "{answer:?}");
        let message = answer.message();
        assert_eq!(message["id"], 7, "{message}");
        assert_eq!(
            message["result"]["structuredContent"]["seq"], 500,
            "{message}"
        );
    }
}

#[tokio::test]
async fn sessions_are_bounded_and_end_when_idle() {
    let limits = HttpLimits {
        sessions: 2,
        session_idle: short(),
        ..HttpLimits::default()
    };
    let server = server(limits);
    let mut refused = 0;
    for _ in 0..3 {
        let status = ask(&server, &Head::new(), &initialize()).await.status;
        refused += usize::from(status == 500);
    }
    assert_eq!(refused, 1);
    let deadline = tokio::time::Instant::now() + crate::client::PATIENCE;
    while ask(&server, &Head::new(), &initialize()).await.status != 200 {
        assert!(
            tokio::time::Instant::now() < deadline,
            "no session has ended"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn changes_of_the_scene_come_by_the_open_stream() {
    let fake = Fake::new();
    let daemon = Arc::new(fake.clone());
    let server = HttpServer::new(daemon, SECRET.into(), PORT, HttpLimits::default());
    let mut connection = Connection::dial(&Arc::new(server));
    let uris = json!({"notifications": {"resourceSubscriptions": ["vibesync://scene/tree"]}});
    let (head, message) = modern("subscriptions/listen", None, uris);
    connection.post(&head.text(), &message).await;
    let answer = connection.receive().await;
    assert!(answer.body.contains("acknowledged"), "{answer:?}");
    fake.change(Uuid::from_u128(1));
    // Changes before the first look at the scene are not reported, so there are more.
    let changing = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            fake.change(Uuid::from_u128(1));
        }
    });
    let update = connection.chunks().await;
    changing.abort();
    assert!(
        update.contains("notifications/resources/updated"),
        "{update}"
    );
}
