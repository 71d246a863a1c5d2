//! Checks the segments that a start has not read, because a checkpoint covers them.

use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::entry::Tip;
use super::error::{Damage, Defect, WalError};
use super::reader::Reader;
use super::recovery::{Scan, scan};
use super::segment::{Segment, Segments};
use crate::disk::Disk;

/// Checks every record before the segment of record `seq`, and that this segment continues the chain. Segments that are
/// dropped meanwhile are left out.
///
/// Calls `pace` with each number of bytes that were read; it may sleep. The check ends early, without a result, when
/// `pace` returns false.
pub fn verify_before(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    seq: u64,
    pace: &dyn Fn(usize) -> bool,
) -> Result<(), WalError> {
    let mut next = 1;
    loop {
        let Segments { truncation, all } = Segments::list(&**disk, dir)?;
        let dropped = truncation.and_then(|truncation| truncation.tip());
        let dropped = dropped.unwrap_or(Tip::START);
        let first = next.max(dropped.seq + 1);
        let last = all.partition_point(|segment| segment.first <= seq);
        let mut unread = all
            .iter()
            .take(last)
            .filter(|segment| segment.first >= first);
        let (Some(segment), Some(after)) = (unread.next(), unread.next()) else {
            return Ok(());
        };
        let before = (segment.first == dropped.seq + 1).then_some(dropped);
        match check(disk, dir, (*segment, *after), before, pace) {
            Ok(true) => next = after.first,
            Ok(false) => return Ok(()),
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether the file was compressed or dropped while it was read.
fn is_gone(error: &WalError) -> bool {
    matches!(error, WalError::Disk(error) if error.source.kind() == ErrorKind::NotFound)
}

/// Checks one segment, and that the next one follows it. Returns false if it was told to stop.
fn check(
    disk: &Arc<dyn Disk>,
    dir: &Path,
    (segment, next): (Segment, Segment),
    before: Option<Tip>,
    pace: &dyn Fn(usize) -> bool,
) -> Result<bool, WalError> {
    let mut is_stopped = false;
    let source = Paced {
        source: segment.open(&**disk, dir)?,
        pace,
        is_stopped: &mut is_stopped,
    };
    let scanned = scan(source, dir, segment, before, u64::MAX, &mut |_| {});
    if is_stopped {
        return Ok(false);
    }
    let Scan { tip, torn, .. } = scanned?;
    if let Some(torn) = torn {
        return Err(torn.location.into());
    }
    let follows = match tip.seq + 1 == next.first {
        false => false,
        true => {
            let mut first = Reader::new(Arc::clone(disk), dir, next.first, next.first)?;
            let first = first.next().transpose()?;
            first.is_none_or(|first| first.seq != next.first || first.prev == tip.hash)
        }
    };
    match follows {
        true => Ok(true),
        false => Err(Damage {
            segment: next.file_name(),
            line: 1,
            offset: 0,
            defect: Defect::Chain,
        }
        .into()),
    }
}

/// A source that is read slowly.
struct Paced<'a, R> {
    source: R,
    pace: &'a dyn Fn(usize) -> bool,
    is_stopped: &'a mut bool,
}

impl<R: Read> Read for Paced<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        if !(self.pace)(read) {
            *self.is_stopped = true;
            return Err(io::Error::other("told to stop"));
        }
        Ok(read)
    }
}
