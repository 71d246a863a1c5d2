//! A place in the log where a reader has stopped, and another one goes on.

use std::fmt;

use super::entry::Tip;
use super::segment::Segment;
use crate::disk::DiskFile;

/// The end of a record's line. Holds no bytes of the log: those after it may not be durable yet.
pub struct Position {
    pub(super) segment: Segment,
    /// End of the line of `tip` in that segment.
    pub(super) offset: u64,
    pub(super) tip: Tip,
    /// The segment; none if it was closed, or is compressed.
    pub(super) file: Option<Box<dyn DiskFile>>,
}

impl Position {
    /// Closes the segment. A reader that goes on from here opens it again. Windows removes no file that is open.
    pub fn close(&mut self) {
        self.file = None;
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { segment, tip, .. } = self;
        write!(f, "after {} in {}", tip.seq, segment.file_name())
    }
}
