//! Requests about the stored bulk data.

use std::time::{Duration, Instant};

use vibesync_protocol::{BlobReport, ClientMessage, PruneRequest, QueryResult};
use vibesync_scene::Uuid;

use super::Client;
use crate::error::Error;

impl Client {
    /// Asks for what keeps the stored blobs, and removes the others unless it is a dry run. Has a time limit of its own: the
    /// daemon reads the whole log.
    pub fn prune(&mut self, dry_run: bool, timeout: Duration) -> Result<BlobReport, Error> {
        let request_id = Uuid::new_v4();
        let request = PruneRequest {
            request_id,
            dry_run,
        };
        self.request(&ClientMessage::Prune(request))?;
        self.deadline = Instant::now() + timeout;
        self.receive_result(request_id, |result| match result {
            QueryResult::Prune { report } => Some(report),
            _ => None,
        })
    }
}
