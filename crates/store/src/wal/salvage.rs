//! Reads the intact parts of a damaged log, for a recovery. The strict readers refuse such a log.

use std::io::Read;
use std::path::Path;

use super::entry::{self, Checked, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::segment::{Segment, Segments};
use crate::disk::{Disk, DiskError};
use crate::lines::Lines;

/// The records that directly follow a known one, each with the hash of the one before.
#[derive(Clone, Debug)]
pub(crate) struct Continuation {
    /// The last of these records, or the known one if there are none.
    pub tip: Tip,
    /// Whether the log has the known record, or the one after it.
    pub is_linked: bool,
    /// The reason why the records end before the end of the log.
    pub damage: Option<Damage>,
}

/// Passes the records after `known` to `visit`, up to the first damage, up to the record `last`, or up to the end of the
/// log. Damage before `known` does not matter.
pub(crate) fn continue_after(
    disk: &dyn Disk,
    dir: &Path,
    known: Tip,
    last: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<Continuation, WalError> {
    let mut walk = Walk {
        tip: (known.seq == 0).then_some(known),
        last,
        damage: None,
    };
    let is_start = |checked: &Checked<'_>| match checked.tip.seq {
        seq if seq == known.seq => checked.tip == known,
        _ => checked.follows(known).is_ok(),
    };
    walk.run(disk, dir, known.seq + 1, &is_start, &mut |entry| {
        if entry.seq > known.seq {
            visit(entry);
        }
    })?;
    Ok(Continuation {
        tip: walk.tip.unwrap_or(known),
        is_linked: walk.tip.is_some(),
        damage: walk.damage,
    })
}

/// Returns the records `first` to `last`, if all of them are intact and the last one has this hash.
pub(crate) fn records_up_to(
    disk: &dyn Disk,
    dir: &Path,
    first: u64,
    last: Tip,
) -> Result<Option<Vec<Entry>>, WalError> {
    let mut walk = Walk {
        tip: None,
        last: last.seq,
        damage: None,
    };
    let mut found = Vec::new();
    let is_start = |checked: &Checked<'_>| checked.tip.seq == first;
    walk.run(disk, dir, first, &is_start, &mut |entry| found.push(entry))?;
    Ok((walk.tip == Some(last)).then_some(found))
}

/// Passes every whole record of all segments to `visit`, whether or not it continues the chain: its sequence, hash and
/// line.
pub(crate) fn each_whole_record(
    disk: &dyn Disk,
    dir: &Path,
    visit: &mut dyn FnMut(Checked<'_>),
) -> Result<(), DiskError> {
    for segment in Segments::present(disk, dir)? {
        let Ok(source) = segment.open(disk, dir) else {
            continue;
        };
        let mut lines = Lines::new(source);
        // A segment that cannot be read any further ends there.
        while let Ok(Some(line)) = lines.next() {
            if let Ok(checked) = entry::check_line(line) {
                visit(checked);
            }
        }
    }
    Ok(())
}

/// A walk along the chain.
struct Walk {
    /// The last record of the chain; none before its start was found.
    tip: Option<Tip>,
    /// The record at which the walk ends.
    last: u64,
    damage: Option<Damage>,
}

impl Walk {
    fn run(
        &mut self,
        disk: &dyn Disk,
        dir: &Path,
        first: u64,
        is_start: &dyn Fn(&Checked<'_>) -> bool,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<(), WalError> {
        let segments = Segments::present(disk, dir)?;
        let start = segments.partition_point(|segment| segment.first <= first);
        for segment in segments.into_iter().skip(start.saturating_sub(1)) {
            if self.is_over() {
                break;
            }
            if let Some(tip) = self.tip
                && segment.first != tip.seq + 1
            {
                let (expected, found) = (tip.seq + 1, segment.first);
                self.stop(segment, 0, 0, Defect::Sequence { expected, found });
                break;
            }
            let source = match segment.open(disk, dir) {
                Ok(source) => source,
                Err(error) => {
                    self.stop(segment, 0, 0, Defect::Content(error.to_string().into()));
                    break;
                }
            };
            self.read(segment, dir, source, is_start, visit)?;
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.damage.is_some() || self.tip.is_some_and(|tip| tip.seq >= self.last)
    }

    fn read(
        &mut self,
        segment: Segment,
        dir: &Path,
        source: impl Read,
        is_start: &dyn Fn(&Checked<'_>) -> bool,
        visit: &mut dyn FnMut(Entry),
    ) -> Result<(), WalError> {
        let mut lines = Lines::new(source);
        while !self.is_over() {
            let line = match lines.next() {
                Ok(Some(line)) => line,
                Ok(None) => return Ok(()),
                Err(error) => match segment.read_error(dir, error) {
                    WalError::Damaged(damage) => {
                        self.damage = Some(damage);
                        return Ok(());
                    }
                    error => return Err(error),
                },
            };
            let read = entry::check_line(line).and_then(|checked| {
                match self.tip {
                    None if !is_start(&checked) => return Ok(None),
                    None => {}
                    Some(tip) => checked.follows(tip)?,
                }
                Ok(Some((checked.tip, checked.decode()?)))
            });
            match read {
                Ok(None) => {}
                Ok(Some((tip, entry))) => {
                    self.tip = Some(tip);
                    visit(entry);
                }
                Err(defect @ Defect::Newer { .. }) => {
                    let (line, offset) = (lines.number(), lines.start());
                    return Err(damage(segment, line, offset, defect).into());
                }
                Err(_) if self.tip.is_none() => {}
                Err(defect) => self.stop(segment, lines.number(), lines.start(), defect),
            }
        }
        Ok(())
    }

    fn stop(&mut self, segment: Segment, line: u64, offset: u64, defect: Defect) {
        self.damage = Some(damage(segment, line, offset, defect));
    }
}

fn damage(segment: Segment, line: u64, offset: u64, defect: Defect) -> Damage {
    Damage {
        segment: segment.file_name(),
        line,
        offset,
        defect,
    }
}
