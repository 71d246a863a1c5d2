//! Finds a record in a segment by binary search.

use std::io;

use super::entry;
use crate::disk::DiskFile;

/// The search ends when the range is at most this many bytes; reading starts there.
const CLOSE: u64 = 64 * 1024;

/// Returns the offset of a line at or before record `seq`. In a damaged segment, the offset may be too small, or at a line
/// that the reader refuses. It is never after the record.
pub(crate) fn line_before(file: &mut dyn DiskFile, seq: u64) -> io::Result<u64> {
    let (mut low, mut high) = (0, file.size()?);
    let mut chunk = vec![0; CLOSE as usize];
    while high.saturating_sub(low) > CLOSE {
        let middle = low + (high - low) / 2;
        let read = file.read_at(middle, &mut chunk)?;
        match first_line(chunk.get(..read).unwrap_or_default()) {
            Some((start, found)) if found <= seq => low = middle + start,
            _ => high = middle,
        }
    }
    Ok(low)
}

/// Returns offset and sequence of the first line that begins in these bytes.
fn first_line(bytes: &[u8]) -> Option<(u64, u64)> {
    let start = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let seq = entry::leading_seq(bytes.get(start..)?)?;
    Some((start as u64, seq))
}

/// Returns the number, from 1, of the line that begins at an offset.
pub(crate) fn line_number(file: &mut dyn DiskFile, offset: u64) -> io::Result<u64> {
    let mut chunk = vec![0; CLOSE as usize];
    let (mut at, mut number) = (0, 1);
    while at < offset {
        let read = file.read_at(at, &mut chunk)?;
        let wanted = usize::try_from(offset - at).unwrap_or(usize::MAX);
        let bytes = chunk.get(..read.min(wanted)).unwrap_or_default();
        if bytes.is_empty() {
            break;
        }
        number += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
        at += bytes.len() as u64;
    }
    Ok(number)
}
