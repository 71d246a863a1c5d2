//! uuid -> row, made from the log, kept in sled for queries and for tools that do not replay.
//!
//! sled 0.34 can lose what was not flushed and can open damaged files with rows missing. So what it says is never
//! believed: at each start all rows are read and compared with the log's, and a registry that differs is made anew.

mod root;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use root::{Root, Summary};
use uuid::Uuid;
use vibesync_scene::{Code, Row};

use crate::disk::{At, DiskError};

/// Where the summary is kept: beside the rows, so that one batch changes both or neither. Row keys are 16 bytes.
const SUMMARY_KEY: &[u8] = b"summary";
const SUMMARY_BYTES: usize = 48;

/// The registry cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// sled refused.
    #[error("registry: {0}")]
    Sled(#[from] sled::Error),
    /// A row is not one.
    #[error("registry: row {key} is not readable: {why}")]
    Row {
        /// Its key.
        key: String,
        /// Why.
        why: String,
    },
    /// It is not what the log says.
    #[error("registry: {0}")]
    Disagrees(String),
    /// Moving the damaged one aside failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl RegistryError {
    /// Whether the files are at fault, not the system or another process that holds them.
    fn is_damage(&self) -> bool {
        match self {
            RegistryError::Sled(sled::Error::Io(error)) => matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ),
            RegistryError::Sled(_) | RegistryError::Row { .. } | RegistryError::Disagrees(_) => {
                true
            }
            RegistryError::Disk(_) => false,
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RegistryError::Disk(error) => error.code_or(Code::RegistryRebuilt),
            RegistryError::Sled(sled::Error::Io(error)) if is_full(error) => Code::DiskFull,
            _ => Code::RegistryRebuilt,
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
    )
}

/// A registry that was there was made anew (VS-5004).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// What was wrong with the old one.
    pub why: String,
    /// Where the old one is now, for inspection; the next one to be rebuilt replaces it.
    pub moved_to: PathBuf,
}

/// The rows.
#[derive(Debug)]
pub struct Registry {
    db: sled::Db,
    summary: Summary,
}

impl Registry {
    /// Opens the registry and compares it with the rows that the log gives at `seq`. One that is damaged or differs is
    /// moved aside, and a new one made, durably.
    pub fn open<'a>(
        dir: &Path,
        rows: impl Iterator<Item = &'a Row> + Clone,
        seq: u64,
    ) -> Result<(Self, Option<Rebuilt>), RegistryError> {
        if !dir.exists() {
            return Ok((Self::create(dir, rows, seq)?, None));
        }
        let expected = Summary::of(rows.clone(), seq).map_err(|error| unreadable(&[], error))?;
        let opened = Self::open_unverified(dir).and_then(|registry| {
            registry.verify(&expected)?;
            Ok(registry)
        });
        let why = match opened {
            Ok(registry) => return Ok((registry, None)),
            Err(error) if error.is_damage() => error.to_string(),
            Err(error) => return Err(error),
        };
        let moved_to = move_aside(dir)?;
        let registry = Self::create(dir, rows, seq)?;
        Ok((registry, Some(Rebuilt { why, moved_to })))
    }

    fn create<'a>(
        dir: &Path,
        rows: impl Iterator<Item = &'a Row>,
        seq: u64,
    ) -> Result<Self, RegistryError> {
        let mut registry = Self::open_unverified(dir)?;
        let mut rows = rows.cloned().peekable();
        while rows.peek().is_some() {
            let some: Vec<Row> = rows.by_ref().take(1_000).collect();
            // Until all are in, it is at sequence 0: a crash now leaves one that differs from the log.
            registry.apply(&some, 0)?;
        }
        registry.apply(&[], seq)?;
        registry.flush()?;
        Ok(registry)
    }

    fn open_unverified(dir: &Path) -> Result<Self, RegistryError> {
        let config = sled::Config::new()
            .path(dir)
            .cache_capacity(64 * 1024 * 1024);
        let db = config.flush_every_ms(None).open()?;
        let stored = db.get(SUMMARY_KEY)?;
        let summary = stored
            .and_then(|bytes| decode_summary(&bytes))
            .unwrap_or_default();
        Ok(Self { db, summary })
    }

    /// What it holds, as it was counted change by change.
    pub fn summary(&self) -> Summary {
        self.summary
    }

    /// Opens the registry to look at it; none where there is none. It fails while another process has it open, and
    /// what it says is not compared with anything: that is [`Registry::verify`].
    pub fn read(dir: &Path) -> Result<Option<Self>, RegistryError> {
        dir.exists().then(|| Self::open_unverified(dir)).transpose()
    }

    /// Makes it anew of the rows that the log gives at `seq`; the old one is moved aside.
    pub fn rebuild<'a>(
        dir: &Path,
        rows: impl Iterator<Item = &'a Row>,
        seq: u64,
    ) -> Result<Self, RegistryError> {
        if dir.exists() {
            move_aside(dir)?;
        }
        Self::create(dir, rows, seq)
    }

    /// Reads every row, and compares with what was counted and with what the log says.
    pub fn verify(&self, expected: &Summary) -> Result<(), RegistryError> {
        let mut found = Summary {
            seq: self.summary.seq,
            ..Summary::default()
        };
        for item in self.rows() {
            let (_, row) = item?;
            found.root.toggle(&row);
            found.rows += 1;
        }
        for (by, expected) in [("it counted", &self.summary), ("the log says", expected)] {
            if found != *expected {
                let why = format!("it holds {found}, {by} {expected}");
                return Err(RegistryError::Disagrees(why));
            }
        }
        Ok(())
    }

    /// Takes in rows that changed up to `seq`; atomic, durable after [`Registry::flush`].
    pub fn apply(&mut self, changed: &[Row], seq: u64) -> Result<(), RegistryError> {
        let mut summary = Summary {
            seq,
            ..self.summary
        };
        let mut batch = sled::Batch::default();
        // A row may come more than once: the last one counts.
        let last: BTreeMap<Uuid, &Row> = changed.iter().map(|row| (row.entity.uuid, row)).collect();
        for (uuid, row) in last {
            match self.db.get(uuid.as_bytes())? {
                Some(old) => summary.root.toggle(&old),
                None => summary.rows += 1,
            }
            let json =
                serde_json::to_vec(row).map_err(|error| unreadable(uuid.as_bytes(), error))?;
            summary.root.toggle(&json);
            batch.insert(uuid.as_bytes(), json);
        }
        batch.insert(SUMMARY_KEY, encode_summary(&summary));
        self.db.apply_batch(batch)?;
        self.summary = summary;
        Ok(())
    }

    /// Makes all that was applied durable.
    pub fn flush(&self) -> Result<(), RegistryError> {
        self.db.flush()?;
        Ok(())
    }

    /// The row of this uuid, tombstone or not.
    pub fn get(&self, uuid: Uuid) -> Result<Option<Row>, RegistryError> {
        let json = self.db.get(uuid.as_bytes())?;
        json.map(|json| decode_row(uuid.as_bytes(), &json))
            .transpose()
    }

    /// Every row, by uuid.
    pub fn iter(&self) -> impl Iterator<Item = Result<Row, RegistryError>> + '_ {
        self.rows().map(|item| {
            let (key, json) = item?;
            decode_row(&key, &json)
        })
    }

    fn rows(&self) -> impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>> + '_ {
        let is_row = |item: &sled::Result<(sled::IVec, sled::IVec)>| !matches!(item, Ok((key, _)) if key == SUMMARY_KEY);
        self.db.iter().filter(is_row)
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} rows at sequence {} with root {}",
            self.rows, self.seq, self.root
        )
    }
}

fn encode_summary(summary: &Summary) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(SUMMARY_BYTES);
    bytes.extend(summary.seq.to_be_bytes());
    bytes.extend(summary.rows.to_be_bytes());
    bytes.extend(summary.root.as_bytes());
    bytes
}

fn decode_summary(bytes: &[u8]) -> Option<Summary> {
    let (seq, rest) = bytes.split_first_chunk()?;
    let (rows, root) = rest.split_first_chunk()?;
    Some(Summary {
        seq: u64::from_be_bytes(*seq),
        rows: u64::from_be_bytes(*rows),
        root: Root::from_bytes(root.try_into().ok()?),
    })
}

fn decode_row(key: &[u8], json: &[u8]) -> Result<Row, RegistryError> {
    let row: Row = serde_json::from_slice(json).map_err(|error| unreadable(key, error))?;
    if row.entity.uuid.as_bytes() != key {
        return Err(unreadable(key, "it is another entity"));
    }
    Ok(row)
}

fn unreadable(key: &[u8], why: impl ToString) -> RegistryError {
    let key = Uuid::from_slice(key).map_or_else(|_| format!("{key:?}"), |uuid| uuid.to_string());
    let why = why.to_string();
    RegistryError::Row { key, why }
}

/// Keeps one damaged registry for inspection.
fn move_aside(dir: &Path) -> Result<PathBuf, DiskError> {
    let mut name = dir.file_name().unwrap_or_default().to_owned();
    name.push(".damaged");
    let aside = dir.with_file_name(name);
    match fs::remove_dir_all(&aside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).at("remove", &aside);
        }
        _ => {}
    }
    fs::rename(dir, &aside).at("move aside", dir)?;
    Ok(aside)
}
