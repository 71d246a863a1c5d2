//! The entities that a change refers to: existing ones, and those that other changes of its call create.

use vibesync_scene::{Code, EntityKind, Uuid};

use super::item::{Item, Reference};
use super::translate::{Translation, new_uuid};
use crate::daemon::Fault;

impl Translation {
    /// Returns the parent that a change sets; none if it sets none.
    pub(super) fn parent(&self, item: &Item) -> Result<Option<Option<Uuid>>, Fault> {
        let parent = match item.reference("parent") {
            None => return Ok(None),
            Some(Reference::None) => None,
            Some(Reference::Existing(uuid)) => Some(uuid),
            Some(Reference::Key(key)) => {
                let made = self.with_key(item, "parent", &key)?;
                Some(new_uuid(self.operation_id, made, "object"))
            }
        };
        let is_object = |uuid: Uuid| {
            let known = self.known.get(uuid);
            known.is_none_or(|it| it.row.entity.kind == EntityKind::Object)
        };
        match parent.is_none_or(is_object) {
            true => Ok(Some(parent)),
            false => Err(item.fault(Code::UuidOtherKind, "parent", "is no object")),
        }
    }

    /// Returns the mesh that a change refers to; none if it refers to none.
    pub(super) fn mesh(&self, item: &Item) -> Result<Option<Option<Uuid>>, Fault> {
        match item.reference("mesh") {
            None => Ok(None),
            Some(Reference::None) => Ok(Some(None)),
            Some(Reference::Existing(uuid)) => {
                let known = self.known.get(uuid);
                match known.is_some_and(|it| it.row.entity.kind == EntityKind::Mesh) {
                    true => Ok(Some(Some(uuid))),
                    false => {
                        let message = "is no mesh; `data` of an object names its mesh";
                        Err(item.fault(Code::UuidOtherKind, "mesh", message))
                    }
                }
            }
            Some(Reference::Key(key)) => {
                let made = self.with_key(item, "mesh", &key)?;
                let has_mesh = made.fields.has("primitive") || made.fields.has("positions");
                match has_mesh {
                    true => Ok(Some(Some(new_uuid(self.operation_id, made, "mesh")))),
                    false => Err(item.wrong("mesh", format!("`{key}` makes no mesh"))),
                }
            }
        }
    }

    fn with_key(&self, item: &Item, name: &str, key: &str) -> Result<&Item, Fault> {
        let made = self.keys.get(key).and_then(|at| self.items.get(*at));
        made.ok_or_else(|| {
            let key = crate::escape(key, 64);
            item.wrong(name, format!("no change of this call has the key `{key}`"))
        })
    }
}
