//! Notes about what the file leaves out: keys below modifiers, and data that nothing shows.

use std::collections::BTreeSet;

use uuid::Uuid;
use vibesync_scene::{Entity, EntityKind};

use super::file::File;
use super::shape::Shape;
use crate::notes::Note;

impl File<'_> {
    /// Notes an object whose evaluated mesh has shape keys below it. They have moved that mesh already.
    pub fn note_evaluated_keys(&mut self, object: &Entity, shape: &Shape<'_>) {
        let data = shape.data.filter(|_| shape.is_evaluated());
        let shapes = data.and_then(|data| data.components.shapes.as_ref());
        if shapes.is_some_and(|shapes| !shapes.keys.is_empty()) {
            let name = self.name(object.uuid);
            self.notes.add(Note::ShapeKeys, &name);
        }
    }

    /// Notes data that no object shows, actions that nothing plays, and objects outside of the scene that no instance shows. Images and materials are data of data.
    pub fn note_unused(&mut self) {
        let animations = self.entities.values();
        let animations = animations.filter_map(|it| it.components.animation.as_ref()?.action);
        let played: BTreeSet<Uuid> = animations.collect();
        for (uuid, entity) in self.entities {
            let is_used = match entity.kind {
                EntityKind::Mesh | EntityKind::Armature => self.shown_data.contains(uuid),
                EntityKind::Light => self.light_of.contains_key(uuid),
                EntityKind::Camera => self.camera_of.contains_key(uuid),
                EntityKind::Material => self.materials.contains_key(uuid),
                EntityKind::Action => played.contains(uuid),
                EntityKind::Object => {
                    let membership = &self.membership;
                    membership.in_scene.contains(uuid) || membership.in_instances.contains(uuid)
                }
                _ => true,
            };
            if !is_used {
                let name = self.name(*uuid);
                self.notes.add(Note::Unused, &name);
            }
        }
    }
}
