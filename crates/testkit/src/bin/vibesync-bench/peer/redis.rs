//! Redis: a stream that is appended to, with `appendfsync always`, over loopback.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{Fallible, PATIENCE};

/// Time within which the server must listen.
const START: Duration = Duration::from_secs(10);

/// A server of our own, and a connection to it.
pub struct Redis {
    server: Server,
    stream: TcpStream,
    answers: BufReader<TcpStream>,
    command: Vec<u8>,
}

/// A process that does not outlive this value.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Redis {
    /// Starts a server in the folder. Returns the reason if that is not possible.
    pub fn start(folder: &Path, payload: &str) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        let listener = TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        drop(listener);
        let server = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--appendonly", "yes", "--appendfsync", "always"])
            .args(["--save", "", "--dir"])
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("not installed: redis-server: {error}"))?;
        let server = Server(server);
        let begin = Instant::now();
        let stream = loop {
            match TcpStream::connect(address) {
                Ok(stream) => break stream,
                Err(error) if begin.elapsed() > START => return Err(failed(error)),
                Err(_) => std::thread::sleep(Duration::from_millis(5)),
            }
        };
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(failed)?;
        let answers = BufReader::new(stream.try_clone().map_err(failed)?);
        let command = command(&["XADD", "log", "*", "payload", payload]);
        Ok(Self {
            server,
            stream,
            answers,
            command,
        })
    }

    /// Appends records, each after the answer to the one before.
    pub fn add(&mut self, count: usize) -> Fallible<Duration> {
        let begin = Instant::now();
        for _ in 0..count {
            self.stream.write_all(&self.command)?;
            self.answered()?;
        }
        Ok(begin.elapsed())
    }

    /// Appends records without waiting for answers: the server fsyncs once for all that it has read.
    pub fn add_pipelined(&mut self, count: usize) -> Fallible<Duration> {
        let all = self.command.repeat(count);
        let mut stream = self.stream.try_clone()?;
        std::thread::scope(|scope| {
            let begin = Instant::now();
            let writer = scope.spawn(move || stream.write_all(&all));
            for _ in 0..count {
                self.answered()?;
            }
            let took = begin.elapsed();
            writer.join().map_err(|_| "the writer panicked")??;
            Ok(took)
        })
    }

    /// Reads the new record's id: a line with its length, and the line itself.
    fn answered(&mut self) -> Fallible {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if !line.starts_with('$') {
            let pid = self.server.0.id();
            return Err(format!("redis-server {pid} answers {line:?}").into());
        }
        self.answers.read_line(&mut line)?;
        Ok(())
    }
}

/// Encodes a command for Redis: the number of words, then each word after its length.
fn command(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len());
    for word in words {
        bytes += &format!("${}\r\n{word}\r\n", word.len());
    }
    bytes.into_bytes()
}
