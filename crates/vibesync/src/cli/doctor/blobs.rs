//! Checks the bulk data that the scene needs.

use std::sync::Arc;

use vibesync_scene::{Code, Components, Entity};
use vibesync_store::blobs::{BlobError, BlobStore, Depth};
use vibesync_store::boot;
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::Verification;

use super::finding::Finding;
use crate::cli::log::access as log;
use crate::cli::text::Sanitized;
use crate::error::Error;
use crate::platform::project::Project;

/// Most entities that the finding names.
const MAX_NAMED: usize = 10;

/// Checks every blob of a live entity: whether it exists with the right size, or whether it has the right content.
pub(super) fn check(
    project: &Project,
    verified: &Verification,
    deep: bool,
) -> Result<Finding, Error> {
    let (wal, folder) = (project.wal(), project.blobs());
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    let replayed = boot::replay(Arc::clone(&disk), &wal, verified.tip);
    let scene = replayed.map_err(|error| log::coded(&wal, error))?.scene;
    let blobs = BlobStore::read_only(disk, &folder);
    let depth = if deep { Depth::Content } else { Depth::Size };
    let (mut total, mut lost) = (0, Vec::new());
    for row in scene.rows().filter(|row| !row.tombstone) {
        let entity = &row.entity;
        if entity.components.set().has_bulk() {
            total += 1;
            let defect = first_defect(&blobs, &entity.components, depth);
            lost.extend(defect.map(|defect| describe(entity, &defect)));
        }
    }
    if lost.is_empty() {
        let what = match depth {
            Depth::Size => "exists with its size; `--deep` checks the content",
            Depth::Content => "has the right content",
        };
        return Ok(Finding::ok(
            "blobs",
            format!("the data of {total} meshes, images and actions {what}"),
        ));
    }
    let count = lost.len();
    lost.truncate(MAX_NAMED);
    let more = match count - lost.len() {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    let named = lost.join("; ");
    let message =
        format!("the data of {count} of {total} meshes, images and actions is lost: {named}{more}");
    Err(Error::new(Code::BlobDamaged, folder.display(), message))
}

fn first_defect(blobs: &BlobStore, components: &Components, depth: Depth) -> Option<BlobError> {
    let mut buffers = components.buffers();
    buffers.find_map(|(_, _, buffer)| blobs.check(buffer.blob?, buffer.bytes, depth).err())
}

fn describe(entity: &Entity, defect: &BlobError) -> String {
    let name = entity.components.name.as_deref().unwrap_or_default();
    format!("\"{}\" {}: {defect}", Sanitized(name), entity.uuid)
}
