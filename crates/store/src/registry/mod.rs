//! uuid -> row, made from the log, kept in sled for queries and for tools that do not replay.
//!
//! It says itself up to which record of the log it holds the rows, in the same batch as the rows: after a crash it goes
//! on from there. sled 0.34 can open damaged files with rows missing, so it is not believed: the root hash is carried
//! from change to change, and whoever reads all rows holds them against it ([`Registry::check`], each checkpoint). A
//! row that was lost, or that is an old one, leaves a remainder in the root for ever. One that disagrees is made anew.

mod head;
mod root;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use head::Head;
pub use head::Position;
pub use root::{RootHash, Summary};
use uuid::Uuid;
use vibesync_scene::{Code, Row};

use crate::disk::{At, DiskError};

/// Where position and summary are kept: beside the rows, so that one batch changes both or neither. Row keys are 16
/// bytes.
const HEAD_KEY: &[u8] = b"head";
/// What sled may keep in memory of its files, bytes.
const CACHE: u64 = 2 * 1024 * 1024;
/// Rows that go in at once: sled takes several times their size in memory for it, and does not give it back.
const BATCH: usize = 1_000;

/// How often, and with which pause between, files that another instance holds are tried.
const LOCK_TRIES: usize = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

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
    /// It was made in an older version of its format.
    #[error("registry: it has version {0}, which is not used any more")]
    Outdated(u32),
    /// It was made in a version that this program does not know.
    #[error(
        "registry: a newer VibeSync made it: it has version {found}, this program reads up to {known}"
    )]
    Newer {
        /// Its version.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Moving the damaged one aside failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl RegistryError {
    /// Whether it has to be made anew: the files are at fault or old, not the system or another process that holds
    /// them.
    pub fn is_damage(&self) -> bool {
        match self {
            RegistryError::Sled(sled::Error::Io(error)) => matches!(
                error.kind(),
                io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof
            ),
            RegistryError::Sled(_)
            | RegistryError::Row { .. }
            | RegistryError::Disagrees(_)
            | RegistryError::Outdated(_) => true,
            RegistryError::Newer { .. } | RegistryError::Disk(_) => false,
        }
    }

    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RegistryError::Disk(error) => error.code_or(Code::RegistryRebuilt),
            RegistryError::Newer { .. } => Code::MadeByNewer,
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

/// The rows.
#[derive(Debug)]
pub struct Registry {
    db: sled::Db,
    head: Head,
    is_dirty: bool,
}

/// Opens sled's files. Its lock is given up a moment after the last handle is dropped, so an instance that has just been
/// closed, by this program or one that it follows, is waited for.
fn open_when_free(dir: &Path) -> Result<sled::Db, sled::Error> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE);
    let config = config.flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error)) if error.to_string().contains("lock") => {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

impl Registry {
    /// Opens the registry, creating it. What it says is not compared with anything.
    pub fn open(dir: &Path) -> Result<Self, RegistryError> {
        let db = open_when_free(dir)?;
        let head = match db.get(HEAD_KEY)? {
            Some(bytes) => Head::decode(&bytes)?,
            None if db.is_empty() => Head::default(),
            None => {
                let why = "it has rows and does not say of when".to_owned();
                return Err(RegistryError::Disagrees(why));
            }
        };
        if head.rows > 0 && head.position == Position::START {
            let why = "it was not finished when it was made".to_owned();
            return Err(RegistryError::Disagrees(why));
        }
        Ok(Self {
            db,
            head,
            is_dirty: false,
        })
    }

    /// Opens the registry to look at it; none where there is none. It fails while another process has it open.
    pub fn read(dir: &Path) -> Result<Option<Self>, RegistryError> {
        dir.exists().then(|| Self::open(dir)).transpose()
    }

    /// Makes it anew of the rows at a position; durable on return. The old one is moved aside (there it is replaced
    /// by the next).
    pub fn rebuild<'a>(
        dir: &Path,
        rows: impl Iterator<Item = &'a Row>,
        position: Position,
    ) -> Result<Self, RegistryError> {
        if dir.exists() {
            Self::move_aside(dir)?;
        }
        let mut registry = Self::open(dir)?;
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            // Until all are in, it is before the first record: a crash now leaves one that nobody takes for whole.
            registry.apply(rows.by_ref().take(BATCH), Position::START)?;
        }
        registry.apply([], position)?;
        registry.flush()?;
        Ok(registry)
    }

    /// Keeps one damaged registry for inspection, and says where. It must not be open.
    pub fn move_aside(dir: &Path) -> Result<PathBuf, DiskError> {
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

    /// Where in the log it stands.
    pub fn position(&self) -> Position {
        self.head.position
    }

    /// What it holds, as it was counted change by change.
    pub fn summary(&self) -> Summary {
        self.head.summary()
    }

    /// Reads every row, and compares with what was counted change by change.
    pub fn check(&self) -> Result<(), RegistryError> {
        self.verify(&self.summary())
    }

    /// Reads every row, and compares with what was counted and with what the log says.
    pub fn verify(&self, expected: &Summary) -> Result<(), RegistryError> {
        let mut found = Summary {
            seq: self.head.position.tip.seq,
            ..Summary::default()
        };
        for row in self.rows() {
            found.add(row?.as_ref());
        }
        for (by, expected) in [("it counted", &self.summary()), ("the log says", expected)] {
            if found != *expected {
                let why = format!("it holds {found}, {by} {expected}");
                return Err(RegistryError::Disagrees(why));
            }
        }
        Ok(())
    }

    /// Takes in rows that changed up to a position; durable after [`Registry::flush`]. A row may come more than once: the
    /// last one counts. The position changes with the last of them. A crash before that leaves rows that are ahead of
    /// it, which taking in the same records again makes what they should be: a record sets what it is about, whatever
    /// was there.
    pub fn apply<'a>(
        &mut self,
        changed: impl IntoIterator<Item = &'a Row>,
        position: Position,
    ) -> Result<(), RegistryError> {
        let last: BTreeMap<Uuid, &Row> = changed
            .into_iter()
            .map(|row| (row.entity.uuid, row))
            .collect();
        let mut rows = last.into_values().peekable();
        loop {
            let some: Vec<&Row> = rows.by_ref().take(BATCH).collect();
            let is_last = rows.peek().is_none();
            let reached = if is_last {
                position
            } else {
                self.head.position
            };
            self.apply_batch(&some, reached)?;
            if is_last {
                return Ok(());
            }
        }
    }

    /// All or nothing.
    fn apply_batch(&mut self, rows: &[&Row], position: Position) -> Result<(), RegistryError> {
        let mut head = Head {
            position,
            ..self.head
        };
        let mut batch = sled::Batch::default();
        for row in rows {
            let key = row.entity.uuid.as_bytes();
            match self.db.get(key)? {
                Some(old) => head.root.toggle(&old),
                None => head.rows += 1,
            }
            let json = serde_json::to_vec(row).map_err(|error| unreadable(key, error))?;
            head.root.toggle(&json);
            batch.insert(key, json);
        }
        batch.insert(HEAD_KEY, head.encode());
        self.db.apply_batch(batch)?;
        self.head = head;
        self.is_dirty = true;
        Ok(())
    }

    /// Makes all that was applied durable.
    pub fn flush(&mut self) -> Result<(), RegistryError> {
        self.db.flush()?;
        self.is_dirty = false;
        Ok(())
    }

    /// Whether a crash could lose something that was applied.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// The row of this uuid, tombstone or not.
    pub fn get(&self, uuid: Uuid) -> Result<Option<Row>, RegistryError> {
        let json = self.db.get(uuid.as_bytes())?;
        json.map(|json| decode_row(uuid.as_bytes(), &json))
            .transpose()
    }

    /// Every row, by uuid.
    pub fn iter(&self) -> impl Iterator<Item = Result<Row, RegistryError>> + '_ {
        self.items().map(|item| {
            let (key, json) = item?;
            decode_row(&key, &json)
        })
    }

    /// Every row as JSON, by uuid.
    pub fn rows(&self) -> impl Iterator<Item = Result<impl AsRef<[u8]>, RegistryError>> + '_ {
        self.items()
            .map(|item| item.map(|(_, json)| json).map_err(RegistryError::from))
    }

    fn items(&self) -> impl Iterator<Item = sled::Result<(sled::IVec, sled::IVec)>> + '_ {
        let is_row = |item: &sled::Result<(sled::IVec, sled::IVec)>| !matches!(item, Ok((key, _)) if key == HEAD_KEY);
        self.db.iter().filter(is_row)
    }
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
