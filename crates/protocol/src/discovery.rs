//! Discovery of the daemon: the runtime folders and the discovery files in them.

use std::cmp::Reverse;
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

/// Returns the index of the announced project that an editor joins by itself: the one whose id its file stores, else the
/// nearest root that holds the file. None: the editor asks the person, also if there is just one project.
///
/// `announced` are ids and roots. `resolve` follows symbolic links. No project is certain if it leads to another one.
pub fn pick_project(
    os: Os,
    announced: &[(&str, &str)],
    id: Option<&str>,
    file: Option<&str>,
    resolve: impl Fn(&str) -> String,
) -> Option<usize> {
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        return announced.iter().position(|(other, _)| *other == id);
    }
    let file = file?;
    let nearest = |spelled: &dyn Fn(&str) -> String| {
        let file = parts(os, &spelled(file))?;
        let roots = announced.iter().enumerate();
        let depths = roots.filter_map(|(index, (_, root))| {
            let root = parts(os, &spelled(root))?;
            file.starts_with(&root).then_some((root.len(), index))
        });
        depths.max_by_key(|(depth, index)| (*depth, Reverse(*index)))
    };
    let as_named = nearest(&str::to_owned).map(|(_, index)| index);
    let resolved = nearest(&resolve).map(|(_, index)| index);
    match (as_named, resolved) {
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

/// Splits an absolute path; none for a relative path, and for one with `..`, whose folder links could change.
fn parts(os: Os, path: &str) -> Option<Vec<String>> {
    let (root, rest) = match os {
        Os::Windows => windows_root(path)?,
        Os::Unix | Os::MacOs => (String::new(), path.strip_prefix('/')?.to_owned()),
    };
    let separator = if os == Os::Windows { '\\' } else { '/' };
    let names = rest
        .split(separator)
        .filter(|it| !it.is_empty() && *it != ".");
    let names = names.map(|name| match os {
        Os::Windows => name.chars().map(folded).collect(),
        Os::Unix | Os::MacOs => name.to_owned(),
    });
    let parts: Vec<_> = std::iter::once(root).chain(names).collect();
    (!parts.iter().any(|part| part == "..")).then_some(parts)
}

/// Splits a path of Windows into drive or `\\`, and the rest. Long paths begin with `\\?\`.
fn windows_root(path: &str) -> Option<(String, String)> {
    let path = path.replace('/', "\\");
    if let Some(long) = path.strip_prefix(r"\\?\") {
        return match long.get(..4).filter(|it| it.eq_ignore_ascii_case(r"UNC\")) {
            Some(_) => Some((r"\\".to_owned(), long.get(4..)?.to_owned())),
            None => drive(long),
        };
    }
    match path.strip_prefix(r"\\") {
        Some(share) => Some((r"\\".to_owned(), share.to_owned())),
        None => drive(&path),
    }
}

fn drive(path: &str) -> Option<(String, String)> {
    let (drive, rest) = path.split_once(r":\")?;
    let is_letter = drive.len() == 1 && drive.chars().all(|c| c.is_ascii_alphabetic());
    is_letter.then(|| (drive.to_ascii_uppercase(), rest.to_owned()))
}

/// Windows compares names in upper case, each character by itself.
fn folded(character: char) -> char {
    let mut upper = character.to_uppercase();
    match (upper.next(), upper.next()) {
        (Some(one), None) => one,
        _ => character,
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
