//! Before the log may go on: every line checked, a torn end cut off, damage named.
//!
//! What an interrupted append can leave is at the very end of the last segment and holds no whole record after it; it
//! was never acknowledged, so it is cut and reported. Anything else that is wrong is damage, and a person decides.

use std::io::Read;
use std::path::Path;

use super::entry::{self, Checked, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::segment::{Segment, Segments};
use crate::disk::Disk;
use crate::lines::{Line, Lines};

/// What was found when the log was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// Version of the format that the last record was written in; none without records.
    pub version: Option<u32>,
    /// What was cut off the end, if anything.
    pub torn: Option<TornTail>,
}

/// The remains of an interrupted append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// How many bytes.
    pub bytes: u64,
    /// Where they begin, and what was wrong there.
    pub location: Damage,
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Number of records.
    pub records: u64,
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// Remains of an interrupted append; the next start cuts them off.
    pub torn: Option<TornTail>,
}

/// Checks every line of the log without changing anything.
pub fn verify(disk: &dyn Disk, dir: &Path) -> Result<Verification, WalError> {
    let (recovery, _) = walk(disk, dir, 1, &mut |_| {})?;
    Ok(Verification {
        records: recovery.tip.seq,
        segments: recovery.segments,
        tip: recovery.tip,
        torn: recovery.torn,
    })
}

/// Checks bytes as if they were the only segment of a log: number of records, or the place of damage.
pub fn scan_bytes(bytes: &[u8]) -> Result<u64, WalError> {
    let segment = Segment { first: 1 };
    let scan = scan(
        bytes,
        Path::new(""),
        segment,
        Some(Tip::START),
        1,
        &mut |_| {},
    )?;
    Ok(scan.tip.seq)
}

/// Reads the segments that hold record `from` - 1 and what is after it, in order; gives records from sequence `from` on
/// to `visit`. Also says how long the valid part of the last segment is. What is before is not looked at: whoever gives
/// `from` knows the state there, and the hash of the record.
pub(crate) fn walk(
    disk: &dyn Disk,
    dir: &Path,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<(Recovery, Option<(Segment, u64)>), WalError> {
    let Segments { cut, all: segments } = Segments::list(disk, dir)?;
    let start = segments.partition_point(|segment| segment.first < from);
    let start = start.saturating_sub(1);
    let beginning = cut.and_then(|cut| cut.tip()).unwrap_or(Tip::START);
    // In the middle the hash of the record before is what its successor says.
    let mut before = (start == 0).then_some(beginning);
    let mut tip = beginning;
    let mut version = None;
    let mut torn = None;
    let mut last = None;
    for (i, segment) in segments.iter().copied().enumerate().skip(start) {
        let expected = before.map_or(segment.first, |tip| tip.seq + 1);
        if segment.first != expected {
            let found = segment.first;
            return Err(location(segment, 0, 0, Defect::Sequence { expected, found }).into());
        }
        let source = segment.open(disk, dir)?;
        let scan = scan(source, dir, segment, before, from, visit)?;
        if let Some(found) = scan.torn {
            if i + 1 < segments.len() {
                return Err(found.location.into());
            }
            torn = Some(found);
        }
        tip = scan.tip;
        version = scan.version.or(version);
        before = Some(tip);
        last = Some((segment, scan.valid_bytes));
    }
    let segments = segments.len();
    Ok((
        Recovery {
            segments,
            tip,
            version,
            torn,
        },
        last,
    ))
}

pub(crate) struct Scan {
    pub tip: Tip,
    /// Of the last record.
    pub version: Option<u32>,
    pub valid_bytes: u64,
    pub torn: Option<TornTail>,
}

fn location(segment: Segment, line: u64, offset: u64, defect: Defect) -> Damage {
    Damage {
        segment: segment.file_name(),
        line,
        offset,
        defect,
    }
}

/// Checks every line of a segment in the folder `dir`. `before` is the record before it, where that is known.
pub(crate) fn scan(
    source: impl Read,
    dir: &Path,
    segment: Segment,
    mut before: Option<Tip>,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<Scan, WalError> {
    let mut lines = Lines::new(source);
    let mut valid_bytes = 0;
    let mut version = None;
    let mut bad: Option<Damage> = None;
    loop {
        let next = lines.next();
        let Some(line) = next.map_err(|error| segment.unreadable(dir, error))? else {
            break;
        };
        let checked = match line {
            Line::Whole(line) => entry::check(line),
            Line::Incomplete => Err(Defect::Incomplete),
            Line::TooLong => Err(Defect::TooLong),
        };
        let accepted = match (&bad, checked) {
            (Some(_), Err(defect)) if defect.is_torn() => continue,
            // A whole record after a bad line: the bad line was not the end of an interrupted append.
            (Some(bad), _) => return Err(bad.clone().into()),
            (None, Ok(checked)) => {
                version = Some(checked.version);
                accept(checked, segment, before, from, visit)
            }
            (None, Err(defect)) => Err(defect),
        };
        match accepted {
            Ok(next) => {
                before = Some(next);
                valid_bytes = lines.end();
            }
            Err(defect) => {
                let torn = defect.is_torn();
                let damage = location(segment, lines.number(), lines.start(), defect);
                if !torn {
                    return Err(damage.into());
                }
                bad = Some(damage);
            }
        }
    }
    let torn = bad.map(|location| TornTail {
        bytes: lines.end() - valid_bytes,
        location,
    });
    let tip = before.unwrap_or(Tip {
        seq: segment.first - 1,
        ..Tip::START
    });
    Ok(Scan {
        tip,
        version,
        valid_bytes,
        torn,
    })
}

fn accept(
    checked: Checked<'_>,
    segment: Segment,
    before: Option<Tip>,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<Tip, Defect> {
    match before {
        Some(tip) => checked.follows(tip)?,
        None if checked.tip.seq != segment.first => {
            return Err(Defect::Sequence {
                expected: segment.first,
                found: checked.tip.seq,
            });
        }
        None => {}
    }
    if checked.tip.seq >= from {
        visit(checked.decode()?);
    }
    Ok(checked.tip)
}
