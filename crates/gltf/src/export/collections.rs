//! Collections: what is in each, and which objects are in the scene.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;
use vibesync_scene::{Entity, EntityKind};

/// The collections of a scene with what is in them.
#[derive(Default)]
pub(super) struct Membership {
    objects: BTreeMap<Uuid, Vec<Uuid>>,
    children: BTreeMap<Uuid, Vec<Uuid>>,
    /// The objects that are in the scene, also by way of collections.
    pub in_scene: BTreeSet<Uuid>,
    /// The objects that an instance of a collection shows.
    pub in_instances: BTreeSet<Uuid>,
}

impl Membership {
    pub fn new(entities: &BTreeMap<Uuid, &Entity>) -> Self {
        let mut made = Self::default();
        let (mut roots, mut instanced) = (Vec::new(), Vec::new());
        for (uuid, entity) in entities {
            let components = &entity.components;
            if let Some(collection) = &components.collection {
                roots.extend(collection.root.then_some(*uuid));
                for parent in &collection.parents {
                    made.children.entry(*parent).or_default().push(*uuid);
                }
            }
            if entity.kind != EntityKind::Object {
                continue;
            }
            instanced.extend(components.instance.and_then(|it| it.of));
            let collections = components.collections.as_deref();
            if collections.is_none_or(|it| it.root) {
                made.in_scene.insert(*uuid);
            }
            for collection in collections.map_or(&[][..], |it| &it.names) {
                made.objects.entry(*collection).or_default().push(*uuid);
            }
        }
        let shown = made.content(roots);
        made.in_scene.extend(shown);
        made.in_instances = made.content(instanced);
        made
    }

    /// Returns the objects that are in collections, also by way of other ones.
    pub fn content(&self, collections: impl IntoIterator<Item = Uuid>) -> BTreeSet<Uuid> {
        let mut waiting: Vec<Uuid> = collections.into_iter().collect();
        let (mut seen, mut content) = (BTreeSet::new(), BTreeSet::new());
        while let Some(collection) = waiting.pop() {
            if seen.insert(collection) {
                content.extend(self.objects.get(&collection).into_iter().flatten());
                waiting.extend(self.children.get(&collection).into_iter().flatten());
            }
        }
        content
    }
}
