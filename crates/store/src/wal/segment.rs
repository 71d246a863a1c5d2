//! Segments: the files of the log. Only this file knows their names.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::error::{Damage, Defect, WalError};
use super::truncation::{self, Truncation};
use crate::disk::{Disk, DiskError, DiskFile, FileReader, WithContext};

const SUFFIX: &str = ".jsonl";
/// Suffix of a segment that is full, covered by checkpoints, and compressed.
const PACKED: &str = ".jsonl.gz";
const DIGITS: usize = 20;

/// A file of the log, named by the sequence of its first record: `00000000000000000001.jsonl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Segment {
    /// Sequence of its first record.
    pub first: u64,
}

impl Segment {
    pub fn file_name(self) -> String {
        format!("{:0DIGITS$}{SUFFIX}", self.first)
    }

    pub fn path(self, dir: &Path) -> PathBuf {
        dir.join(self.file_name())
    }

    /// Its path after compression.
    pub fn packed_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("{:0DIGITS$}{PACKED}", self.first))
    }

    fn parse(name: &str) -> Option<Self> {
        let digits = name
            .strip_suffix(SUFFIX)
            .or_else(|| name.strip_suffix(PACKED))?;
        let is_name = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let first = digits.parse().ok().filter(|first| *first > 0 && is_name)?;
        Some(Self { first })
    }

    /// Whether its file exists, compressed or not.
    pub fn exists(self, disk: &dyn Disk, dir: &Path) -> Result<bool, DiskError> {
        for path in [self.path(dir), self.packed_path(dir)] {
            if disk.exists(&path).with_context("look for", &path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Opens it for reading from its beginning, compressed or not.
    pub fn open(self, disk: &dyn Disk, dir: &Path) -> Result<SegmentBytes, DiskError> {
        let path = self.path(dir);
        match disk.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let path = self.packed_path(dir);
                let file = disk.open(&path).with_context("open", &path)?;
                let decoder = MultiGzDecoder::new(FileReader::new(file));
                Ok(SegmentBytes::Packed(Box::new(decoder)))
            }
            opened => Ok(SegmentBytes::Plain(FileReader::new(
                opened.with_context("open", &path)?,
            ))),
        }
    }

    /// Converts an error of that reader: a compressed segment that cannot be decompressed is damaged.
    pub fn read_error(self, dir: &Path, error: io::Error) -> WalError {
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                let path = self.packed_path(dir);
                let name = path.file_name().unwrap_or_default();
                WalError::Damaged(Damage {
                    segment: name.to_string_lossy().into_owned(),
                    line: 0,
                    offset: 0,
                    defect: Defect::Packed(error.into()),
                })
            }
            _ => WalError::Disk(DiskError {
                action: "read",
                path: self.path(dir),
                source: error,
            }),
        }
    }
}

/// The bytes of an open segment.
pub(crate) enum SegmentBytes {
    Plain(FileReader),
    Packed(Box<MultiGzDecoder<FileReader>>),
}

impl SegmentBytes {
    /// Returns the open file; none if it is compressed.
    pub fn into_file(self) -> Option<Box<dyn DiskFile>> {
        match self {
            Self::Plain(reader) => Some(reader.into_file()),
            Self::Packed(_) => None,
        }
    }
}

impl Read for SegmentBytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(reader) => reader.read(buffer),
            Self::Packed(decoder) => decoder.read(buffer),
        }
    }
}

/// The segments of a log.
pub(crate) struct Segments {
    /// The newest truncation; its records precede the first segment.
    pub truncation: Option<Truncation>,
    /// In order. Dropped segments that a crash left behind are not included.
    pub all: Vec<Segment>,
}

impl Segments {
    /// Lists the segments of a folder; ignores other files.
    pub fn list(disk: &dyn Disk, dir: &Path) -> Result<Self, WalError> {
        let truncation = truncation::newest(disk, dir)?;
        let mut all = Self::present(disk, dir)?;
        let dropped = truncation.as_ref().map_or(0, |truncation| truncation.seq);
        all.retain(|segment| segment.first > dropped);
        Ok(Self { truncation, all })
    }

    /// Lists all segments that have a file, dropped ones included. Works beside a damaged `cuts.jsonl`.
    pub fn present(disk: &dyn Disk, dir: &Path) -> Result<Vec<Segment>, DiskError> {
        let names = disk.list(dir).with_context("list", dir)?;
        let mut all: Vec<_> = names
            .iter()
            .filter_map(|name| Segment::parse(name))
            .collect();
        all.sort();
        // A crash may leave a segment both plain and compressed.
        all.dedup();
        Ok(all)
    }

    /// The files of dropped segments that still exist.
    pub fn leftovers(disk: &dyn Disk, dir: &Path, dropped: u64) -> Result<Vec<PathBuf>, DiskError> {
        let names = disk.list(dir).with_context("list", dir)?;
        let is_dropped =
            |name: &&String| Segment::parse(name).is_some_and(|segment| segment.first <= dropped);
        let paths = names.iter().filter(is_dropped).map(|name| dir.join(name));
        Ok(paths.collect())
    }
}
