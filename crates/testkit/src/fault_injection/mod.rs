//! Injects faults into a real program from outside: kills it at one operation on one of its files, fills its disk or
//! slows it down, or sets its clock. A library that is loaded before the C library does it (`fault_injection.c`, Linux only).

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("fault_injection.c");

/// The compiled library.
#[derive(Clone, Debug)]
pub struct FaultInjector {
    library: PathBuf,
}

/// The operation at which a program is killed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The operation and the kind of its file: a line of a trace.
    pub kind: String,
    /// The number of the operation among those of this kind, from 1.
    pub nth: u64,
    /// The moment of the kill.
    pub when: When,
}

/// Moment of a kill relative to its operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// The operation does not happen.
    Before,
    /// The first half of the bytes is written.
    Half,
    /// The operation happened, and its caller was not told.
    After,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} no. {}", self.when.as_str(), self.kind, self.nth)
    }
}

impl When {
    fn as_str(self) -> &'static str {
        match self {
            When::Before => "before",
            When::Half => "half",
            When::After => "after",
        }
    }
}

/// Environment variables for the program.
pub type Environment = Vec<(&'static str, PathBuf)>;

impl FaultInjector {
    /// Compiles the library in this folder, with the C compiler that Rust links with.
    pub fn build(folder: &Path) -> io::Result<Self> {
        let (source, library) = (
            folder.join("fault_injection.c"),
            folder.join("fault_injection.so"),
        );
        vibesync_store::durable::write(&source, SOURCE.as_bytes()).map_err(Error::other)?;
        let output = Command::new("cc")
            .args([
                "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
            ])
            .args([&library, &source])
            .arg("-ldl")
            .output()?;
        if !output.status.success() {
            return Err(Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        Ok(Self { library })
    }

    fn inject_below(&self, folder: &Path) -> Environment {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("VIBESYNC_FAULT_UNDER", folder.to_owned()),
        ]
    }

    /// Writes each operation below a folder to the file `trace`.
    pub fn trace_to(&self, folder: &Path, trace: &Path) -> Environment {
        let mut environment = self.inject_below(folder);
        environment.push(("VIBESYNC_FAULT_TRACE", trace.to_owned()));
        environment
    }

    /// Kills the program at this point.
    pub fn kill_at(&self, folder: &Path, point: &Point) -> Environment {
        let mut environment = self.inject_below(folder);
        environment.extend([
            ("VIBESYNC_FAULT_KIND", point.kind.clone().into()),
            ("VIBESYNC_FAULT_NTH", point.nth.to_string().into()),
            ("VIBESYNC_FAULT_WHEN", point.when.as_str().into()),
        ]);
        environment
    }

    /// Fails each write below the folder for as long as the file `flag` exists.
    pub fn fill_disk(&self, folder: &Path, flag: &Path) -> Environment {
        let mut environment = self.inject_below(folder);
        environment.push(("VIBESYNC_FAULT_FULL", flag.to_owned()));
        environment
    }

    /// Lets each sync of data below the folder wait for as long as the file `flag` exists. A sync that waits makes a file
    /// with `.held` behind that name.
    pub fn hold_syncs(&self, folder: &Path, flag: &Path) -> Environment {
        let mut environment = self.inject_below(folder);
        environment.push(("VIBESYNC_FAULT_SLOW", flag.to_owned()));
        environment
    }

    /// Shifts the clock by the number of seconds in the file `seconds`.
    pub fn shift_clock(&self, seconds: &Path) -> Environment {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("VIBESYNC_FAULT_CLOCK", seconds.to_owned()),
        ]
    }
}

/// Returns the number of operations of each kind in a trace.
pub fn count_operations(trace: &Path) -> io::Result<BTreeMap<String, u64>> {
    let mut counts = BTreeMap::new();
    let text = match fs::read_to_string(trace) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read?,
    };
    for line in text.lines() {
        *counts.entry(line.to_owned()).or_default() += 1;
    }
    Ok(counts)
}
