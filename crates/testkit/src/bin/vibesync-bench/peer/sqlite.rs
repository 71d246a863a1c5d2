//! SQLite through Python's standard library: in its write-ahead log, fsynced, each record a transaction of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::harness::Fallible;

const SCRIPT: &str = include_str!("sqlite.py");

/// A process with an open database.
pub struct Sqlite {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Sqlite {
    /// Opens a database in the folder for records of this content. Returns the reason if that is not possible.
    pub fn start(folder: &Path, payload: &str) -> Result<Self, String> {
        let mut process = Command::new("python3")
            .args(["-c", SCRIPT])
            .args([&folder.join("peer.sqlite").to_string_lossy(), payload])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("not installed: python3: {error}"))?;
        let (Some(ask), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("its pipes are not there".into());
        };
        let answers = BufReader::new(answers);
        Ok(Self {
            process,
            ask,
            answers,
        })
    }

    /// Inserts records, one transaction each. Returns the time that the process itself measured, without its pipes.
    pub fn insert(&mut self, count: usize) -> Fallible<Duration> {
        writeln!(self.ask, "{count}")?;
        let mut seconds = String::new();
        self.answers.read_line(&mut seconds)?;
        Ok(Duration::from_secs_f64(seconds.trim().parse()?))
    }
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
