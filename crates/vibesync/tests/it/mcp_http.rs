//! `vibesync mcp --http` as a process: clients on real sockets, and the file of the secret.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Stdio;
use std::time::Instant;

use serde_json::json;
use vibesync_testkit::ChildProcess;

use crate::harness::TIMEOUT;
use crate::project::TestProject;

/// Number of connections that the server holds.
const CONNECTIONS: usize = 100;

struct Server {
    process: ChildProcess,
    port: u16,
}

impl Server {
    fn start(project: &TestProject) -> Self {
        let mut command = project.command(&["mcp", "--http", "0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = ChildProcess::spawn(&mut command).unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.take_stdout().unwrap());
        output.read_line(&mut line).unwrap();
        let port = line.strip_prefix("http://127.0.0.1:").unwrap();
        let port = port.split_once("/mcp").unwrap().0.parse().unwrap();
        Self { process, port }
    }

    fn dial(&self) -> TcpStream {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(TIMEOUT)).unwrap();
        stream
    }

    /// Returns a request that opens a session with a secret.
    fn opening(&self, secret: &str) -> String {
        let info = json!({"name": "test", "version": "1"});
        let params =
            json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": info});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params});
        let message = message.to_string();
        format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost:{}\r\nAuthorization: Bearer {secret}\r\nContent-Type: \
             application/json\r\nAccept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n{message}",
            self.port,
            message.len()
        )
    }

    /// Opens a session with a secret. Returns the connection and the status of the answer.
    fn open(&self, secret: &str) -> (TcpStream, u16) {
        self.try_open(secret).unwrap()
    }

    /// Does the same. Fails if the server closes the connection.
    fn try_open(&self, secret: &str) -> std::io::Result<(TcpStream, u16)> {
        let mut stream = self.dial();
        stream.write_all(self.opening(secret).as_bytes())?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        let status = std::str::from_utf8(&start[9..]).unwrap().parse().unwrap();
        Ok((stream, status))
    }
}

/// Returns the secret as the command prints it.
fn secret(project: &TestProject, more: &[&str]) -> String {
    let printed = project.run(&[&["mcp", "http-token"], more].concat());
    assert_eq!(printed.code, Some(0), "{}", printed.err);
    printed.out.trim().to_owned()
}

/// Reads until the other side has closed.
fn read_to_end(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    if let Err(error) = stream.read_to_end(&mut rest) {
        let is_closed = [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];
        assert!(is_closed.contains(&error.kind()), "{error}");
    }
    String::from_utf8(rest).unwrap()
}

#[test]
fn secret_of_the_file_opens_a_session() {
    let project = TestProject::new();
    let server = Server::start(&project);
    let secret = secret(&project, &[]);
    assert_eq!(secret.len(), 64);
    assert_eq!(server.open(&secret).1, 200);
    assert_eq!(server.open("").1, 401);
    assert_eq!(server.open(&"0".repeat(64)).1, 401);
}

#[test]
fn new_secret_ends_all_connections() {
    let project = TestProject::new();
    let server = Server::start(&project);
    let old = secret(&project, &[]);
    let (mut stream, status) = server.open(&old);
    assert_eq!(status, 200);
    let new = secret(&project, &["--new"]);
    assert_ne!(old, new);
    let deadline = Instant::now() + TIMEOUT;
    // The server may close a connection while it changes the secret.
    while !server.try_open(&new).is_ok_and(|(_, status)| status == 200) {
        assert!(Instant::now() < deadline, "the new secret has no effect");
    }
    assert_eq!(server.open(&old).1, 401);
    // Fails if the server has closed already.
    let _ = stream.write_all(server.opening(&old).as_bytes());
    let rest = read_to_end(stream);
    assert!(!rest.contains("HTTP/1.1"), "a second answer: {rest}");
}

#[test]
fn server_stops_when_its_secret_is_gone() {
    let project = TestProject::new();
    let mut server = Server::start(&project);
    std::fs::remove_file(project.runtime().join("http-token")).unwrap();
    let status = server.process.wait(TIMEOUT).unwrap();
    assert_eq!(status.code(), Some(1));
}

#[test]
fn connection_beyond_the_limit_is_closed() {
    let project = TestProject::new();
    let server = Server::start(&project);
    let secret = secret(&project, &[]);
    let held: Vec<_> = (0..CONNECTIONS).map(|_| server.dial()).collect();
    let mut beyond = server.dial();
    // Fails if the server has closed already.
    let _ = beyond.write_all(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_eq!(read_to_end(beyond), "", "no answer");
    drop(held);
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let mut probe = server.dial();
        let _ = probe.write_all(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n");
        if probe.read(&mut [0; 1]).is_ok_and(|read| read == 1) {
            break;
        }
        assert!(Instant::now() < deadline, "no connection was freed");
    }
    assert_eq!(server.open(&secret).1, 200);
}

#[test]
fn port_of_another_program_is_refused() {
    let project = TestProject::new();
    for address in [
        SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, 0)),
    ] {
        // A computer without IPv6 has no second address to take.
        let Ok(other) = TcpListener::bind(address) else {
            continue;
        };
        let port = other.local_addr().unwrap().port().to_string();
        let refused = project.run(&["mcp", "--http", &port]);
        assert_eq!(refused.code, Some(1), "{address}");
        assert!(refused.err.contains("VS-6004"), "{}", refused.err);
        assert!(refused.err.contains("mcp --http PORT"), "{}", refused.err);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn other_addresses_are_not_served() {
    let project = TestProject::new();
    let server = Server::start(&project);
    let other = TcpStream::connect((Ipv4Addr::new(127, 0, 0, 2), server.port));
    assert_eq!(other.unwrap_err().kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn serving_and_a_command_exclude_each_other() {
    let project = TestProject::new();
    let refused = project.run(&["mcp", "--http", "0", "http-token"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    let refused = project.run(&["mcp", "--http", "65536"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
}
