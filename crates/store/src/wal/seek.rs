//! Finding a record in a segment without reading all that is before it.

use std::io;

use super::entry;
use crate::disk::DiskFile;

/// Where searching ends and reading begins, bytes.
const CLOSE: u64 = 64 * 1024;

/// The offset of a line that is at or before record `seq`, by halving. It only trusts where lines begin: damage makes
/// it start too early or at a line that the reader then refuses, never behind the record.
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

/// Offset and sequence of the first line that begins in these bytes.
fn first_line(bytes: &[u8]) -> Option<(u64, u64)> {
    let start = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let seq = entry::leading_seq(bytes.get(start..)?)?;
    Some((start as u64, seq))
}

/// Number of the line, from 1, that begins at an offset.
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
