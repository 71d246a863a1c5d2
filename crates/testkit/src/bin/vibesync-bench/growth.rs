//! Measures the disk and memory that eight hours with ten changes a second need.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use vibesync_scene::Role;

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
    let daemon = harness.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let b = Receiving::start(b);
    process::settle(&mut a, daemon.pid(), LONGEST_CATCHING_UP)?;
    let project = folder.path().join("project");
    let before = Taken::by(&project)?;
    let mut objects = uuids.iter().cycle().zip(1..=SESSION);
    let unknown = f64::NAN; // meets no bar
    let mut filled = unknown;
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
        }
    }
    let memory = process::resident(daemon.pid()).unwrap_or(unknown);
    report.against("memory_after_8_hours", memory, filled, "MB", Some(MEMORY))?;
    let after = Taken::by(&project)?;
    let (log, audit) = (after.log - before.log, after.audit - before.audit);
    report.value("log_of_8_hours", log, "MB")?;
    report.value("audit_of_8_hours", audit, "MB")?;
    report.bound("disk_of_8_hours", log + audit, "MB", DISK)?;
    drop((a, daemon));
    b.end()
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
