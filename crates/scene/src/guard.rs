//! The entities that people keep from agents: guarded objects, all objects below them, and data that only these show.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use uuid::Uuid;

use crate::entity_kind::EntityKind;
use crate::row::Row;
use crate::scene::Scene;

/// The entities of a scene that are kept from agents. Creating it costs nothing; a question costs one step for each object
/// above the entity. A deleted entity is kept if it was when it was deleted, or its guard was set since.
#[derive(Debug)]
pub struct KeptEntities<'a> {
    scene: &'a Scene,
    /// Data that a deleted kept object showed. Found with the first question about data that nothing shows.
    formerly_shown: OnceCell<BTreeSet<Uuid>>,
}

impl<'a> KeptEntities<'a> {
    /// The kept entities of this scene.
    pub fn new(scene: &'a Scene) -> Self {
        Self {
            scene,
            formerly_shown: OnceCell::new(),
        }
    }

    /// Whether no entity is kept.
    pub fn is_empty(&self) -> bool {
        self.scene.guarded().is_empty()
    }

    /// Whether this entity is kept. An unknown one is not.
    pub fn contains(&self, uuid: Uuid) -> bool {
        let row = self.scene.row(uuid).filter(|_| !self.is_empty());
        row.is_some_and(|row| match row.entity.kind {
            EntityKind::Object => self.is_guarded(row),
            _ => self.is_kept_data(uuid),
        })
    }

    /// Number of kept entities that are not deleted. Costs one step for each of them.
    pub fn live_count(&self) -> usize {
        let objects = self.live_objects();
        let live = objects.iter().filter_map(|uuid| self.scene.live(*uuid));
        let data = live.filter_map(|it| it.components.data?.uuid);
        let data: BTreeSet<Uuid> = data.filter(|uuid| self.contains(*uuid)).collect();
        objects.len() + data.len()
    }

    /// The kept objects that are not deleted. Costs one step for each kept object.
    pub fn live_objects(&self) -> BTreeSet<Uuid> {
        let mut objects = BTreeSet::new();
        let mut left: Vec<Uuid> = self.scene.guarded().iter().copied().collect();
        while let Some(uuid) = left.pop() {
            if objects.insert(uuid) {
                left.extend(self.scene.children(uuid));
            }
        }
        objects.retain(|uuid| self.scene.live(*uuid).is_some());
        objects
    }

    /// Whether an object or one above it has a guard.
    fn is_guarded(&self, row: &Row) -> bool {
        let mut next = Some(row);
        // A scene without cycles has no longer line; a damaged one must not keep the caller.
        for _ in 0..self.scene.len() {
            let Some(row) = next else { break };
            if row.has_guard() {
                return true;
            }
            let parent = row.entity.components.parent;
            next = parent.and_then(|parent| self.scene.row(parent.uuid?));
        }
        false
    }

    /// Whether kept objects alone show this data.
    fn is_kept_data(&self, uuid: Uuid) -> bool {
        let mut users = self.scene.users(uuid).peekable();
        match users.peek() {
            Some(_) => users.all(|user| self.contains(user)),
            None => self.formerly_shown().contains(&uuid),
        }
    }

    fn formerly_shown(&self) -> &BTreeSet<Uuid> {
        self.formerly_shown.get_or_init(|| {
            let deleted = self.scene.rows().filter(|row| row.tombstone);
            let kept = deleted.filter(|row| self.is_guarded(row));
            kept.filter_map(|row| row.entity.components.data?.uuid)
                .collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Author, Change, Components, DataRef, Guard, Parent};

    fn uuid(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn object(number: u128, parent: Option<u128>, data: Option<u128>) -> Change {
        Change::Create {
            uuid: uuid(number),
            kind: EntityKind::Object,
            components: Components {
                parent: Some(Parent {
                    uuid: parent.map(uuid),
                }),
                data: Some(DataRef {
                    uuid: data.map(uuid),
                }),
                ..Components::default()
            },
        }
    }

    fn mesh(number: u128) -> Change {
        Change::Create {
            uuid: uuid(number),
            kind: EntityKind::Mesh,
            components: Components::default(),
        }
    }

    fn guard(number: u128, human_only: bool) -> Change {
        Change::Update {
            uuid: uuid(number),
            components: Components {
                guard: Some(Guard { human_only }),
                ..Components::default()
            },
        }
    }

    fn delete(number: u128) -> Change {
        Change::Delete { uuid: uuid(number) }
    }

    fn apply(scene: &mut Scene, changes: impl IntoIterator<Item = Change>) {
        for change in changes {
            scene.apply(&change, &Author::authority(1));
        }
    }

    /// 1 is above 2, which shows mesh 7; 3 shows mesh 8; nothing shows 9.
    fn scene() -> Scene {
        let mut scene = Scene::default();
        let objects = [
            object(1, None, None),
            object(2, Some(1), Some(7)),
            object(3, None, Some(8)),
        ];
        apply(&mut scene, [mesh(7), mesh(8), mesh(9)]);
        apply(&mut scene, objects);
        scene
    }

    #[track_caller]
    fn expect(scene: &Scene, expected: &[u128]) {
        let all = [1, 2, 3, 7, 8, 9, 99];
        let kept = all
            .into_iter()
            .filter(|number| KeptEntities::new(scene).contains(uuid(*number)));
        assert_eq!(kept.collect::<Vec<_>>(), expected);
        let live = expected
            .iter()
            .filter(|number| scene.live(uuid(**number)).is_some());
        assert_eq!(KeptEntities::new(scene).live_count(), live.count());
    }

    #[test]
    fn guard_keeps_objects_below_and_what_only_they_show() {
        let mut scene = scene();
        expect(&scene, &[]);
        apply(&mut scene, [guard(1, true)]);
        expect(&scene, &[1, 2, 7]);
        apply(&mut scene, [guard(1, false)]);
        expect(&scene, &[]);
    }

    #[test]
    fn data_that_another_object_shows_is_not_kept() {
        let mut scene = scene();
        apply(&mut scene, [guard(1, true), object(3, None, Some(7))]);
        expect(&scene, &[1, 2]);
        apply(&mut scene, [object(3, Some(1), Some(7))]);
        expect(&scene, &[1, 2, 3, 7]);
    }

    #[test]
    fn deleted_entities_stay_kept() {
        let mut scene = scene();
        apply(
            &mut scene,
            [guard(1, true), delete(2), delete(7), delete(1)],
        );
        expect(&scene, &[1, 2, 7]);
    }

    #[test]
    fn cycle_of_a_damaged_scene_ends() {
        let mut scene = scene();
        let cycle = [
            object(1, Some(2), None),
            object(2, Some(1), None),
            guard(3, true),
        ];
        apply(&mut scene, cycle);
        expect(&scene, &[3, 8]);
    }
}
