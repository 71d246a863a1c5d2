//! `vibesync backup`: writes everything that the project needs into one file, also while the daemon runs.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use serde_json::json;
use vibesync_scene::Code;
use vibesync_store::backup::{self, BackupError, Manifest, Request};
use vibesync_store::disk::{Disk, RealDisk};

use super::connect::connect;
use super::recover::steps::refuse_unfinished;
use super::recovery_args::BackupArgs;
use super::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Maximum number of missing blobs that are named.
const NAMED: usize = 5;

pub(super) fn run(project: &Project, args: &BackupArgs, out: &mut impl Write) -> CommandResult {
    let target = std::path::absolute(&args.file)
        .map_err(|error| Error::io(Code::DiskFailed, &args.file, "find it", error))?;
    let manifest = write(project, &target)?;
    let bytes = std::fs::metadata(&target).map_or(0, |data| data.len());
    match args.json {
        true => writeln!(out, "{}", report(&target, bytes, &manifest))?,
        false => print(&target, bytes, &manifest, out)?,
    }
    match manifest.missing_blobs.as_slice() {
        [] => Ok(ExitStatus::Ok),
        _ => Ok(ExitStatus::ProblemFound),
    }
}

fn write(project: &Project, target: &Path) -> Result<Manifest, Error> {
    refuse_unfinished(project)?;
    let nothing = || {
        Error::new(
            Code::NoDaemon,
            project.root().display(),
            "there is no project yet",
        )
    };
    let project_id = project.id()?.ok_or_else(nothing)?;
    // The records that the daemon is writing are not durable yet.
    let durable = match project_lock::holder(project)? {
        Holder::Free => None,
        Holder::Taken(_) => Some(connect(project)?.status()?.head_seq),
    };
    let (wal, checkpoints, blobs) = (project.wal(), project.checkpoints(), project.blobs());
    let project_file = project.identity_json(project_id, project.epoch()?)?;
    let request = Request {
        wal: &wal,
        checkpoints: &checkpoints,
        blobs: &blobs,
        project_id,
        project_file: project_file.as_bytes(),
        durable,
        program: env!("CARGO_PKG_VERSION"),
        time: SystemTime::now(),
        target,
    };
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    backup::write(&disk, &request).map_err(|error| {
        let location = match &error {
            BackupError::Log(_) => project.wal(),
            _ => target.to_owned(),
        };
        Error::from_source(error.code(), location.display(), error)
    })
}

fn print(
    target: &Path,
    bytes: u64,
    manifest: &Manifest,
    out: &mut impl Write,
) -> std::io::Result<()> {
    let Manifest {
        seq,
        entities,
        missing_blobs,
        files,
        ..
    } = manifest;
    let blobs = files.iter().filter(|file| file.path.starts_with("blobs/"));
    let blobs = blobs.count();
    writeln!(
        out,
        "{}: sequence {seq}, {entities} entities, {blobs} blobs, {} KiB, read back and verified",
        target.display(),
        bytes.div_ceil(1024)
    )?;
    if missing_blobs.is_empty() {
        return Ok(());
    }
    let named = missing_blobs.iter().take(NAMED);
    let named: Vec<String> = named.map(ToString::to_string).collect();
    writeln!(
        out,
        "not included, because missing or damaged (VS-5006): {} blobs: {}",
        missing_blobs.len(),
        named.join(", ")
    )
}

fn report(target: &Path, bytes: u64, manifest: &Manifest) -> serde_json::Value {
    json!({
        "file": target,
        "bytes": bytes,
        "project_id": manifest.project_id,
        "seq": manifest.seq,
        "hash": manifest.hash,
        "entities": manifest.entities,
        "missing_blobs": manifest.missing_blobs,
    })
}
