//! The bulk data of a fake editor: sent with its intents, and again when the daemon asks for it.

use uuid::Uuid;
use vibesync_protocol::{ClientMessage, Intent};
use vibesync_scene::{Change, Components, OperationId, Role};

use super::editor::FakeEditor;

impl FakeEditor {
    /// Returns the attachments of an intent in order: the bytes of the buffers that name an attachment.
    pub fn bulk_of(&self, intent: &Intent) -> Vec<&[u8]> {
        let components = intent.changes.iter().filter_map(Change::components);
        let buffers = components.flat_map(Components::buffers);
        let attached = buffers.filter_map(|(_, _, buffer)| {
            let bytes = self.bulk.get(buffer.blob.as_ref()?)?;
            Some((buffer.attachment?, bytes.as_slice()))
        });
        let mut attached: Vec<(u32, &[u8])> = attached.collect();
        attached.sort_unstable_by_key(|(at, _)| *at);
        attached.into_iter().map(|(_, bytes)| bytes).collect()
    }

    /// Sends whole entities again, with their bulk data.
    pub(super) fn send_again(&mut self, uuids: &[Uuid]) -> Vec<ClientMessage> {
        self.put_back(uuids.iter().copied());
        let held = uuids.iter().filter_map(|uuid| self.entities.get(uuid));
        let mut changes: Vec<Change> = held.map(Change::create_from).collect();
        if changes.is_empty() {
            return Vec::new();
        }
        if self.role == Role::Blender {
            // Blender says as well that an object shows its data: the daemon may have an evaluated mesh of it.
            let objects = changes.iter_mut().filter_map(Change::components_mut);
            let objects = objects.filter(|it| it.transform.is_some());
            objects.for_each(|it| it.shown = it.shown.take().or_else(|| Some(Box::default())));
        }
        let components = changes.iter_mut().filter_map(Change::components_mut);
        let buffers = components.flat_map(Components::buffers_mut);
        let known = buffers.filter(|it| it.blob.is_some_and(|blob| self.bulk.contains_key(&blob)));
        for (index, buffer) in (0..).zip(known) {
            buffer.attachment = Some(index);
        }
        self.resent += 1;
        let (_, instance) = self.instance.0.as_u64_pair();
        let id = OperationId(Uuid::from_u64_pair(self.resent, instance));
        self.edit(id, changes).into_iter().collect()
    }
}
