//! A scene in work, and the document that it becomes.

use std::collections::BTreeMap;

use serde_json::Value;
use vibesync_gltf::{Export, Note};
use vibesync_scene::{
    BlobId, Buffer, Change, Code, Components, Entity, EntityKind, Invalid, Mesh, Submesh, Uuid,
};

/// Entities and their bulk data.
#[derive(Default)]
pub struct Work {
    pub entities: Vec<Entity>,
    pub blobs: BTreeMap<BlobId, Vec<u8>>,
}

/// An export, read again.
pub struct Document {
    pub json: Value,
    pub bin: Vec<u8>,
    pub export: Export,
}

impl Work {
    /// Adds what a change creates.
    pub fn add(&mut self, change: Change) -> Uuid {
        let Change::Create {
            uuid,
            kind,
            components,
        } = change
        else {
            panic!("no creation");
        };
        self.entities.push(Entity {
            uuid,
            kind,
            components,
        });
        uuid
    }

    pub fn components(&mut self, uuid: Uuid) -> &mut Components {
        let mut all = self.entities.iter_mut();
        &mut all.find(|it| it.uuid == uuid).unwrap().components
    }

    /// Makes an update of an entity that exists.
    pub fn change(&mut self, change: Change) {
        let Change::Update { uuid, components } = change else {
            panic!("no update");
        };
        self.components(uuid).merge(&components);
    }

    pub fn store(&mut self, bytes: Vec<u8>) -> Buffer {
        let (id, length) = (BlobId::hash(&bytes), bytes.len() as u64);
        self.blobs.insert(id, bytes);
        Buffer::stored(id, length)
    }

    /// Adds a mesh of triangles in one submesh, with buffers of float32 by name.
    pub fn mesh(
        &mut self,
        number: u128,
        vertices: u32,
        index: &[u32],
        floats: &[(&str, &[f32])],
    ) -> Uuid {
        let mut buffers = BTreeMap::new();
        let words = index.iter().flat_map(|it| it.to_le_bytes()).collect();
        buffers.insert("index".to_owned(), self.store(words));
        for (name, numbers) in floats {
            let bytes = numbers.iter().flat_map(|it| it.to_le_bytes()).collect();
            buffers.insert((*name).to_owned(), self.store(bytes));
        }
        let corner_count = index.len() as u32;
        let submeshes = vec![Submesh {
            slot: 0,
            start: 0,
            count: corner_count,
        }];
        let mesh = Mesh {
            vertex_count: vertices,
            corner_count,
            submeshes: if index.is_empty() { vec![] } else { submeshes },
            buffers,
        };
        self.add(Change::Create {
            uuid: Uuid::from_u128(number),
            kind: EntityKind::Mesh,
            components: Components {
                name: Some(format!("Mesh {number}")),
                mesh: Some(Box::new(mesh)),
                ..Components::default()
            },
        })
    }

    pub fn try_export(&self) -> Result<Export, Invalid> {
        let mut read = |blob: BlobId| {
            let bytes = self.blobs.get(&blob).cloned();
            bytes.ok_or_else(|| Invalid::new(Code::BlobDamaged, "blob", "it is missing"))
        };
        vibesync_gltf::export(&self.entities, "test", &mut read)
    }

    pub fn export(&self) -> Document {
        let export = self.try_export().unwrap();
        let length =
            |at: usize| u32::from_le_bytes(export.file[at..at + 4].try_into().unwrap()) as usize;
        let end = 20 + length(12);
        let json = serde_json::from_slice(&export.file[20..end]).unwrap();
        let bin = export.file.get(end + 8..).unwrap_or_default().to_vec();
        Document { json, bin, export }
    }
}

impl Document {
    /// The names that a note has.
    pub fn noted(&self, wanted: Note) -> Vec<String> {
        let mut notes = self.export.notes.iter();
        let found = notes.find(|(note, _)| **note == wanted);
        found.map_or(Vec::new(), |(_, names)| names.to_vec())
    }

    /// The numbers of an accessor of float32.
    pub fn floats(&self, accessor: &Value) -> Vec<f32> {
        let accessor = &self.json["accessors"][accessor.as_u64().unwrap() as usize];
        let bytes = self.view(&accessor["bufferView"]);
        let words = bytes.as_chunks().0.iter();
        words.map(|it| f32::from_le_bytes(*it)).collect()
    }

    /// The bytes of a view.
    pub fn view(&self, view: &Value) -> &[u8] {
        let view = &self.json["bufferViews"][view.as_u64().unwrap() as usize];
        let start = view["byteOffset"].as_u64().unwrap() as usize;
        &self.bin[start..start + view["byteLength"].as_u64().unwrap() as usize]
    }
}
