//! The folders of a user: settings, and the state of the service.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use vibesync_scene::Code;

use crate::error::Error;

/// The folder with the user's settings of VibeSync; none if the environment names no home folder.
pub fn config() -> Option<PathBuf> {
    let folders = etcetera::choose_base_strategy().ok()?;
    Some(folders.config_dir().join("vibesync"))
}

/// Does the same, and fails with VS-6001 without a home folder.
pub fn config_or_fail() -> Result<PathBuf, Error> {
    config().ok_or_else(|| {
        let message = "the environment names no home folder, so there is no place for settings";
        Error::new(Code::ConfigInvalid, "", message)
    })
}

/// The folder with the log files of the service.
pub fn log() -> Result<PathBuf, Error> {
    let folders = etcetera::choose_base_strategy().map_err(|error| {
        let message = format!("there is no place for the log: {error}");
        Error::new(Code::ServiceUnavailable, "", message)
    })?;
    // Windows has no folder for state: its folder for caches is the local one of the user.
    let state = folders.state_dir().unwrap_or_else(|| folders.cache_dir());
    Ok(state.join("vibesync").join("log"))
}
