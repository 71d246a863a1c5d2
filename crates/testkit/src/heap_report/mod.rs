//! Tells the bytes that a real program has allocated from those that its allocator merely keeps. A library that is
//! loaded before the C library reports both (`heap_report.c`, glibc only).

use std::fs;
use std::io::{self, Error};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest wait for a report.
const PATIENCE: Duration = Duration::from_secs(5);

const SOURCE: &str = include_str!("heap_report.c");

/// The compiled library, and the file that it writes.
#[derive(Clone, Debug)]
pub struct HeapReport {
    library: PathBuf,
    report: PathBuf,
}

/// The memory of an allocator, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heap {
    /// Bytes in use, those of C libraries included.
    pub live: u64,
    /// Bytes that were freed and not given back to the system.
    pub kept: u64,
}

impl HeapReport {
    /// Compiles the library in this folder.
    pub fn build(folder: &Path) -> io::Result<Self> {
        let (source, library) = (folder.join("heap_report.c"), folder.join("heap_report.so"));
        vibesync_store::durable::write(&source, SOURCE.as_bytes()).map_err(Error::other)?;
        let output = Command::new("cc")
            .args([
                "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
            ])
            .args([&library, &source])
            .arg("-lpthread")
            .output()?;
        if !output.status.success() {
            return Err(Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        let report = folder.join("heap_report.txt");
        Ok(Self { library, report })
    }

    /// Environment variables for the program.
    pub fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        vec![
            ("LD_PRELOAD", self.library.clone()),
            ("VIBESYNC_HEAP_REPORT", self.report.clone()),
        ]
    }

    /// Asks the program for a report, and waits for it.
    pub fn read(&self) -> io::Result<Heap> {
        let _ = fs::remove_file(&self.report);
        let deadline = Instant::now() + PATIENCE;
        while !self.report.exists() && Instant::now() < deadline {
            sleep(Duration::from_millis(10));
        }
        let text = fs::read_to_string(&self.report)?;
        let mut numbers = text.split_whitespace().map(str::parse);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(live)), Some(Ok(kept))) => Ok(Heap { live, kept }),
            _ => Err(Error::other(format!("no report: {text:?}"))),
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::process::Stdio;

    /// A process that has allocated 32 MB and freed 64 MB.
    const PROGRAM: &str = "kept = bytes(32_000_000); freed = bytes(64_000_000); del freed; input()";

    #[test]
    fn report_tells_live_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let heap = HeapReport::build(folder.path()).unwrap();
        let mut program = Command::new("python3")
            .args(["-c", PROGRAM])
            .envs(heap.environment())
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let deadline = Instant::now() + Duration::from_secs(60);
        let is_expected = |heap: Heap| (32_000_000..60_000_000).contains(&heap.live);
        while !heap.read().is_ok_and(is_expected) {
            assert!(Instant::now() < deadline, "{:?}", heap.read());
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(program.stdin.take());
        assert!(program.wait().is_ok());
    }
}
