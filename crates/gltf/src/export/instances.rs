//! Instances of collections: nodes that show the same meshes, cameras and lights again at another place.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use gltf_json::{Index, Node};
use uuid::Uuid;
use vibesync_scene::{EntityKind, Transform};

use super::extras::extras_of_instance;
use super::file::File;
use super::placing::place;
use crate::notes::Note;

/// Most nodes of instances in a file: a few instances in each other may stand for any number.
const MOST: usize = 100_000;

/// The content of a collection, as its instances show it.
struct Content {
    shown: BTreeSet<Uuid>,
    /// The objects below each object, and those below none. Objects above what is shown are there for their places alone.
    below: BTreeMap<Option<Uuid>, Vec<Uuid>>,
}

/// A node that needs the nodes below it.
struct Task {
    node: Index<Node>,
    content: Rc<Content>,
    /// The object that the node stands for; none for the instance itself.
    object: Option<Uuid>,
}

/// The instances of a file in work.
struct Work {
    known: BTreeMap<Uuid, Rc<Content>>,
    tasks: Vec<Task>,
    nodes_left: usize,
    /// Whether the current instance is there as a whole.
    is_whole: bool,
}

impl File<'_> {
    /// Adds what objects show as instances of collections, below their nodes.
    pub fn add_instances(&mut self) {
        let mut work = Work {
            known: BTreeMap::new(),
            tasks: Vec::new(),
            nodes_left: MOST,
            is_whole: true,
        };
        let objects: Vec<(Uuid, Index<Node>)> =
            self.node_of.iter().map(|it| (*it.0, *it.1)).collect();
        for (object, node) in objects {
            if !self.membership.in_scene.contains(&object) {
                continue;
            }
            work.is_whole = true;
            self.begin_instance(&mut work, object, node);
            while let Some(task) = work.tasks.pop() {
                self.fill_instance(&mut work, &task);
            }
            if !work.is_whole {
                let name = self.name(object);
                self.notes.add(Note::Instances, &name);
            }
        }
    }

    /// Begins the instance that an object shows, if it shows one.
    fn begin_instance(&mut self, work: &mut Work, object: Uuid, node: Index<Node>) {
        let object = self.entities.get(&object);
        let Some(of) = object.and_then(|it| it.components.instance?.of) else {
            return;
        };
        let collection = self.entities.get(&of);
        let collection = collection.and_then(|it| it.components.collection.as_deref());
        let offset = collection.map_or([0.0; 3], |it| it.offset);
        let content = work
            .known
            .entry(of)
            .or_insert_with(|| Rc::new(self.content(of)));
        let content = Rc::clone(content);
        let mut inner = Node {
            name: Some(self.name(of)),
            ..Node::default()
        };
        let place_of_offset = Transform {
            translation: offset.map(|it| 0.0 - it),
            ..Transform::IDENTITY
        };
        place(&mut inner, place_of_offset);
        if let Some(node) = self.add_instance_node(work, node, inner) {
            let object = None;
            work.tasks.push(Task {
                node,
                content,
                object,
            });
        }
    }

    fn content(&self, collection: Uuid) -> Content {
        let shown = self.membership.content([collection]);
        let all = self.with_those_above(&shown);
        let mut below: BTreeMap<Option<Uuid>, Vec<Uuid>> = BTreeMap::new();
        for uuid in &all {
            let parent = self
                .entities
                .get(uuid)
                .and_then(|it| it.components.parent?.uuid);
            let parent = parent.filter(|parent| all.contains(parent));
            below.entry(parent).or_default().push(*uuid);
        }
        Content { shown, below }
    }

    /// Adds the nodes below a node of an instance.
    fn fill_instance(&mut self, work: &mut Work, task: &Task) {
        for uuid in task.content.below.get(&task.object).into_iter().flatten() {
            let is_shown = task.content.shown.contains(uuid);
            let copy = self.copy(*uuid, is_shown, &mut work.is_whole);
            let has_mesh = copy.mesh.is_some();
            let Some(node) = self.add_instance_node(work, task.node, copy) else {
                return;
            };
            let object = self.entities.get(uuid);
            let data = object.and_then(|it| it.components.data?.uuid);
            let is_evaluated = object.is_some_and(|it| {
                let shown = it.components.shown.as_ref();
                shown.is_some_and(|shown| shown.mesh.is_some())
            });
            if let Some(data) = data.filter(|_| has_mesh && !is_evaluated) {
                self.mesh_nodes.entry(data).or_default().push(node);
            }
            work.tasks.push(Task {
                node,
                content: Rc::clone(&task.content),
                object: Some(*uuid),
            });
            if is_shown {
                self.begin_instance(work, *uuid, node);
            }
        }
    }

    /// Returns a node that shows what an object shows, at the same place below the one above it. Clears `is_whole` if the
    /// object has a skin, whose joints stand elsewhere.
    fn copy(&self, uuid: Uuid, is_shown: bool, is_whole: &mut bool) -> Node {
        let object = self.entities.get(&uuid);
        let transform = object.and_then(|it| it.components.transform);
        let mut copy = Node {
            name: Some(self.name(uuid)),
            extras: extras_of_instance(uuid),
            ..Node::default()
        };
        place(&mut copy, transform.unwrap_or(Transform::IDENTITY));
        let node = self
            .node_of
            .get(&uuid)
            .and_then(|node| self.root.nodes.get(node.value()));
        let node = self.outside.get(&uuid).or(node);
        if let Some(node) = node.filter(|_| is_shown) {
            copy.mesh = node.mesh;
            copy.camera = node.camera;
            copy.extensions.clone_from(&node.extensions);
            *is_whole &= node.mesh.is_some() || !self.has_mesh(uuid);
        }
        copy
    }

    /// Whether the data of an object is a mesh with triangles.
    fn has_mesh(&self, object: Uuid) -> bool {
        let data = self
            .entities
            .get(&object)
            .and_then(|it| it.components.data?.uuid);
        let data = data.and_then(|data| self.entities.get(&data));
        let mesh = data.filter(|data| data.kind == EntityKind::Mesh);
        let mesh = mesh.and_then(|it| it.components.mesh.as_deref());
        mesh.is_some_and(|mesh| !mesh.submeshes.is_empty())
    }

    fn add_instance_node(
        &mut self,
        work: &mut Work,
        above: Index<Node>,
        node: Node,
    ) -> Option<Index<Node>> {
        let Some(left) = work.nodes_left.checked_sub(1) else {
            work.is_whole = false;
            return None;
        };
        work.nodes_left = left;
        let node = self.root.push(node);
        self.add_child(above, node);
        Some(node)
    }
}
