//! Records from the files, in order, while the writer may go on appending.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::entry::{self, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::segment::Segment;
use crate::disk::{At, Disk, FromStart};
use crate::lines::{Line, Lines};

/// An iterator over records. It keeps one line in memory.
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
    lines: Lines<FromStart>,
    /// The record read last; unknown before the first line of the first segment read.
    tip: Option<Tip>,
}

impl Reader {
    /// Records `first` to `last`, both included. `last` must be durable: what is behind it is not looked at. A log
    /// that ends earlier is damaged.
    pub fn new(disk: Arc<dyn Disk>, dir: &Path, first: u64, last: u64) -> Result<Self, WalError> {
        let segments = Segment::list(&*disk, dir)?;
        let start = segments.into_iter().rfind(|segment| segment.first <= first);
        let at = match start {
            Some(segment) if first <= last => Some(Position::open(&*disk, dir, segment, None)?),
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
            match at.read(self.first)? {
                Read::Entry(entry) => return Ok(Some(*entry)),
                Read::Skipped => {}
                Read::End => self.at = Some(self.following()?),
            }
        }
        Ok(None)
    }

    fn following(&self) -> Result<Position, WalError> {
        let tip = self.at.as_ref().and_then(|at| at.tip);
        let seq = tip.map_or(0, |tip| tip.seq);
        let segment = Segment { first: seq + 1 };
        let path = segment.path(&self.dir);
        if tip.is_none() || !self.disk.exists(&path).at("look for", &path)? {
            return Err(missing(seq + 1, self.last).into());
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
    fn open(
        disk: &dyn Disk,
        dir: &Path,
        segment: Segment,
        tip: Option<Tip>,
    ) -> Result<Self, WalError> {
        let path = segment.path(dir);
        let file = disk.open(&path).at("open", &path)?;
        let lines = Lines::new(FromStart::new(file));
        Ok(Self {
            segment,
            path,
            lines,
            tip,
        })
    }

    fn read(&mut self, first: u64) -> Result<Read, WalError> {
        let (segment, known) = (self.segment, self.tip);
        let checked = match self.lines.next().at("read", &self.path)? {
            None => return Ok(Read::End),
            Some(Line::Whole(line)) => entry::check(line),
            Some(Line::Incomplete) => Err(Defect::Incomplete),
            Some(Line::TooLong) => Err(Defect::TooLong),
        };
        let entry = checked.and_then(|checked| {
            match known {
                Some(tip) => checked.follows(tip)?,
                None if checked.tip.seq == segment.first => {}
                None => {
                    return Err(Defect::Sequence {
                        expected: segment.first,
                        found: checked.tip.seq,
                    });
                }
            }
            let wanted = checked.tip.seq >= first;
            let entry = wanted.then(|| checked.decode()).transpose()?;
            Ok((checked.tip, entry))
        });
        match entry {
            Ok((tip, entry)) => {
                self.tip = Some(tip);
                Ok(entry.map_or(Read::Skipped, |entry| Read::Entry(Box::new(entry))))
            }
            Err(defect) => Err(Damage {
                segment: segment.file_name(),
                line: self.lines.number(),
                offset: self.lines.start(),
                defect,
            }
            .into()),
        }
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
