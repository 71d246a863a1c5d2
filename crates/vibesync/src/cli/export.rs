//! `vibesync export`: writes the scene, as it is or as it was at a commit, into a glTF file. Writes nothing else.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use vibesync_gltf::Export;
use vibesync_scene::{BlobId, Code, Entity, Invalid};
use vibesync_store::blobs::BlobStore;
use vibesync_store::disk::RealDisk;
use vibesync_store::{boot, durable};

use super::gltf_notes::{notes_json, write_notes};
use super::log::access as log;
use super::result::{CommandResult, ExitStatus, WrongUsage};
use crate::error::Error;
use crate::history;
use crate::platform::project::Project;

/// `vibesync export`
#[derive(Debug, clap::Args)]
#[command(allow_missing_positional = true)]
pub struct ExportArgs {
    /// A commit by its first digits, or @SEQ for the newest one not after a log sequence [default: the current scene]
    #[arg(value_name = "COMMIT")]
    pub commit: Option<String>,
    /// File to write, such as scene.glb
    #[arg(value_name = "FILE", required = true)]
    pub file: PathBuf,
    /// Replace the file if it exists
    #[arg(short, long)]
    pub force: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(project: &Project, args: &ExportArgs, out: &mut impl Write) -> CommandResult {
    let target = std::path::absolute(&args.file)
        .map_err(|error| Error::io(Code::DiskFailed, &args.file, "find it", error))?;
    if target.exists() && !args.force {
        let message = format!("{} exists", target.display());
        return Err(WrongUsage::new(message, "Name another file, or add --force.").into());
    }
    let (entities, seq) = match &args.commit {
        Some(name) => at_commit(project, name)?,
        None => present(project)?,
    };
    let export = convert(project, &entities)?;
    durable::write(&target, &export.file).map_err(|error| Error::disk(Code::DiskFailed, error))?;
    match args.json {
        true => writeln!(out, "{}", report(&target, seq, &export))?,
        false => {
            let bytes = export.file.len().div_ceil(1024);
            let objects = export.objects;
            let target = target.display();
            writeln!(
                out,
                "{target}: {objects} objects of sequence {seq}, {bytes} KiB"
            )?;
            write_notes(&export.notes, &mut io::stderr())?;
        }
    }
    Ok(ExitStatus::Ok)
}

/// Reads the scene of a commit, and the sequence of it.
fn at_commit(project: &Project, name: &str) -> Result<(Vec<Entity>, u64), Error> {
    let root = project.audit();
    let history = history::open(&root)?;
    let found = history::find(&history, &root, name)?;
    let entities = history.entities(&found.commit);
    let entities = entities.map_err(|error| history::coded(&root, error))?;
    Ok((entities, found.seq))
}

/// Reads the scene that the log gives, also while a daemon writes it.
fn present(project: &Project) -> Result<(Vec<Entity>, u64), Error> {
    if project.id()?.is_none() {
        let location = project.root().display();
        let message = "there is no project yet";
        return Err(Error::new(Code::NoDaemon, location, message));
    }
    let wal = project.wal();
    let tip = log::verify(&wal)?.tip;
    let seq = tip.seq;
    let state = boot::replay(Arc::new(RealDisk), &wal, tip);
    let state = state.map_err(|error| log::coded(&wal, error))?;
    let live = state.scene.rows().filter(|row| !row.tombstone);
    Ok((live.map(|row| row.entity.clone()).collect(), seq))
}

fn convert(project: &Project, entities: &[Entity]) -> Result<Export, Error> {
    let blobs = BlobStore::read_only(Arc::new(RealDisk), &project.blobs());
    let mut read = |blob: BlobId| {
        blobs
            .get(blob)
            .map_err(|error| Invalid::new(error.code(), blob.to_string(), error.to_string()))
    };
    let generator = concat!("VibeSync ", env!("CARGO_PKG_VERSION"));
    vibesync_gltf::export(entities, generator, &mut read)
        .map_err(|error| Error::new(error.code, error.location, error.message))
}

fn report(target: &Path, seq: u64, export: &Export) -> serde_json::Value {
    json!({
        "file": target,
        "bytes": export.file.len(),
        "seq": seq,
        "objects": export.objects,
        "notes": notes_json(&export.notes),
    })
}
