//! Segments: the files of the log. This is the one place that knows how they are named.

use std::path::{Path, PathBuf};

use crate::disk::{At, Disk, DiskError};

const SUFFIX: &str = ".jsonl";
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

    fn parse(name: &str) -> Option<Self> {
        let digits = name.strip_suffix(SUFFIX)?;
        let is_ours = digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_digit());
        let first = digits.parse().ok().filter(|first| *first > 0 && is_ours)?;
        Some(Self { first })
    }

    /// All segments in a folder, in order. Other files are not looked at.
    pub fn list(disk: &dyn Disk, dir: &Path) -> Result<Vec<Self>, DiskError> {
        let names = disk.list(dir).at("list", dir)?;
        let mut segments: Vec<_> = names.iter().filter_map(|name| Self::parse(name)).collect();
        segments.sort();
        Ok(segments)
    }
}
