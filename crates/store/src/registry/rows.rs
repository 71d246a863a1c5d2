//! The database of rows.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use uuid::Uuid;
use vibesync_scene::Row;

use super::error::RegistryError;
use super::head::{Head, Position};
use super::root::Summary;
use crate::cause::Cause;
use crate::disk::{DiskError, WithContext};
use crate::held_open;

/// Key of the position and the summary. They are stored beside the rows, so that one batch changes all or none. The
/// keys of rows have 16 bytes.
const HEAD_KEY: &[u8] = b"head";
/// Cache of sled, bytes.
const CACHE: u64 = 2 * 1024 * 1024;
/// Most rows in one batch. sled allocates several times their size, and does not release it.
const BATCH: usize = 1_000;

/// Attempts to open files that another instance has locked.
const LOCK_TRIES: usize = 10;
/// Pause between these attempts.
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// The registry, open for reading and writing.
#[derive(Debug)]
pub struct Registry {
    db: sled::Db,
    head: Head,
    is_dirty: bool,
}

/// Opens sled's files. sled releases its lock a moment after the last handle is dropped. So this function waits for an
/// instance that was just closed, and for another program that has a file open.
fn open_when_free(dir: &Path) -> Result<sled::Db, sled::Error> {
    let config = sled::Config::new().path(dir).cache_capacity(CACHE);
    let config = config.flush_every_ms(None);
    for _ in 0..LOCK_TRIES {
        match config.open() {
            Err(sled::Error::Io(error))
                if held_open::is_held(&error) || error.to_string().contains("lock") =>
            {
                std::thread::sleep(LOCK_PAUSE);
            }
            opened => return opened,
        }
    }
    config.open()
}

impl Registry {
    /// Opens or creates the registry. Does not verify its rows.
    pub fn open(dir: &Path) -> Result<Self, RegistryError> {
        let db = open_when_free(dir)?;
        let head = match db.get(HEAD_KEY)? {
            Some(bytes) => Head::decode(&bytes)?,
            None if db.is_empty() => Head::default(),
            None => {
                let why = "it has rows, but no position".to_owned();
                return Err(RegistryError::Disagrees(why));
            }
        };
        if head.rows > 0 && head.position == Position::START {
            let why = "its build was interrupted".to_owned();
            return Err(RegistryError::Disagrees(why));
        }
        Ok(Self {
            db,
            head,
            is_dirty: false,
        })
    }

    /// Opens an existing registry; none if there is none. Fails while another process has it open.
    pub fn read(dir: &Path) -> Result<Option<Self>, RegistryError> {
        dir.exists().then(|| Self::open(dir)).transpose()
    }

    /// Builds a registry from the rows at a position; durable on return. Moves the old one aside, where it replaces any
    /// earlier one.
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
            // The position stays at the start until all rows are in, so that a crash leaves no registry that looks
            // complete.
            registry.apply(rows.by_ref().take(BATCH), Position::START)?;
        }
        registry.apply([], position)?;
        registry.flush()?;
        Ok(registry)
    }

    /// Keeps a damaged registry for inspection, and returns its new path. The registry must not be open.
    pub fn move_aside(dir: &Path) -> Result<PathBuf, DiskError> {
        let mut name = dir.file_name().unwrap_or_default().to_owned();
        name.push(".damaged");
        let aside = dir.with_file_name(name);
        match held_open::retry(&aside, || fs::remove_dir_all(&aside)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(error).with_context("remove", &aside);
            }
            _ => {}
        }
        held_open::retry(dir, || fs::rename(dir, &aside)).with_context("move aside", dir)?;
        Ok(aside)
    }

    /// The log position that its rows belong to.
    pub fn position(&self) -> Position {
        self.head.position
    }

    /// The summary of its rows, as updated by each change.
    pub fn summary(&self) -> Summary {
        self.head.summary()
    }

    /// Reads every row, and compares them with the summary.
    pub fn check(&self) -> Result<(), RegistryError> {
        self.verify(&self.summary())
    }

    /// Reads every row, and compares them with the summary and with the `expected` one.
    pub fn verify(&self, expected: &Summary) -> Result<(), RegistryError> {
        let mut found = Summary {
            seq: self.head.position.tip.seq,
            ..Summary::default()
        };
        for row in self.rows() {
            found.add(row?.as_ref());
        }
        for (by, expected) in [
            ("its summary is", &self.summary()),
            ("the log gives", expected),
        ] {
            if found != *expected {
                let why = format!("it has {found}, {by} {expected}");
                return Err(RegistryError::Disagrees(why));
            }
        }
        Ok(())
    }

    /// Writes the rows that changed up to a position; durable after [`Registry::flush`]. If a row occurs more than
    /// once, the last one counts.
    ///
    /// The position changes with the last batch. A crash before that leaves some rows newer than the position. Applying
    /// the same records again corrects them, since a record sets a row whatever its previous state.
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

    /// Writes rows and position as one batch, all or none.
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

    /// Makes all applied rows durable.
    pub fn flush(&mut self) -> Result<(), RegistryError> {
        self.db.flush()?;
        self.is_dirty = false;
        Ok(())
    }

    /// Whether rows were applied since the last flush.
    pub fn is_dirty(&self) -> bool {
        self.is_dirty
    }

    /// Returns the row of this uuid, also if it is a tombstone.
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

fn unreadable(key: &[u8], cause: impl Into<Cause>) -> RegistryError {
    let key = Uuid::from_slice(key).map_or_else(|_| format!("{key:?}"), |uuid| uuid.to_string());
    let source = cause.into();
    RegistryError::Row { key, source }
}
