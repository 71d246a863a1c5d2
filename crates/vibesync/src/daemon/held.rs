//! Knows which large buffers a client has got, so that it need not get them again.

use std::collections::{BTreeMap, BTreeSet};

use vibesync_protocol::{DaemonMessage, VersionedChange};
use vibesync_scene::{BatchId, BlobId, Components, Uuid};

/// Smallest buffer that does not travel whole each time, bytes.
const MIN_BYTES: u64 = 64 << 10;

/// Most meshes whose buffers are remembered. Beyond, all are forgotten.
const MAX_MESHES: usize = 256;

/// The buffers of the meshes that a client holds.
pub type Known = BTreeMap<Uuid, BTreeSet<BlobId>>;

/// The buffers that were sent on one connection. The client may have forgotten it, and then asks for whole buffers.
#[derive(Debug, Default)]
pub struct Held {
    /// False for a client that takes whole buffers only.
    is_used: bool,
    known: Known,
    /// The last batch that relied on what the client holds.
    last: Option<(BatchId, Box<DaemonMessage>)>,
}

impl Held {
    /// Begins with nothing. Remembers nothing either, unless it is used.
    pub fn new(is_used: bool) -> Self {
        Self {
            is_used,
            ..Self::default()
        }
    }

    /// Returns the buffers of this batch that the client has got already. Remembers those that it gets now.
    pub fn note(&mut self, message: &DaemonMessage) -> Known {
        let DaemonMessage::Apply {
            batch_id, changes, ..
        } = message
        else {
            return Known::new();
        };
        let mut relied_on = Known::new();
        if !self.is_used {
            return relied_on;
        }
        if self.known.len() + changes.len() > MAX_MESHES {
            self.known.clear();
        }
        for change in changes.iter().filter(|_| changes.len() <= MAX_MESHES) {
            let uuid = change.change.uuid();
            let large = large_buffers(change);
            let known = match large.is_empty() {
                true => continue,
                false => self.known.insert(uuid, large),
            };
            relied_on.extend(known.map(|known| (uuid, known)));
        }
        if !relied_on.is_empty() {
            self.last = Some((*batch_id, Box::new(message.clone())));
        }
        relied_on
    }

    /// Forgets what the client holds: it has forgotten some of it.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Returns a batch that the client wants again with whole buffers; once, and only the last one.
    pub fn take_last(&mut self, batch: BatchId) -> Option<Box<DaemonMessage>> {
        self.last.take_if(|(id, _)| *id == batch).map(|(_, it)| it)
    }
}

fn large_buffers(change: &VersionedChange) -> BTreeSet<BlobId> {
    let components = change.change.components();
    let buffers = components.into_iter().flat_map(Components::buffers);
    let large = buffers.filter(|(_, _, buffer)| buffer.bytes >= MIN_BYTES);
    large.filter_map(|(_, _, buffer)| buffer.blob).collect()
}

#[cfg(test)]
mod tests {
    use vibesync_protocol::ApplyReason;
    use vibesync_scene::{Buffer, Change, Components, Mesh, Path, ProjectId};

    use super::*;

    fn batch(id: u128, bytes: u64) -> DaemonMessage {
        let blob = BlobId::hash(&id.to_le_bytes());
        let buffers = [("position".to_owned(), Buffer::stored(blob, bytes))];
        let mesh = Mesh {
            vertex_count: 0,
            corner_count: 0,
            submeshes: Vec::new(),
            buffers: buffers.into(),
        };
        let components = Components {
            mesh: Some(Box::new(mesh)),
            ..Components::default()
        };
        let change = Change::Update {
            uuid: Uuid::nil(),
            components,
        };
        DaemonMessage::Apply {
            batch_id: BatchId(Uuid::from_u128(id)),
            project_id: ProjectId(Uuid::nil()),
            schema_version: 1,
            reason: ApplyReason::Change,
            path: Path::Fast,
            operations: Vec::new(),
            label: String::new(),
            head_seq: 1,
            changes: vec![VersionedChange { change, version: 1 }],
        }
    }

    #[test]
    fn client_is_relied_on_for_what_it_got_last() {
        let mut held = Held::new(true);
        assert!(held.note(&batch(1, MIN_BYTES)).is_empty());
        let known = held.note(&batch(2, MIN_BYTES));
        let first = BlobId::hash(&1_u128.to_le_bytes());
        assert_eq!(known, Known::from([(Uuid::nil(), BTreeSet::from([first]))]));
        let id = BatchId(Uuid::from_u128(2));
        assert!(held.take_last(BatchId(Uuid::from_u128(1))).is_none());
        assert!(held.take_last(id).is_some());
        assert!(held.take_last(id).is_none(), "it travels whole once");
        held.forget();
        assert!(held.note(&batch(3, MIN_BYTES)).is_empty());
    }

    #[test]
    fn small_buffers_and_other_clients_are_left_alone() {
        for (is_used, bytes) in [(true, MIN_BYTES - 1), (false, MIN_BYTES)] {
            let mut held = Held::new(is_used);
            held.note(&batch(1, bytes));
            assert!(held.note(&batch(2, bytes)).is_empty());
        }
    }
}
