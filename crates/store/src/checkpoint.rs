//! The state at one sequence of the log, as JSON lines, so that boot need not replay all of it.
//!
//! First line: what it is. Then one line a row, an open transaction, a remembered operation. Last line: BLAKE3 of all
//! the bytes before it. A checkpoint is never the only copy of anything; a damaged one is skipped and reported.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use blake3::{Hash, Hasher};
use serde::{Deserialize, Serialize};
use vibesync_scene::{
    Change, Code, Entity, FailureHistory, OpenTransaction, Operation, OperationId, Outcome,
    Path as ChangePath, Phase, ProjectId, Replay, Role, Row, SessionId,
};

use crate::disk::{Access, At, Disk, DiskError, DiskFile, FileReader};
use crate::durable;
use crate::lines::{Line, Lines};
use crate::registry::{RegistryError, RootHash, Summary};
use crate::version;
use crate::wal::{Damage, Defect, Tip, WalError};

/// Version of the format that is written. Older ones are read, but a start makes the state anew from the log, which may
/// say more than they do.
pub const CHECKPOINT_VERSION: u32 = 2;

const SUFFIX: &str = ".checkpoint.jsonl";
/// How many are kept: the newest, and the one before it in case the newest is damaged.
const KEPT: usize = 2;
const CHUNK: usize = 1024 * 1024;
/// What the line of a row begins with; its JSON and a brace follow.
const ROW: &[u8] = b"{\"row\":";
const HASH: &[u8] = b"{\"hash\":";

/// A checkpoint cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The state cannot be said in JSON.
    #[error("checkpoint: {0}")]
    Encode(#[from] serde_json::Error),
    /// The rows are not those that they should be.
    #[error(transparent)]
    Rows(#[from] RegistryError),
}

impl CheckpointError {
    /// Its stable code. The log goes on without checkpoints, so only a full disk is the same as for the log.
    pub fn code(&self) -> Code {
        match self {
            CheckpointError::Disk(error) => error.code_or(Code::LogDamaged),
            CheckpointError::Encode(_) => Code::LogDamaged,
            CheckpointError::Rows(error) => error.code(),
        }
    }
}

/// A checkpoint as loaded.
#[derive(Debug)]
pub struct Checkpoint {
    /// The state.
    pub state: Replay,
    /// The record that it includes as the last.
    pub tip: Tip,
    /// Of its format.
    pub version: u32,
}

impl Checkpoint {
    /// Whether it may lack something that the log says.
    pub fn is_outdated(&self) -> bool {
        self.version < CHECKPOINT_VERSION
    }
}

/// One that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedCheckpoint {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    schema_version: u32,
    seq: u64,
    chain_hash: String,
    project_id: Option<ProjectId>,
    clean: bool,
    ended: u64,
    rows: u64,
    root: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Item<'a> {
    Row(Cow<'a, Row>),
    Open {
        begin: u64,
        operation_id: OperationId,
        session_id: Option<SessionId>,
        origin: Role,
        path: ChangePath,
        label: Cow<'a, str>,
        #[serde(default)]
        base_seq: u64,
        announced: u32,
        steps: Cow<'a, [(Change, Option<Entity>)]>,
    },
    Memory(Cow<'a, FailureHistory>),
    Operation {
        id: OperationId,
        digest: Cow<'a, str>,
        begin: u64,
        end: Option<(Phase, Outcome)>,
    },
    Hash(Cow<'a, str>),
}

/// Writes a checkpoint of `state`, whose last record is `tip` and durable; removes older ones than are kept. The rows
/// are not those of `state`, which may hold a part of the scene: they come as JSON, and must be what `summary` says.
pub fn write<R: AsRef<[u8]>>(
    disk: &dyn Disk,
    dir: &Path,
    state: &Replay,
    tip: Tip,
    rows: impl Iterator<Item = Result<R, RegistryError>>,
    summary: &Summary,
) -> Result<PathBuf, CheckpointError> {
    disk.create_dir(dir).at("create folder", dir)?;
    let path = path(dir, tip.seq);
    let staged = durable::temporary(&path);
    let file = disk
        .create(&staged, Access::Default)
        .at("create", &staged)?;
    let written = fill(Writer::new(file, &staged), state, tip, rows, summary);
    if written.is_err() {
        // Best effort: what stays behind is swept at the next start.
        let _ = disk.remove(&staged);
    }
    written?;
    disk.rename(&staged, &path).at("rename", &staged)?;
    disk.sync_dir(dir).at("fsync", dir)?;
    remove_old(disk, dir)?;
    Ok(path)
}

/// Where the checkpoint of a sequence is.
pub(crate) fn path(dir: &Path, seq: u64) -> PathBuf {
    dir.join(format!("{seq:020}{SUFFIX}"))
}

/// Whether the hash at the end of a checkpoint is that of the rest.
pub(crate) fn is_whole(disk: &dyn Disk, path: &Path) -> Result<bool, DiskError> {
    let mut lines = Lines::new(FileReader::new(disk.open(path).at("open", path)?));
    let mut hasher = Hasher::new();
    while let Some(Line::Whole(line)) = lines.next().at("read", path)? {
        if line.starts_with(HASH) {
            let hash = Item::Hash(hasher.finalize().to_string().into());
            let is_same = serde_json::to_vec(&hash).is_ok_and(|expected| expected == line);
            return Ok(is_same && lines.next().at("read", path)?.is_none());
        }
        hasher.update(line).update(b"\n");
    }
    Ok(false)
}

/// Reads one checkpoint; the error says why it cannot be used.
pub fn load(disk: &dyn Disk, path: &Path) -> Result<Checkpoint, LoadError> {
    let said = |error: std::io::Error| LoadError::Damaged(error.to_string());
    match read(disk.open(path).map_err(said)?) {
        // A version that is not known is believed only where the file is whole: damage may look like it.
        Err(LoadError::Newer(defect)) if !is_whole(disk, path).unwrap_or(false) => {
            Err(LoadError::Damaged(defect.to_string()))
        }
        loaded => loaded,
    }
}

/// Why a checkpoint cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// It is of a version that is not known.
    #[error("{0}")]
    Newer(Defect),
    /// It is not whole.
    #[error("{0}")]
    Damaged(String),
}

impl From<String> for LoadError {
    fn from(why: String) -> Self {
        LoadError::Damaged(why)
    }
}

fn fill<R: AsRef<[u8]>>(
    mut out: Writer<'_>,
    state: &Replay,
    tip: Tip,
    rows: impl Iterator<Item = Result<R, RegistryError>>,
    summary: &Summary,
) -> Result<(), CheckpointError> {
    out.line(&header(state, tip, summary))?;
    let mut found = Summary {
        seq: summary.seq,
        ..Summary::default()
    };
    for row in rows {
        let row = row?;
        found.add(row.as_ref());
        out.row(row.as_ref())?;
    }
    if found != *summary {
        let why = format!("it holds {found}, it counted {summary}");
        return Err(RegistryError::Disagrees(why).into());
    }
    for open in state.open.values() {
        out.line(&of_open(open))?;
    }
    out.line(&Item::Memory(Cow::Borrowed(&state.failures)))?;
    for (id, operation) in state.operations.iter() {
        out.line(&of_operation(id, operation))?;
    }
    out.finish()
}

/// The newest whole checkpoint, and those that were skipped on the way to it. One of a newer version is not skipped:
/// the error is VS-5008.
pub fn newest(
    disk: &dyn Disk,
    dir: &Path,
) -> Result<(Option<Checkpoint>, Vec<SkippedCheckpoint>), WalError> {
    durable::sweep(disk, dir)?;
    let mut skipped = Vec::new();
    for path in list(disk, dir)?.into_iter().rev() {
        match load(disk, &path) {
            Ok(checkpoint) => return Ok((Some(checkpoint), skipped)),
            Err(LoadError::Damaged(why)) => skipped.push(SkippedCheckpoint { path, why }),
            Err(LoadError::Newer(defect)) => return Err(Damage::of_file(&path, 1, defect).into()),
        }
    }
    Ok((None, skipped))
}

/// A file, and the record that its state includes as the last with what that state is; or why it cannot be read.
pub type NamedHeader = (PathBuf, Result<(Tip, Summary), String>);

/// What the checkpoints say that they hold, oldest first. Only their first lines are read, and nothing is changed, so
/// a daemon may be at work.
pub fn headers(disk: &dyn Disk, dir: &Path) -> Result<Vec<NamedHeader>, DiskError> {
    let mut headers = Vec::new();
    for path in list(disk, dir)? {
        let file = disk.open(&path).at("open", &path)?;
        let header = read_header(&mut Lines::new(FileReader::new(file)));
        headers.push((path, header.and_then(claim)));
    }
    Ok(headers)
}

fn read_header(lines: &mut Lines<FileReader>) -> Result<Header, String> {
    match lines.next().map_err(|error| error.to_string())? {
        Some(Line::Whole(line)) => match version::newer(line, CHECKPOINT_VERSION) {
            Some(defect) => Err(defect.to_string()),
            None => serde_json::from_slice(line).map_err(|error| error.to_string()),
        },
        _ => Err("it is incomplete".into()),
    }
}

fn claim(header: Header) -> Result<(Tip, Summary), String> {
    let (seq, rows) = (header.seq, header.rows);
    let hash = |hex: &str| Hash::from_hex(hex).map_err(|error| error.to_string());
    let root = RootHash::from_bytes(*hash(&header.root)?.as_bytes());
    let hash = hash(&header.chain_hash)?;
    Ok((Tip { seq, hash }, Summary { seq, rows, root }))
}

fn list(disk: &dyn Disk, dir: &Path) -> Result<Vec<PathBuf>, DiskError> {
    let names = disk.list(dir).at("list", dir)?;
    let ours = names.iter().filter(|name| name.ends_with(SUFFIX));
    // Numbers of equal width: the order of the names is that of the sequences.
    Ok(ours.map(|name| dir.join(name)).collect())
}

fn remove_old(disk: &dyn Disk, dir: &Path) -> Result<(), DiskError> {
    for old in list(disk, dir)?.iter().rev().skip(KEPT) {
        disk.remove(old).at("remove", old)?;
    }
    Ok(())
}

fn header(state: &Replay, tip: Tip, summary: &Summary) -> Header {
    Header {
        schema_version: CHECKPOINT_VERSION,
        seq: tip.seq,
        chain_hash: tip.hash.to_string(),
        project_id: state.project_id,
        clean: state.is_clean_shutdown,
        ended: state.last_end_seq,
        rows: summary.rows,
        root: summary.root.to_string(),
    }
}

fn of_open(open: &OpenTransaction) -> Item<'_> {
    Item::Open {
        begin: open.begin,
        operation_id: open.operation_id,
        session_id: open.session_id,
        origin: open.origin,
        path: open.path,
        label: open.label.as_str().into(),
        base_seq: open.base_seq,
        announced: open.announced_steps,
        steps: open.steps.as_slice().into(),
    }
}

fn of_operation(id: OperationId, operation: &Operation) -> Item<'_> {
    Item::Operation {
        id,
        digest: operation.digest.as_str().into(),
        begin: operation.begin,
        end: operation.end,
    }
}

/// Lines into a file, hashed as they go.
struct Writer<'a> {
    file: Box<dyn DiskFile>,
    path: &'a Path,
    hasher: Hasher,
    buffer: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(file: Box<dyn DiskFile>, path: &'a Path) -> Self {
        let hasher = Hasher::new();
        let buffer = Vec::new();
        Self {
            file,
            path,
            hasher,
            buffer,
        }
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), CheckpointError> {
        serde_json::to_writer(&mut self.buffer, line)?;
        self.end_line()
    }

    /// As [`Item::Row`] would be written.
    fn row(&mut self, json: &[u8]) -> Result<(), CheckpointError> {
        self.buffer.extend_from_slice(ROW);
        self.buffer.extend_from_slice(json);
        self.buffer.push(b'}');
        self.end_line()
    }

    fn end_line(&mut self) -> Result<(), CheckpointError> {
        self.buffer.push(b'\n');
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), CheckpointError> {
        self.hasher.update(&self.buffer);
        self.file.append(&self.buffer).at("write", self.path)?;
        self.buffer.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<(), CheckpointError> {
        self.flush()?;
        let hash = self.hasher.finalize().to_string();
        self.line(&Item::Hash(hash.into()))?;
        self.flush()?;
        Ok(self.file.sync_data().at("fsync", self.path)?)
    }
}

/// A whole checkpoint, or what is wrong with it.
fn read(file: Box<dyn DiskFile>) -> Result<Checkpoint, LoadError> {
    let mut lines = Lines::new(FileReader::new(file));
    let mut hasher = Hasher::new();
    let mut header: Option<Header> = None;
    let mut state = Replay::default();
    let mut summary = Summary::default();
    let mut complete = false;
    while let Some(line) = lines.next().map_err(|error| error.to_string())? {
        let Line::Whole(line) = line else {
            return Err("a line is incomplete or too long".to_owned().into());
        };
        if complete {
            return Err("something follows the end".to_owned().into());
        }
        let parse = |error: serde_json::Error| error.to_string();
        if header.is_none() {
            if let Some(defect) = version::newer(line, CHECKPOINT_VERSION) {
                return Err(LoadError::Newer(defect));
            }
            header = Some(serde_json::from_slice(line).map_err(parse)?);
        } else {
            if let Some(row) = line.strip_prefix(ROW) {
                summary.add(row.strip_suffix(b"}").unwrap_or_default());
            }
            let item = serde_json::from_slice(line).map_err(parse)?;
            complete = take_in(item, &mut state, &hasher)?;
        }
        hasher.update(line).update(b"\n");
    }
    let header = header.filter(|_| complete);
    let header = header.ok_or_else(|| "it is incomplete".to_owned())?;
    Ok(finish(header, state, summary)?)
}

/// Adds an item to the state; true if it was the last one.
fn take_in(item: Item<'_>, state: &mut Replay, hasher: &Hasher) -> Result<bool, String> {
    match item {
        Item::Row(row) => state.scene.put(row.into_owned()),
        Item::Memory(failures) => state.failures = failures.into_owned(),
        Item::Open {
            begin,
            operation_id,
            session_id,
            origin,
            path,
            label,
            base_seq,
            announced,
            steps,
        } => {
            let open = OpenTransaction {
                begin,
                operation_id,
                session_id,
                origin,
                path,
                label: label.into_owned(),
                base_seq,
                announced_steps: announced,
                steps: steps.into_owned(),
            };
            state.open.insert(begin, open);
        }
        Item::Operation {
            id,
            digest,
            begin,
            end,
        } => {
            state.operations.begin(id, digest.into_owned(), begin);
            if let Some((phase, outcome)) = end {
                state.operations.end(id, phase, outcome);
            }
        }
        Item::Hash(hash) if *hash == hasher.finalize().to_string() => return Ok(true),
        Item::Hash(_) => return Err("the hash does not match".into()),
    }
    Ok(false)
}

fn finish(header: Header, mut state: Replay, summary: Summary) -> Result<Checkpoint, String> {
    if (summary.rows, summary.root.to_string()) != (header.rows, header.root) {
        return Err("its rows are not those that were counted".into());
    }
    let hash = Hash::from_hex(&header.chain_hash).map_err(|error| error.to_string())?;
    state.last_seq = header.seq;
    state.project_id = header.project_id;
    state.is_clean_shutdown = header.clean;
    state.last_end_seq = header.ended;
    let seq = header.seq;
    let tip = Tip { seq, hash };
    let version = header.schema_version;
    Ok(Checkpoint {
        state,
        tip,
        version,
    })
}
