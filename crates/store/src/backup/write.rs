//! Writes a backup. The daemon may append to the log, compress segments and drop them meanwhile.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use vibesync_scene::{BlobId, ProjectId, Replay};

use super::archive::{Archive, blob_name};
use super::error::BackupError;
use super::manifest::{BACKUP_VERSION, Manifest, README, README_TEXT};
use super::sink::Sink;
use crate::blobs::{BlobError, BlobStore};
use crate::boot;
use crate::checkpoint;
use crate::disk::{Access, Disk, FileReader, WithContext};
use crate::durable;
use crate::lines::Lines;
use crate::wal::entry;
use crate::wal::segment::Segments;
use crate::wal::truncation::{self, base_path};
use crate::wal::{Reader, Tip, WalError, timestamp, verify};

/// Attempts to copy a log whose files the daemon reorganizes meanwhile.
const ATTEMPTS: usize = 5;

/// The files to back up, and the file to write.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// Folder of the log.
    pub wal: &'a Path,
    /// Folder of its checkpoints.
    pub checkpoints: &'a Path,
    /// Folder of the blobs.
    pub blobs: &'a Path,
    /// The project.
    pub project_id: ProjectId,
    /// Content of `project.json`.
    pub project_file: &'a [u8],
    /// The last durable record, if a daemon runs. Without one, all whole records are copied.
    pub durable: Option<u64>,
    /// Version of the program.
    pub program: &'a str,
    /// Time of the backup.
    pub time: SystemTime,
    /// The file to write. It replaces an older backup.
    pub target: &'a Path,
}

/// Writes a backup, reads it back, and gives it its name. Until then the name has its old content.
pub fn write(disk: &Arc<dyn Disk>, request: &Request<'_>) -> Result<Manifest, BackupError> {
    let target = request.target;
    let exists = disk.exists(target).with_context("look for", target)?;
    if exists && Archive::open(Arc::clone(disk), target).is_err() {
        return Err(BackupError::Occupied);
    }
    let staged = durable::temporary(target);
    let mut attempt = 1;
    loop {
        match write_to(disk, request, &staged) {
            Ok(manifest) => {
                durable::rename(&**disk, &staged, target)?;
                return Ok(manifest);
            }
            Err(error) => {
                // Best effort: a leftover file with a hidden name harms nobody.
                let _ = disk.remove(&staged);
                if !is_change(&error) || attempt == ATTEMPTS {
                    return Err(error);
                }
                attempt += 1;
            }
        }
    }
}

/// Whether a file was renamed or removed while it was copied.
fn is_change(error: &BackupError) -> bool {
    match error {
        BackupError::Changed(_) => true,
        BackupError::Disk(error) | BackupError::Log(WalError::Disk(error)) => {
            error.source.kind() == ErrorKind::NotFound
        }
        _ => false,
    }
}

fn write_to(
    disk: &Arc<dyn Disk>,
    request: &Request<'_>,
    staged: &Path,
) -> Result<Manifest, BackupError> {
    let (state, tip) = state(disk, request)?;
    let file = disk.create(staged, Access::Private);
    let file = file.with_context("create", staged)?;
    let since = request.time.duration_since(SystemTime::UNIX_EPOCH);
    let mut sink = Sink::new(file, staged, since.as_ref().map_or(0, Duration::as_secs));
    sink.add_bytes(README, README_TEXT.as_bytes())?;
    sink.add_bytes("project.json", request.project_file)?;
    add_log(&mut sink, &**disk, request.wal, tip)?;
    add_checkpoint(&mut sink, &**disk, request.checkpoints, tip)?;
    let missing_blobs = add_blobs(&mut sink, disk, request.blobs, &state)?;
    let manifest = Manifest {
        schema_version: BACKUP_VERSION,
        program: request.program.to_owned(),
        created: timestamp(request.time),
        project_id: request.project_id,
        seq: tip.seq,
        hash: tip.hash.to_string(),
        entities: state.scene.live_count(),
        missing_blobs,
        files: sink.written.clone(),
    };
    sink.finish(&manifest)?;
    let archive = Archive::open(Arc::clone(disk), staged)?;
    match archive.verify() {
        Ok(_) if *archive.manifest() == manifest => Ok(manifest),
        Ok(_) => Err(BackupError::Changed("it reads back differently".into())),
        Err(error) => Err(BackupError::Changed(error.to_string())),
    }
}

/// Returns the last record to copy, and the state after it.
fn state(disk: &Arc<dyn Disk>, request: &Request<'_>) -> Result<(Replay, Tip), BackupError> {
    let last = match request.durable {
        Some(seq) => seq,
        None => verify(&**disk, request.wal)?.tip.seq,
    };
    let (mut state, mut tip) = boot::base(&**disk, request.wal)?;
    for entry in Reader::new(Arc::clone(disk), request.wal, tip.seq + 1, last)? {
        let entry = entry?;
        state.record(entry.seq, &entry.body);
        (tip.seq, tip.hash) = (entry.seq, entry.hash);
    }
    Ok((state, tip))
}

/// Adds the segments up to a record, and the files that stand for dropped ones.
fn add_log(sink: &mut Sink<'_>, disk: &dyn Disk, wal: &Path, tip: Tip) -> Result<(), BackupError> {
    let Segments { truncation, all } = Segments::list(disk, wal)?;
    if let Some(truncation) = truncation {
        for path in [base_path(wal, truncation.base), truncation::path(wal)] {
            add_whole(sink, disk, "wal", &path)?;
        }
    }
    for segment in all.into_iter().filter(|segment| segment.first <= tip.seq) {
        let plain = segment.path(wal);
        let packed = segment.packed_path(wal);
        if disk.exists(&plain).with_context("look for", &plain)? {
            let bytes = end_of(disk, &plain, tip)?;
            add_part(sink, disk, "wal", &plain, bytes)?;
        } else {
            add_whole(sink, disk, "wal", &packed)?;
        }
    }
    Ok(())
}

/// Returns the length of a segment up to a record; the whole length if the segment ends earlier.
fn end_of(disk: &dyn Disk, path: &Path, tip: Tip) -> Result<u64, BackupError> {
    let file = disk.open(path).with_context("open", path)?;
    let mut lines = Lines::new(FileReader::new(file));
    let mut end = 0;
    while let Some(line) = lines.next().with_context("read", path)? {
        match entry::check_line(line) {
            Ok(checked) if checked.tip.seq <= tip.seq => end = lines.end(),
            _ => break,
        }
    }
    Ok(end)
}

/// Adds the newest checkpoint that is not newer than a record and whose rows are whole.
fn add_checkpoint(
    sink: &mut Sink<'_>,
    disk: &dyn Disk,
    dir: &Path,
    tip: Tip,
) -> Result<(), BackupError> {
    for (path, header) in checkpoint::headers(disk, dir)?.into_iter().rev() {
        let is_covered = header.is_ok_and(|(covered, _)| covered.seq <= tip.seq);
        if is_covered && checkpoint::is_whole(disk, &path)? {
            return add_whole(sink, disk, "checkpoints", &path);
        }
    }
    Ok(())
}

/// Adds the blobs of all rows. Returns those of live entities that are missing or damaged; those of deleted ones may have
/// been collected.
fn add_blobs(
    sink: &mut Sink<'_>,
    disk: &Arc<dyn Disk>,
    dir: &Path,
    state: &Replay,
) -> Result<Vec<BlobId>, BackupError> {
    let store = BlobStore::read_only(Arc::clone(disk), dir);
    let mut blobs = BTreeMap::<BlobId, bool>::new();
    for row in state.scene.rows() {
        for id in row.entity.components.blobs() {
            *blobs.entry(id).or_default() |= !row.tombstone;
        }
    }
    let mut missing = Vec::new();
    for (id, is_live) in blobs {
        match store.get(id) {
            Ok(bytes) => sink.add_bytes(&blob_name(id), &bytes)?,
            Err(BlobError::Missing(_) | BlobError::Damaged { .. }) if !is_live => {}
            Err(BlobError::Missing(_) | BlobError::Damaged { .. }) => missing.push(id),
            Err(BlobError::Disk(error)) => return Err(error.into()),
        }
    }
    Ok(missing)
}

fn add_whole(
    sink: &mut Sink<'_>,
    disk: &dyn Disk,
    folder: &str,
    path: &Path,
) -> Result<(), BackupError> {
    let mut file = disk.open(path).with_context("open", path)?;
    let bytes = file.size().with_context("read", path)?;
    add_part(sink, disk, folder, path, bytes)
}

fn add_part(
    sink: &mut Sink<'_>,
    disk: &dyn Disk,
    folder: &str,
    path: &Path,
    bytes: u64,
) -> Result<(), BackupError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    sink.add_file(disk, &format!("{folder}/{name}"), path, bytes)
}
