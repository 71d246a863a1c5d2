//! `vibesync mcp` as a process: a client that writes raw JSON-RPC to its pipes, and a real daemon.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use vibesync_scene::{Transform, Uuid};
use vibesync_testkit::ChildProcess;

use crate::harness::{CUBE, TIMEOUT, agent, create, exchange, moved};
use crate::project::TestProject;
#[cfg(target_os = "linux")]
use crate::user_processes::is_running;
use crate::view::commit;

/// The two revisions of the protocol that clients speak.
pub const ERAS: [&str; 2] = ["2025-11-25", "2026-07-28"];

/// `vibesync mcp`, and the client's end of its pipes.
pub struct Server {
    process: ChildProcess,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    era: &'static str,
    next_id: u64,
}

impl Server {
    pub fn start(project: &TestProject, era: &'static str) -> Self {
        Self::start_with(project, era, &[])
    }

    fn start_with(project: &TestProject, era: &'static str, args: &[&str]) -> Self {
        let root = project.root();
        let mut command = project.command(&["mcp", "--project", root.to_str().unwrap()]);
        command.args(args);
        // The command line of the client names the folder; its own folder says nothing.
        command
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut process = ChildProcess::spawn(&mut command).unwrap();
        let (input, output) = (process.take_stdin(), process.take_stdout().unwrap());
        let lines = read_lines(BufReader::new(output).lines());
        Self {
            process,
            input,
            lines,
            era,
            next_id: 0,
        }
    }

    pub fn open(project: &TestProject, era: &'static str) -> (Self, Value) {
        Self::start_as(project, era, &[])
    }

    fn start_as(project: &TestProject, era: &'static str, args: &[&str]) -> (Self, Value) {
        let mut server = Self::start_with(project, era, args);
        let info = json!({"name": "test", "version": "1"});
        let params = json!({"protocolVersion": era, "capabilities": {}, "clientInfo": info});
        let about = match era {
            "2026-07-28" => server.request("server/discover", json!({})),
            _ => server.request("initialize", params),
        };
        (server, about)
    }

    pub fn send(&mut self, line: &str) {
        let input = self.input.as_mut().unwrap();
        writeln!(input, "{line}").unwrap();
        input.flush().unwrap();
    }

    pub fn receive(&mut self) -> Value {
        let line = self.lines.recv_timeout(TIMEOUT).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{line}: {error}"))
    }

    fn answer(&mut self, method: &str, params: Value) -> Value {
        let id = self.begin(method, params);
        self.answer_of(id)
    }

    /// Sends a call of a tool. Returns its id.
    pub fn start_call(&mut self, tool: &str, arguments: Value) -> u64 {
        self.begin("tools/call", json!({"name": tool, "arguments": arguments}))
    }

    /// Sends a request. Returns its id.
    fn begin(&mut self, method: &str, mut params: Value) -> u64 {
        if self.era == "2026-07-28" {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": self.era,
                "io.modelcontextprotocol/clientCapabilities": {},
            });
        }
        self.next_id += 1;
        let id = self.next_id;
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        self.send(&request.to_string());
        id
    }

    /// Returns the answer to a request.
    pub fn answer_of(&mut self, id: u64) -> Value {
        loop {
            let message = self.receive();
            if message["id"] == id {
                return message;
            }
        }
    }

    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let answer = self.answer(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Calls a tool. Returns its answer, or its error.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.request("tools/call", params)["structuredContent"].clone()
    }

    /// Closes the input. The process must end.
    pub fn close(mut self) {
        drop(self.input.take());
        let status = self.process.wait(TIMEOUT).unwrap();
        assert!(status.success(), "{status}");
    }
}

/// Reads lines in a thread, so that a test can wait for one with a time limit.
fn read_lines(lines: Lines<BufReader<ChildStdout>>) -> Receiver<String> {
    let (sender, receiver) = sync_channel(1_000);
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

#[test]
fn agent_reads_the_scene_of_a_real_daemon_in_both_eras() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    exchange(&daemon);
    let mut editor = agent(&daemon);
    let first = commit(
        &mut editor,
        &daemon,
        vec![create(Uuid::from_u128(2), Transform::IDENTITY)],
    );
    let turned = Transform {
        translation: [1.0, 2.0, 3.0],
        ..Transform::IDENTITY
    };
    let second = commit(
        &mut editor,
        &daemon,
        vec![moved(Uuid::from_u128(2), turned)],
    );
    for era in ERAS {
        let (mut server, about) = Server::open(&project, era);
        assert!(about["instructions"].as_str().unwrap().contains("uuid"));
        let listed = server.request("tools/list", json!({}));
        assert_eq!(listed["tools"].as_array().unwrap().len(), 18);
        let status = server.call("status", json!({}));
        assert_eq!(status["entities"], 2, "{status}");
        assert!(status["seq"].as_u64().unwrap() >= second);
        let found = server.call("scene_search", json!({"changed_by": "agent"}));
        assert_eq!(
            found["rows"][0]["uuid"],
            json!(Uuid::from_u128(2)),
            "{found}"
        );
        let arguments = json!({"uuids": [CUBE, Uuid::from_u128(2)], "detail": "full"});
        let described = server.call("scene_describe", arguments);
        assert_eq!(described["total"], 2, "{described}");
        let told = &described["entities"][1]["transform"]["translation"];
        assert_eq!(*told, json!([1.0, 2.0, 3.0]));
        let history = server.call("history", json!({"by": "agent"}));
        let rows = history["rows"].as_array().unwrap();
        let seqs: Vec<_> = rows
            .iter()
            .map(|row| row["seq"].as_u64().unwrap())
            .collect();
        assert_eq!(seqs, [second, first], "{history}");
        let arguments = json!({"uuid": Uuid::from_u128(2), "phase": "BEGIN", "limit": 1});
        let log = server.call("log", arguments);
        assert_eq!(log["rows"][0]["seq"], second, "{log}");
        let uri = json!({"uri": format!("vibesync://entity/{CUBE}")});
        let read = server.request("resources/read", uri);
        assert!(
            read["contents"][0]["text"]
                .as_str()
                .unwrap()
                .contains("Cube")
        );
        expect_difference(&mut server, first, second);
        server.close();
    }
}

/// Compares the states before and after the move. The history follows the log, so it may come later.
fn expect_difference(server: &mut Server, first: u64, second: u64) {
    let arguments = json!({"from": format!("@{}", second - 1), "uuids": [Uuid::from_u128(2)]});
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let diff = server.call("history_diff", arguments.clone());
        if diff["to_seq"].as_u64().is_some_and(|seq| seq >= second) {
            assert!(diff["from_seq"].as_u64().unwrap() >= first, "{diff}");
            let values = &diff["rows"][0]["values"];
            assert_eq!(values[0]["path"], "transform.translation", "{diff}");
            assert_eq!(values[0]["after"], json!([1.0, 2.0, 3.0]));
            return;
        }
        assert!(Instant::now() < deadline, "{diff}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn agent_without_a_daemon_is_told_how_to_start_one() {
    let project = TestProject::new();
    for era in ERAS {
        let (mut server, _) = Server::open(&project, era);
        let listed = server.request("tools/list", json!({}));
        assert_eq!(listed["tools"].as_array().unwrap().len(), 18);
        for tool in ["status", "scene_search", "log", "history"] {
            let answer = server.call(tool, json!({}));
            assert_eq!(answer["error"]["code"], "VS-6003", "{answer}");
            let help = answer["error"]["help"].as_str().unwrap();
            let command = format!("vibesync run --project {:?}", project.root());
            assert!(help.contains(&command), "{help}");
        }
        let nodes = server.call("graph_nodes", json!({"name": "Cone"}));
        assert_eq!(nodes["nodes"][0]["identifier"], "GeometryNodeMeshCone");
        server.close();
    }
}

#[test]
fn agent_in_a_new_folder_is_told_of_other_projects() {
    let project = TestProject::new();
    let other = project.root().with_file_name("robot");
    std::fs::create_dir(&other).unwrap();
    let added = project.run(&["projects", "add", other.to_str().unwrap()]);
    assert_eq!(added.code, Some(0), "{}", added.err);
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let answer = server.call("status", json!({}));
    let help = answer["error"]["help"].as_str().unwrap();
    assert!(
        help.contains("--project") && help.contains("robot"),
        "{help}"
    );
    server.close();
}

#[test]
fn agent_goes_on_after_the_daemon_was_restarted() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    assert_eq!(server.call("status", json!({}))["entities"], 0);
    daemon.kill();
    let gone = server.call("status", json!({}));
    assert_eq!(gone["error"]["code"], "VS-6003", "{gone}");
    let daemon = project.start();
    commit(
        &mut agent(&daemon),
        &daemon,
        vec![create(CUBE, Transform::IDENTITY)],
    );
    assert_eq!(server.call("status", json!({}))["entities"], 1);
    // Restarted between two calls: the second one finds a broken connection.
    daemon.kill();
    let daemon = project.start();
    assert_eq!(server.call("scene_search", json!({}))["total"], 1);
    drop(daemon);
    server.close();
}

#[test]
fn subscriber_hears_of_a_change_in_the_real_scene() {
    let project = TestProject::with_working_agents();
    let daemon = project.start();
    let mut editor = agent(&daemon);
    commit(
        &mut editor,
        &daemon,
        vec![create(CUBE, Transform::IDENTITY)],
    );
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let uri = format!("vibesync://entity/{CUBE}");
    server.request("resources/subscribe", json!({"uri": uri}));
    // The first look of the subscription learns the sequence.
    std::thread::sleep(Duration::from_millis(500));
    let there = Transform {
        translation: [7.0, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    commit(&mut editor, &daemon, vec![moved(CUBE, there)]);
    let notice = server.receive();
    assert_eq!(notice["method"], "notifications/resources/updated");
    assert_eq!(notice["params"]["uri"], uri);
    server.close();
}

#[test]
fn connection_outlives_the_silence_between_two_calls() {
    let project = TestProject::new();
    project.file(".vibesync/vibesync.toml", "[net]\nheartbeat_ms = 300\n");
    let daemon = project.start();
    let (mut server, _) = Server::open(&project, ERAS[0]);
    let sessions = |project: &TestProject| {
        let log = project.daemon_log();
        log.matches("\"connected\"").count()
    };
    server.call("status", json!({}));
    let before = sessions(&project);
    assert_eq!(before, 1, "{}", project.daemon_log());
    // Ten heartbeats without an answer would end the session.
    std::thread::sleep(Duration::from_secs(7));
    let status = server.call("status", json!({}));
    assert_eq!(status["entities"], 0, "{status}");
    assert_eq!(sessions(&project), before);
    server.close();
    drop(daemon);
}

#[test]
fn standard_output_has_nothing_but_the_protocol() {
    let project = TestProject::new();
    let mut server = Server::start(&project, ERAS[0]);
    for line in [
        "garbage",
        "{}",
        r#"{"jsonrpc":"2.0","method":"notifications/x"}"#,
    ] {
        server.send(line);
    }
    let info = json!({"name": "test", "version": "1"});
    let params = json!({"protocolVersion": ERAS[0], "capabilities": {}, "clientInfo": info});
    server.request("initialize", params);
    drop(server.input.take());
    server.process.wait(TIMEOUT).unwrap();
    while let Ok(line) = server.lines.recv_timeout(TIMEOUT) {
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn server_ends_with_the_process_of_its_client() {
    let project = TestProject::new();
    let program = env!("CARGO_BIN_EXE_vibesync");
    let root = project.root();
    let pid_file = root.join("pid");
    // The client dies without closing the input: `sleep` still holds it.
    let script = format!(
        "mkfifo '{0}/in'; sleep 600 > '{0}/in' & echo $! > '{0}/sleeper'; '{program}' mcp --project '{0}' < '{0}/in' & \
         echo $! > '{1}'; sleep 1",
        root.display(),
        pid_file.display()
    );
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", &script]).env("HOME", &root);
    shell.env("VIBESYNC_RUNTIME_DIR", project.runtime());
    shell.stdout(Stdio::null()).stderr(Stdio::null());
    assert!(shell.status().unwrap().success());
    let number = |path: &std::path::Path| std::fs::read_to_string(path).unwrap().trim().to_owned();
    let server = Value::from(number(&pid_file).parse::<u32>().unwrap());
    let deadline = Instant::now() + TIMEOUT;
    while is_running(&server) && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(50));
    }
    let is_gone = !is_running(&server);
    let sleeper = number(&root.join("sleeper"));
    let _ = std::process::Command::new("kill").arg(sleeper).status();
    assert!(is_gone);
}

#[test]
fn server_needs_the_secret_of_agents_alone_and_gives_its_name() {
    let project = TestProject::new();
    let _daemon = project.start();
    std::fs::remove_file(project.runtime().join("token")).unwrap();
    let (mut server, _) = Server::start_as(&project, "2025-11-25", &["--as", "claude"]);
    let status = server.call("status", json!({}));
    assert!(status["project"].is_string(), "{status}");
    let status = server.call("log", json!({"phase": "SESSION"}));
    assert!(status.to_string().contains("agent claude"), "{status}");
    let path = project.runtime().join("agent-token");
    vibesync_store::durable::write_private(&path, b"damaged").unwrap();
    let (mut second, _) = Server::open(&project, "2025-11-25");
    assert_eq!(second.call("status", json!({}))["error"]["code"], "VS-6005");
    second.close();
    server.close();
}
