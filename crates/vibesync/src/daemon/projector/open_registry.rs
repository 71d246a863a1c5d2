//! Opens the registry, checks it against the log, and rebuilds it if necessary.

use vibesync_scene::Code;
use vibesync_store::boot;
use vibesync_store::checkpoint;
use vibesync_store::registry::{Position, Registry, RegistryError};
use vibesync_store::wal::{Reader, Tip, WalError, newest_truncation};
use vibesync_store::witness::Divergence;

use super::error::ProjectorError;
use super::sources::Sources;

/// Opens the registry. Rebuilds it if it is missing, outdated or damaged, or if the log does not have its last record.
pub(super) fn open(sources: &mut Sources, head: u64) -> Result<Registry, ProjectorError> {
    if !sources.registry.exists() {
        return rebuild(sources, head);
    }
    let opened = match sources.opened.take() {
        Some(opened) => Ok(opened),
        None => Registry::open(&sources.registry),
    };
    let opened = opened.and_then(|registry| {
        registry.check()?;
        Ok(registry)
    });
    let why = match opened {
        Ok(registry) if is_dropped(sources, registry.position().tip)? => {
            "the records after it were dropped".to_owned()
        }
        Ok(registry) if registry.position() == Position::START => {
            // A checkpoint is written after a flush. So with a checkpoint, the registry was not empty before.
            if checkpoint::headers(&*sources.disk, &sources.checkpoints)?.is_empty() {
                return Ok(registry);
            }
            "it is empty".to_owned()
        }
        Ok(registry) if log_has(sources, registry.position().tip, head)? => {
            return Ok(registry);
        }
        Ok(registry) => {
            // The start has compared them, so the files were exchanged since. Neither is overwritten.
            let Tip { seq, .. } = registry.position().tip;
            let (witness, end) = ("the registry".to_owned(), head);
            return Err(WalError::from(Divergence::OtherRecord { witness, seq, end }).into());
        }
        Err(RegistryError::Outdated(version)) => {
            tracing::info!(version, "the registry has an older version and is rebuilt");
            return rebuild(sources, head);
        }
        Err(error) if error.is_damage() => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    warn_of_rebuild(&why);
    rebuild(sources, head)
}

/// Moves a damaged registry aside, so that the next [`open`] rebuilds it.
pub(super) fn move_aside(sources: &Sources, damage: &RegistryError) {
    warn_of_rebuild(&damage.to_string());
    if let Err(error) = Registry::move_aside(&sources.registry) {
        tracing::error!(error_code = %error.code(), "the damaged registry stays: {error}");
    }
}

fn warn_of_rebuild(why: &str) {
    tracing::warn!(error_code = %Code::RegistryRebuilt, "the registry is rebuilt from checkpoint and log: {why}");
}

/// Returns true if the log goes on after this record: it has the record with the same hash, or begins after it.
fn log_has(sources: &Sources, tip: Tip, head: u64) -> Result<bool, ProjectorError> {
    if tip.seq == 0 || tip.seq > head {
        return Ok(false);
    }
    let beginning = newest_truncation(&*sources.disk, &sources.wal)?;
    if let Some(dropped) = beginning.filter(|dropped| dropped.seq == tip.seq) {
        return Ok(dropped.hash == tip.hash.to_string());
    }
    let mut found = Reader::new(sources.disk.clone(), &sources.wal, tip.seq, tip.seq)?;
    Ok(found
        .next()
        .transpose()?
        .is_some_and(|entry| entry.hash == tip.hash))
}

/// Returns true if the log begins after the record that follows this one.
fn is_dropped(sources: &Sources, tip: Tip) -> Result<bool, ProjectorError> {
    let beginning = newest_truncation(&*sources.disk, &sources.wal)?;
    Ok(beginning.is_some_and(|dropped| dropped.seq > tip.seq))
}

/// Builds the registry from the newest checkpoint. Without a checkpoint it begins where the log does, and is filled from
/// the log.
fn rebuild(sources: &Sources, head: u64) -> Result<Registry, ProjectorError> {
    let (found, _) = checkpoint::newest(&*sources.disk, &sources.checkpoints)?;
    let (state, tip) = match found {
        Some(found) if log_has(sources, found.tip, head)? => (found.state, found.tip),
        _ => boot::base(&*sources.disk, &sources.wal)?,
    };
    let position = Position::from_state(&state, tip);
    let rows = state.scene.rows();
    Ok(Registry::rebuild(&sources.registry, rows, position)?)
}
