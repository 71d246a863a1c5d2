//! Begins a new log from a recovered state or from a backup.

use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::{
    EpochId, LostRecords, OperationEnd, Outcome, Path as ChangePath, Payload, Phase, RecordBody,
    Replay,
};

use super::candidate;
use super::error::RecoverError;
use super::load::{Folders, Loaded};
use super::survey::Survey;
use super::swap::Swap;
use crate::backup::{Archive, BackupError};
use crate::blobs::BlobStore;
use crate::boot;
use crate::checkpoint;
use crate::disk::{Access, Disk, WithContext, read_range};
use crate::registry::{RegistryError, Summary};
use crate::wal::truncation::{self, TRUNCATION_VERSION, Truncation, base_path};
use crate::wal::{Options, Tip, Wal, timestamp};

/// A decision to recover: the person, the reason, the witness, and the epoch that begins.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The folder `.vibesync`.
    pub home: &'a Path,
    /// The person.
    pub who: &'a str,
    /// The person's reason.
    pub why: &'a str,
    /// The witness, for the record.
    pub source: String,
    /// The epoch that begins.
    pub epoch: EpochId,
    /// The new content of `project.json`.
    pub project_file: &'a str,
    /// The present time.
    pub now: SystemTime,
}

/// A finished recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Sequence of the RECOVER record.
    pub seq: u64,
    /// The folder that keeps the replaced files, relative to `.vibesync`.
    pub kept: String,
    /// The places that know later records, which the recovery did not bring back.
    pub lost: Vec<LostRecords>,
}

/// Replaces log, checkpoints and registry by a log that begins with this state. The caller holds the project's lock.
pub fn recover(
    disk: &Arc<dyn Disk>,
    request: &Request<'_>,
    survey: &Survey,
    mut loaded: Loaded,
) -> Result<Recovered, RecoverError> {
    let mut swap = Swap::begin(&**disk, request.home, request.now)?;
    let wal = swap.stage("wal")?;
    let has_open = settle(&mut loaded.state);
    // The audit has no commit of what was open, and gets one only if it is behind the log.
    let has_gap = has_open && survey.audited == Some(loaded.tip);
    let base = base(survey, loaded.tip, request.epoch, has_gap);
    let audited = survey.audited.map_or(0, |tip| tip.seq);
    write_base(&**disk, &wal, loaded.state, base, (audited, request.now))?;
    end(disk, request, survey, swap, (loaded.tip, base))
}

/// Replaces the files of a project by those of a backup, which was verified. The caller holds the project's lock.
pub fn restore(
    disk: &Arc<dyn Disk>,
    request: &Request<'_>,
    survey: &Survey,
    folders: &Folders,
    archive: &Archive,
) -> Result<Recovered, RecoverError> {
    let tip = archive.tip();
    let tip = tip.ok_or_else(|| BackupError::Unsound("its manifest names no record".into()))?;
    let blobs = BlobStore::open(Arc::clone(disk), &folders.blobs)?;
    for id in archive.blobs() {
        blobs.put(&[&archive.blob(id)?])?;
    }
    let mut swap = Swap::begin(&**disk, request.home, request.now)?;
    let wal = swap.stage("wal")?;
    let base = base(survey, tip, request.epoch, false);
    if base == tip {
        // Nothing is ahead of the backup: its log goes on.
        copy(&**disk, archive, Archive::wal(), &wal)?;
        let checkpoints = swap.stage("checkpoints")?;
        copy(&**disk, archive, Archive::checkpoints(), &checkpoints)?;
    } else {
        let mut state = boot::replay(Arc::new(archive.clone()), Archive::wal(), tip)?;
        settle(&mut state);
        let audited = survey.audited.map_or(0, |tip| tip.seq);
        write_base(&**disk, &wal, state, base, (audited, request.now))?;
    }
    end(disk, request, survey, swap, (tip, base))
}

fn base(survey: &Survey, chosen: Tip, epoch: EpochId, has_gap: bool) -> Tip {
    let mut named: Vec<Tip> = survey.named.iter().map(|(_, tip)| *tip).collect();
    if has_gap {
        named.push(Tip {
            hash: Tip::START.hash,
            ..chosen
        });
    }
    candidate::base(chosen, &named, epoch)
}

/// Ends the transactions that were open, as a start does: complete ones were acknowledged and stand, the others were
/// not. Their records are not in the new log, so that it cannot end them itself. Returns whether there were any.
fn settle(state: &mut Replay) -> bool {
    let open = std::mem::take(&mut state.open);
    for transaction in open.values() {
        let id = transaction.operation_id;
        if !transaction.is_complete() {
            state.operations.forget(id);
            continue;
        }
        let phase = match transaction.path {
            ChangePath::Fast => Phase::Final,
            ChangePath::Slow => Phase::Commit,
        };
        let end = OperationEnd {
            phase,
            outcome: Outcome::Undelivered,
            seq: state.last_seq,
            error: None,
        };
        state.operations.end(id, end);
    }
    !open.is_empty()
}

/// Writes the state in place of all records up to `base`.
fn write_base(
    disk: &dyn Disk,
    wal: &Path,
    mut state: Replay,
    base: Tip,
    (audited, now): (u64, SystemTime),
) -> Result<(), RecoverError> {
    state.last_seq = base.seq;
    // The audit continues with a commit of the whole scene, because it ends before this record.
    state.last_end_seq = base.seq;
    // A recovery is no crash.
    state.is_clean_shutdown = true;
    let encoded = |error| RecoverError::State(checkpoint::CheckpointError::Encode(error));
    let summary = Summary::from_rows(state.scene.rows(), base.seq).map_err(encoded)?;
    let mut rows = Vec::new();
    for row in state.scene.rows() {
        rows.push(serde_json::to_vec(row).map_err(encoded)?);
    }
    let rows = rows.into_iter().map(Ok::<_, RegistryError>);
    let path = base_path(wal, base.seq);
    checkpoint::write_file(disk, &path, &state, base, rows, &summary)?;
    let truncation = Truncation {
        schema_version: TRUNCATION_VERSION,
        timestamp: timestamp(now),
        seq: base.seq,
        hash: base.hash.to_string(),
        base: base.seq,
        audited,
    };
    Ok(truncation::add(disk, wal, &truncation)?)
}

/// Copies a folder of a backup; durable on return.
fn copy(disk: &dyn Disk, archive: &Archive, from: &Path, to: &Path) -> Result<(), RecoverError> {
    for name in archive.list(from).with_context("list", from)? {
        let mut source = archive.open(&from.join(&name)).with_context("open", from)?;
        let bytes = source.size().with_context("read", from)?;
        let path = to.join(name);
        let mut file = disk
            .create(&path, Access::Default)
            .with_context("create", &path)?;
        let mut append = |piece: &[u8]| file.append(piece);
        read_range(&mut *source, 0, bytes, &mut append).with_context("copy", &path)?;
        file.sync_data().with_context("fsync", &path)?;
    }
    Ok(disk.sync_dir(to).with_context("make durable", to)?)
}

/// Appends the RECOVER record to the new log, and puts all new files into place.
fn end(
    disk: &Arc<dyn Disk>,
    request: &Request<'_>,
    survey: &Survey,
    swap: Swap<'_>,
    (chosen, base): (Tip, Tip),
) -> Result<Recovered, RecoverError> {
    let lost = lost(survey, chosen);
    let record = RecordBody {
        session_id: None,
        operation_id: None,
        uuids: Vec::new(),
        phase: Phase::Recover,
        outcome: Outcome::Ok,
        error_code: None,
        payload: Payload::Recover {
            epoch: request.epoch,
            who: request.who.to_owned(),
            why: request.why.to_owned(),
            source: request.source.clone(),
            recovered_seq: chosen.seq,
            lost: lost.clone(),
            kept: Some(swap.kept().to_owned()),
        },
    };
    let options = Options::new(swap.staged("wal"));
    let (mut wal, _) = Wal::open(options, Arc::clone(disk), base.seq + 1, &mut |_| {})?;
    wal.append([&record], &timestamp(request.now))?;
    let seq = wal.sync()?.seq;
    drop(wal);
    let plan = swap.commit(request.project_file)?;
    Ok(Recovered {
        seq,
        kept: plan.kept,
        lost,
    })
}

/// Lists the places that name later records, each once.
fn lost(survey: &Survey, chosen: Tip) -> Vec<LostRecords> {
    let mut lost: Vec<LostRecords> = Vec::new();
    for (witness, tip) in survey.named.iter().filter(|(_, tip)| tip.seq > chosen.seq) {
        match lost.iter_mut().find(|other| other.witness == *witness) {
            Some(other) => other.seq = other.seq.max(tip.seq),
            None => lost.push(LostRecords {
                witness: witness.clone(),
                seq: tip.seq,
            }),
        }
    }
    lost
}
