//! The previews of a fake editor. It writes them into its scene, as a real one does. So a value that is not put back in
//! time comes out as an edit, a read-back or a difference.

use uuid::Uuid;
use vibesync_protocol::{DaemonMessage, PositionPatch, PreviewChange};
use vibesync_scene::{BlobId, Components, Entity, Mesh};

use super::editor::FakeEditor;
use super::shown::{PREVIEW_MS, Shown};

impl FakeEditor {
    /// Handles a preview, or the end of some.
    pub(super) fn hear_preview(&mut self, message: DaemonMessage) {
        match message {
            DaemonMessage::Preview { changes, .. } => self.show(&changes),
            DaemonMessage::PreviewEnd { uuids } => self.put_back(uuids),
            _ => {}
        }
    }

    /// Shows values, except of entities that it does not hold or that its user has changed without an answer yet.
    fn show(&mut self, changes: &[PreviewChange]) {
        for change in changes {
            let uuid = &change.uuid;
            if self.has_unanswered(*uuid) {
                continue;
            }
            let Some(entity) = self.entities.get_mut(uuid) else {
                continue;
            };
            let shown = self.shown.get(uuid);
            let Some(components) = value_of(change, entity, shown) else {
                continue;
            };
            let now = entity.components.only(components.set());
            let shown = self.shown.entry(*uuid).or_insert(Shown {
                before: Components::default(),
                at: 0,
            });
            let known = shown.before.set();
            let new = now.only(now.set().without(known));
            shown.before.merge(&new);
            shown.at = self.now;
            entity.components.merge(&components);
        }
    }

    /// Puts the values of these entities back.
    pub fn put_back(&mut self, uuids: impl IntoIterator<Item = Uuid>) {
        for uuid in uuids {
            if let (Some(shown), Some(entity)) =
                (self.shown.remove(&uuid), self.entities.get_mut(&uuid))
            {
                entity.components.merge(&shown.before);
            }
        }
    }

    /// Puts all values back.
    pub fn put_back_all(&mut self) {
        let uuids: Vec<Uuid> = self.shown().collect();
        self.put_back(uuids);
    }

    /// Puts values back for which no newer one has come in time.
    pub fn put_back_old(&mut self) {
        let shown = self.shown.iter();
        let old = shown.filter(|(_, shown)| self.now >= shown.at + PREVIEW_MS);
        let uuids: Vec<Uuid> = old.map(|(uuid, _)| *uuid).collect();
        self.put_back(uuids);
    }

    /// Lists the entities that show a preview.
    pub fn shown(&self) -> impl Iterator<Item = Uuid> + '_ {
        self.shown.keys().copied()
    }
}

/// Returns the components to show; none for vertices of a mesh of which the editor has other ones.
fn value_of(change: &PreviewChange, entity: &Entity, shown: Option<&Shown>) -> Option<Components> {
    let mut components = change.components.clone();
    if let Some(positions) = &change.positions {
        let before = shown.and_then(|shown| shown.before.mesh.as_ref());
        let mesh = before.or(entity.components.mesh.as_ref())?;
        components.mesh = Some(Box::new(moved(mesh, positions)?));
    }
    Some(components)
}

/// Returns a mesh with other positions. Each patch has an address of its own.
fn moved(mesh: &Mesh, positions: &PositionPatch) -> Option<Mesh> {
    let mut mesh = mesh.clone();
    let buffer = mesh.buffers.get_mut("position")?;
    let is_base = buffer.blob == Some(positions.base);
    buffer.blob = Some(BlobId::hash(&positions.patch.0));
    is_base.then_some(mesh)
}
