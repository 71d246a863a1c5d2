//! Records from the files, in order, while the writer may go on appending.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::seek;
use super::segment::Segment;
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
    path: PathBuf,
    lines: Lines<FileReader>,
    /// Where reading began; not 0 where earlier records were left out.
    start: u64,
    /// The record read last; unknown before the first line that is read.
    tip: Option<Tip>,
}

impl Reader {
    /// Records `first` to `last`, both included. `last` must be durable: what is behind it is not looked at. A log
    /// that ends earlier is damaged.
    pub fn new(disk: Arc<dyn Disk>, dir: &Path, first: u64, last: u64) -> Result<Self, WalError> {
        let segments = Segment::list(&*disk, dir)?;
        let start = segments.into_iter().rfind(|segment| segment.first <= first);
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
            match at.read(&*self.disk, self.first)? {
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
        let path = segment.path(&self.dir);
        let there = tip.seq > 0 && self.disk.exists(&path).at("look for", &path)?;
        if !there {
            return Err(missing(first, self.last).into());
        }
        Position::open(&*self.disk, &self.dir, segment, tip)
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
        let mut file = disk.open(&path).at("open", &path)?;
        let start = seek::line_before(&mut *file, seq).at("read", &path)?;
        let lines = Lines::starting_at(FileReader::starting_at(file, start), start);
        Ok(Self {
            segment,
            path,
            lines,
            start,
            tip: None,
        })
    }

    /// At the beginning of the segment that follows record `tip`.
    fn open(disk: &dyn Disk, dir: &Path, segment: Segment, tip: Tip) -> Result<Self, WalError> {
        let path = segment.path(dir);
        let file = disk.open(&path).at("open", &path)?;
        Ok(Self {
            segment,
            path,
            lines: Lines::new(FileReader::new(file)),
            start: 0,
            tip: Some(tip),
        })
    }

    fn read(&mut self, disk: &dyn Disk, first: u64) -> Result<Read, WalError> {
        let checked = match self.lines.next().at("read", &self.path)? {
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
            Err(defect) => Err(self.damage(disk, defect)?.into()),
        }
    }

    fn damage(&self, disk: &dyn Disk, defect: Defect) -> Result<Damage, WalError> {
        let mut file = disk.open(&self.path).at("open", &self.path)?;
        let offset = self.lines.start();
        let line = seek::line_number(&mut *file, offset).at("read", &self.path)?;
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
