//! Whole scenes at random: objects below each other, meshes, lights, cameras, materials and images, with their bulk data.
//! Everything follows from the seed, and every value is one that the daemon accepts.

mod characters;
mod motions;
mod plain;
mod plain_motion;
mod stamps;
mod surfaces;
mod viewers;

use std::collections::BTreeMap;

use vibesync_scene::{
    BlobId, Buffer, Components, DataRef, Entity, EntityKind, Materials, Mesh, Parent, Slots,
    Submesh, Transform, Uuid, Visibility,
};

pub use plain::plain;

use crate::random::Random;

/// A scene with its bulk data.
#[derive(Debug, Default)]
pub struct RandomScene {
    /// The entities; each refers only to others of the scene.
    pub entities: Vec<Entity>,
    /// The bytes of their buffers.
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
}

/// A scene in work.
struct Artist {
    random: Random,
    scene: RandomScene,
    next: u128,
    /// Whether characters have only what Blender's importer has too: no scales, and no splines.
    is_plain: bool,
}

/// Makes the scene of a seed.
pub fn generate(seed: u64) -> RandomScene {
    let mut artist = Artist {
        random: Random::new(seed),
        scene: RandomScene::default(),
        next: u128::from(seed) << 32,
        is_plain: false,
    };
    let images: Vec<Uuid> = (0..artist.random.up_to(3))
        .map(|_| artist.image())
        .collect();
    let materials = (0..artist.random.up_to(3)).map(|_| artist.material(&images));
    let materials: Vec<Uuid> = materials.collect();
    let meshes = (0..artist.random.up_to(3)).map(|_| artist.mesh(&materials));
    let mut data: Vec<Uuid> = meshes.collect();
    data.extend((0..artist.random.up_to(2)).map(|_| artist.light()));
    data.extend((0..artist.random.up_to(1)).map(|_| artist.camera()));
    let mut objects = Vec::new();
    for _ in 0..artist.random.up_to(9) {
        let object = artist.object(&objects, &data, &materials);
        objects.push(object);
    }
    artist.scene
}

/// Makes the scene of a seed with characters: one or two armatures, and meshes that they deform. Those of even seeds are plain:
/// Blender's importer drops the scale of a mesh relative to its armature, and the slopes of splines.
pub fn generate_characters(seed: u64) -> RandomScene {
    let mut artist = Artist {
        random: Random::new(seed),
        scene: RandomScene::default(),
        next: u128::from(seed) << 32,
        is_plain: seed.is_multiple_of(2),
    };
    artist.add_characters();
    artist.scene
}

impl Artist {
    fn add(&mut self, kind: EntityKind, name: &str, components: Components) -> Uuid {
        self.next += 1;
        let uuid = Uuid::from_u128(self.next);
        let number = self.next & 0xff;
        let name = match self.random.up_to(5) {
            0 => format!("{name} \"ü\" \\ 木 {number}"),
            _ => format!("{name}.{number:03}"),
        };
        self.scene.entities.push(Entity {
            uuid,
            kind,
            components: Components {
                name: Some(name),
                ..components
            },
        });
        uuid
    }

    fn store(&mut self, bytes: Vec<u8>) -> Buffer {
        let id = BlobId::hash(&bytes);
        let length = bytes.len() as u64;
        self.scene.blobs.insert(id, bytes);
        Buffer::stored(id, length)
    }

    /// A number from `low` to `high`.
    fn between(&mut self, low: f64, high: f64) -> f64 {
        let part = (self.random.number() >> 11) as f64 / (1_u64 << 53) as f64;
        low + part * (high - low)
    }

    fn vector<const N: usize>(&mut self, low: f64, high: f64) -> [f64; N] {
        std::array::from_fn(|_| self.between(low, high))
    }

    /// One of these, if there is any; none once in four times.
    fn maybe(&mut self, all: &[Uuid]) -> Option<Uuid> {
        let at = self.random.up_to(all.len().saturating_sub(1));
        let is_none = self.random.once_in(4);
        all.get(at).copied().filter(|_| !is_none)
    }

    fn object(&mut self, objects: &[Uuid], data: &[Uuid], materials: &[Uuid]) -> Uuid {
        let transform = self.transform();
        let own = match self.random.once_in(3) {
            true => BTreeMap::from([(0, self.maybe(materials))]),
            false => BTreeMap::new(),
        };
        let components = Components {
            transform: Some(transform),
            visibility: Some(Visibility {
                visible: !self.random.once_in(5),
            }),
            parent: Some(Parent {
                uuid: self.maybe(objects),
            }),
            data: Some(DataRef {
                uuid: self.maybe(data),
            }),
            materials: (!own.is_empty()).then(|| Box::new(Materials { own })),
            ..Components::default()
        };
        self.add(EntityKind::Object, "Object", components)
    }

    /// A pose about several axes. Scales are uneven and sometimes negative, so objects below are often sheared.
    fn transform(&mut self) -> Transform {
        let quaternion: [f64; 4] = self.vector(-1.0, 1.0);
        let length = quaternion.iter().map(|it| it * it).sum::<f64>().sqrt();
        let rotation = match length {
            length if length > 0.01 => quaternion.map(|it| it / length),
            _ => Transform::IDENTITY.rotation,
        };
        let mut scale: [f64; 3] = self.vector(0.3, 2.0);
        for factor in &mut scale {
            if self.random.once_in(6) {
                *factor = -*factor;
            }
        }
        Transform {
            translation: self.vector(-10.0, 10.0),
            rotation,
            scale,
        }
    }

    /// A crumpled grid of one to three submeshes.
    fn mesh(&mut self, materials: &[Uuid]) -> Uuid {
        let (columns, rows) = (1 + self.random.up_to(3), 1 + self.random.up_to(3));
        let line = columns as u32 + 1;
        let mut positions = Vec::new();
        for row in 0..=rows {
            for column in 0..=columns {
                let [x, y, z]: [f64; 3] = self.vector(-0.3, 0.3);
                positions.push([x + column as f64, y + row as f64, z]);
            }
        }
        let mut index = Vec::new();
        for row in 0..rows as u32 {
            for column in 0..columns as u32 {
                let a = row * line + column;
                index.push([a, a + 1, a + line + 1]);
                index.push([a, a + line + 1, a + line]);
            }
        }
        let (submeshes, slots) = self.submeshes(index.len() as u32, materials);
        let corners = index.len() * 3;
        let mut buffers = BTreeMap::new();
        buffers.insert("position".to_owned(), self.floats(&positions));
        let words = index.as_flattened().iter().flat_map(|it| it.to_le_bytes());
        let words: Vec<u8> = words.collect();
        buffers.insert("index".to_owned(), self.store(words));
        self.add_attributes(corners, &mut buffers);
        let mesh = Mesh {
            vertex_count: positions.len() as u32,
            corner_count: corners as u32,
            submeshes,
            buffers,
        };
        let components = Components {
            mesh: Some(Box::new(mesh)),
            slots: (!slots.is_empty()).then(|| Box::new(Slots { materials: slots })),
            ..Components::default()
        };
        self.add(EntityKind::Mesh, "Mesh", components)
    }

    fn add_attributes(&mut self, corners: usize, buffers: &mut BTreeMap<String, Buffer>) {
        // Blender computes normals of a mesh that has none, so nearly every mesh has some.
        let normals = (0..corners).map(|_| {
            let [x, y, z]: [f64; 3] = self.vector(-0.5, 0.5);
            let vector = [x, y, z + 1.5];
            let length = vector.iter().map(|it| it * it).sum::<f64>().sqrt();
            vector.map(|it| it / length)
        });
        let normals: Vec<[f64; 3]> = normals.collect();
        let normals = self.floats(&normals);
        buffers.insert("normal".to_owned(), normals);
        for set in 0..self.random.up_to(2) {
            let vectors: Vec<[f64; 2]> = (0..corners).map(|_| self.vector(-1.0, 2.0)).collect();
            let vectors = self.floats(&vectors);
            buffers.insert(format!("uv{set}"), vectors);
        }
        if self.random.once_in(3) {
            let colors: Vec<[f64; 4]> = (0..corners).map(|_| self.vector(0.0, 1.0)).collect();
            let colors = self.floats(&colors);
            buffers.insert("color0".to_owned(), colors);
        }
    }

    /// Splits triangles into runs, with a material or none for each.
    fn submeshes(
        &mut self,
        triangles: u32,
        materials: &[Uuid],
    ) -> (Vec<Submesh>, Vec<Option<Uuid>>) {
        let parts = 1 + self.random.up_to(2) as u32;
        let (mut submeshes, mut slots, mut start) = (Vec::new(), Vec::new(), 0);
        for part in 0..parts {
            let end = triangles * (part + 1) / parts;
            if end > start {
                let slot = slots.len() as u32;
                let (start, count) = (start * 3, (end - start) * 3);
                submeshes.push(Submesh { slot, start, count });
                slots.push(self.maybe(materials));
            }
            start = end;
        }
        (submeshes, slots)
    }

    fn floats<const N: usize>(&mut self, vectors: &[[f64; N]]) -> Buffer {
        let numbers = vectors.iter().flatten();
        let bytes = numbers.flat_map(|it| (*it as f32).to_le_bytes()).collect();
        self.store(bytes)
    }
}
