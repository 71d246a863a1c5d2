//! A client that writes raw HTTP over a pipe in memory.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, DuplexStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vibesync_mcp::HttpServer;

use crate::client::PATIENCE;

/// The secret of the server.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The port that the server is told.
pub const PORT: u16 = 8617;

/// One connection.
pub struct Connection {
    stream: BufReader<DuplexStream>,
    serving: JoinHandle<()>,
}

/// An answer whose length is known, or the head of one that goes on.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(key, _)| key == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// Returns the message in the body: JSON, or the last event of a stream.
    pub fn message(&self) -> Value {
        let event = self.body.lines().rev();
        let mut data = event.filter_map(|line| line.strip_prefix("data:"));
        let text = data.find(|data| !data.trim().is_empty());
        let text = text.unwrap_or(&self.body);
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Connection {
    pub fn dial(server: &Arc<HttpServer>) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let server = Arc::clone(server);
        let serving = tokio::spawn(async move { server.serve(theirs).await });
        Self {
            stream: BufReader::new(ours),
            serving,
        }
    }

    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).await.unwrap();
    }

    /// Sends bytes. Fails if the server has closed.
    pub async fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        let sent = self.stream.write_all(bytes.as_ref());
        timeout(PATIENCE, sent).await.unwrap()
    }

    /// Sends a message with its length.
    pub async fn post(&mut self, head: &str, message: &str) {
        let length = message.len();
        self.send(format!("{head}Content-Length: {length}\r\n\r\n{message}"))
            .await;
    }

    /// Receives the head of an answer, and its body as far as it is complete.
    pub async fn receive(&mut self) -> Answer {
        let status = self.line().await;
        let status = status.split(' ').nth(1).unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = self.line().await;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: String::new(),
        };
        if let Some(length) = answer.header("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            let read = self.stream.read_exact(&mut body);
            timeout(PATIENCE, read).await.unwrap().unwrap();
            answer.body = String::from_utf8(body).unwrap();
        } else if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await;
        }
        answer
    }

    /// Receives chunks up to the one with a message.
    pub async fn chunks(&mut self) -> String {
        let mut body = String::new();
        loop {
            let length = usize::from_str_radix(&self.line().await, 16).unwrap();
            let mut chunk = vec![0; length + 2];
            let read = self.stream.read_exact(&mut chunk);
            timeout(PATIENCE, read).await.unwrap().unwrap();
            body.push_str(std::str::from_utf8(&chunk).unwrap());
            if length == 0 || body.contains("\"jsonrpc\"") {
                return body;
            }
        }
    }

    async fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.stream.read_line(&mut line);
        timeout(PATIENCE, read).await.unwrap().unwrap();
        assert!(!line.is_empty(), "the server has closed");
        line.trim_end().to_owned()
    }

    /// Waits until the server has ended the connection.
    pub async fn closed(self) {
        timeout(PATIENCE, self.serving).await.unwrap().unwrap();
    }
}

/// A request, written line by line.
#[derive(Clone)]
pub struct Head {
    pub line: String,
    pub headers: Vec<(String, String)>,
}

impl Head {
    /// A request of the revision 2025-11-25 that is served.
    pub fn new() -> Self {
        let headers = [
            ("Host", format!("127.0.0.1:{PORT}")),
            ("Authorization", format!("Bearer {SECRET}")),
            ("Accept", "application/json, text/event-stream".into()),
            ("Content-Type", "application/json".into()),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        Self {
            line: "POST /mcp HTTP/1.1".into(),
            headers: headers.into(),
        }
    }

    /// Replaces a header, or adds it.
    #[must_use]
    pub fn with(self, name: &str, value: &str) -> Self {
        let mut head = self.without(name);
        head.headers.push((name.into(), value.into()));
        head
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(key, _)| key != name);
        self
    }

    /// Returns the text without the empty line at its end.
    pub fn text(&self) -> String {
        let headers = self.headers.iter();
        let headers = headers.map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{}\r\n{}", self.line, headers.collect::<String>())
    }
}

/// Limits for tests that wait until one is reached.
pub fn short() -> Duration {
    Duration::from_millis(300)
}
