//! Discovery of the daemon: the runtime folders and the discovery files in them.

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

/// Returns the user's runtime folders, from environment variables; none if they name no home folder. The first is the
/// place for files that exist once.
pub fn runtime_folders(os: Os, env: impl Fn(&str) -> Option<String>) -> Vec<PathBuf> {
    let set = |name: &str| env(name).filter(|value| !value.is_empty());
    let under = |name: &str, rest: &str| set(name).map(|root| PathBuf::from(root + rest));
    if let Some(folder) = set("VIBESYNC_RUNTIME_DIR") {
        return vec![folder.into()];
    }
    let places = match os {
        // A program in a sandbox, as Blender of Flatpak, sees the home folder and nothing of /run.
        Os::Unix => vec![
            under("XDG_RUNTIME_DIR", "/vibesync"),
            under("HOME", "/.local/state/vibesync/run"),
        ],
        Os::MacOs => vec![under("HOME", "/Library/Application Support/vibesync/run")],
        Os::Windows => vec![under("LOCALAPPDATA", "\\vibesync\\run")],
    };
    places.into_iter().flatten().collect()
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
