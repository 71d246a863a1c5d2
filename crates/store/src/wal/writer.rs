//! The one writer. It collects records in memory; one write and one fsync make all of them durable.

use std::io::Read;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use vibesync_scene::{Code, LOG_VERSION, RecordBody};

use super::entry::{self, Entry, RecordMeta, Tip};
use super::error::{Defect, WalError};
use super::recovery::{self, Recovery};
use super::segment::Segment;
use crate::cause::Cause;
use crate::disk::{Access, Disk, DiskError, DiskFile, FileReader, WithContext};
use crate::durable;
use crate::lines::MAX_LINE;

/// Capacity of the buffer that is kept after a sync, bytes: as much as a busy daemon appends at once. Keeping it avoids
/// an allocation for each sync.
const KEPT_CAPACITY: usize = 4 * 1024 * 1024;

/// Bytes that are copied at a time.
const CHUNK: usize = 1024 * 1024;

/// Location and settings of the log.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder of the segments.
    pub dir: PathBuf,
    /// Size of a segment, bytes, beyond which a new one is begun.
    pub segment_bytes: u64,
    /// Process id that each record names.
    pub process_id: u32,
}

impl Options {
    /// Uses segments of 16 MiB, and the id of this process.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            segment_bytes: 16 * 1024 * 1024,
            process_id: std::process::id(),
        }
    }
}

/// A log that was checked and not changed.
#[derive(Debug)]
pub struct Inspected {
    /// The result of the check. A torn tail is still there.
    pub recovery: Recovery,
    /// The last segment, and the length of its valid part.
    last: Option<(Segment, u64)>,
}

/// The log, open for appending. The caller must ensure that there is only one per folder.
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

/// The segment that records are appended to.
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
    /// Checks the log from record `from` - 1 on, cuts a torn tail off, and passes the records from `from` on to
    /// `visit`.
    pub fn open(
        options: Options,
        disk: Arc<dyn Disk>,
        from: u64,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<(Self, Recovery), WalError> {
        let inspected = Self::inspect(&options, &*disk, from, visit)?;
        let recovery = inspected.recovery.clone();
        Ok((Self::open_inspected(options, disk, inspected)?, recovery))
    }

    /// Checks the log like [`Wal::open`], but changes no record.
    pub fn inspect(
        options: &Options,
        disk: &dyn Disk,
        from: u64,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<Inspected, WalError> {
        disk.create_dir(&options.dir)
            .with_context("create folder", &options.dir)?;
        durable::sweep(disk, &options.dir)?;
        let (recovery, last) = recovery::walk(disk, &options.dir, from, visit)?;
        Ok(Inspected { recovery, last })
    }

    /// Opens a log that was inspected and has not changed since: cuts a torn tail off.
    pub fn open_inspected(
        options: Options,
        disk: Arc<dyn Disk>,
        inspected: Inspected,
    ) -> Result<Self, WalError> {
        let Inspected { recovery, last } = inspected;
        let segment = match last {
            Some((name, bytes)) => {
                let path = name.path(&options.dir);
                let file = rewrite(&*disk, &path, bytes)?;
                Some(Open { name, file, bytes })
            }
            None => None,
        };
        disk.sync_dir(&options.dir)
            .with_context("fsync", &options.dir)?;
        Ok(Self {
            disk,
            options,
            segment,
            buffer: Vec::new(),
            appended: recovery.tip,
            durable: recovery.tip,
            failed: None,
        })
    }

    /// The sequence of the next record.
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

    /// Encodes records in memory, all or none, and returns their sequences. Nothing is written before [`Wal::sync`].
    /// `timestamp` is RFC 3339, UTC.
    pub fn append<'a>(
        &mut self,
        records: impl IntoIterator<Item = &'a RecordBody>,
        timestamp: &str,
    ) -> Result<Range<u64>, WalError> {
        self.check_not_failed()?;
        let (first, length) = (self.next_seq(), self.buffer.len());
        let mut tip = self.appended;
        for record in records {
            match self.encode(record, tip, timestamp) {
                Ok(next) => tip = next,
                Err(source) => {
                    self.buffer.truncate(length);
                    let seq = tip.seq + 1;
                    return Err(WalError::Unwritable { seq, source });
                }
            }
        }
        self.appended = tip;
        Ok(first..self.next_seq())
    }

    fn encode(&mut self, record: &RecordBody, tip: Tip, timestamp: &str) -> Result<Tip, Cause> {
        let start = self.buffer.len();
        let meta = RecordMeta {
            timestamp,
            process_id: self.options.process_id,
            version: LOG_VERSION,
        };
        let next = entry::encode(record, tip, meta, &mut self.buffer)?;
        let line = self.buffer.get(start..).unwrap_or_default();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        if line.len() > MAX_LINE {
            return Err(Cause::new(Defect::TooLong));
        }
        // A record that does not decode to the same record must not be written.
        entry::verify_round_trip(line, record)?;
        Ok(next)
    }

    /// Bytes of records that are appended and not durable yet.
    pub fn pending_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Makes all appended records durable, reads them back, and returns the last one. After a failure, nothing can be
    /// written any more: only a new start can find out what the disk contains.
    pub fn sync(&mut self) -> Result<Tip, WalError> {
        self.check_not_failed()?;
        if let Err(error) = self.write() {
            self.failed = Some((error.code(), error.to_string()));
            return Err(error);
        }
        self.durable = self.appended;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_CAPACITY);
        Ok(self.durable)
    }

    /// Checks that records from this sequence on are next. Records in another order would name each other wrongly, so the
    /// log takes no records after that.
    pub(super) fn check_follows(&mut self, seq: u64) -> Result<(), WalError> {
        self.check_not_failed()?;
        let expected = self.next_seq();
        if seq == expected {
            return Ok(());
        }
        let error = WalError::Order {
            expected,
            found: seq,
        };
        self.failed = Some((error.code(), error.to_string()));
        Err(error)
    }

    fn check_not_failed(&self) -> Result<(), WalError> {
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
        open.file
            .append(&self.buffer)
            .with_context("append to", &path)?;
        open.file.sync_data().with_context("fsync", &path)?;
        if is_new {
            let dir = &self.options.dir;
            self.disk.sync_dir(dir).with_context("fsync", dir)?;
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
            .with_context("create", &path)?;
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
            let read = open
                .file
                .read_at(offset, &mut chunk)
                .with_context("read", &path)?;
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

/// Makes the first `bytes` of a file durable, and cuts off the rest, by writing a new file.
///
/// A process that was killed, or whose fsync failed, may leave lines that exist only in the page cache. After a failed
/// fsync, a second fsync of the same file can succeed without having written them.
fn rewrite(disk: &dyn Disk, path: &Path, bytes: u64) -> Result<Box<dyn DiskFile>, DiskError> {
    let staged = durable::temporary(path);
    let mut file = disk
        .create(&staged, Access::Default)
        .with_context("create", &staged)?;
    let mut rest = FileReader::new(disk.open(path).with_context("open", path)?).take(bytes);
    let mut chunk = Vec::with_capacity(CHUNK);
    loop {
        chunk.clear();
        let mut piece = rest.by_ref().take(CHUNK as u64);
        if piece.read_to_end(&mut chunk).with_context("read", path)? == 0 {
            break;
        }
        file.append(&chunk).with_context("write", &staged)?;
    }
    file.sync_data().with_context("fsync", &staged)?;
    // Windows replaces no file that is open.
    drop(rest);
    disk.rename(&staged, path).with_context("rename", &staged)?;
    Ok(file)
}
