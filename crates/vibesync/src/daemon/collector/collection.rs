//! One collection: asks what is in use, reads what else names blobs, and removes the others.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};
use vibesync_protocol::BlobReport;
use vibesync_store::collect::{CollectError, Files, Marks, Plan, Sources, Swept, sweep};
use vibesync_store::disk::DiskError;

use crate::blob_report::report;
use crate::daemon::event::Event;
use crate::daemon::shared::Shared;

/// Attempts to read a log whose files the projector compresses or drops meanwhile.
const ATTEMPTS: usize = 5;

/// The parts of the daemon that a collection needs.
pub struct Collection {
    pub shared: Arc<Shared>,
    pub to_core: mpsc::Sender<Event>,
    pub max_bytes: u64,
}

impl Collection {
    /// Returns the bytes of all blobs; none if it was interrupted.
    pub fn measure(&self, is_interrupted: &dyn Fn() -> bool) -> Result<Option<u64>, DiskError> {
        let (disk, dir) = self.shared.blobs.location();
        let files = Files::list(disk, dir, is_interrupted)?;
        Ok(files.map(|files| files.bytes()))
    }

    /// Collects. Returns none if it was interrupted, or if the daemon stops.
    pub fn run(
        &self,
        dry_run: bool,
        is_interrupted: &dyn Fn() -> bool,
    ) -> Result<Option<BlobReport>, CollectError> {
        // Begins before the question to the core. So what the core does not know yet counts as used.
        let guard = self.shared.blobs.guard();
        let Some(marks) = self.mark(is_interrupted)? else {
            return Ok(None);
        };
        let (disk, dir) = self.shared.blobs.location();
        let Some(files) = Files::list(disk, dir, is_interrupted)? else {
            return Ok(None);
        };
        let plan = Plan::new(files, marks, self.max_bytes);
        let swept = match dry_run {
            true => Swept::default(),
            false => sweep(&self.shared.blobs, &plan, &guard, &mut || !is_interrupted())?,
        };
        Ok(Some(report(&plan.summary, &swept, self.max_bytes)))
    }

    fn mark(&self, is_interrupted: &dyn Fn() -> bool) -> Result<Option<Marks>, CollectError> {
        let (reply, answer) = oneshot::channel();
        let question = Event::ListBlobs { reply: Some(reply) };
        if self.to_core.blocking_send(question).is_err() {
            return Ok(None);
        }
        let Ok(in_use) = answer.blocking_recv() else {
            return Ok(None);
        };
        let mut marks = Marks::default();
        in_use.into_iter().for_each(|id| marks.need(id));
        let files = self.shared.view.files();
        let sources = Sources {
            disk: &files.disk,
            wal: &files.wal,
            // Includes all that the core knew when it answered.
            head: self.shared.head_seq.load(Ordering::Acquire),
            checkpoints: &files.checkpoints,
            audit: &self.shared.audit,
        };
        let mut attempt = 1;
        loop {
            match sources.mark(&mut marks, is_interrupted) {
                Err(error) if error.is_change() && attempt < ATTEMPTS => attempt += 1,
                marked => return Ok(marked?.then_some(marks)),
            }
        }
    }
}
