//! What eight hours of work leave on the disk: the log and the audit, after ten changes a second.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use vibesync_scene::Role;

use crate::load::Load;
use crate::process;
use crate::report::{Bar, Report};
use crate::scene;
use crate::stage::{Fallible, Ground, Receiving, join};

const OBJECTS: usize = 1_000;
const SESSION: usize = 8 * 3_600 * 10;

/// Without `--full`, a tenth of it is done and counted ten times.
const TENTH: usize = SESSION / 10;

/// Intents that are sent without waiting for answers.
const AT_ONCE: usize = 2_400;

const BAR: Bar = Bar::AtMost(500.0);
const LONGEST_CATCHING_UP: Duration = Duration::from_secs(180);
const LONGEST_OF_ALL: Duration = Duration::from_secs(1_800);

pub fn run(ground: &Ground, report: &mut Report) -> Fallible {
    let (changes, longest) = match ground.full {
        true => (SESSION, LONGEST_OF_ALL),
        false => (TENTH, LONGEST_CATCHING_UP),
    };
    let folder = ground.folder()?;
    let daemon = ground.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let b = Receiving::start(b);
    process::settle(&mut a, daemon.pid(), longest)?;
    let project = folder.path().join("project");
    let before = Taken::by(&project)?;
    let mut objects = uuids.iter().cycle().zip(1..=changes);
    for _ in 0..changes / AT_ONCE {
        let some = objects.by_ref().take(AT_ONCE);
        let moves = some.map(|(uuid, x)| vec![scene::moved(*uuid, x as f64)]);
        Load::new(&a, moves)?.run(&mut a)?;
    }
    let settled = process::settle(&mut a, daemon.pid(), longest)?;
    if settled >= longest {
        return Err("the audit is still at work: what it takes of the disk is not known".into());
    }
    let after = Taken::by(&project)?;
    let scale = (SESSION / changes) as f64;
    report.value("changes_done", changes as f64, "changes")?;
    report.value("settled_after", settled.as_secs_f64(), "s")?;
    let log = (after.log - before.log) * scale;
    let audit = (after.audit - before.audit) * scale;
    report.value("log_of_8_hours", log, "MB")?;
    report.value("audit_of_8_hours", audit, "MB")?;
    report.bound("disk_of_8_hours", log + audit, "MB", BAR)?;
    drop((a, daemon));
    b.end()
}

/// What is taken of the disk, in MB (10^6 bytes).
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

/// Bytes of the blocks that the files below a folder take.
fn occupied(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A file may be packed away while it is looked at.
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
