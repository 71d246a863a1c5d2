//! A client that writes and reads raw JSON lines over a pipe in memory.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{
    AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream, Lines, ReadHalf, WriteHalf,
};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use vibesync_mcp::{Daemon, End, Limits, serve};

/// Longest wait for any message. Long enough for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// The revision of the protocol that a client speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Era {
    /// 2025-11-25: `initialize`, then a session.
    Legacy,
    /// 2026-07-28: every request says who asks.
    Modern,
}

pub const ERAS: [Era; 2] = [Era::Legacy, Era::Modern];

/// A client and the server that serves it.
pub struct Client {
    era: Era,
    lines: Lines<BufReader<ReadHalf<DuplexStream>>>,
    write: Option<WriteHalf<DuplexStream>>,
    next_id: u64,
    /// Notifications that have arrived while an answer was awaited.
    pub notices: Vec<Value>,
    serving: JoinHandle<End>,
}

impl Client {
    /// Connects without a first message.
    pub fn dial(daemon: impl Daemon, era: Era, limits: Limits) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let serving = tokio::spawn(serve(Arc::new(daemon), tokio::io::split(theirs), limits));
        let (read, write) = tokio::io::split(ours);
        Self {
            era,
            lines: BufReader::new(read).lines(),
            write: Some(write),
            next_id: 0,
            notices: Vec::new(),
            serving,
        }
    }

    /// Connects and completes the start of the era. Returns the client and what the server says about itself.
    pub async fn open(daemon: impl Daemon, era: Era) -> (Self, Value) {
        let mut client = Self::dial(daemon, era, Limits::default());
        let about = client.begin().await;
        (client, about)
    }

    /// Completes the start of the era.
    pub async fn begin(&mut self) -> Value {
        match self.era {
            Era::Modern => self.request("server/discover", json!({})).await,
            Era::Legacy => {
                let info = json!({"name": "test", "version": "1"});
                let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
                let about = self.request("initialize", params).await;
                self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))
                    .await;
                about
            }
        }
    }

    /// Sends bytes.
    pub async fn send_bytes(&mut self, bytes: &[u8]) {
        let write = self.write.as_mut().unwrap();
        timeout(PATIENCE, write.write_all(bytes))
            .await
            .unwrap()
            .unwrap();
    }

    /// Sends a message.
    pub async fn send(&mut self, message: &Value) {
        self.send_bytes(format!("{message}\n").as_bytes()).await;
    }

    /// Sends a request. Returns its id.
    pub async fn start(&mut self, method: &str, mut params: Value) -> u64 {
        if self.era == Era::Modern {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
            .await;
        id
    }

    /// Receives the next message.
    pub async fn receive(&mut self) -> Value {
        let line = timeout(PATIENCE, self.lines.next_line())
            .await
            .unwrap()
            .unwrap();
        serde_json::from_str(&line.expect("the server has closed")).unwrap()
    }

    /// Sends a request and returns the whole answer: `result` or `error`.
    pub async fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.start(method, params).await;
        loop {
            let message = self.receive().await;
            if message.get("method").is_some() {
                self.notices.push(message);
            } else if message["id"] == id {
                return message;
            }
        }
    }

    /// Sends a request that must succeed. Returns its result.
    pub async fn request(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params).await;
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a tool. Returns the structured content, which must equal the text.
    pub async fn call(&mut self, tool: &str, arguments: Value) -> (Value, bool) {
        let params = json!({"name": tool, "arguments": arguments});
        let result = self.request("tools/call", params).await;
        let text = result["content"][0]["text"].as_str().unwrap();
        let content = result["structuredContent"].clone();
        assert_eq!(serde_json::from_str::<Value>(text).unwrap(), content);
        (content, result["isError"] == json!(true))
    }

    /// Waits for the next notification.
    pub async fn notice(&mut self) -> Value {
        if !self.notices.is_empty() {
            return self.notices.remove(0);
        }
        self.receive().await
    }

    /// Fails if a message comes within a time.
    pub async fn expect_silence(&mut self, time: Duration) {
        if let Ok(line) = timeout(time, self.lines.next_line()).await {
            panic!("{line:?}");
        }
    }

    /// Closes the client's end. Returns the reason why the server ended.
    pub async fn close(mut self) -> End {
        drop(self.write.take());
        drop(self.lines);
        timeout(PATIENCE, self.serving).await.unwrap().unwrap()
    }

    /// Waits until the server ends by itself.
    pub async fn ended(self) -> End {
        timeout(PATIENCE, self.serving).await.unwrap().unwrap()
    }
}
