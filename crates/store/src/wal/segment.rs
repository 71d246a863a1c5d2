//! Segments: the files of the log. This is the one place that knows how they are named.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;

use super::error::{Damage, Defect, WalError};
use super::truncation::{self, Truncation};
use crate::disk::{At, Disk, DiskError, FileReader};

const SUFFIX: &str = ".jsonl";
/// Of a segment that is full, covered by checkpoints, and compressed.
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

    /// Where it is once it is compressed.
    pub fn packed_path(self, dir: &Path) -> PathBuf {
        dir.join(format!("{:0DIGITS$}{PACKED}", self.first))
    }

    fn parse(name: &str) -> Option<Self> {
        let digits = name
            .strip_suffix(SUFFIX)
            .or_else(|| name.strip_suffix(PACKED))?;
        let is_ours = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let first = digits.parse().ok().filter(|first| *first > 0 && is_ours)?;
        Some(Self { first })
    }

    /// Whether it is there, compressed or not.
    pub fn exists(self, disk: &dyn Disk, dir: &Path) -> Result<bool, DiskError> {
        for path in [self.path(dir), self.packed_path(dir)] {
            if disk.exists(&path).at("look for", &path)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Its bytes from the beginning, compressed or not.
    pub fn open(self, disk: &dyn Disk, dir: &Path) -> Result<Box<dyn Read + Send>, DiskError> {
        let path = self.path(dir);
        match disk.open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let path = self.packed_path(dir);
                let file = disk.open(&path).at("open", &path)?;
                Ok(Box::new(MultiGzDecoder::new(FileReader::new(file))))
            }
            opened => Ok(Box::new(FileReader::new(opened.at("open", &path)?))),
        }
    }

    /// What an error in reading those bytes is: what was compressed and cannot be read is damaged.
    pub fn unreadable(self, dir: &Path, error: io::Error) -> WalError {
        match error.kind() {
            ErrorKind::InvalidData | ErrorKind::InvalidInput | ErrorKind::UnexpectedEof => {
                let path = self.packed_path(dir);
                let name = path.file_name().unwrap_or_default();
                WalError::Damaged(Damage {
                    segment: name.to_string_lossy().into_owned(),
                    line: 0,
                    offset: 0,
                    defect: Defect::Packed(error.to_string()),
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

/// The files of a log.
pub(crate) struct Segments {
    /// What was dropped before the first of them.
    pub cut: Option<Truncation>,
    /// In order; those that were dropped, and that a crash left, are not among them.
    pub all: Vec<Segment>,
}

impl Segments {
    /// Those of a folder. Other files are not looked at.
    pub fn list(disk: &dyn Disk, dir: &Path) -> Result<Self, WalError> {
        let cut = truncation::newest(disk, dir)?;
        let names = disk.list(dir).at("list", dir)?;
        let mut all: Vec<_> = names
            .iter()
            .filter_map(|name| Segment::parse(name))
            .collect();
        all.sort();
        // A crash may leave both forms of one.
        all.dedup();
        let dropped = cut.as_ref().map_or(0, |cut| cut.seq);
        all.retain(|segment| segment.first > dropped);
        Ok(Self { cut, all })
    }

    /// What was dropped, and is still there.
    pub fn leftovers(disk: &dyn Disk, dir: &Path, dropped: u64) -> Result<Vec<PathBuf>, DiskError> {
        let names = disk.list(dir).at("list", dir)?;
        let is_dropped =
            |name: &&String| Segment::parse(name).is_some_and(|segment| segment.first <= dropped);
        let paths = names.iter().filter(is_dropped).map(|name| dir.join(name));
        Ok(paths.collect())
    }
}
