//! The one writer: records gather in memory, one write and one fsync make all of them durable.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{Code, LOG_VERSION, RecordBody};

use super::entry::{self, Entry, Stamp, Tip};
use super::error::{Defect, WalError};
use super::recovery::{self, Recovery};
use super::segment::Segment;
use crate::disk::{Access, At, Disk, DiskError, DiskFile, FileReader};
use crate::durable;
use crate::lines::MAX_LINE;

/// Room for records that is kept from one sync to the next, bytes: what a busy daemon appends at once, so that it does
/// not take the memory anew each time.
const KEPT: usize = 4 * 1024 * 1024;

/// Bytes that are copied at once.
const CHUNK: usize = 1024 * 1024;

/// Where and how the log is written.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the segments.
    pub dir: PathBuf,
    /// A segment that would grow beyond this many bytes is followed by a new one.
    pub segment_bytes: u64,
    /// Written into each record.
    pub process_id: u32,
}

impl Options {
    /// Segments of 16 MiB, records of this process.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            segment_bytes: 16 * 1024 * 1024,
            process_id: std::process::id(),
        }
    }
}

/// The log, open for appending. Not shared: the caller sees to it that there is one per folder.
#[derive(Debug)]
pub struct Wal {
    disk: Arc<dyn Disk>,
    options: Options,
    segment: Option<Open>,
    buffer: Vec<u8>,
    appended: Tip,
    durable: Tip,
    failed: Option<(Code, String)>,
}

/// The segment that is appended to.
struct Open {
    name: Segment,
    file: Box<dyn DiskFile>,
    bytes: u64,
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.name.file_name(), self.bytes)
    }
}

impl Wal {
    /// Checks the log from record `from` - 1 on, cuts a torn end off, and gives the records from `from` on to `visit`.
    pub fn open(
        options: Options,
        disk: Arc<dyn Disk>,
        from: u64,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<(Self, Recovery), WalError> {
        disk.create_dir(&options.dir)
            .at("create folder", &options.dir)?;
        durable::sweep(&*disk, &options.dir)?;
        let (recovery, last) = recovery::walk(&*disk, &options.dir, from, visit)?;
        let segment = match last {
            Some((name, bytes)) => {
                let path = name.path(&options.dir);
                let file = rewrite(&*disk, &path, bytes)?;
                Some(Open { name, file, bytes })
            }
            None => None,
        };
        disk.sync_dir(&options.dir).at("fsync", &options.dir)?;
        let wal = Self {
            disk,
            options,
            segment,
            buffer: Vec::new(),
            appended: recovery.tip,
            durable: recovery.tip,
            failed: None,
        };
        Ok((wal, recovery))
    }

    /// The sequence that the next record gets.
    pub fn next_seq(&self) -> u64 {
        self.appended.seq + 1
    }

    /// The last durable record.
    pub fn durable(&self) -> Tip {
        self.durable
    }

    /// The last record, durable or not.
    pub fn appended(&self) -> Tip {
        self.appended
    }

    /// Encodes records in memory and says which sequences they have. All or none; nothing is written before
    /// [`Wal::sync`]. `timestamp` is RFC 3339, UTC.
    pub fn append<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a RecordBody>,
        timestamp: &str,
    ) -> Result<Range<u64>, WalError> {
        self.healthy()?;
        let (first, kept) = (self.next_seq(), self.buffer.len());
        let mut tip = self.appended;
        for record in records {
            match self.encode(record, tip, timestamp) {
                Ok(next) => tip = next,
                Err(why) => {
                    self.buffer.truncate(kept);
                    let seq = tip.seq + 1;
                    return Err(WalError::Unwritable { seq, why });
                }
            }
        }
        self.appended = tip;
        Ok(first..self.next_seq())
    }

    fn encode(&mut self, record: &RecordBody, tip: Tip, timestamp: &str) -> Result<Tip, String> {
        let start = self.buffer.len();
        let stamp = Stamp {
            timestamp,
            process_id: self.options.process_id,
            version: LOG_VERSION,
        };
        let next = entry::encode(record, tip, stamp, &mut self.buffer)
            .map_err(|error| error.to_string())?;
        let line = self.buffer.get(start..).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() > MAX_LINE {
            return Err(Defect::TooLong.to_string());
        }
        // A log that cannot be replayed must not come to be.
        entry::says(line, record)?;
        Ok(next)
    }

    /// Bytes that were appended and are not durable yet.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Makes all that was appended durable, reads it back, and says what the last durable record is. After a
    /// failure nothing is ever written again: what the disk holds is known only after a new start.
    pub fn sync(&mut self) -> Result<Tip, WalError> {
        self.healthy()?;
        if let Err(error) = self.write() {
            self.failed = Some((error.code(), error.to_string()));
            return Err(error);
        }
        self.durable = self.appended;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        Ok(self.durable)
    }

    fn healthy(&self) -> Result<(), WalError> {
        match &self.failed {
            None => Ok(()),
            Some((code, cause)) => Err(WalError::Poisoned {
                code: *code,
                cause: cause.clone(),
            }),
        }
    }

    fn write(&mut self) -> Result<(), WalError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let added = self.buffer.len() as u64;
        let limit = self.options.segment_bytes;
        let fits = |open: &Open| open.bytes == 0 || open.bytes + added <= limit;
        let current = self.segment.take().filter(fits);
        let is_new = current.is_none();
        let mut open = match current {
            Some(open) => open,
            None => self.create_segment()?,
        };
        let path = open.name.path(&self.options.dir);
        open.file.append(&self.buffer).at("append to", &path)?;
        open.file.sync_data().at("fsync", &path)?;
        if is_new {
            let dir = &self.options.dir;
            self.disk.sync_dir(dir).at("fsync", dir)?;
        }
        self.read_back(&mut open)?;
        open.bytes += added;
        self.segment = Some(open);
        Ok(())
    }

    fn create_segment(&self) -> Result<Open, WalError> {
        let first = self.durable.seq + 1;
        let name = Segment { first };
        let path = name.path(&self.options.dir);
        let file = self
            .disk
            .create(&path, Access::Default)
            .at("create", &path)?;
        Ok(Open {
            name,
            file,
            bytes: 0,
        })
    }

    fn read_back(&self, open: &mut Open) -> Result<(), WalError> {
        let path = open.name.path(&self.options.dir);
        let mut chunk = vec![0; self.buffer.len().min(64 * 1024)];
        let mut rest = self.buffer.as_slice();
        let mut offset = open.bytes;
        while !rest.is_empty() {
            let read = open.file.read_at(offset, &mut chunk).at("read", &path)?;
            let found = chunk.get(..read.min(rest.len())).unwrap_or_default();
            if read == 0 || !rest.starts_with(found) {
                return Err(WalError::ReadBack {
                    segment: open.name.file_name(),
                    offset: open.bytes,
                });
            }
            offset += found.len() as u64;
            rest = rest.get(found.len()..).unwrap_or_default();
        }
        Ok(())
    }
}

/// Makes the first `bytes` of a file durable and cuts off the rest. They are written anew: a process that was killed, or
/// whose fsync failed, leaves lines that exist in memory only, and after a failure a second fsync of the same file
/// confirms what it never wrote.
fn rewrite(disk: &dyn Disk, path: &Path, bytes: u64) -> Result<Box<dyn DiskFile>, DiskError> {
    let staged = durable::temporary(path);
    let mut file = disk
        .create(&staged, Access::Default)
        .at("create", &staged)?;
    let mut rest = FileReader::new(disk.open(path).at("open", path)?).take(bytes);
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        let mut piece = rest.by_ref().take(CHUNK as u64);
        if piece.read_to_end(&mut chunk).at("read", path)? == 0 {
            break;
        }
        file.append(&chunk).at("write", &staged)?;
    }
    file.sync_data().at("fsync", &staged)?;
    disk.rename(&staged, path).at("rename", &staged)?;
    Ok(file)
}
