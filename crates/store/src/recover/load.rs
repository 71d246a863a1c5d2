//! Loads the state that a witness holds.

use std::path::PathBuf;
use std::sync::Arc;

use blake3::Hash;
use vibesync_scene::{Author, ComponentSet, LastWriters, Operations, Replay, Row};

use super::candidate::Source;
use super::error::RecoverError;
use crate::audit::{AuditError, CommitInfo, History};
use crate::boot;
use crate::checkpoint;
use crate::disk::Disk;
use crate::registry::Registry;
use crate::wal::salvage::{Continuation, continue_after, records_up_to};
use crate::wal::{Tip, WalError};

/// The folders that may hold the state of a project.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The log.
    pub wal: PathBuf,
    /// Its checkpoints.
    pub checkpoints: PathBuf,
    /// The registry.
    pub registry: PathBuf,
    /// The blobs.
    pub blobs: PathBuf,
    /// The repository of the audit, if it belongs to the project.
    pub audit: Option<PathBuf>,
}

/// The state of a witness.
#[derive(Debug)]
pub struct Loaded {
    /// The state.
    pub state: Replay,
    /// The last record that it includes.
    pub tip: Tip,
    /// The reason why the records end there, for people; none if the log ends there.
    pub ends_because: Option<String>,
}

/// Loads the state of a witness. Changes nothing.
pub fn load(
    disk: &Arc<dyn Disk>,
    folders: &Folders,
    source: &Source,
) -> Result<Loaded, RecoverError> {
    let loaded = match source {
        Source::Log => {
            let (state, tip) = boot::base(&**disk, &folders.wal)?;
            follow_log(&**disk, folders, state, tip)?
        }
        Source::Checkpoint(seq) => {
            let path = checkpoint::path(&folders.checkpoints, *seq);
            let loaded = checkpoint::load(&**disk, &path);
            let loaded = loaded.map_err(|error| unusable(&error))?;
            follow_log(&**disk, folders, loaded.state, loaded.tip)?
        }
        Source::Registry => {
            let (state, tip) = registry(&**disk, folders)?;
            follow_log(&**disk, folders, state, tip)?
        }
        Source::Audit(commit) => audit(&**disk, folders, commit)?,
    };
    match loaded.tip.seq {
        0 => Err(unusable(&"it has no intact record")),
        _ => Ok(loaded),
    }
}

fn unusable(why: &dyn std::fmt::Display) -> RecoverError {
    RecoverError::Unusable(why.to_string())
}

/// Applies the intact records after a state.
fn follow_log(
    disk: &dyn Disk,
    folders: &Folders,
    mut state: Replay,
    tip: Tip,
) -> Result<Loaded, WalError> {
    let Continuation {
        tip: reached,
        is_linked,
        damage,
    } = continue_after(disk, &folders.wal, tip, u64::MAX, &mut |entry| {
        state.record(entry.seq, &entry.body);
    })?;
    let ends_because = match (damage, is_linked) {
        (Some(damage), _) => Some(damage.to_string()),
        (None, false) => Some(format!("the log does not have record {}", tip.seq)),
        (None, true) => None,
    };
    Ok(Loaded {
        state,
        tip: reached,
        ends_because,
    })
}

/// Returns the rows of the registry, with all that checkpoints and log still know of the time before.
fn registry(disk: &dyn Disk, folders: &Folders) -> Result<(Replay, Tip), RecoverError> {
    let registry = Registry::read(&folders.registry).map_err(|error| unusable(&error))?;
    let registry = registry.ok_or_else(|| unusable(&"there is none"))?;
    registry.check().map_err(|error| unusable(&error))?;
    let position = registry.position();
    let mut state = memory_at(disk, folders, position.tip.seq)?;
    // The transactions that were open: their records tell what a rollback has to undo.
    if position.resume_seq <= position.tip.seq {
        let first = position.resume_seq;
        let records = records_up_to(disk, &folders.wal, first, position.tip)?;
        for entry in records.into_iter().flatten() {
            state.record(entry.seq, &entry.body);
        }
        state.scene = vibesync_scene::Scene::default();
    }
    for row in registry.iter() {
        state.scene.put(row.map_err(|error| unusable(&error))?);
    }
    state.last_seq = position.tip.seq;
    state.last_end_seq = position.last_end_seq;
    Ok((state, position.tip))
}

/// Returns the scene of a commit, with all that checkpoints and log still know of the time before. A commit has no
/// versions: each row gets the sequence of the commit.
fn audit(disk: &dyn Disk, folders: &Folders, commit: &str) -> Result<Loaded, RecoverError> {
    let failed = |error| unusable(&error);
    let history = open_history(folders).map_err(failed)?;
    let history = history.ok_or_else(|| unusable(&"there is none"))?;
    let info = history.find(commit).map_err(failed)?;
    let info = info.ok_or_else(|| unusable(&"there is no such commit"))?;
    let tip = commit_tip(&info).ok_or_else(|| unusable(&"its commit names no record"))?;
    let mut state = memory_at(disk, folders, tip.seq)?;
    let row = |entity, tombstone| {
        let mut changed = LastWriters::default();
        changed.record(&Author::authority(tip.seq), ComponentSet::ALL);
        Row {
            entity,
            version: tip.seq,
            tombstone,
            changed,
            quarantine: None,
        }
    };
    for entity in history.deleted(&info.commit).map_err(failed)? {
        state.scene.put(row(entity, true));
    }
    for entity in history.entities(&info.commit).map_err(failed)? {
        state.scene.put(row(entity, false));
    }
    state.last_seq = tip.seq;
    state.last_end_seq = tip.seq;
    Ok(Loaded {
        state,
        tip,
        ends_because: Some("changes that were not verified have no commit".into()),
    })
}

/// Opens the audit, if there is one.
pub(super) fn open_history(folders: &Folders) -> Result<Option<History>, AuditError> {
    match &folders.audit {
        Some(audit) => History::open(audit),
        None => Ok(None),
    }
}

/// Returns the record that a commit names.
pub(super) fn commit_tip(info: &CommitInfo) -> Option<Tip> {
    let hash = Hash::from_hex(&info.chain_hash).ok()?;
    let seq = info.seq;
    Some(Tip { seq, hash })
}

/// Returns the operations, failures and epochs up to a record, as far as an intact checkpoint or the log knows them.
/// Without a scene, and without open transactions.
fn memory_at(disk: &dyn Disk, folders: &Folders, seq: u64) -> Result<Replay, RecoverError> {
    let base = boot::base(disk, &folders.wal);
    let mut starts = vec![base.unwrap_or((Replay::default(), Tip::START))];
    for (path, _) in checkpoint::headers(disk, &folders.checkpoints)? {
        let loaded = checkpoint::load(disk, &path).ok();
        starts.extend(loaded.map(|loaded| (loaded.state, loaded.tip)));
    }
    let mut best = Replay::default();
    for (mut state, tip) in starts.into_iter().filter(|(_, tip)| tip.seq <= seq) {
        continue_after(disk, &folders.wal, tip, seq, &mut |entry| {
            state.record(entry.seq, &entry.body);
        })?;
        if state.last_seq >= best.last_seq {
            best = state;
        }
    }
    best.scene = vibesync_scene::Scene::default();
    best.open.clear();
    let mut ended = Operations::default();
    for (id, operation) in best.operations.iter() {
        if let Some(end) = operation.end.clone() {
            ended.begin(id, operation.digest.clone(), operation.begin);
            ended.end(id, end);
        }
    }
    best.operations = ended;
    Ok(best)
}
