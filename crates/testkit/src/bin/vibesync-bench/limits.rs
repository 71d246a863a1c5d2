//! What the machine allows at best: one durable append, one round trip.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

/// About what a small change adds to the log, and about the size of its frame, in bytes.
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

    /// Appends a record's worth of bytes and makes it durable.
    pub fn append(&mut self) -> io::Result<Duration> {
        let begin = Instant::now();
        self.0.write_all(&[b'x'; RECORD])?;
        self.0.sync_data()?;
        Ok(begin.elapsed())
    }
}

/// A connection over loopback to a thread that sends back what it gets.
pub struct Echo(TcpStream);

impl Echo {
    pub fn new() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let stream = TcpStream::connect(listener.local_addr()?)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(crate::stage::PATIENCE))?;
        let (peer, _) = listener.accept()?;
        peer.set_nodelay(true)?;
        // Ends when the other end is dropped.
        std::thread::spawn(move || echo(peer));
        Ok(Self(stream))
    }

    /// There and back.
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
