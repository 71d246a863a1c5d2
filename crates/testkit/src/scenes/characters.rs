//! Characters: meshes with shape keys and weights, armatures, poses, and actions that move all of them.

use std::collections::BTreeMap;

use vibesync_scene::{
    Armature, Components, DataRef, EntityKind, InheritScale, Joint, Parent, Pose, Rest, ShapeKey,
    ShapeValues, Shapes, Skin, Transform, Uuid, Visibility, Weights,
};

use super::{Artist, RandomScene};
use crate::random::Random;

/// Most joints that move a vertex: readers that know one set take four.
const INFLUENCES: usize = 4;

/// Makes the scene of a seed with characters: one or two armatures, and meshes that they deform. Those of even seeds are plain:
/// Blender's importer drops the scale of a mesh relative to its armature, and the slopes of splines.
pub fn generate_characters(seed: u64) -> RandomScene {
    let mut artist = Artist {
        random: Random::new(seed),
        scene: RandomScene::default(),
        next: u128::from(seed) << 32,
        is_plain: seed.is_multiple_of(2),
    };
    let mut objects = Vec::new();
    for _ in 0..=artist.random.up_to(1) {
        let armature = artist.armature();
        let parent = artist.maybe(&objects);
        let rig = artist.placed(parent, Some(armature));
        artist.pose(rig, armature);
        objects.push(rig);
        for _ in 0..=artist.random.up_to(1) {
            let mesh = artist.mesh(&[]);
            artist.add_shapes(mesh);
            artist.add_weights(mesh, armature);
            let parent = artist.maybe(&objects);
            let body = artist.placed(parent, Some(mesh));
            if !artist.random.once_in(4) {
                artist.components(body).skin = Some(Skin {
                    armature: Some(rig),
                });
            }
            objects.push(body);
        }
    }
    artist.add_actions();
    artist.scene
}

impl Artist {
    pub(super) fn components(&mut self, uuid: Uuid) -> &mut Components {
        let entities = &mut self.scene.entities;
        let at = entities.iter().position(|entity| entity.uuid == uuid);
        let entity = at.and_then(|at| entities.get_mut(at));
        &mut entity
            .expect("only entities of the scene are named")
            .components
    }

    /// Adds an object that is visible. Its scale is the same along all axes: readers that take sheared joints apart would
    /// change them.
    fn placed(&mut self, parent: Option<Uuid>, data: Option<Uuid>) -> Uuid {
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

    fn joints(&mut self, armature: Uuid) -> BTreeMap<Uuid, Joint> {
        let armature = self.components(armature).armature.as_deref();
        armature.map(|it| it.joints.clone()).unwrap_or_default()
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
        self.components(rig).pose = Some(Box::new(Pose { joints }));
    }

    /// Returns the numbers of vertices and corners of a mesh, and the vertex of each corner as bytes.
    fn corners(&mut self, mesh: Uuid) -> (u32, u32, Vec<u8>) {
        let mesh = self.components(mesh).mesh.as_deref().cloned();
        let mesh = mesh.expect("an entity of a mesh has it");
        let index = mesh.buffers.get("index").and_then(|it| it.blob);
        let index = index.and_then(|blob| self.scene.blobs.get(&blob).cloned());
        (
            mesh.vertex_count,
            mesh.corner_count,
            index.unwrap_or_default(),
        )
    }

    fn add_shapes(&mut self, mesh: Uuid) {
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
        let components = self.components(mesh);
        components.shape_values = Some(Box::new(ShapeValues { values }));
        components.shapes = Some(Box::new(Shapes {
            vertex_count,
            corner_count,
            keys,
            buffers,
        }));
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
        self.components(mesh).weights = Some(Box::new(Weights {
            vertex_count,
            corner_count,
            groups,
            buffers,
        }));
    }
}
