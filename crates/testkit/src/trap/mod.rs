//! Kills a real program at one operation on one of its files, fills its disk, sets its clock: from outside, whatever
//! the program is built of. `trap.c` beside this stands between the program and the C library.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCE: &str = include_str!("trap.c");

/// The trap, compiled.
#[derive(Clone, Debug)]
pub struct Trap {
    library: PathBuf,
}

/// Where a program is killed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// What is done, and to which kind of file: a line of a trace.
    pub kind: String,
    /// Which of these, from 1.
    pub nth: u64,
    /// When exactly.
    pub when: When,
}

/// Before, in or behind an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It does not happen.
    Before,
    /// Of what is written the first half is.
    Half,
    /// It happened, and nobody was told.
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

/// Variables of the environment.
pub type Environment = Vec<(&'static str, PathBuf)>;

impl Trap {
    /// Compiles it in this folder, with the C compiler that Rust links with.
    pub fn build(folder: &Path) -> io::Result<Self> {
        let (source, library) = (folder.join("trap.c"), folder.join("trap.so"));
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

    fn watching(&self, folder: &Path) -> Environment {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("VIBESYNC_TRAP_UNDER", folder.to_owned()),
        ]
    }

    /// Notes what is done below a folder, in the file `trace`.
    pub fn noting(&self, folder: &Path, trace: &Path) -> Environment {
        let mut environment = self.watching(folder);
        environment.push(("VIBESYNC_TRAP_TRACE", trace.to_owned()));
        environment
    }

    /// Kills at this point.
    pub fn killing(&self, folder: &Path, point: &Point) -> Environment {
        let mut environment = self.watching(folder);
        environment.extend([
            ("VIBESYNC_TRAP_KIND", point.kind.clone().into()),
            ("VIBESYNC_TRAP_NTH", point.nth.to_string().into()),
            ("VIBESYNC_TRAP_WHEN", point.when.as_str().into()),
        ]);
        environment
    }

    /// As long as the file `flag` exists nothing can be written below the folder.
    pub fn filling(&self, folder: &Path, flag: &Path) -> Environment {
        let mut environment = self.watching(folder);
        environment.push(("VIBESYNC_TRAP_FULL", flag.to_owned()));
        environment
    }

    /// The clock is wrong by as many seconds as the file `seconds` says.
    pub fn misdating(&self, seconds: &Path) -> Environment {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("VIBESYNC_TRAP_CLOCK", seconds.to_owned()),
        ]
    }
}

/// How often each kind of operation is in a trace.
pub fn counted(trace: &Path) -> io::Result<BTreeMap<String, u64>> {
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
