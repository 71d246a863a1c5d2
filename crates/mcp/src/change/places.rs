//! The places of the objects of a call, before and after its changes.

use vibesync_scene::{Code, Transform, Uuid, compose};

use super::item::Item;
use super::placement::Given;
use super::translate::Translation;
use crate::daemon::Fault;

/// Most objects above one.
const MAX_ABOVE: usize = 1_000;

impl Translation {
    /// Returns the transform that a change sets; none if it sets none.
    pub(super) fn local(&self, item: &Item, depth: usize) -> Result<Option<Transform>, Fault> {
        let is_in_scene = item.is_set("world");
        let new_parent = self.parent(item)?;
        let moves = item.moves() || is_in_scene && new_parent.is_some();
        if !moves {
            return Ok(None);
        }
        let present = item.uuid.map(|uuid| self.known.transform(uuid));
        let Some(own) = present.unwrap_or(Some(Transform::IDENTITY)) else {
            return Err(item.fault(Code::ComponentInvalid, "", "only an object has a place"));
        };
        let given = Given::read(item, self.space)?;
        if !is_in_scene {
            return Ok(Some(given.apply(&own, item.is_set("relative"))));
        }
        let old_parent = item.uuid.and_then(|uuid| self.known.parent(uuid));
        let parent = new_parent.unwrap_or(old_parent);
        let above = match parent {
            Some(parent) => self.place(item, parent, depth + 1)?,
            None => Transform::IDENTITY,
        };
        let moves_parent = item.uuid.is_none() || parent != old_parent;
        let own = match item.uuid.filter(|_| moves_parent) {
            Some(uuid) => self.present_place(uuid),
            None => own,
        };
        given
            .apply_in_scene(item, &above, &own, moves_parent)
            .map(Some)
    }

    /// Returns the place that an object has in the scene before the changes.
    fn present_place(&self, uuid: Uuid) -> Transform {
        let mut place = self.known.transform(uuid).unwrap_or(Transform::IDENTITY);
        let mut above = self.known.parent(uuid);
        for _ in 0..MAX_ABOVE {
            let Some(uuid) = above else { break };
            let own = self.known.transform(uuid).unwrap_or(Transform::IDENTITY);
            place = compose(&own, &place);
            above = self.known.parent(uuid);
        }
        place
    }

    /// Returns the place that an object has in the scene after the changes. `item` asks for it.
    fn place(&self, item: &Item, uuid: Uuid, depth: usize) -> Result<Transform, Fault> {
        if depth > MAX_ABOVE {
            let message = "an object would be above itself";
            return Err(item.fault(Code::ParentCycle, "parent", message));
        }
        let changed = self.objects.get(&uuid).and_then(|at| self.items.get(*at));
        let (local, parent) = match changed {
            Some(changed) => {
                let source = changed.uuid;
                let parent = self.parent(changed)?;
                let present = source.and_then(|uuid| self.known.parent(uuid));
                (
                    self.local(changed, depth)?
                        .or_else(|| source.and_then(|uuid| self.known.transform(uuid))),
                    parent.unwrap_or(present),
                )
            }
            None => (self.known.transform(uuid), self.known.parent(uuid)),
        };
        let local = local.unwrap_or(Transform::IDENTITY);
        Ok(match parent {
            Some(parent) => compose(&self.place(item, parent, depth + 1)?, &local),
            None => local,
        })
    }
}
