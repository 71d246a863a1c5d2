//! Discovery of the daemon: the runtime folder and the discovery file in it.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use vibesync_scene::ProjectId;

/// Version of the discovery file.
pub const DISCOVERY_VERSION: u32 = 1;

/// Operating systems, by the location of a user's runtime files.
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
    /// The system that this program was built for.
    pub const CURRENT: Self = if cfg!(windows) {
        Os::Windows
    } else if cfg!(target_os = "macos") {
        Os::MacOs
    } else {
        Os::Unix
    };
}

/// Returns the user's runtime folder, from environment variables; none if they name no home folder.
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

/// The discovery file, by which the user's editors find a running daemon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discovery {
    /// Version of this file.
    pub schema_version: u32,
    /// The project that the daemon serves.
    pub project_id: ProjectId,
    /// The folder of the project.
    pub project_root: PathBuf,
    /// Loopback address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// The token file.
    pub token_path: PathBuf,
    /// Process id of the daemon.
    pub pid: u32,
    /// Version of the daemon.
    pub daemon_version: String,
    /// The daemon sleeps: the supervisor listens at the port, and starts the daemon when a client connects.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub asleep: bool,
}
