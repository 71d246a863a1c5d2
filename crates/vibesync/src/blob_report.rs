//! Reports the stored bulk data to commands.

use vibesync_protocol::{BlobCount, BlobReport};
use vibesync_store::collect::{Count, Summary, Swept};

/// Returns the result as clients read it.
pub fn report(summary: &Summary, swept: &Swept, max_bytes: u64) -> BlobReport {
    BlobReport {
        scene: count(summary.scene),
        log: count(summary.log),
        history: count(summary.history),
        unnamed: count(summary.unnamed),
        removable: count(summary.removable),
        removed: count(swept.removed),
        held: count(swept.held),
        max_bytes,
    }
}

fn count(count: Count) -> BlobCount {
    let Count { blobs, bytes } = count;
    BlobCount { blobs, bytes }
}
