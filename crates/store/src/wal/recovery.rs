//! Recovery: checks every line before the log may be appended to.
//!
//! An interrupted append can leave a torn tail: incomplete lines at the very end of the last segment, with no whole record
//! after them. They were never acknowledged, so recovery cuts them off and reports them. Any other defect is damage, which a
//! person has to repair.

use std::io::Read;
use std::path::Path;

use super::entry::{self, Checked, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::segment::{Segment, Segments};
use crate::disk::Disk;
use crate::lines::Lines;

/// The result of opening the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// Version of the last record that was read; none if none was.
    pub version: Option<u32>,
    /// The torn tail that was cut off, if there was one.
    pub torn: Option<TornTail>,
}

/// The remains of an interrupted append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TornTail {
    /// Its length in bytes.
    pub bytes: u64,
    /// Location and kind of the first defect.
    pub location: Damage,
}

/// The result of [`verify`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Number of records.
    pub records: u64,
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// The torn tail, if there is one; the next start cuts it off.
    pub torn: Option<TornTail>,
}

/// Checks every line of the log, and changes nothing.
pub fn verify(disk: &dyn Disk, dir: &Path) -> Result<Verification, WalError> {
    let (recovery, _) = walk(disk, dir, 1, &mut |_| {})?;
    Ok(Verification {
        records: recovery.tip.seq,
        segments: recovery.segments,
        tip: recovery.tip,
        torn: recovery.torn,
    })
}

/// Checks bytes as if they were the only segment of a log. Returns the number of records.
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

/// Checks the log from the segment of record `from` - 1 on, and passes the records from `from` on to `visit`. Also returns
/// the last segment and the length of its valid part.
///
/// Earlier segments are not read: the caller knows the state and the hash of record `from` - 1 from a checkpoint.
pub(crate) fn walk(
    disk: &dyn Disk,
    dir: &Path,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<(Recovery, Option<(Segment, u64)>), WalError> {
    let Segments {
        truncation,
        all: segments,
    } = Segments::list(disk, dir)?;
    let start = segments.partition_point(|segment| segment.first < from);
    let start = start.saturating_sub(1);
    let beginning = truncation
        .and_then(|truncation| truncation.tip())
        .unwrap_or(Tip::START);
    // In the middle of the log, the hash of the previous record is taken from its successor.
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
    /// Version of the last record.
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

/// Checks every line of a segment in the folder `dir`. `before` is the record before the segment, if it is known.
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
        let Some(line) = next.map_err(|error| segment.read_error(dir, error))? else {
            break;
        };
        let accepted = match (&bad, entry::check_line(line)) {
            (Some(_), Err(defect)) if defect.is_torn() => continue,
            // A whole record follows the bad line, so the line is no torn tail.
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
