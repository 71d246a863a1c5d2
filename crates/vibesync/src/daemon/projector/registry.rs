//! A registry that can be relied on: opened, held against itself and the log, and made anew where it fails that.

use vibesync_scene::Code;
use vibesync_store::checkpoint;
use vibesync_store::registry::{Position, Registry, RegistryError};
use vibesync_store::wal::{Reader, Tip};

use super::Places;
use super::follower::Failure;

/// The registry, at a position that the log has.
pub(super) fn open(places: &Places, head: u64) -> Result<Registry, Failure> {
    if !places.registry.exists() {
        return make(places, head);
    }
    let opened = Registry::open(&places.registry);
    let why = match opened.and_then(|registry| {
        registry.check()?;
        Ok(registry)
    }) {
        Ok(registry) if registry.position() == Position::START => {
            // A checkpoint is written after a flush: where there is one, the registry was more than this.
            if checkpoint::headers(&*places.disk, &places.checkpoints)?.is_empty() {
                return Ok(registry);
            }
            "it is empty".to_owned()
        }
        Ok(registry) if is_of_the_log(places, registry.position().tip, head)? => {
            return Ok(registry);
        }
        Ok(registry) => format!(
            "the log has no such record as it says: {}",
            registry.summary()
        ),
        Err(RegistryError::Outdated(version)) => {
            tracing::info!(
                version,
                "the registry is of an older version: it is made anew"
            );
            return make(places, head);
        }
        Err(error) if error.is_damage() => error.to_string(),
        Err(error) => return Err(error.into()),
    };
    rebuilt(&why);
    make(places, head)
}

/// What was found while it was in use: the next [`open`] makes it anew.
pub(super) fn distrust(places: &Places, error: &RegistryError) {
    rebuilt(&error.to_string());
    if let Err(error) = Registry::move_aside(&places.registry) {
        tracing::error!(error_code = %error.code_or(Code::RegistryRebuilt), "the damaged registry stays: {error}");
    }
}

fn rebuilt(why: &str) {
    tracing::warn!(error_code = %Code::RegistryRebuilt, "the registry is rebuilt from checkpoint and log: {why}");
}

fn is_of_the_log(places: &Places, tip: Tip, head: u64) -> Result<bool, Failure> {
    if tip.seq == 0 || tip.seq > head {
        return Ok(false);
    }
    let mut found = Reader::new(places.disk.clone(), &places.wal, tip.seq, tip.seq)?;
    Ok(found
        .next()
        .transpose()?
        .is_some_and(|entry| entry.hash == tip.hash))
}

/// From the newest checkpoint; without one it is empty, and the log gives it everything.
fn make(places: &Places, head: u64) -> Result<Registry, Failure> {
    let (found, _) = checkpoint::newest(&*places.disk, &places.checkpoints)?;
    let found = match found {
        Some(found) if is_of_the_log(places, found.tip, head)? => found,
        _ => {
            let empty = Registry::rebuild(&places.registry, [].into_iter(), Position::START)?;
            return Ok(empty);
        }
    };
    let position = Position::from_state(&found.state, found.tip);
    let rows = found.state.scene.rows();
    Ok(Registry::rebuild(&places.registry, rows, position)?)
}
