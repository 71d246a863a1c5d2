//! `vibesync mcp` over standard input and output, and the client's end of its pipes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_testkit::{ChildProcess, run_as_its_user};

use crate::harness::{Fallible, Harness};

/// The revision of the protocol that most clients speak over pipes.
const REVISION: &str = "2025-11-25";

/// A running server.
pub struct Server {
    process: ChildProcess,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    requests: u64,
}

/// Returns the command `vibesync mcp` for the project in `folder`.
pub fn command(harness: &Harness, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(&harness.program);
    command.arg("--project").arg(folder.join("project"));
    command.arg("mcp").args(arguments);
    run_as_its_user(&mut command, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

impl Server {
    /// Starts the server, and opens the session.
    pub fn start(harness: &Harness, folder: &Path) -> Fallible<Self> {
        let mut command = command(harness, folder, &[]);
        let mut process = ChildProcess::spawn(command.stdin(Stdio::piped()))?;
        let (input, output) = (process.take_stdin(), process.take_stdout());
        let (Some(input), Some(output)) = (input, output) else {
            return Err("the server's pipes are not there".into());
        };
        let mut server = Self {
            process,
            input,
            output: BufReader::new(output),
            requests: 0,
        };
        server.request("initialize", &opening())?;
        writeln!(
            server.input,
            "{}",
            json!({"jsonrpc": "2.0", "method": "notifications/initialized"})
        )?;
        Ok(server)
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Calls a tool. Returns the time from the first byte of the call to the last of the answer, and the answer.
    pub fn call(&mut self, tool: &str, arguments: &Value) -> Fallible<(Duration, Value)> {
        let params = json!({"name": tool, "arguments": arguments});
        let (took, line) = self.request("tools/call", &params)?;
        Ok((took, answer(&line)?))
    }

    /// Sends a request. Returns the time until its answer, and the answer's line.
    pub fn request(&mut self, method: &str, params: &Value) -> Fallible<(Duration, String)> {
        self.requests += 1;
        let id = self.requests;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let text = format!("{request}\n");
        let begin = Instant::now();
        self.input.write_all(text.as_bytes())?;
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line)? == 0 {
                return Err("the server has ended".into());
            }
            let took = begin.elapsed();
            let message: Value = serde_json::from_str(&line)?;
            if message.get("id") == Some(&id.into()) {
                return Ok((took, line));
            }
        }
    }
}

/// Returns the parameters of `initialize`.
fn opening() -> Value {
    let info = json!({"name": "vibesync-bench", "version": "1"});
    json!({"protocolVersion": REVISION, "capabilities": {}, "clientInfo": info})
}

/// Returns what a tool answered. Its error breaks the section off.
pub fn answer(message: &str) -> Fallible<Value> {
    let message: Value = serde_json::from_str(message)?;
    let answer = message.pointer("/result/structuredContent");
    match answer.filter(|answer| answer.get("error").is_none()) {
        Some(answer) => Ok(answer.clone()),
        None => Err(format!("a call failed: {message}").into()),
    }
}
