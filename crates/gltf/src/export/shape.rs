//! The geometry of an object: its evaluated mesh, or else the mesh that is its data.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_scene::{Entity, Mesh};

/// A mesh with the materials of its slots.
pub(super) struct Shape<'a> {
    /// The entity that has the mesh: the object itself if the mesh is an evaluated one.
    pub uuid: Uuid,
    pub mesh: &'a Mesh,
    slots: &'a [Option<Uuid>],
    object: &'a Entity,
    /// The mesh that is the object's data; none if the object has none.
    pub data: Option<&'a Entity>,
}

impl<'a> Shape<'a> {
    /// Returns the geometry of an object; none if it shows no mesh.
    pub fn find(entities: &'a BTreeMap<Uuid, &'a Entity>, object: &'a Entity) -> Option<Self> {
        let data = object.components.data.and_then(|data| data.uuid);
        let data = data.and_then(|uuid| entities.get(&uuid)).copied();
        let data = data.filter(|entity| entity.components.mesh.is_some());
        let slots = data.and_then(|data| data.components.slots.as_deref());
        let slots = slots.map_or(&[][..], |slots| &slots.materials);
        let shown = object.components.shown.as_deref();
        if let Some((shown, mesh)) = shown.and_then(|shown| Some((shown, shown.mesh.as_ref()?))) {
            return Some(Self {
                uuid: object.uuid,
                mesh,
                slots: shown.materials.as_deref().unwrap_or(slots),
                object,
                data,
            });
        }
        let entity = data?;
        Some(Self {
            uuid: entity.uuid,
            mesh: entity.components.mesh.as_ref()?,
            slots,
            object,
            data,
        })
    }

    /// Whether the mesh is an evaluated one.
    pub fn is_evaluated(&self) -> bool {
        self.uuid == self.object.uuid
    }

    /// Returns the material of each submesh: the object's own, else that of the slot.
    pub fn materials(&self) -> Vec<Option<Uuid>> {
        let slots = self.mesh.submeshes.iter().map(|submesh| submesh.slot);
        slots.map(|slot| self.material(slot)).collect()
    }

    fn material(&self, slot: u32) -> Option<Uuid> {
        let own = self.object.components.materials.as_ref();
        if let Some(own) = own.and_then(|materials| materials.own.get(&slot)) {
            return *own;
        }
        self.slots.get(slot as usize).copied().flatten()
    }
}
