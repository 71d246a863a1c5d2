//! The entities that people keep from agents: guarded objects, all objects below them, and data, materials and
//! collections that only these name.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use uuid::Uuid;

use crate::components::Components;
use crate::entity_kind::EntityKind;
use crate::reference::Target;
use crate::row::Row;
use crate::scene::Scene;

/// The entities of a scene that are kept from agents. Creating it costs nothing; a question costs one step for each object
/// above the entity. A deleted entity is kept if it was when it was deleted, or its guard was set since.
#[derive(Debug)]
pub struct KeptEntities<'a> {
    scene: &'a Scene,
    /// Entities that a deleted kept object named. Found with the first question about one that nothing names.
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
            _ => self.is_named_by_kept(uuid),
        })
    }

    /// Number of kept entities that are not deleted. Costs one step for each of them.
    pub fn live_count(&self) -> usize {
        let objects = self.live_objects();
        let shown = self.shown_by(objects.iter().copied());
        objects.len() + shown.iter().filter(|uuid| self.contains(**uuid)).count()
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

    /// The entities that some objects name, parents apart, and those that these name.
    fn shown_by(&self, objects: impl Iterator<Item = Uuid>) -> BTreeSet<Uuid> {
        let named = |uuid: Uuid| {
            let row = self.scene.row(uuid);
            let components = row.map(|row| &row.entity.components);
            let references = components.into_iter().flat_map(Components::references);
            let shown = references.filter(|it| it.target != Target::Object);
            shown.map(|it| it.uuid)
        };
        let mut shown = BTreeSet::new();
        let mut next: Vec<Uuid> = objects.flat_map(named).collect();
        while let Some(uuid) = next.pop() {
            if shown.insert(uuid) {
                next.extend(named(uuid));
            }
        }
        shown
    }

    /// Whether kept objects alone name this data, material, image or collection, directly or through others.
    fn is_named_by_kept(&self, uuid: Uuid) -> bool {
        // Collections may have several parents, so the entities above one are met on many ways.
        let (mut met, mut next) = (BTreeSet::from([uuid]), vec![uuid]);
        while let Some(uuid) = next.pop() {
            let row = self.scene.row(uuid);
            let object = row.filter(|row| row.entity.kind == EntityKind::Object);
            let mut users = self.scene.users(uuid).peekable();
            let is_kept = match (object, users.peek()) {
                (Some(row), _) => self.is_guarded(row),
                (None, Some(_)) => true,
                (None, None) => self.formerly_shown().contains(&uuid),
            };
            if !is_kept {
                return false;
            }
            if object.is_none() {
                next.extend(users.filter(|user| met.insert(*user)));
            }
        }
        true
    }

    fn formerly_shown(&self) -> &BTreeSet<Uuid> {
        self.formerly_shown.get_or_init(|| {
            let deleted = self.scene.rows().filter(|row| row.tombstone);
            let is_kept =
                |row: &&Row| row.entity.kind == EntityKind::Object && self.is_guarded(row);
            self.shown_by(deleted.filter(is_kept).map(|row| row.entity.uuid))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Author, Change, Channel, DataRef, Filter, Guard, Maps, Materials, Parent, Slots,
        TextureMap, Wrap,
    };

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
    fn materials_that_only_kept_entities_show_are_kept() {
        let material = |number| Change::Create {
            uuid: uuid(number),
            kind: EntityKind::Material,
            components: Components::default(),
        };
        let slots = |number, material| Change::Update {
            uuid: uuid(number),
            components: Components {
                slots: Some(Box::new(Slots {
                    materials: vec![None, Some(uuid(material))],
                })),
                ..Components::default()
            },
        };
        let own = |number, material| Change::Update {
            uuid: uuid(number),
            components: Components {
                materials: Some(Box::new(Materials {
                    own: [(0, Some(uuid(material)))].into(),
                })),
                ..Components::default()
            },
        };
        let is_kept = |scene: &Scene, number| KeptEntities::new(scene).contains(uuid(number));
        let mut scene = scene();
        apply(&mut scene, [material(20), material(21)]);
        apply(&mut scene, [slots(7, 20), own(2, 21), guard(1, true)]);
        assert!(is_kept(&scene, 20) && is_kept(&scene, 21));
        assert_eq!(KeptEntities::new(&scene).live_count(), 5);
        apply(&mut scene, [slots(8, 20), own(3, 21)]);
        assert!(!is_kept(&scene, 20) && !is_kept(&scene, 21));
        apply(&mut scene, [slots(8, 21), own(3, 21), delete(2), delete(7)]);
        assert!(is_kept(&scene, 20) && !is_kept(&scene, 21));
    }

    fn map_of(image: Uuid) -> TextureMap {
        TextureMap {
            image,
            channel: Channel::Rgb,
            scale: 1.0,
            bias: 0.0,
            uv: 0,
            offset: [0.0; 2],
            rotation: 0.0,
            tile: [1.0; 2],
            wrap: [Wrap::Repeat; 2],
            filter: Filter::Linear,
        }
    }

    #[test]
    fn images_that_only_kept_materials_show_are_kept() {
        let made = |number, kind| Change::Create {
            uuid: uuid(number),
            kind,
            components: Components::default(),
        };
        let slots = Components {
            slots: Some(Box::new(Slots {
                materials: vec![Some(uuid(20))],
            })),
            ..Components::default()
        };
        let maps = Components {
            maps: Some(Box::new(Maps {
                normal: Some(map_of(uuid(30))),
                ..Maps::default()
            })),
            ..Components::default()
        };
        let update = |number, components| Change::Update {
            uuid: uuid(number),
            components,
        };
        let mut scene = scene();
        let material = made(20, EntityKind::Material);
        apply(&mut scene, [material, made(30, EntityKind::Image)]);
        apply(
            &mut scene,
            [update(7, slots), update(20, maps), guard(1, true)],
        );
        assert!(KeptEntities::new(&scene).contains(uuid(30)));
        // The guard is as good for what deleted entities showed last.
        apply(&mut scene, [2, 7, 20, 30].map(delete));
        assert!(KeptEntities::new(&scene).contains(uuid(30)));
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
