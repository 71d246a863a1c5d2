//! `vibesync mcp --http`, and a client with one connection that stays open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_testkit::ChildProcess;

use super::server::{answer, command};
use crate::harness::{Fallible, Harness, PATIENCE};

/// The revision of the protocol that has no sessions: one request is one call.
const REVISION: &str = "2026-07-28";

/// A running server, and a connection with it.
pub struct HttpServer {
    _process: ChildProcess,
    stream: BufReader<TcpStream>,
    port: u16,
    secret: String,
}

impl HttpServer {
    /// Starts the server, and connects.
    pub fn start(harness: &Harness, folder: &Path) -> Fallible<Self> {
        let printed = command(harness, folder, &["http-token"]).output()?;
        let secret = String::from_utf8(printed.stdout)?.trim().to_owned();
        let mut process = ChildProcess::spawn(&mut command(harness, folder, &["--http", "0"]))?;
        let output = process.take_stdout().ok_or("the server has no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let port = line.strip_prefix("http://127.0.0.1:");
        let port = port.and_then(|rest| rest.split_once('/'));
        let (port, _) = port.ok_or("the server names no port")?;
        let port = port.parse()?;
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self {
            _process: process,
            stream: BufReader::new(stream),
            port,
            secret,
        })
    }

    /// Calls a tool. Returns the time from the first byte of the request to the last of the answer, and the answer.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Fallible<(Duration, Value)> {
        let request = self.request(tool, arguments);
        let begin = Instant::now();
        self.stream.get_mut().write_all(request.as_bytes())?;
        let body = self.body()?;
        let took = begin.elapsed();
        // The body is a stream of events; the last one is the answer.
        let events = body.lines().rev().filter_map(|it| it.strip_prefix("data:"));
        let mut events = events.filter(|event| !event.trim().is_empty());
        Ok((took, answer(events.next().unwrap_or(&body))?))
    }

    fn request(&self, tool: &str, arguments: &Value) -> String {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": REVISION,
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let body = body.to_string();
        let (port, secret, length) = (self.port, &self.secret, body.len());
        format!(
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {secret}\r\n\
             Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
             MCP-Protocol-Version: {REVISION}\r\nMcp-Method: tools/call\r\nMcp-Name: {tool}\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        )
    }

    /// Reads the whole answer. Returns its body.
    fn body(&mut self) -> Fallible<String> {
        let mut length = None;
        loop {
            let line = self.line()?;
            match line.split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse()?);
                }
                None if line.is_empty() => break,
                _ => {}
            }
        }
        match length {
            Some(length) => self.bytes(length),
            None => self.chunks(),
        }
    }

    fn chunks(&mut self) -> Fallible<String> {
        let mut body = String::new();
        loop {
            let length = usize::from_str_radix(&self.line()?, 16)?;
            body.push_str(&self.bytes(length)?);
            self.line()?;
            if length == 0 {
                return Ok(body);
            }
        }
    }

    fn bytes(&mut self, length: usize) -> Fallible<String> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(String::from_utf8(bytes)?)
    }

    fn line(&mut self) -> Fallible<String> {
        let mut line = String::new();
        match self.stream.read_line(&mut line)? {
            0 => Err("the server has closed the connection".into()),
            _ => Ok(line.trim_end().to_owned()),
        }
    }
}
