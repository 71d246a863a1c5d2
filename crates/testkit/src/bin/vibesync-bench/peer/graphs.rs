//! The same rules in plain Python, for a graph in a file.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use crate::harness::Fallible;

const SCRIPT: &str = include_str!("graphs.py");

/// A process with a catalogue and a graph.
pub struct Plain {
    process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
    /// Time that loading the catalogue took.
    pub loaded: Duration,
}

impl Plain {
    /// Loads the catalogue of a folder. Returns the reason if that is not possible.
    pub fn start(catalogue: &Path, graph: &Path) -> Result<Self, String> {
        let mut process = Command::new("python3")
            .args(["-c", SCRIPT])
            .args([catalogue, graph])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("not installed: python3: {error}"))?;
        let (Some(ask), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("its pipes are not there".into());
        };
        let mut plain = Self {
            process,
            ask,
            answers: BufReader::new(answers),
            loaded: Duration::ZERO,
        };
        let (loaded, _) = plain.answer().map_err(|error| error.to_string())?;
        plain.loaded = loaded;
        Ok(plain)
    }

    /// Checks the graph once more. Returns the time that the process itself measured, and the number of broken rules.
    pub fn check(&mut self) -> Fallible<(Duration, usize)> {
        writeln!(self.ask)?;
        let (took, broken) = self.answer()?;
        Ok((
            took,
            broken.ok_or("it does not say how many rules are broken")?,
        ))
    }

    fn answer(&mut self) -> Fallible<(Duration, Option<usize>)> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let mut words = line.split_whitespace();
        let seconds: f64 = words.next().ok_or("it ended")?.parse()?;
        let broken = words.next().map(str::parse).transpose()?;
        Ok((Duration::from_secs_f64(seconds), broken))
    }
}

impl Drop for Plain {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
