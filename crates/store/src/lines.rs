//! Reads the lines of a file, each with its number and offset. Their length is bounded.

use std::io::{self, BufRead, BufReader, Read};

/// Longest line that is read or written, in bytes without its newline.
pub const MAX_LINE: usize = 16 * 1024 * 1024;

/// The next piece of a file.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// A line, without its newline.
    Whole(&'a [u8]),
    /// The file ends within the line.
    Incomplete,
    /// A line longer than [`MAX_LINE`], which was skipped.
    TooLong,
}

/// Splits a stream into lines.
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

    /// Starts at this offset of the file, where a line must begin. Lines are numbered from there.
    pub fn starting_at(source: R, offset: u64) -> Self {
        Self::with_buffer(source, offset, 256 * 1024)
    }

    /// Starts there too, and reads up to so many bytes at once.
    pub fn with_buffer(source: R, offset: u64, bytes: usize) -> Self {
        Self {
            source: BufReader::with_capacity(bytes, source),
            line: Vec::new(),
            number: 0,
            start: offset,
            end: offset,
        }
    }

    /// Number of the last line read, from 1 at the start of the source.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Offset of its first byte.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// Offset after its newline.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// Returns the source. Bytes that were read and belong to no line yet are lost.
    pub fn into_source(self) -> R {
        self.source.into_inner()
    }

    /// Reads the next line; none at the end of the file.
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
