//! Before the log may go on: every line checked, a torn end cut off, damage named.
//!
//! What an interrupted append can leave is at the very end of the last segment and holds no whole record after it; it
//! was never acknowledged, so it is cut and reported. Anything else that is wrong is damage, and a person decides.

use std::io::Read;
use std::path::Path;

use super::entry::{self, Checked, Entry, Tip};
use super::error::{Damage, Defect, WalError};
use super::segment::Segment;
use crate::disk::{At, Disk, FileReader};
use crate::lines::{Line, Lines};

/// What was found when the log was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovered {
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// What was cut off the end, if anything.
    pub torn: Option<Torn>,
}

/// The remains of an interrupted append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    /// How many bytes.
    pub bytes: u64,
    /// Where they begin, and what was wrong there.
    pub place: Damage,
}

/// What [`verify`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// Number of records.
    pub records: u64,
    /// Number of segments.
    pub segments: usize,
    /// The last record.
    pub tip: Tip,
    /// Remains of an interrupted append; the next start cuts them off.
    pub torn: Option<Torn>,
}

/// Checks every line of the log without changing anything.
pub fn verify(disk: &dyn Disk, dir: &Path) -> Result<Verified, WalError> {
    let (recovered, _) = walk(disk, dir, 1, &mut |_| {})?;
    Ok(Verified {
        records: recovered.tip.seq,
        segments: recovered.segments,
        tip: recovered.tip,
        torn: recovered.torn,
    })
}

/// Checks bytes as if they were the only segment of a log: number of records, or the place of damage.
pub fn scan_bytes(bytes: &[u8]) -> Result<u64, WalError> {
    let segment = Segment { first: 1 };
    let path = segment.path(Path::new(""));
    let scan = scan(bytes, &path, segment, Tip::START, 1, &mut |_| {})?;
    Ok(scan.tip.seq)
}

/// Reads all segments in order; gives records from sequence `from` on to `visit`. Also says how long the valid part
/// of the last segment is.
pub(crate) fn walk(
    disk: &dyn Disk,
    dir: &Path,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<(Recovered, Option<(Segment, u64)>), WalError> {
    let segments = Segment::list(disk, dir)?;
    let mut tip = Tip::START;
    let mut torn = None;
    let mut last = None;
    for (i, segment) in segments.iter().copied().enumerate() {
        let expected = tip.seq + 1;
        if segment.first != expected {
            let found = segment.first;
            return Err(place(segment, 0, 0, Defect::Sequence { expected, found }).into());
        }
        let path = segment.path(dir);
        let file = disk.open(&path).at("open", &path)?;
        let scan = scan(FileReader::new(file), &path, segment, tip, from, visit)?;
        if let Some(found) = scan.torn {
            if i + 1 < segments.len() {
                return Err(found.place.into());
            }
            torn = Some(found);
        }
        tip = scan.tip;
        last = Some((segment, scan.valid_bytes));
    }
    let segments = segments.len();
    Ok((
        Recovered {
            segments,
            tip,
            torn,
        },
        last,
    ))
}

struct Scan {
    tip: Tip,
    valid_bytes: u64,
    torn: Option<Torn>,
}

fn place(segment: Segment, line: u64, offset: u64, defect: Defect) -> Damage {
    Damage {
        segment: segment.file_name(),
        line,
        offset,
        defect,
    }
}

fn scan(
    source: impl Read,
    path: &Path,
    segment: Segment,
    mut tip: Tip,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<Scan, WalError> {
    let mut lines = Lines::new(source);
    let mut valid_bytes = 0;
    let mut bad: Option<Damage> = None;
    while let Some(line) = lines.next().at("read", path)? {
        let checked = match line {
            Line::Whole(line) => entry::check(line),
            Line::Incomplete => Err(Defect::Incomplete),
            Line::TooLong => Err(Defect::TooLong),
        };
        let accepted = match (&bad, checked) {
            // A whole record after a bad line: the bad line was not the end of an interrupted append.
            (Some(bad), Ok(_)) => return Err(bad.clone().into()),
            (Some(_), Err(_)) => continue,
            (None, Ok(checked)) => accept(checked, tip, from, visit),
            (None, Err(defect)) => Err(defect),
        };
        match accepted {
            Ok(next) => {
                tip = next;
                valid_bytes = lines.end();
            }
            Err(defect) => {
                let torn = defect.is_torn();
                let damage = place(segment, lines.number(), lines.start(), defect);
                if !torn {
                    return Err(damage.into());
                }
                bad = Some(damage);
            }
        }
    }
    let torn = bad.map(|place| Torn {
        bytes: lines.end() - valid_bytes,
        place,
    });
    Ok(Scan {
        tip,
        valid_bytes,
        torn,
    })
}

fn accept(
    checked: Checked<'_>,
    tip: Tip,
    from: u64,
    visit: &mut dyn FnMut(Entry),
) -> Result<Tip, Defect> {
    checked.follows(tip)?;
    if checked.tip.seq >= from {
        visit(checked.decode()?);
    }
    Ok(checked.tip)
}
