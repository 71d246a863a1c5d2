//! The settings: a built-in file, overlaid by the files of the user and of the project.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};
use vibesync_engine::ApproveIn;
use vibesync_scene::{AgentMode, Code};
use vibesync_store::held_open;

use crate::error::Error;
use crate::platform::user_folders;

/// The built-in file, with a comment for each key.
pub const DEFAULT: &str = include_str!("../../../config/vibesync.toml");

/// The settings of one project.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Folder of the project.
    pub root: PathBuf,
    /// All values, validated.
    pub config: Config,
    /// The files that overlay the built-in one; later files win.
    pub files: Vec<PathBuf>,
}

// The derived defaults are zeros and never used as settings. They fill the missing keys of a file while that file is
// checked by itself. The built-in file has every key; a test checks that.

/// All keys; `config/vibesync.toml` describes them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Config {
    pub net: Net,
    pub engine: Engine,
    pub governance: Governance,
    pub agents: Agents,
    pub wal: Wal,
    pub blobs: Blobs,
    pub audit: Audit,
    pub log: Log,
    pub service: Service,
}

/// `[net]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Net {
    pub port: u16,
    #[serde(deserialize_with = "within::<1, 1024, _, _>")]
    pub max_connections: usize,
    #[serde(deserialize_with = "within::<100, 60_000, _, _>")]
    pub handshake_timeout_ms: u64,
    #[serde(deserialize_with = "within::<100, 60_000, _, _>")]
    pub heartbeat_ms: u64,
}

/// `[engine]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Engine {
    #[serde(deserialize_with = "within::<250, 500, _, _>")]
    pub batch_window_ms: u64,
    #[serde(deserialize_with = "within::<100, 600_000, _, _>")]
    pub apply_timeout_ms: u64,
    #[serde(deserialize_with = "within::<100, 60_000, _, _>")]
    pub idle_ms: u64,
}

/// `[governance]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Governance {
    #[serde(deserialize_with = "within::<2, 1_000, _, _>")]
    pub entity: u32,
    #[serde(deserialize_with = "within::<1, 1_000, _, _>")]
    pub operation: u32,
    #[serde(deserialize_with = "within::<1, 1_000, _, _>")]
    pub automation: u32,
    #[serde(deserialize_with = "within::<1, 1_000, _, _>")]
    pub safe_mode: u32,
    #[serde(deserialize_with = "within::<2, 1_000, _, _>")]
    pub crashes: u32,
    #[serde(deserialize_with = "within::<1, 1_000, _, _>")]
    pub known_bad: u32,
    #[serde(deserialize_with = "within::<100, 3_600_000, _, _>")]
    pub steady_after_ms: u64,
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub changes_per_s: u64,
    #[serde(deserialize_with = "within::<1, 1_000_000, _, _>")]
    pub burst: u64,
}

/// `[agents]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Agents {
    pub enabled: bool,
    pub mode: AgentMode,
    pub approve_in: ApproveIn,
    #[serde(deserialize_with = "within::<1, 10_000, _, _>")]
    pub many: usize,
    #[serde(deserialize_with = "within::<0, 1_000_000_000, _, _>")]
    pub created_per_day: u64,
}

/// `[wal]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Wal {
    #[serde(deserialize_with = "within::<4_096, 1_073_741_824, _, _>")]
    pub segment_bytes: u64,
    #[serde(deserialize_with = "within::<100, 10_000_000, _, _>")]
    pub checkpoint_every: u64,
    pub compress: bool,
    #[serde(deserialize_with = "within::<0, 36_500, _, _>")]
    pub keep_days: u64,
}

/// `[blobs]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Blobs {
    #[serde(deserialize_with = "within::<0, 1_125_899_906_842_624, _, _>")]
    pub max_bytes: u64,
}

/// `[audit]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Audit {
    pub enabled: bool,
}

/// `[log]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Log {
    pub level: Level,
    #[serde(deserialize_with = "within::<1, 366, _, _>")]
    pub max_files: usize,
    #[serde(deserialize_with = "within::<4_096, 1_073_741_824, _, _>")]
    pub max_file_bytes: u64,
}

/// `[service]`
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[allow(missing_docs, reason = "described in config/vibesync.toml")]
pub struct Service {
    #[serde(deserialize_with = "minutes")]
    pub idle_minutes: f64,
}

impl Service {
    /// Returns the time after which a daemon that nobody uses ends; none if it never does.
    pub fn idle_limit(&self) -> Option<Duration> {
        let seconds = self.idle_minutes * 60.0;
        let limit = Duration::try_from_secs_f64(seconds).ok();
        limit.filter(|limit| !limit.is_zero())
    }
}

/// The verbosity of the daemon's log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "the names are the meaning")]
pub enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

/// Reads a whole number from `MIN` to `MAX`.
fn within<'de, const MIN: u64, const MAX: u64, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: TryFrom<u64>,
    D: Deserializer<'de>,
{
    let out_of_range = || serde::de::Error::custom(format!("must be from {MIN} to {MAX}"));
    let value = i64::deserialize(deserializer)?;
    let allowed = u64::try_from(value)
        .ok()
        .filter(|value| (MIN..=MAX).contains(value));
    allowed
        .and_then(|value| T::try_from(value).ok())
        .ok_or_else(out_of_range)
}

/// Reads a time in minutes, up to a week. Parts of a minute are allowed.
fn minutes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    const WEEK: f64 = 10_080.0;
    let minutes = f64::deserialize(deserializer)?;
    match (0.0..=WEEK).contains(&minutes) {
        true => Ok(minutes),
        false => Err(serde::de::Error::custom("must be from 0 to 10080")),
    }
}

impl Settings {
    /// Reads and checks the files of a project.
    pub fn load(root: PathBuf) -> Result<Self, Error> {
        let project = root.join(".vibesync/vibesync.toml");
        Self::merge(root, Some(project))
    }

    /// Reads and checks the file of the user, for work that belongs to no project. `root` is the folder of the file.
    pub fn of_user() -> Result<Self, Error> {
        Self::merge(user_folders::config_or_fail()?, None)
    }

    fn merge(root: PathBuf, project: Option<PathBuf>) -> Result<Self, Error> {
        let user = user_folders::config().map(|folder| folder.join("vibesync.toml"));
        let mut merged = layer(DEFAULT, Path::new("built-in vibesync.toml"))?;
        let mut files = Vec::new();
        for file in user.into_iter().chain(project) {
            if let Some(text) = read(&file)? {
                overlay(&mut merged, layer(&text, &file)?);
                files.push(file);
            }
        }
        let config = Config::deserialize(merged).map_err(|error| {
            let message = error.message().to_owned();
            Error::new(Code::ConfigInvalid, root.display(), message).caused_by(error)
        })?;
        Ok(Self {
            root,
            config,
            files,
        })
    }
}

fn read(file: &Path) -> Result<Option<String>, Error> {
    match held_open::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(Error::io(Code::ConfigInvalid, file, "read it", error)),
    }
}

/// Parses one file by itself, so that an error names the line.
fn layer(text: &str, file: &Path) -> Result<toml::Table, Error> {
    let checked = toml::from_str::<Config>(text);
    checked
        .and_then(|_| toml::from_str(text))
        .map_err(|error| invalid(text, file, &error))
}

fn invalid(text: &str, file: &Path, error: &toml::de::Error) -> Error {
    let at = error.span().map_or(0, |span| span.start);
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let key = key_at(text, line);
    let location = format!("{}:{line}, key `{key}`", file.display());
    let message = error.message().replace('\n', "; ");
    Error::new(Code::ConfigInvalid, location, message).caused_by(error.clone())
}

/// Returns the key on a line with its table: `net.port`.
fn key_at(text: &str, line: usize) -> String {
    let table = |line: &str| {
        let name = line.trim().strip_prefix('[')?.split(']').next()?;
        Some(name.trim().to_owned())
    };
    let lines: Vec<&str> = text.lines().take(line).collect();
    let here = lines.last().copied().unwrap_or_default();
    if let Some(table) = table(here) {
        return table;
    }
    let key = here.split('=').next().unwrap_or_default().trim();
    match lines.iter().rev().find_map(|line| table(line)) {
        Some(table) => format!("{table}.{key}"),
        None => key.to_owned(),
    }
}

fn overlay(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => overlay(base, over),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_file_has_every_key() {
        let file: toml::Table = toml::from_str(DEFAULT).unwrap();
        let types = toml::Table::try_from(Config::default()).unwrap();
        let keys = |table: &toml::Table| {
            let sections = table.iter().map(|(name, section)| {
                let keys = section.as_table().unwrap().keys().cloned();
                (name.clone(), keys.collect::<Vec<_>>())
            });
            sections.collect::<Vec<_>>()
        };
        assert_eq!(keys(&file), keys(&types));
    }

    #[test]
    fn errors_name_file_line_and_key() {
        let cases = [
            (
                "[net]\nprot = 1\n",
                "f.toml:2, key `net.prot`",
                "unknown field",
            ),
            (
                "\n[net]\nport = \"x\"",
                "f.toml:3, key `net.port`",
                "invalid type",
            ),
            ("[net]\nport = 70000", "f.toml:2, key `net.port`", "70000"),
            (
                "[engine]\n# why\nbatch_window_ms = 249",
                "f.toml:3, key `engine.batch_window_ms`",
                "from 250 to 500",
            ),
            (
                "[wal]\ncheckpoint_every = -1",
                "f.toml:2, key `wal.checkpoint_every`",
                "from 100",
            ),
            (
                "[service]\nidle_minutes = nan",
                "f.toml:2, key `service.idle_minutes`",
                "from 0 to 10080",
            ),
            ("[nett]\n", "f.toml:1, key `nett`", "unknown field"),
            (
                "[log]\nlevel = \"loud\"",
                "f.toml:2, key `log.level`",
                "loud",
            ),
            (
                "[net]\nport = 1\nport = 2",
                "f.toml:3, key `net.port`",
                "duplicate",
            ),
            ("[net\n", "f.toml:1", ""),
        ];
        for (text, location, message) in cases {
            let error = layer(text, Path::new("f.toml")).unwrap_err();
            assert_eq!(error.code, Code::ConfigInvalid);
            assert!(error.location.starts_with(location), "{error}");
            assert!(error.message.contains(message), "{error}");
        }
    }

    #[test]
    fn idle_time_may_be_whole_or_part_of_a_minute() {
        for (text, seconds) in [("30", Some(1_800.0)), ("0.5", Some(30.0)), ("0", None)] {
            let text = format!("[service]\nidle_minutes = {text}");
            let config: Config = toml::from_str(&text).unwrap();
            let limit = config.service.idle_limit();
            assert_eq!(limit.map(|limit| limit.as_secs_f64()), seconds, "{text}");
        }
    }

    #[test]
    fn later_file_wins_for_each_key() {
        let mut merged = layer(DEFAULT, Path::new("default")).unwrap();
        overlay(&mut merged, toml::from_str("[net]\nport = 7\n").unwrap());
        let config = Config::deserialize(merged).unwrap();
        assert_eq!(config.net.port, 7);
        assert_eq!(config.net.max_connections, 16);
        assert_eq!(config.engine.batch_window_ms, 300);
    }
}
