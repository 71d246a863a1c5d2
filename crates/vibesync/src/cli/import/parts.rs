//! Parts of an import: as much as fits into one intent.

use std::collections::BTreeMap;

use vibesync_gltf::Import;
use vibesync_protocol::{Limits, MAX_CHANGES};
use vibesync_scene::{BlobId, Change, Entity};

/// Largest size of the changes of a part in JSON, and of its bulk data. The rest of the frame is for all else.
const MOST_HEADER: usize = 12 << 20;
const MOST_BULK: usize = 240 << 20;

/// The content of one intent.
#[derive(Debug, Default)]
pub(super) struct Part<'a> {
    pub changes: Vec<Change>,
    pub attachments: Vec<&'a [u8]>,
    attachment_of: BTreeMap<BlobId, u32>,
    header: usize,
    bulk: usize,
}

/// Divides the entities of an import into parts, in their order.
pub(super) fn split(import: &Import) -> Vec<Part<'_>> {
    let mut parts: Vec<Part<'_>> = Vec::new();
    for entity in &import.entities {
        // Estimates the size by the entity itself; the change that creates it has a few bytes more.
        let header = serde_json::to_vec(entity).map_or(0, |json| json.len()) + 64;
        let last = parts.last_mut();
        match last.filter(|part| part.has_room(entity, header)) {
            Some(part) => part.add(entity, header, import),
            None => {
                let mut part = Part::default();
                part.add(entity, header, import);
                parts.push(part);
            }
        }
    }
    parts
}

impl<'a> Part<'a> {
    fn has_room(&self, entity: &Entity, header: usize) -> bool {
        let (mut count, mut bulk) = (self.attachments.len(), self.bulk);
        for (_, _, buffer) in entity.components.buffers() {
            let is_new = |blob| !self.attachment_of.contains_key(&blob);
            if buffer.blob.is_some_and(is_new) {
                (count, bulk) = (count + 1, bulk + buffer.bytes as usize);
            }
        }
        self.changes.len() < MAX_CHANGES
            && count <= Limits::SESSION.attachments
            && self.header + header <= MOST_HEADER
            && bulk <= MOST_BULK
    }

    fn add(&mut self, entity: &Entity, header: usize, import: &'a Import) {
        let mut change = Change::create_from(entity);
        let components = change.components_mut().into_iter();
        for buffer in components.flat_map(|components| components.buffers_mut()) {
            let Some(blob) = buffer.blob.take() else {
                continue;
            };
            let next = self.attachments.len() as u32;
            let index = *self.attachment_of.entry(blob).or_insert(next);
            if index == next {
                let bytes = import.blobs.get(&blob).map_or(&[][..], Vec::as_slice);
                self.attachments.push(bytes);
                self.bulk += bytes.len();
            }
            buffer.attachment = Some(index);
        }
        self.header += header;
        self.changes.push(change);
    }
}
