//! `vibesync blobs`: shows what keeps the stored bulk data, and removes what nothing keeps.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use vibesync_protocol::{BlobCount, BlobReport};
use vibesync_scene::Code;
use vibesync_store::blobs::BlobStore;
use vibesync_store::boot;
use vibesync_store::collect::{CollectError, Files, Marks, Plan, Sources, Swept, sweep};
use vibesync_store::disk::{Disk, RealDisk};

use super::args::BlobsCommand;
use super::connect::connect;
use super::log::access as log;
use super::recover::steps::refuse_unfinished;
use super::result::{CommandResult, ExitStatus};
use crate::blob_report::report;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Maximum time in which the daemon reads log and history.
const TIMEOUT: Duration = Duration::from_secs(1_800);

pub(super) fn run(
    project: &Project,
    max_bytes: u64,
    command: Option<BlobsCommand>,
    json: bool,
    out: &mut impl Write,
) -> CommandResult {
    let is_dry = match command {
        None => true,
        Some(BlobsCommand::Prune { dry_run }) => dry_run,
    };
    let report = match project_lock::holder(project)? {
        Holder::Taken(_) => connect(project)?.prune(is_dry, TIMEOUT)?,
        Holder::Free => collect(project, max_bytes, is_dry)?,
    };
    match json {
        true => writeln!(out, "{}", json!(report))?,
        false => print(&report, is_dry, out)?,
    }
    Ok(ExitStatus::Ok)
}

/// Collects without a daemon. A removal takes the lock, so that none can start meanwhile.
fn collect(project: &Project, max_bytes: u64, is_dry: bool) -> Result<BlobReport, Error> {
    if project.id()?.is_none() {
        let why = "there is no project yet";
        return Err(Error::new(Code::NoDaemon, project.root().display(), why));
    }
    let _lock = match is_dry {
        true => None,
        false => Some(project_lock::acquire(project)?),
    };
    refuse_unfinished(project)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let folder = project.blobs();
    let coded = |error: CollectError| Error::from_source(error.code(), folder.display(), error);
    let store = BlobStore::read_only(Arc::clone(&disk), &folder);
    let guard = store.guard();
    let marks = mark(project, &disk)?;
    let files = Files::list(&*disk, &folder, &|| false).map_err(|error| coded(error.into()))?;
    let plan = Plan::new(files.unwrap_or_default(), marks, max_bytes);
    let swept = match is_dry {
        true => Swept::default(),
        false => sweep(&store, &plan, &guard, &mut || true).map_err(|error| coded(error.into()))?,
    };
    Ok(report(&plan.summary, &swept, max_bytes))
}

/// Returns what names blobs: the scene at the end of the log, its open transactions, and all files.
fn mark(project: &Project, disk: &Arc<dyn Disk>) -> Result<Marks, Error> {
    let wal = project.wal();
    let tip = log::verify(&wal)?.tip;
    let state = boot::replay(Arc::clone(disk), &wal, tip).map_err(|it| log::coded(&wal, it))?;
    let mut marks = Marks::default();
    let live = state.scene.rows().filter(|row| !row.tombstone);
    let live = live.map(|row| &row.entity.components);
    let steps = state.open.values().flat_map(|open| &open.steps);
    let steps = steps.flat_map(|(change, before)| {
        let before = before.as_ref().map(|entity| &entity.components);
        change.components().into_iter().chain(before)
    });
    for components in live.chain(steps) {
        components.blobs().for_each(|id| marks.need(id));
    }
    let sources = Sources {
        disk,
        wal: &wal,
        head: tip.seq,
        checkpoints: &project.checkpoints(),
        audit: &project.audit(),
    };
    let marked = sources.mark(&mut marks, &|| false);
    marked.map_err(|error| Error::from_source(error.code(), project.root().display(), error))?;
    Ok(marks)
}

fn print(report: &BlobReport, is_dry: bool, out: &mut impl Write) -> std::io::Result<()> {
    let kept = [
        ("the present scene", report.scene),
        ("the log", report.log),
        ("the history", report.history),
        ("nothing", report.unnamed),
    ];
    for (keeper, BlobCount { blobs, bytes }) in kept {
        writeln!(out, "{keeper:<18}{blobs:>8} blobs  {:>12}", size(bytes))?;
    }
    let total = kept.iter().map(|(_, count)| count.bytes).sum();
    let bound = match report.max_bytes {
        0 => "without a bound".to_owned(),
        bytes => format!("at most {}", size(bytes)),
    };
    writeln!(out, "{} in all, {bound}", size(total))?;
    match is_dry {
        true => write_count(report.removable, "can go: vibesync blobs prune", out)?,
        false => write_count(report.removed, "removed", out)?,
    }
    match report.held.blobs {
        0 => Ok(()),
        _ => write_count(
            report.held,
            "stay for now: another program has them open",
            out,
        ),
    }
}

fn write_count(count: BlobCount, what: &str, out: &mut impl Write) -> std::io::Result<()> {
    let BlobCount { blobs, bytes } = count;
    writeln!(out, "{blobs} blobs, {}: {what}", size(bytes))
}

/// Returns a number of bytes for people.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    let unit = UNITS.iter().find(|(unit, _)| bytes >= *unit);
    match unit {
        None => format!("{bytes} bytes"),
        Some((unit, name)) => {
            let tenths = u128::from(bytes) * 10 / u128::from(*unit);
            format!("{}.{} {name}", tenths / 10, tenths % 10)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        let sizes = [0, 1_023, 1_024, (1 << 20) - 1, 1 << 20, 16 << 30].map(size);
        let expected = [
            "0 bytes",
            "1023 bytes",
            "1.0 KiB",
            "1023.9 KiB",
            "1.0 MiB",
            "16.0 GiB",
        ];
        assert_eq!(sizes, expected);
    }
}
