//! Characters: meshes with shape keys and weights, armatures, poses, and actions that move all of them.

use std::collections::BTreeMap;

use vibesync_scene::{
    Armature, Components, DataRef, EntityKind, InheritScale, Joint, Parent, Pose, Rest, ShapeKey,
    ShapeValues, Shapes, Skin, Transform, Uuid, Visibility, Weights,
};

use super::Artist;

/// Most joints that move a vertex: readers that know one set take four.
const INFLUENCES: usize = 4;

impl Artist {
    /// Adds one or two armatures, and meshes that they deform.
    pub(super) fn add_characters(&mut self) {
        let mut objects = Vec::new();
        for _ in 0..=self.random.up_to(1) {
            let armature = self.armature();
            let parent = self.maybe(&objects);
            let rig = self.placed(parent, Some(armature));
            self.pose(rig, armature);
            objects.push(rig);
            for _ in 0..=self.random.up_to(1) {
                let mesh = self.mesh(&[]);
                self.add_shapes(mesh);
                self.add_weights(mesh, armature);
                let parent = self.maybe(&objects);
                let body = self.placed(parent, Some(mesh));
                if !self.random.once_in(4) {
                    let skin = Some(Skin {
                        armature: Some(rig),
                    });
                    let components = Components {
                        skin,
                        ..Components::default()
                    };
                    self.add_components(body, &components);
                }
                // three.js would move the keys of meshes below this one, too.
                if self.components(mesh).shapes.is_none() {
                    objects.push(body);
                }
            }
        }
        self.add_instances(&objects);
        self.add_actions();
    }

    /// Returns the components of an entity of the scene; none of them if there is no such entity.
    pub(super) fn components(&self, uuid: Uuid) -> Components {
        let mut entities = self.scene.entities.iter();
        let entity = entities.find(|entity| entity.uuid == uuid);
        entity.map_or_else(Components::default, |entity| entity.components.clone())
    }

    /// Adds components to an entity of the scene.
    pub(super) fn add_components(&mut self, uuid: Uuid, components: &Components) {
        let mut entities = self.scene.entities.iter_mut();
        if let Some(entity) = entities.find(|entity| entity.uuid == uuid) {
            entity.components.merge(components);
        }
    }

    /// Adds an object that is visible. Its scale is the same along all axes: readers that take sheared joints apart would
    /// change them.
    pub(super) fn placed(&mut self, parent: Option<Uuid>, data: Option<Uuid>) -> Uuid {
        let factor = match self.is_plain {
            true => 1.0,
            false => self.between(0.5, 2.0),
        };
        let transform = Transform {
            scale: [factor; 3],
            ..self.transform()
        };
        let components = Components {
            transform: Some(transform),
            visibility: Some(Visibility { visible: true }),
            parent: Some(Parent { uuid: parent }),
            data: Some(DataRef { uuid: data }),
            ..Components::default()
        };
        self.add(EntityKind::Object, "Character", components)
    }

    fn armature(&mut self) -> Uuid {
        let mut joints = BTreeMap::new();
        for number in 0..=2 + self.random.up_to(3) {
            let above: Vec<Uuid> = joints.keys().copied().collect();
            let place = self.transform();
            let rest = Rest {
                translation: place.translation.map(|it| it / 10.0),
                rotation: place.rotation,
            };
            self.next += 1;
            let joint = Joint {
                name: format!("Joint {number}"),
                parent: self.maybe(&above),
                length: self.between(0.5, 1.0),
                deform: !self.random.once_in(5),
                inherit_scale: InheritScale::Full,
                inherit_rotation: true,
                local_location: true,
                rest,
            };
            joints.insert(Uuid::from_u128(self.next), joint);
        }
        let components = Components {
            armature: Some(Box::new(Armature { joints })),
            ..Components::default()
        };
        self.add(EntityKind::Armature, "Armature", components)
    }

    fn joints(&self, armature: Uuid) -> BTreeMap<Uuid, Joint> {
        let armature = self.components(armature).armature;
        armature.map(|it| it.joints).unwrap_or_default()
    }

    /// Poses some joints of an object; the others are at rest.
    fn pose(&mut self, rig: Uuid, armature: Uuid) {
        let mut joints = BTreeMap::new();
        for uuid in self.joints(armature).into_keys() {
            if !self.random.once_in(3) {
                let factor = self.between(0.8, 1.25);
                let place = self.transform();
                let place = Transform {
                    translation: place.translation.map(|it| it / 10.0),
                    rotation: place.rotation,
                    scale: [factor; 3],
                };
                joints.insert(uuid, place);
            }
        }
        let pose = Some(Box::new(Pose { joints }));
        let components = Components {
            pose,
            ..Components::default()
        };
        self.add_components(rig, &components);
    }

    /// Returns the numbers of vertices and corners of a mesh, and the vertex of each corner as bytes.
    fn corners(&self, mesh: Uuid) -> (u32, u32, Vec<u8>) {
        let Some(mesh) = self.components(mesh).mesh else {
            return (0, 0, Vec::new());
        };
        let index = mesh.buffers.get("index").and_then(|it| it.blob);
        let index = index.and_then(|blob| self.scene.blobs.get(&blob).cloned());
        let index = index.unwrap_or_default();
        (mesh.vertex_count, mesh.corner_count, index)
    }

    pub(super) fn add_shapes(&mut self, mesh: Uuid) {
        let (vertex_count, corner_count, index) = self.corners(mesh);
        let count = self.random.up_to(3);
        if count == 0 {
            return;
        }
        let names: Vec<String> = (0..count).map(|i| format!("Key \"ü\" {i}")).collect();
        let mut keys = Vec::new();
        for (i, name) in names.iter().enumerate() {
            keys.push(ShapeKey {
                name: name.clone(),
                relative_to: i.checked_sub(1).and_then(|below| names.get(below).cloned()),
                min: 0.0,
                max: 1.0,
            });
        }
        let deltas = (0..count * vertex_count as usize).map(|_| self.vector(-0.5, 0.5));
        let deltas: Vec<[f64; 3]> = deltas.collect();
        let buffers = BTreeMap::from([
            ("delta".to_owned(), self.floats(&deltas)),
            ("vertex".to_owned(), self.store(index)),
        ]);
        let values = names
            .into_iter()
            .skip(1)
            .map(|name| (name, self.between(0.0, 1.0)));
        let values = values.collect();
        let shapes = Shapes {
            vertex_count,
            corner_count,
            keys,
            buffers,
        };
        let components = Components {
            shape_values: Some(Box::new(ShapeValues { values })),
            shapes: Some(Box::new(shapes)),
            ..Components::default()
        };
        self.add_components(mesh, &components);
    }

    /// Gives a mesh a group for each joint of an armature, and one that no joint takes.
    fn add_weights(&mut self, mesh: Uuid, armature: Uuid) {
        let (vertex_count, corner_count, index) = self.corners(mesh);
        let joints = self.joints(armature).into_values();
        let mut groups: Vec<String> = joints.map(|joint| joint.name).collect();
        groups.push("Cloth".to_owned());
        let (mut offset, mut group, mut weight) = (vec![0_u32], Vec::new(), Vec::new());
        for _ in 0..vertex_count {
            let mut left = self.random.up_to(INFLUENCES);
            for number in 0..groups.len() as u32 {
                if left > 0 && self.random.once_in(2) {
                    left -= 1;
                    group.push(number);
                    weight.push([self.between(0.05, 1.0)]);
                }
            }
            offset.push(group.len() as u32);
        }
        let words = |values: Vec<u32>| values.into_iter().flat_map(u32::to_le_bytes).collect();
        let buffers = BTreeMap::from([
            ("group".to_owned(), self.store(words(group))),
            ("offset".to_owned(), self.store(words(offset))),
            ("vertex".to_owned(), self.store(index)),
            ("weight".to_owned(), self.floats(&weight)),
        ]);
        let weights = Some(Box::new(Weights {
            vertex_count,
            corner_count,
            groups,
            buffers,
        }));
        let components = Components {
            weights,
            ..Components::default()
        };
        self.add_components(mesh, &components);
    }
}
