//! Follows the end of a log that another process appends to. Checks each new line once.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Tip};
use super::error::{Damage, Defect, WalError};
use super::seek;
use super::segment::{Segment, Segments};
use crate::disk::{Disk, FileReader, WithContext};
use crate::lines::{Line, Lines};

/// Follows the end of a log over all its segments.
#[derive(Debug)]
pub struct Follower {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    segment: Segment,
    /// End of the line of `tip` in that segment.
    offset: u64,
    tip: Tip,
}

impl Follower {
    /// Starts after `tip`, the last record of a log that was checked.
    pub fn after(disk: Arc<dyn Disk>, dir: &Path, tip: Tip) -> Result<Self, WalError> {
        let segments = Segments::list(&*disk, dir)?;
        let has_tip = |segment: &Segment| segment.first <= tip.seq;
        // The last segment, which is never compressed.
        let segment = segments.all.into_iter().rfind(has_tip);
        let mut follower = Self {
            disk,
            dir: dir.to_owned(),
            segment: segment.unwrap_or(Segment { first: 1 }),
            offset: 0,
            tip,
        };
        if segment.is_some() {
            follower.offset = follower.end_of_tip()?;
        }
        Ok(follower)
    }

    /// Checks the records written since the last call, and returns the last one. An incomplete line is left for the next
    /// call.
    pub fn advance(&mut self) -> Result<Tip, WalError> {
        loop {
            self.advance_in_segment()?;
            let next = Segment {
                first: self.tip.seq + 1,
            };
            let path = next.path(&self.dir);
            if next.first == self.segment.first
                || !self.disk.exists(&path).with_context("look for", &path)?
            {
                return Ok(self.tip);
            }
            (self.segment, self.offset) = (next, 0);
        }
    }

    fn advance_in_segment(&mut self) -> Result<(), WalError> {
        let path = self.segment.path(&self.dir);
        if !self.disk.exists(&path).with_context("look for", &path)? {
            return Ok(());
        }
        let mut lines = self.lines(&path, self.offset)?;
        while let Some(line) = lines.next().with_context("read", &path)? {
            if matches!(line, Line::Incomplete) {
                break;
            }
            let followed = entry::check_line(line).and_then(|checked| {
                checked.follows(self.tip)?;
                Ok(checked.tip)
            });
            match followed {
                Ok(tip) => (self.tip, self.offset) = (tip, lines.end()),
                Err(defect) => return Err(self.damage(&path, lines.start(), defect)?.into()),
            }
        }
        Ok(())
    }

    fn end_of_tip(&self) -> Result<u64, WalError> {
        let path = self.segment.path(&self.dir);
        let mut file = self.disk.open(&path).with_context("open", &path)?;
        let start = seek::line_before(&mut *file, self.tip.seq).with_context("read", &path)?;
        let mut lines = self.lines(&path, start)?;
        while let Some(line) = lines.next().with_context("read", &path)? {
            if entry::check_line(line).is_ok_and(|checked| checked.tip == self.tip) {
                return Ok(lines.end());
            }
        }
        let defect = Defect::Ends {
            last: self.tip.seq.saturating_sub(1),
            expected: self.tip.seq,
        };
        Err(self.damage(&path, lines.end(), defect)?.into())
    }

    fn lines(&self, path: &Path, offset: u64) -> Result<Lines<FileReader>, WalError> {
        let file = self.disk.open(path).with_context("open", path)?;
        let reader = FileReader::starting_at(file, offset);
        Ok(Lines::starting_at(reader, offset))
    }

    fn damage(&self, path: &Path, offset: u64, defect: Defect) -> Result<Damage, WalError> {
        let mut file = self.disk.open(path).with_context("open", path)?;
        Ok(Damage {
            segment: self.segment.file_name(),
            line: seek::line_number(&mut *file, offset).with_context("read", path)?,
            offset,
            defect,
        })
    }
}
