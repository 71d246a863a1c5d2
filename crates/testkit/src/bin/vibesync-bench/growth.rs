//! Measures the disk and memory that eight hours with ten changes a second need.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use vibesync_scene::Role;
use vibesync_testkit::heap_report::{Heap, HeapReport};

use crate::harness::{Fallible, Harness, Receiving, join};
use crate::load::Load;
use crate::process;
use crate::report::{Bar, Report};
use crate::scene;

const OBJECTS: usize = 1_000;
const SESSION: usize = 8 * 3_600 * 10;

/// Changes between two pauses in which the projections may catch up; slightly more than between two checkpoints.
const PART: usize = 14_400;

/// Parts of the run after which the daemon tracks its maximum of 65,536 past operations.
const FILLED: usize = 5;

const DISK: Bar = Bar::AtMost(500.0);
const MEMORY: Bar = Bar::AtMost(1.1);
const LONGEST_CATCHING_UP: Duration = Duration::from_secs(60);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let heap = HeapRows::start(folder.path());
    let daemon = harness.daemon_in(folder.path(), "", &heap.environment())?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let b = Receiving::start(b);
    process::settle(&mut a, daemon.pid(), LONGEST_CATCHING_UP)?;
    let project = folder.path().join("project");
    let before = Taken::by(&project)?;
    let mut objects = uuids.iter().cycle().zip(1..=SESSION);
    let unknown = f64::NAN; // meets no bar
    let (mut filled, mut heap_filled) = (unknown, None);
    for part in 1..=SESSION / PART {
        let some = objects.by_ref().take(PART);
        let moves = some.map(|(uuid, x)| vec![scene::moved(*uuid, x as f64)]);
        Load::new(&a, moves)?.run(&mut a)?;
        let settled = process::settle(&mut a, daemon.pid(), LONGEST_CATCHING_UP)?;
        if settled >= LONGEST_CATCHING_UP {
            return Err(
                "the audit is still at work: what it takes of the disk is not known".into(),
            );
        }
        if part == FILLED {
            filled = process::resident(daemon.pid()).unwrap_or(unknown);
            heap_filled = heap.read();
        }
    }
    let memory = process::resident(daemon.pid()).unwrap_or(unknown);
    report.against("memory_after_8_hours", memory, filled, "MB", Some(MEMORY))?;
    heap.write(report, heap_filled)?;
    let files = process::resident_files(daemon.pid()).unwrap_or(unknown);
    report.value("resident_files_after_8_hours", files, "MB")?;
    let after = Taken::by(&project)?;
    let (log, audit) = (after.log - before.log, after.audit - before.audit);
    report.value("log_of_8_hours", log, "MB")?;
    report.value("audit_of_8_hours", audit, "MB")?;
    report.bound("disk_of_8_hours", log + audit, "MB", DISK)?;
    drop((a, daemon));
    b.end()
}

/// The rows of live bytes, if the system's allocator reports them.
struct HeapRows(Option<HeapReport>);

impl HeapRows {
    fn start(folder: &Path) -> Self {
        Self(HeapReport::build(folder).ok())
    }

    fn environment(&self) -> Vec<(&'static str, PathBuf)> {
        self.0
            .as_ref()
            .map(HeapReport::environment)
            .unwrap_or_default()
    }

    fn read(&self) -> Option<Heap> {
        self.0.as_ref()?.read().ok()
    }

    /// Writes the live bytes beside those after two hours, and the bytes that the allocator keeps.
    fn write(&self, report: &mut Report, filled: Option<Heap>) -> io::Result<()> {
        let Some((now, filled)) = self.read().zip(filled) else {
            return report.fact("live_after_8_hours", Some("not available".to_owned()));
        };
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let (live, before) = (megabytes(now.live), megabytes(filled.live));
        report.against("live_after_8_hours", live, before, "MB", None)?;
        let (kept, before) = (megabytes(now.kept), megabytes(filled.kept));
        report.against("kept_by_allocator_after_8_hours", kept, before, "MB", None)
    }
}

/// Returns the used disk space in MB (10^6 bytes).
struct Taken {
    log: f64,
    audit: f64,
}

impl Taken {
    fn by(project: &Path) -> io::Result<Self> {
        Ok(Self {
            log: occupied(&project.join(".vibesync/wal"))? as f64 / 1e6,
            audit: occupied(&project.join(".git_safety"))? as f64 / 1e6,
        })
    }
}

/// Returns the bytes of the disk blocks that the files below a folder use.
fn occupied(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file may be packed away meanwhile.
        let Ok(found) = entry.metadata() else {
            continue;
        };
        bytes += match found.is_dir() {
            true => occupied(&entry.path())?,
            false => on_disk(&found),
        };
    }
    Ok(bytes)
}

#[cfg(unix)]
fn on_disk(file: &fs::Metadata) -> u64 {
    use std::os::unix::fs::MetadataExt;
    file.blocks() * 512
}

#[cfg(not(unix))]
fn on_disk(file: &fs::Metadata) -> u64 {
    file.len()
}
