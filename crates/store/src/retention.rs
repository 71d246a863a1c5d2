//! Retention: compresses the segments that checkpoints cover. Drops old segments, but only if a setting says so.
//!
//! A start needs the last segment, and all segments that the older of the two newest checkpoints does not cover. These
//! stay as they are. Before segments are dropped, a [`crate::wal::Truncation`] is recorded and a base state is stored
//! beside the log. So the hash chain continues across the truncation, and the rest of the log can be replayed. The
//! audit has a commit of every dropped change.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use vibesync_scene::Code;

use crate::checkpoint;
use crate::disk::{Access, Disk, DiskError, DiskFile, FileReader, WithContext};
use crate::durable;
use crate::wal::recovery;
use crate::wal::segment::{Segment, Segments};
use crate::wal::truncation::{self, BASE, TRUNCATION_VERSION, Truncation, base_path};
use crate::wal::{Entry, Reader, WalError, timestamp};

const CHUNK: usize = 1024 * 1024;
const LEVEL: u32 = 6;

/// The retention settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Compress full segments.
    pub compress: bool,
    /// Drop segments that are older than this, once the audit has their changes; none keeps everything.
    pub keep: Option<Duration>,
}

/// A retention step failed; it is safe to try again later.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The log is damaged, or the disk refused.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// A written file reads back differently, or the checkpoint is damaged.
    #[error("{0}")]
    Unsound(String),
}

impl RetentionError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RetentionError::Wal(error) => error.code(),
            RetentionError::Disk(error) => error.code(),
            RetentionError::Unsound(_) => Code::LogDamaged,
        }
    }
}

/// A log with its checkpoints.
#[derive(Debug)]
pub struct LogRetention<'a> {
    /// The disk of both.
    pub disk: &'a Arc<dyn Disk>,
    /// Folder of the log.
    pub dir: &'a Path,
    /// Folder of its checkpoints.
    pub checkpoints: &'a Path,
    /// Sequence up to which the audit has commits; 0 without an audit.
    pub audited: u64,
}

impl LogRetention<'_> {
    /// Drops the segments that are too old, or else compresses one segment. Returns whether it changed anything.
    /// `should_stop` ends it early.
    pub fn run_step(
        &self,
        policy: Policy,
        now: SystemTime,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<bool, RetentionError> {
        let Segments { all, truncation } = Segments::list(&**self.disk, self.dir)?;
        self.remove_dropped(truncation.as_ref())?;
        let Some(covered) = self.covered()? else {
            return Ok(false);
        };
        let closed: Vec<(Segment, Segment)> = all
            .iter()
            .copied()
            .zip(all.iter().copied().skip(1))
            .take_while(|(_, next)| next.first <= covered + 1)
            .collect();
        if let Some(keep) = policy.keep
            && self.drop_old(&closed, covered, keep, now)?
        {
            return Ok(true);
        }
        for (segment, _) in closed.iter().filter(|_| policy.compress) {
            let path = segment.path(self.dir);
            if self.disk.exists(&path).with_context("look for", &path)? {
                return self.compress(*segment, should_stop);
            }
        }
        Ok(false)
    }

    /// Returns the last record that the older of the two newest checkpoints covers.
    fn covered(&self) -> Result<Option<u64>, RetentionError> {
        let named = checkpoint::headers(&**self.disk, self.checkpoints)?;
        let valid = named.iter().rev().map(|(_, header)| header.as_ref().ok());
        let seq = valid.take(2).map(|header| header.map(|(tip, _)| tip.seq));
        let [Some(_), Some(older)] = seq.collect::<Vec<_>>()[..] else {
            return Ok(None);
        };
        Ok(Some(older))
    }

    /// Drops the segments that are old enough, oldest first.
    fn drop_old(
        &self,
        closed: &[(Segment, Segment)],
        covered: u64,
        keep: Duration,
        now: SystemTime,
    ) -> Result<bool, RetentionError> {
        let mut found = None;
        // The clock may have been set back, so a segment counts as no older than those before it.
        let mut newest = match closed.first() {
            Some((oldest, _)) => self.first_record(*oldest)?.map(|first| first.timestamp),
            None => None,
        }
        .unwrap_or_default();
        for (_, next) in closed.iter().filter(|(_, next)| next.first <= self.audited) {
            let Some(first) = self.first_record(*next)? else {
                break;
            };
            newest = newest.max(first.timestamp.clone());
            let written = humantime::parse_rfc3339(&newest);
            let age = written.ok().and_then(|then| now.duration_since(then).ok());
            if age.is_none_or(|age| age < keep) {
                break;
            }
            found = Some(first);
        }
        let Some(first) = found else {
            return Ok(false);
        };
        self.write_base(covered)?;
        let truncation = Truncation {
            schema_version: TRUNCATION_VERSION,
            timestamp: timestamp(now),
            seq: first.seq - 1,
            hash: first.prev.to_string(),
            base: covered,
            audited: self.audited,
        };
        truncation::add(&**self.disk, self.dir, &truncation)?;
        self.remove_dropped(Some(&truncation))?;
        Ok(true)
    }

    fn first_record(&self, segment: Segment) -> Result<Option<Entry>, WalError> {
        let Segment { first } = segment;
        let mut reader = Reader::new(Arc::clone(self.disk), self.dir, first, first)?;
        reader.next().transpose()
    }

    /// Copies a checkpoint to the base state, and checks the copy.
    fn write_base(&self, seq: u64) -> Result<(), RetentionError> {
        let (from, to) = (
            checkpoint::path(self.checkpoints, seq),
            base_path(self.dir, seq),
        );
        let staged = durable::temporary(&to);
        let mut out = self.create(&staged)?;
        let mut source = FileReader::new(self.disk.open(&from).with_context("open", &from)?);
        pipe(&mut source, &mut |chunk| out.append(chunk)).with_context("copy", &from)?;
        out.sync_data().with_context("fsync", &staged)?;
        // Windows removes no file that is open.
        drop(out);
        if !checkpoint::is_whole(&**self.disk, &staged)? {
            let _ = self.disk.remove(&staged);
            let why = format!("{} is damaged; the log is not changed", from.display());
            return Err(RetentionError::Unsound(why));
        }
        Ok(durable::rename(&**self.disk, &staged, &to)?)
    }

    /// Removes dropped segments, and base states of older truncations.
    fn remove_dropped(&self, truncation: Option<&Truncation>) -> Result<(), RetentionError> {
        let Some(truncation) = truncation else {
            return Ok(());
        };
        for path in Segments::leftovers(&**self.disk, self.dir, truncation.seq)? {
            self.disk.remove(&path).with_context("remove", &path)?;
        }
        let kept = base_path(self.dir, truncation.base);
        for name in self.disk.list(self.dir).with_context("list", self.dir)? {
            let path = self.dir.join(&name);
            if name.ends_with(BASE) && path != kept {
                self.disk.remove(&path).with_context("remove", &path)?;
            }
        }
        Ok(())
    }

    /// Replaces a segment by its compressed form, after that was read back and compared.
    fn compress(
        &self,
        segment: Segment,
        should_stop: &dyn Fn() -> bool,
    ) -> Result<bool, RetentionError> {
        let (plain, packed) = (segment.path(self.dir), segment.packed_path(self.dir));
        let source = || -> Result<_, DiskError> {
            Ok(FileReader::new(
                self.disk.open(&plain).with_context("open", &plain)?,
            ))
        };
        let scan = recovery::scan(source()?, self.dir, segment, None, u64::MAX, &mut |_| {})?;
        if let Some(torn) = scan.torn {
            return Err(WalError::from(torn.location).into());
        }
        let staged = durable::temporary(&packed);
        let mut out = self.create(&staged)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
        let mut hash = blake3::Hasher::new();
        let written = pipe(&mut source()?, &mut |chunk| {
            if should_stop() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            hash.update(chunk);
            encoder.write_all(chunk)?;
            out.append(&std::mem::take(encoder.get_mut()))
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                drop(out);
                self.disk.remove(&staged).with_context("remove", &staged)?;
                return Ok(false);
            }
            written => written.with_context("compress", &plain)?,
        }
        let rest = encoder.finish().with_context("compress", &plain)?;
        out.append(&rest).with_context("write", &staged)?;
        out.sync_data().with_context("fsync", &staged)?;
        drop(out);
        self.read_back(&staged, hash.finalize())?;
        durable::rename(&**self.disk, &staged, &packed)?;
        self.disk.remove(&plain).with_context("remove", &plain)?;
        Ok(true)
    }

    fn read_back(&self, staged: &Path, expected: blake3::Hash) -> Result<(), RetentionError> {
        let file = self.disk.open(staged).with_context("open", staged)?;
        let mut hash = blake3::Hasher::new();
        let read = pipe(
            &mut MultiGzDecoder::new(FileReader::new(file)),
            &mut |chunk| {
                hash.update(chunk);
                Ok(())
            },
        );
        if read.is_err() || hash.finalize() != expected {
            let _ = self.disk.remove(staged);
            let why = format!("{} reads back differently", staged.display());
            return Err(RetentionError::Unsound(why));
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> Result<Box<dyn DiskFile>, DiskError> {
        self.disk
            .create(path, Access::Default)
            .with_context("create", path)
    }
}

/// Passes all bytes of `source` to `take`, in pieces.
fn pipe(source: &mut impl Read, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk)? {
            0 => return Ok(()),
            count => take(chunk.get(..count).unwrap_or_default())?,
        }
    }
}
