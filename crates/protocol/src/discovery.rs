//! Where a daemon is found: the runtime folder and the discovery file in it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vibesync_scene::ProjectId;

/// Version of the discovery file.
pub const DISCOVERY_VERSION: u32 = 1;

/// Operating systems that differ in where a user's runtime files live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Os {
    /// Linux and other Unix.
    Unix,
    /// macOS.
    MacOs,
    /// Windows.
    Windows,
}

impl Os {
    /// The one this program was built for.
    pub const CURRENT: Self = if cfg!(windows) {
        Os::Windows
    } else if cfg!(target_os = "macos") {
        Os::MacOs
    } else {
        Os::Unix
    };
}

/// The user's runtime folder, from the environment. None where the environment names no home.
pub fn runtime_folder(os: Os, env: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let under = |root: String, rest: &str, separator: &str| {
        Some(PathBuf::from(format!("{root}{separator}{rest}")))
    };
    if let Some(folder) = set("VIBESYNC_RUNTIME_DIR") {
        return Some(folder.into());
    }
    match os {
        Os::Unix => match set("XDG_RUNTIME_DIR") {
            Some(folder) => under(folder, "vibesync", "/"),
            None => under(set("HOME")?, ".local/state/vibesync/run", "/"),
        },
        Os::MacOs => under(
            set("HOME")?,
            "Library/Application Support/vibesync/run",
            "/",
        ),
        Os::Windows => under(set("LOCALAPPDATA")?, "vibesync\\run", "\\"),
    }
}

/// What a running daemon tells its user's editors.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discovery {
    /// Version of this file.
    pub schema_version: u32,
    /// The project served.
    pub project_id: ProjectId,
    /// Its folder.
    pub project_root: PathBuf,
    /// Loopback address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The secret's file.
    pub token_path: PathBuf,
    /// Process id of the daemon.
    pub pid: u32,
    /// Its version.
    pub daemon_version: String,
}
