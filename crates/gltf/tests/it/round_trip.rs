//! Random scenes, exported and imported again: the same scene, but for uuids and what the notes say.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use vibesync_gltf::Import;
use vibesync_scene::{
    BlobId, Buffer, Components, Entity, EntityKind, Light, LightType, Mesh, MeshBytes, Uuid,
    compare_meshes, compare_shapes, differing_components,
};
use vibesync_testkit::scenes;

use crate::document::import;
use crate::work::{Document, Work};

const SEEDS: u64 = 100;

/// A scene by uuid, with its bulk data.
struct Side<'a> {
    entities: BTreeMap<Uuid, &'a Entity>,
    blobs: &'a BTreeMap<BlobId, Vec<u8>>,
}

impl<'a> Side<'a> {
    fn new(entities: &'a [Entity], blobs: &'a BTreeMap<BlobId, Vec<u8>>) -> Self {
        let entities = entities.iter().map(|it| (it.uuid, it)).collect();
        Self { entities, blobs }
    }

    fn components(&self, uuid: Uuid) -> &'a Components {
        &self.entities[&uuid].components
    }

    fn name(&self, uuid: Uuid) -> &'a str {
        self.components(uuid).name.as_deref().unwrap()
    }

    /// The objects by name; names are unique in random scenes.
    fn objects(&self) -> BTreeMap<&'a str, &'a Components> {
        let entities = self.entities.values();
        let objects = entities.filter(|it| it.kind == EntityKind::Object);
        objects
            .map(|it| (self.name(it.uuid), &it.components))
            .collect()
    }

    fn parent(&self, object: &Components) -> Option<&'a str> {
        object.parent.unwrap().uuid.map(|uuid| self.name(uuid))
    }

    fn data(&self, object: &Components) -> Option<(Uuid, &'a Components)> {
        let uuid = object.data.unwrap().uuid?;
        Some((uuid, self.components(uuid)))
    }

    fn bytes(&self, mesh: &'a Mesh) -> MeshBytes<'a> {
        self.bytes_of(&mesh.buffers)
    }

    fn bytes_of<'b>(&self, buffers: &'b BTreeMap<String, Buffer>) -> MeshBytes<'b>
    where
        'a: 'b,
    {
        let buffers = buffers.iter();
        let bytes = buffers.map(|(name, it)| (name.as_str(), &*self.blobs[&it.blob.unwrap()]));
        bytes.collect()
    }

    /// The name of the material that each submesh of an object has.
    fn materials(&self, object: &Components, data: &Components) -> Vec<Option<&'a str>> {
        let slots = data.slots.as_deref().cloned().unwrap_or_default().materials;
        let own = object.materials.as_deref().cloned().unwrap_or_default().own;
        let submeshes = data.mesh.as_ref().unwrap().submeshes.iter();
        let materials = submeshes.map(|it| {
            let below = slots.get(it.slot as usize).copied().flatten();
            own.get(&it.slot)
                .copied()
                .unwrap_or(below)
                .map(|uuid| self.name(uuid))
        });
        materials.collect()
    }
}

impl Side<'_> {
    /// The meshes on which objects show normal maps along different texture coordinates. A file has them twice.
    fn meshes_with_two_tangents(&self) -> BTreeSet<Uuid> {
        let mut sets = BTreeMap::new();
        for object in self.objects().values() {
            let Some((uuid, data)) = self.data(object).filter(|it| it.1.mesh.is_some()) else {
                continue;
            };
            for (at, name) in self.materials(object, data).into_iter().enumerate() {
                let mut all = self.entities.values();
                let material = all.find(|it| it.components.name.as_deref() == name);
                let maps = material.and_then(|it| it.components.maps.as_ref());
                let uv = maps.and_then(|maps| Some(maps.normal.as_ref()?.uv));
                sets.entry((uuid, at))
                    .or_insert_with(BTreeSet::new)
                    .extend(uv);
            }
        }
        let split = sets.into_iter().filter(|(_, sets)| sets.len() > 1);
        split.map(|((uuid, _), _)| uuid).collect()
    }
}

fn again(work: &Work) -> (Document, Import) {
    let document = work.export();
    let import = import(&document.export.file).unwrap();
    (document, import)
}

fn each(check: impl Fn(&Side<'_>, &Side<'_>, u64)) {
    for seed in 1..=SEEDS {
        let scene = scenes::generate(seed);
        let (entities, blobs) = (scene.entities, scene.blobs);
        let work = Work { entities, blobs };
        let (_, import) = again(&work);
        let before = Side::new(&work.entities, &work.blobs);
        let after = Side::new(&import.entities, &import.blobs);
        check(&before, &after, seed);
    }
}

#[test]
fn objects_of_an_export_come_back_the_same() {
    let compared = std::cell::Cell::new(0);
    each(|before, after, seed| {
        let (wanted, found) = (before.objects(), after.objects());
        assert!(wanted.keys().eq(found.keys()), "seed {seed}");
        for (name, wanted) in wanted {
            let found = found[name];
            let own = |it: &Components| Components {
                name: it.name.clone(),
                transform: it.transform,
                visibility: it.visibility,
                ..Components::default()
            };
            let differing = differing_components(&own(wanted), &own(found));
            assert!(differing.is_empty(), "seed {seed}, {name}: {differing:?}");
            assert_eq!(
                before.parent(wanted),
                after.parent(found),
                "seed {seed}, {name}"
            );
            compared.set(compared.get() + 1);
        }
    });
    assert!(compared.get() > 300);
}

#[test]
fn meshes_of_an_export_come_back_the_same() {
    let compared = std::cell::Cell::new(0);
    each(|before, after, seed| {
        let found = after.objects();
        let split = before.meshes_with_two_tangents();
        let mut pairs = BTreeSet::new();
        for (name, wanted) in before.objects() {
            let Some((from, data)) = before.data(wanted) else {
                continue;
            };
            let Some(mesh) = data.mesh.as_deref() else {
                continue;
            };
            let (to, there) = after.data(found[name]).unwrap();
            let made = there.mesh.as_deref().unwrap();
            let sides = ((mesh, &before.bytes(mesh)), (made, &after.bytes(made)));
            let same = compare_meshes(sides.0, sides.1);
            assert_eq!(same, Ok(()), "seed {seed}, {name}");
            assert_eq!(there.name, data.name);
            let shown = before.materials(wanted, data);
            assert_eq!(
                after.materials(found[name], there),
                shown,
                "seed {seed}, {name}"
            );
            if !split.contains(&from) {
                pairs.insert((from, to));
            }
            compared.set(compared.get() + 1);
        }
        // Objects share a mesh in one scene if they do in the other.
        let [from, to] = [0, 1].map(|side| {
            let ends = pairs.iter().map(|(from, to)| [*from, *to][side]);
            ends.collect::<BTreeSet<_>>().len()
        });
        assert_eq!((from, to), (pairs.len(), pairs.len()), "seed {seed}");
    });
    assert!(compared.get() > 100);
}

#[test]
fn shape_keys_of_an_export_come_back_the_same() {
    let mut compared = 0;
    for seed in 1..=SEEDS / 2 {
        let scene = scenes::generate_characters(seed);
        let (entities, blobs) = (scene.entities, scene.blobs);
        let work = Work { entities, blobs };
        let (_, import) = again(&work);
        let before = Side::new(&work.entities, &work.blobs);
        let after = Side::new(&import.entities, &import.blobs);
        let meshes = after.entities.values();
        let meshes = meshes.filter(|it| it.kind == EntityKind::Mesh);
        for made in meshes.map(|it| &it.components) {
            let mut all = before.entities.values();
            let wanted = all.find(|it| it.components.name == made.name).unwrap();
            let Some(shapes) = wanted.components.shapes.as_deref() else {
                assert!(made.shapes.is_none(), "seed {seed}");
                continue;
            };
            // Deltas are relative to the mesh in a file.
            let mut shapes = shapes.clone();
            shapes
                .keys
                .iter_mut()
                .for_each(|key| key.relative_to = None);
            let found = made.shapes.as_deref().unwrap();
            let sides = (
                (&shapes, &before.bytes_of(&shapes.buffers)),
                (found, &after.bytes_of(&found.buffers)),
            );
            assert_eq!(compare_shapes(sides.0, sides.1), Ok(()), "seed {seed}");
            let values = |it: &Components| Components {
                shape_values: it.shape_values.clone(),
                ..Components::default()
            };
            let differing = differing_components(&values(&wanted.components), &values(made));
            assert!(differing.is_empty(), "seed {seed}");
            compared += 1;
        }
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn lights_of_an_export_come_back_the_same() {
    let compared = std::cell::Cell::new(0);
    each(|before, after, seed| {
        let found = after.objects();
        for (name, wanted) in before.objects() {
            let Some(light) = before.data(wanted).and_then(|it| it.1.light.as_deref()) else {
                continue;
            };
            let there = after.data(found[name]).and_then(|it| it.1.light.as_deref());
            assert_eq!(there.is_none(), light.kind == LightType::Area);
            let Some(there) = there else {
                continue;
            };
            let with = |light: Light| Components {
                light: Some(Box::new(light)),
                ..Components::default()
            };
            let differing =
                differing_components(&with(in_gltf(light, there)), &with(there.clone()));
            assert!(
                differing.is_empty(),
                "seed {seed}, {name}: {light:?} {there:?}"
            );
            compared.set(compared.get() + 1);
        }
    });
    assert!(compared.get() > 20);
}

/// A light without what glTF does not have: the fields that do not concern its type, its size, and the range of a sun.
fn in_gltf(light: &Light, made: &Light) -> Light {
    let is_spot = light.kind == LightType::Spot;
    let cone = if is_spot { light } else { made };
    Light {
        radius: 0.0,
        size: [1.0; 2],
        range: light.range.filter(|_| light.kind != LightType::Sun),
        inner: cone.inner,
        outer: cone.outer,
        ..light.clone()
    }
}

#[test]
fn export_of_an_import_is_the_same_document() {
    let (mut materials, mut cameras) = (0, 0);
    for seed in 1..=SEEDS {
        let scene = scenes::generate(seed);
        let (entities, blobs) = (scene.entities, scene.blobs);
        let (first, import) = again(&Work { entities, blobs });
        let (entities, blobs) = (import.entities, import.blobs);
        let second = Work { entities, blobs }.export();
        let all = |document: &Document, list: &str| {
            let items = document.json[list].as_array().cloned().unwrap_or_default();
            let items = items.into_iter().map(|mut item| {
                resolve(document, &mut item);
                (item["name"].as_str().unwrap().to_owned(), item)
            });
            items.collect::<BTreeMap<_, _>>()
        };
        for list in ["materials", "cameras"] {
            let (wanted, found) = (all(&first, list), all(&second, list));
            assert!(wanted.keys().eq(found.keys()), "seed {seed}");
            for (name, wanted) in wanted {
                let found = &found[&name];
                assert!(is_close(&wanted, found), "seed {seed}\n{wanted}\n{found}");
                materials += usize::from(list == "materials");
                cameras += usize::from(list == "cameras");
            }
        }
    }
    assert!(materials > 30 && cameras > 20, "{materials} {cameras}");
}

/// Replaces the indices of textures by what they name, and leaves uuids out.
fn resolve(document: &Document, value: &mut Value) {
    let Value::Object(fields) = value else {
        return;
    };
    fields.remove("extras");
    if let Some(index) = fields.get("index").and_then(Value::as_u64) {
        let texture = &document.json["textures"][index as usize];
        let at = |list: &str, field: &str| {
            let index = texture[field].as_u64().unwrap() as usize;
            document.json[list][index].clone()
        };
        let image = at("images", "source");
        let pixels = document.view(&image["bufferView"]);
        let whole = json!({
            "file": BlobId::hash(pixels).to_string(),
            "sampler": at("samplers", "sampler"),
        });
        fields.insert("index".to_owned(), whole);
    }
    for field in Map::values_mut(fields) {
        resolve(document, field);
    }
}

fn is_close(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            (a - b).abs() <= 1e-5 * a.abs().max(1.0)
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_close(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| is_close(a, b)))
        }
        _ => a == b,
    }
}
