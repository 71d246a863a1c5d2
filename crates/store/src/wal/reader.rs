//! Reads records in order. The writer may append meanwhile.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::position::Position;
use super::seek;
use super::segment::{Segment, SegmentBytes, Segments};
use crate::disk::{Disk, FileReader, WithContext};
use crate::lines::Lines;

/// Bytes that a reader that goes on reads at once. It usually has few records before it.
const NEAR: usize = 16 * 1024;

/// An iterator over records. It keeps one line in memory, and finds its first record by binary search.
pub struct Reader {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    first: u64,
    last: u64,
    cursor: Option<Cursor>,
}

struct Cursor {
    segment: Segment,
    lines: Lines<SegmentBytes>,
    /// Offset of the first byte that is read; not 0 if earlier records were skipped.
    start: u64,
    /// The last record read; none before the first.
    tip: Option<Tip>,
}

impl Reader {
    /// Reads records `first` to `last`, both included. Skips records that were dropped. `last` must be durable. If the
    /// log ends earlier, it is damaged.
    pub fn new(disk: Arc<dyn Disk>, dir: &Path, first: u64, last: u64) -> Result<Self, WalError> {
        let segments = Segments::list(&*disk, dir)?;
        let dropped = segments.truncation.map_or(0, |truncation| truncation.seq);
        let first = first.max(dropped + 1);
        let start = segments
            .all
            .into_iter()
            .rfind(|segment| segment.first <= first);
        let cursor = match start {
            Some(segment) if first <= last => Some(Cursor::find(&*disk, dir, segment, first)?),
            _ => None,
        };
        if cursor.is_none() && first <= last {
            return Err(missing(first, last).into());
        }
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            first,
            last,
            cursor,
        })
    }

    /// Reads the records after a position, up to `last`, which must be durable. Reads no byte before the position, and keeps
    /// none from an earlier reader. Searches as [`Reader::new`] does if the segment was compressed or dropped.
    ///
    /// The first record follows the position's record, unless it was searched for: the caller checks that.
    pub fn continue_from(
        disk: Arc<dyn Disk>,
        dir: &Path,
        position: Position,
        last: u64,
    ) -> Result<Self, WalError> {
        let first = position.tip.seq + 1;
        match Cursor::resume(&*disk, dir, position) {
            Some(cursor) => Ok(Self {
                disk,
                dir: dir.to_owned(),
                first,
                last,
                cursor: Some(cursor),
            }),
            None => Self::new(disk, dir, first, last),
        }
    }

    /// Returns the position after the last record read. None if there was no record, or after an error.
    pub fn into_position(self) -> Option<Position> {
        let cursor = self.cursor?;
        Some(Position {
            segment: cursor.segment,
            offset: cursor.lines.end(),
            tip: cursor.tip?,
            file: cursor.lines.into_source().into_file(),
        })
    }

    fn step(&mut self) -> Result<Option<Entry>, WalError> {
        while let Some(cursor) = &mut self.cursor {
            if cursor.tip.is_some_and(|tip| tip.seq >= self.last) {
                break;
            }
            match cursor.read(&*self.disk, &self.dir, self.first)? {
                Read::Entry(entry) => return Ok(Some(*entry)),
                Read::Skipped => {}
                Read::End => self.cursor = Some(self.open_next()?),
            }
        }
        Ok(None)
    }

    fn open_next(&self) -> Result<Cursor, WalError> {
        let tip = self
            .cursor
            .as_ref()
            .and_then(|cursor| cursor.tip)
            .unwrap_or(Tip::START);
        let first = tip.seq + 1;
        let segment = Segment { first };
        if tip.seq == 0 || !segment.exists(&*self.disk, &self.dir)? {
            return Err(missing(first, self.last).into());
        }
        Cursor::open(&*self.disk, &self.dir, segment, Some(tip))
    }
}

fn missing(first: u64, expected: u64) -> Damage {
    Damage {
        segment: Segment { first }.file_name(),
        line: 0,
        offset: 0,
        defect: Defect::Ends {
            last: first.saturating_sub(1),
            expected,
        },
    }
}

enum Read {
    Entry(Box<Entry>),
    Skipped,
    End,
}

impl Cursor {
    /// Opens a segment near record `seq`, not after it.
    fn find(disk: &dyn Disk, dir: &Path, segment: Segment, seq: u64) -> Result<Self, WalError> {
        let path = segment.path(dir);
        let Ok(mut file) = disk.open(&path) else {
            // A compressed segment is read from its beginning. Any other error occurs there again.
            return Self::open(disk, dir, segment, None);
        };
        let start = seek::line_before(&mut *file, seq).with_context("read", &path)?;
        let source = SegmentBytes::Plain(FileReader::starting_at(file, start));
        Ok(Self {
            segment,
            lines: Lines::starting_at(source, start),
            start,
            tip: None,
        })
    }

    /// Goes on from a position. Returns none if its segment cannot be opened; it may be compressed.
    fn resume(disk: &dyn Disk, dir: &Path, position: Position) -> Option<Self> {
        let (segment, start) = (position.segment, position.offset);
        let opened = || disk.open(&segment.path(dir)).ok();
        let file = position.file.or_else(opened)?;
        let source = SegmentBytes::Plain(FileReader::starting_at(file, start));
        Some(Self {
            segment,
            lines: Lines::with_buffer(source, start, NEAR),
            start,
            tip: Some(position.tip),
        })
    }

    /// Opens the segment that follows record `tip`, at its beginning.
    fn open(
        disk: &dyn Disk,
        dir: &Path,
        segment: Segment,
        tip: Option<Tip>,
    ) -> Result<Self, WalError> {
        Ok(Self {
            segment,
            lines: Lines::new(segment.open(disk, dir)?),
            start: 0,
            tip,
        })
    }

    fn read(&mut self, disk: &dyn Disk, dir: &Path, first: u64) -> Result<Read, WalError> {
        let next = self.lines.next();
        let checked = match next.map_err(|error| self.segment.read_error(dir, error))? {
            None => return Ok(Read::End),
            Some(line) => entry::check_line(line),
        };
        let (segment, start) = (self.segment, self.start);
        let read = checked.and_then(|checked| {
            match self.tip {
                Some(tip) => checked.follows(tip)?,
                None if start == 0 && checked.tip.seq == segment.first => {}
                None if start > 0 && checked.tip.seq <= first => {}
                None => {
                    return Err(Defect::Sequence {
                        expected: if start == 0 { segment.first } else { first },
                        found: checked.tip.seq,
                    });
                }
            }
            let is_wanted = checked.tip.seq >= first;
            let entry = is_wanted.then(|| checked.decode()).transpose()?;
            Ok((checked.tip, entry))
        });
        match read {
            Ok((tip, entry)) => {
                self.tip = Some(tip);
                Ok(entry.map_or(Read::Skipped, |entry| Read::Entry(Box::new(entry))))
            }
            Err(defect) => Err(self.damage(disk, dir, defect)?.into()),
        }
    }

    fn damage(&self, disk: &dyn Disk, dir: &Path, defect: Defect) -> Result<Damage, WalError> {
        let offset = self.lines.start();
        let line = match self.start {
            0 => self.lines.number(),
            _ => {
                let path = self.segment.path(dir);
                let mut file = disk.open(&path).with_context("open", &path)?;
                seek::line_number(&mut *file, offset).with_context("read", &path)?
            }
        };
        Ok(Damage {
            segment: self.segment.file_name(),
            line,
            offset,
            defect,
        })
    }
}

impl Iterator for Reader {
    type Item = Result<Entry, WalError>;

    fn next(&mut self) -> Option<Self::Item> {
        let step = self.step();
        if step.is_err() {
            self.cursor = None;
        }
        step.transpose()
    }
}
