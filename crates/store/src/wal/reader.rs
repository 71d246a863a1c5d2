//! Records from the files, in order, while the writer may go on appending.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::seek;
use super::segment::{Segment, Segments};
use crate::disk::{At, Disk, FileReader};
use crate::lines::{Line, Lines};

/// An iterator over records. It keeps one line in memory, and finds its first record without reading all before it.
pub struct Reader {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    first: u64,
    last: u64,
    at: Option<Position>,
}

struct Position {
    segment: Segment,
    lines: Lines<Box<dyn io::Read + Send>>,
    /// Where reading began; not 0 where earlier records were left out.
    start: u64,
    /// The record read last; unknown before the first line that is read.
    tip: Option<Tip>,
}

impl Reader {
    /// Records `first` to `last`, both included; those that were dropped are left out. `last` must be durable: what is
    /// behind it is not looked at. A log that ends earlier is damaged.
    pub fn new(disk: Arc<dyn Disk>, dir: &Path, first: u64, last: u64) -> Result<Self, WalError> {
        let segments = Segments::list(&*disk, dir)?;
        let dropped = segments.cut.map_or(0, |cut| cut.seq);
        let first = first.max(dropped + 1);
        let start = segments
            .all
            .into_iter()
            .rfind(|segment| segment.first <= first);
        let at = match start {
            Some(segment) if first <= last => Some(Position::find(&*disk, dir, segment, first)?),
            _ => None,
        };
        if at.is_none() && first <= last {
            return Err(missing(first, last).into());
        }
        Ok(Self {
            disk,
            dir: dir.to_owned(),
            first,
            last,
            at,
        })
    }

    fn step(&mut self) -> Result<Option<Entry>, WalError> {
        while let Some(at) = &mut self.at {
            let ended = at.tip.filter(|tip| tip.seq >= self.last);
            if ended.is_some() {
                self.at = None;
                break;
            }
            match at.read(&*self.disk, &self.dir, self.first)? {
                Read::Entry(entry) => return Ok(Some(*entry)),
                Read::Skipped => {}
                Read::End => self.at = Some(self.following()?),
            }
        }
        Ok(None)
    }

    fn following(&self) -> Result<Position, WalError> {
        let tip = self.at.as_ref().and_then(|at| at.tip).unwrap_or(Tip::START);
        let first = tip.seq + 1;
        let segment = Segment { first };
        if tip.seq == 0 || !segment.exists(&*self.disk, &self.dir)? {
            return Err(missing(first, self.last).into());
        }
        Position::open(&*self.disk, &self.dir, segment, Some(tip))
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

impl Position {
    /// Near record `seq`, and not behind it.
    fn find(disk: &dyn Disk, dir: &Path, segment: Segment, seq: u64) -> Result<Self, WalError> {
        let path = segment.path(dir);
        let Ok(mut file) = disk.open(&path) else {
            // What is compressed is read from its beginning; of what cannot be opened at all, the reason is said there.
            return Self::open(disk, dir, segment, None);
        };
        let start = seek::line_before(&mut *file, seq).at("read", &path)?;
        let source: Box<dyn io::Read + Send> = Box::new(FileReader::starting_at(file, start));
        Ok(Self {
            segment,
            lines: Lines::starting_at(source, start),
            start,
            tip: None,
        })
    }

    /// At the beginning of the segment that follows record `tip`.
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
        let checked = match next.map_err(|error| self.segment.unreadable(dir, error))? {
            None => return Ok(Read::End),
            Some(Line::Whole(line)) => entry::check(line),
            Some(Line::Incomplete) => Err(Defect::Incomplete),
            Some(Line::TooLong) => Err(Defect::TooLong),
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
            let wanted = checked.tip.seq >= first;
            let entry = wanted.then(|| checked.decode()).transpose()?;
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
                let mut file = disk.open(&path).at("open", &path)?;
                seek::line_number(&mut *file, offset).at("read", &path)?
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
            self.at = None;
        }
        step.transpose()
    }
}
