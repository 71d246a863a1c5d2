//! Reads what names blobs: checkpoints, log and history.

use std::path::Path;
use std::sync::Arc;

use vibesync_scene::{Change, Components, Payload};

use super::error::CollectError;
use super::marks::Marks;
use crate::audit::History;
use crate::checkpoint::{self, Named};
use crate::disk::Disk;
use crate::wal::Reader;
use crate::wal::truncation::{self, base_path};

/// The files that name blobs.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The disk of log and checkpoints.
    pub disk: &'a Arc<dyn Disk>,
    /// Folder of the log.
    pub wal: &'a Path,
    /// The last durable record of the log.
    pub head: u64,
    /// Folder of its checkpoints.
    pub checkpoints: &'a Path,
    /// Folder of the history; it need not exist.
    pub audit: &'a Path,
}

impl Sources<'_> {
    /// Adds all that the files name. Returns false if it was interrupted.
    pub fn mark(
        &self,
        marks: &mut Marks,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, CollectError> {
        self.mark_checkpoints(marks)?;
        Ok(self.mark_log(marks, is_interrupted)? && self.mark_history(marks, is_interrupted)?)
    }

    /// Adds the scenes of the checkpoints: a recovery may begin with one. A deleted entity counts as a part of the log.
    fn mark_checkpoints(&self, marks: &mut Marks) -> Result<(), CollectError> {
        for (path, header) in checkpoint::headers(&**self.disk, self.checkpoints)? {
            let seq = header.map_or(0, |(tip, _)| tip.seq);
            checkpoint::for_each_blob(&**self.disk, &path, &mut |id, named| match named {
                Named::Live => marks.need(id),
                Named::Deleted => marks.name_in_log(id, seq),
            })?;
        }
        Ok(())
    }

    /// Adds the blobs of all records, and those of the state that replaces dropped records.
    fn mark_log(
        &self,
        marks: &mut Marks,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, CollectError> {
        if let Some(truncation) = truncation::newest(&**self.disk, self.wal)? {
            let base = base_path(self.wal, truncation.base);
            checkpoint::for_each_blob(&**self.disk, &base, &mut |id, _| {
                marks.name_in_log(id, truncation.base);
            })?;
        }
        for entry in Reader::new(Arc::clone(self.disk), self.wal, 1, self.head)? {
            let entry = entry?;
            for components in named_by(&entry.body.payload) {
                let blobs = components.blobs();
                blobs.for_each(|id| marks.name_in_log(id, entry.seq));
            }
            if is_interrupted() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Adds the blobs of all commits.
    fn mark_history(
        &self,
        marks: &mut Marks,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<bool, CollectError> {
        let Some(history) = History::open(self.audit)? else {
            return Ok(true);
        };
        let mut name = |id, seq| marks.name_in_history(id, seq);
        Ok(history.for_each_blob(&mut name, is_interrupted)?)
    }
}

/// The components that a record names: those of its change, and those that the change overwrites.
fn named_by(payload: &Payload) -> impl Iterator<Item = &Components> {
    let (change, before) = match payload {
        Payload::Step { change, before, .. } => (Some(change), before.as_ref()),
        Payload::Quarantine { change, .. } => (Some(change), None),
        _ => (None, None),
    };
    let changed = change.and_then(Change::components);
    changed.into_iter().chain(before.map(|it| &it.components))
}
