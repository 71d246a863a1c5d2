//! Instances of collections, some of them in other instances.

use vibesync_scene::{Collection, Collections, Components, EntityKind, Instance, Uuid};

use super::Artist;

impl Artist {
    /// Adds a collection of one or two objects with meshes, another one that has an instance of it, and objects that show both.
    /// The first may be in the scene.
    pub(super) fn add_instances(&mut self, objects: &[Uuid]) {
        let is_in_scene = self.random.once_in(2);
        let inner = self.collection(is_in_scene);
        for _ in 0..=self.random.up_to(1) {
            let mesh = self.mesh(&[]);
            // If nodes share a mesh of several parts, three.js moves the keys of the first node alone.
            let parts = self.components(mesh).mesh.map(|it| it.submeshes.len());
            if parts == Some(1) {
                self.add_shapes(mesh);
            }
            let parent = self.maybe(objects);
            let member = self.placed(parent, Some(mesh));
            self.put_in(member, inner);
        }
        let outer = self.collection(false);
        let stamp = self.instance(objects, inner);
        self.put_in(stamp, outer);
        for of in [inner, outer] {
            if !self.random.once_in(4) {
                self.instance(objects, of);
            }
        }
    }

    fn collection(&mut self, root: bool) -> Uuid {
        let collection = Collection {
            root,
            offset: self.vector(-2.0, 2.0),
            ..Collection::default()
        };
        let components = Components {
            collection: Some(Box::new(collection)),
            ..Components::default()
        };
        self.add(EntityKind::Collection, "Collection", components)
    }

    fn put_in(&mut self, object: Uuid, collection: Uuid) {
        let collections = Collections {
            names: vec![collection],
            root: false,
        };
        let components = Components {
            collections: Some(Box::new(collections)),
            ..Components::default()
        };
        self.add_components(object, &components);
    }

    /// Adds an object that shows a collection.
    fn instance(&mut self, objects: &[Uuid], of: Uuid) -> Uuid {
        let parent = self.maybe(objects);
        let object = self.placed(parent, None);
        let components = Components {
            instance: Some(Instance { of: Some(of) }),
            ..Components::default()
        };
        self.add_components(object, &components);
        object
    }
}
