//! The limits of the machine: one durable append, one round trip, one copy of many bytes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use vibesync_scene::RecordBody;

use crate::harness::{Fallible, PATIENCE};

/// Approximate bytes that a small change adds to the log, and of its frame.
const RECORD: usize = 700;
const FRAME: usize = 400;

/// A file that grows, on the file system of the project.
pub struct Disk(File);

impl Disk {
    pub fn new(folder: &Path) -> io::Result<Self> {
        let file = File::create(folder.join("project/limit"))?;
        file.sync_all()?;
        Ok(Self(file))
    }

    /// Appends the bytes of one record and makes them durable.
    pub fn append(&mut self) -> io::Result<Duration> {
        let begin = Instant::now();
        self.0.write_all(&[b'x'; RECORD])?;
        self.0.sync_data()?;
        Ok(begin.elapsed())
    }
}

/// A loopback connection to a thread that echoes all bytes.
pub struct Echo(TcpStream);

impl Echo {
    pub fn new() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let stream = TcpStream::connect(listener.local_addr()?)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let (peer, _) = listener.accept()?;
        peer.set_nodelay(true)?;
        // The thread ends when the other end is dropped.
        std::thread::spawn(move || echo(peer));
        Ok(Self(stream))
    }

    /// Measures one round trip.
    pub fn round_trip(&mut self) -> io::Result<Duration> {
        let mut frame = [b'x'; FRAME];
        let begin = Instant::now();
        self.0.write_all(&frame)?;
        self.0.read_exact(&mut frame)?;
        Ok(begin.elapsed())
    }
}

fn echo(mut peer: TcpStream) {
    let mut frame = [0; FRAME];
    while peer.read_exact(&mut frame).is_ok() && peer.write_all(&frame).is_ok() {}
}

/// Measures sending the bytes through one loopback connection and hashing them with BLAKE3.
pub fn copy_and_hash(bytes: &[u8]) -> Fallible<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut sender = TcpStream::connect(listener.local_addr()?)?;
    let (receiver, _) = listener.accept()?;
    std::thread::scope(|scope| {
        let begin = Instant::now();
        let writer = scope.spawn(move || sender.write_all(bytes));
        let mut received = Vec::with_capacity(bytes.len());
        receiver
            .take(bytes.len() as u64)
            .read_to_end(&mut received)?;
        let hash = blake3::hash(&received);
        let took = begin.elapsed();
        writer.join().map_err(|_| "the writer panicked")??;
        if hash == blake3::hash(bytes) {
            Ok(took)
        } else {
            Err("the copy is another one".into())
        }
    })
}

/// Measures the time that the disk needs to make the bytes durable.
pub fn store(bytes: &[u8], folder: &Path) -> io::Result<Duration> {
    let begin = Instant::now();
    let mut file = File::create(folder.join("raw"))?;
    file.write_all(bytes)?;
    file.sync_data()?;
    Ok(begin.elapsed())
}

/// Measures what one thread needs at least to make records durable: JSON, the chain of hashes, one write and one
/// fdatasync for each group. Nothing is decided, checked or read back.
pub fn encode_and_sync(groups: &[Vec<RecordBody>], folder: &Path) -> Fallible<Duration> {
    let begin = Instant::now();
    let mut file = File::create(folder.join("encoded"))?;
    let (mut buffer, mut chain) = (Vec::new(), blake3::hash(b""));
    for group in groups {
        buffer.clear();
        for record in group {
            let start = buffer.len();
            serde_json::to_writer(&mut buffer, record)?;
            buffer.extend_from_slice(chain.to_hex().as_bytes());
            chain = blake3::hash(buffer.get(start..).unwrap_or_default());
            buffer.push(b'\n');
        }
        file.write_all(&buffer)?;
        file.sync_data()?;
    }
    Ok(begin.elapsed())
}

/// A trivial process that echoes its standard input.
pub struct PipeEcho {
    process: Child,
    input: ChildStdin,
    output: ChildStdout,
}

impl PipeEcho {
    pub fn start() -> Fallible<Self> {
        let mut process = Command::new("cat")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err("the pipes of the echo are not there".into());
        };
        Ok(Self {
            process,
            input,
            output,
        })
    }

    /// Measures one round trip of these bytes.
    pub fn round_trip(&mut self, bytes: &[u8]) -> io::Result<Duration> {
        let mut echoed = vec![0; bytes.len()];
        let begin = Instant::now();
        self.input.write_all(bytes)?;
        self.output.read_exact(&mut echoed)?;
        Ok(begin.elapsed())
    }
}

impl Drop for PipeEcho {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
