//! Lines of a file, bounded in length, each with its place.

use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is read or written, in bytes without its end.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// What came where a line should be.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// A line, without its end.
    Whole(&'a [u8]),
    /// The file ends within the line.
    Incomplete,
    /// Longer than [`MAX_LINE`]; skipped.
    TooLong,
}

/// Cuts a stream into lines.
pub(crate) struct Lines<R> {
    source: BufReader<R>,
    line: Vec<u8>,
    number: u64,
    start: u64,
    end: u64,
}

impl<R: Read> Lines<R> {
    pub fn new(source: R) -> Self {
        Self::starting_at(source, 0)
    }

    /// The source begins at this offset of the file, with a line. Lines are numbered from there.
    pub fn starting_at(source: R, offset: u64) -> Self {
        Self {
            source: BufReader::with_capacity(256 * 1024, source),
            line: Vec::new(),
            number: 0,
            start: offset,
            end: offset,
        }
    }

    /// Number of the line read last, from 1 at the start of the source.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Offset of its first byte.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Offset behind its end.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The next line; none at the end of the file.
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        self.line.clear();
        let limit = MAX_LINE as u64 + 1;
        let read = (&mut self.source)
            .take(limit)
            .read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.start = self.end;
        self.end += read;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
            return Ok(Some(Line::Whole(&self.line)));
        }
        if read < limit {
            return Ok(Some(Line::Incomplete));
        }
        self.end += self.source.skip_until(b'\n')? as u64;
        Ok(Some(Line::TooLong))
    }
}
