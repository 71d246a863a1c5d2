//! What becomes of the parts of the log that checkpoints cover: compressed, and, only where a setting says so, dropped
//! after some time.
//!
//! The last segment, and all that the older of the two newest checkpoints does not cover, stay as they are: a start needs
//! them. What is dropped is recorded first ([`crate::wal::Truncation`]), with a state that stands for it beside the log, so that
//! the chain goes on across the cut and the rest can be replayed. The audit has a commit of every change in it.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use vibesync_scene::Code;

use crate::checkpoint;
use crate::disk::{Access, At, Disk, DiskError, DiskFile, FileReader};
use crate::durable;
use crate::wal::recovery;
use crate::wal::segment::{Segment, Segments};
use crate::wal::truncation::{self, BASE, TRUNCATION_VERSION, Truncation, base_path};
use crate::wal::{Entry, Reader, WalError, timestamp};

const CHUNK: usize = 1024 * 1024;
const LEVEL: u32 = 6;

/// What to do with what is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Compress full segments.
    pub compress: bool,
    /// Drop what is older than this, and in the audit; none keeps everything.
    pub keep: Option<Duration>,
}

/// The log cannot be tidied; trying again later is safe.
#[derive(Debug, thiserror::Error)]
pub enum RetentionError {
    /// The log is damaged, or the disk refused.
    #[error(transparent)]
    Wal(#[from] WalError),
    /// The disk refused.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// What was written reads back as something else, or the checkpoint is not whole.
    #[error("{0}")]
    Unsound(String),
}

impl RetentionError {
    /// Its stable code.
    pub fn code(&self) -> Code {
        match self {
            RetentionError::Wal(error) => error.code(),
            RetentionError::Disk(error) => error.code_or(Code::LogDamaged),
            RetentionError::Unsound(_) => Code::LogDamaged,
        }
    }
}

/// A log, and what covers it.
#[derive(Debug)]
pub struct LogRetention<'a> {
    /// The disk.
    pub disk: &'a Arc<dyn Disk>,
    /// Its folder.
    pub dir: &'a Path,
    /// The folder of its checkpoints.
    pub checkpoints: &'a Path,
    /// The audit has a commit of every change up to here; 0 where there is no audit.
    pub audited: u64,
}

impl LogRetention<'_> {
    /// One step: drops what is too old, or else compresses one segment. True where something was done; `enough` ends
    /// it early.
    pub fn run_step(
        &self,
        policy: Policy,
        now: SystemTime,
        enough: &dyn Fn() -> bool,
    ) -> Result<bool, RetentionError> {
        let Segments { all, cut } = Segments::list(&**self.disk, self.dir)?;
        self.remove_dropped(cut.as_ref())?;
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
            if self.disk.exists(&path).at("look for", &path)? {
                return self.compress(*segment, enough);
            }
        }
        Ok(false)
    }

    /// The last record that the older of the two newest checkpoints covers.
    fn covered(&self) -> Result<Option<u64>, RetentionError> {
        let named = checkpoint::headers(&**self.disk, self.checkpoints)?;
        let whole = named.iter().rev().map(|(_, header)| header.as_ref().ok());
        let seq = whole.take(2).map(|header| header.map(|(tip, _)| tip.seq));
        let [Some(_), Some(older)] = seq.collect::<Vec<_>>()[..] else {
            return Ok(None);
        };
        Ok(Some(older))
    }

    /// Drops the segments that are old enough, from the beginning on.
    fn drop_old(
        &self,
        closed: &[(Segment, Segment)],
        covered: u64,
        keep: Duration,
        now: SystemTime,
    ) -> Result<bool, RetentionError> {
        let mut found = None;
        // The clock may have gone back: what follows is no older than the newest time before it.
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
        self.keep_base(covered)?;
        let cut = Truncation {
            schema_version: TRUNCATION_VERSION,
            timestamp: timestamp(now),
            seq: first.seq - 1,
            hash: first.prev.to_string(),
            base: covered,
            audited: self.audited,
        };
        truncation::add(&**self.disk, self.dir, &cut)?;
        self.remove_dropped(Some(&cut))?;
        Ok(true)
    }

    fn first_record(&self, segment: Segment) -> Result<Option<Entry>, WalError> {
        let Segment { first } = segment;
        let mut reader = Reader::new(Arc::clone(self.disk), self.dir, first, first)?;
        reader.next().transpose()
    }

    /// Copies the checkpoint that stands for what is dropped, and sees to it that the copy is whole.
    fn keep_base(&self, seq: u64) -> Result<(), RetentionError> {
        let (from, to) = (
            checkpoint::path(self.checkpoints, seq),
            base_path(self.dir, seq),
        );
        let staged = durable::temporary(&to);
        let mut out = self.create(&staged)?;
        let mut source = FileReader::new(self.disk.open(&from).at("open", &from)?);
        pipe(&mut source, &mut |chunk| out.append(chunk)).at("copy", &from)?;
        out.sync_data().at("fsync", &staged)?;
        if !checkpoint::is_whole(&**self.disk, &staged)? {
            let _ = self.disk.remove(&staged);
            let why = format!("{} is damaged; the log stays as it is", from.display());
            return Err(RetentionError::Unsound(why));
        }
        self.disk.rename(&staged, &to).at("rename", &staged)?;
        Ok(self.disk.sync_dir(self.dir).at("fsync", self.dir)?)
    }

    /// Removes segments that were dropped, and states that stand for nothing any more.
    fn remove_dropped(&self, cut: Option<&Truncation>) -> Result<(), RetentionError> {
        let Some(cut) = cut else {
            return Ok(());
        };
        for path in Segments::leftovers(&**self.disk, self.dir, cut.seq)? {
            self.disk.remove(&path).at("remove", &path)?;
        }
        let kept = base_path(self.dir, cut.base);
        for name in self.disk.list(self.dir).at("list", self.dir)? {
            let path = self.dir.join(&name);
            if name.ends_with(BASE) && path != kept {
                self.disk.remove(&path).at("remove", &path)?;
            }
        }
        Ok(())
    }

    /// Replaces a segment by its compressed form, once that reads back as the same bytes.
    fn compress(
        &self,
        segment: Segment,
        enough: &dyn Fn() -> bool,
    ) -> Result<bool, RetentionError> {
        let (plain, packed) = (segment.path(self.dir), segment.packed_path(self.dir));
        let source = || -> Result<_, DiskError> {
            Ok(FileReader::new(self.disk.open(&plain).at("open", &plain)?))
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
            if enough() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            hash.update(chunk);
            encoder.write_all(chunk)?;
            out.append(&std::mem::take(encoder.get_mut()))
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                self.disk.remove(&staged).at("remove", &staged)?;
                return Ok(false);
            }
            written => written.at("compress", &plain)?,
        }
        let rest = encoder.finish().at("compress", &plain)?;
        out.append(&rest).at("write", &staged)?;
        out.sync_data().at("fsync", &staged)?;
        self.read_back(&staged, hash.finalize())?;
        self.disk.rename(&staged, &packed).at("rename", &staged)?;
        self.disk.sync_dir(self.dir).at("fsync", self.dir)?;
        self.disk.remove(&plain).at("remove", &plain)?;
        Ok(true)
    }

    fn read_back(&self, staged: &Path, expected: blake3::Hash) -> Result<(), RetentionError> {
        let file = self.disk.open(staged).at("open", staged)?;
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
            let why = format!("{} reads back as something else", staged.display());
            return Err(RetentionError::Unsound(why));
        }
        Ok(())
    }

    fn create(&self, path: &Path) -> Result<Box<dyn DiskFile>, DiskError> {
        self.disk.create(path, Access::Default).at("create", path)
    }
}

fn pipe(source: &mut impl Read, take: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk)? {
            0 => return Ok(()),
            count => take(chunk.get(..count).unwrap_or_default())?,
        }
    }
}
