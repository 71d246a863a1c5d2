//! Looks for the blobs of the whole scene at a start, by existence and size.

use std::collections::BTreeMap;

use vibesync_scene::{BlobId, Code, Entity, Scene};
use vibesync_store::blobs::{BlobStore, Depth};

/// Most entities that are named in the program's log at once.
const MAX_NAMED: usize = 100;

/// Returns the blobs of all live entities, with their sizes.
pub fn needed(scene: &Scene) -> BTreeMap<BlobId, u64> {
    let live = scene.rows().filter(|row| !row.tombstone);
    let buffers = live.flat_map(|row| row.entity.components.buffers());
    buffers
        .filter_map(|(_, _, buffer)| Some((buffer.blob?, buffer.bytes)))
        .collect()
}

/// Returns the blobs that are missing or have another size, each with the reason.
pub fn find_lost(blobs: &BlobStore, needed: &BTreeMap<BlobId, u64>) -> BTreeMap<BlobId, String> {
    let check = |(blob, bytes): (&BlobId, &u64)| {
        let error = blobs.check(*blob, *bytes, Depth::Size).err()?;
        Some((*blob, error.to_string()))
    };
    needed.iter().filter_map(check).collect()
}

/// Names the entities that need lost blobs in the program's log.
pub fn trace_lost(scene: &Scene, lost: &BTreeMap<BlobId, String>) {
    if lost.is_empty() {
        return;
    }
    let live = scene.rows().filter(|row| !row.tombstone);
    let why = |entity: &Entity| entity.components.blobs().find_map(|it| lost.get(&it));
    let concerned = live.filter_map(|row| Some((&row.entity, why(&row.entity)?)));
    for (entity, why) in concerned.take(MAX_NAMED) {
        let name = entity.components.name.as_deref().unwrap_or_default();
        tracing::error!(error_code = %Code::BlobDamaged, uuids = %entity.uuid, "{} {name:?} is withheld from editors that lack it: {why}", entity.kind.as_str());
    }
}
