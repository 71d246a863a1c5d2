//! Instances of collections, and objects outside of the scene.

use serde_json::{Value, json};
use vibesync_gltf::Note;
use vibesync_scene::{Collections, Instance, Parent, Skin, Transform, Uuid, Visibility};
use vibesync_testkit::change::{collection, light, object, showing};
use vibesync_testkit::mesh_parts::vertex_groups;
use vibesync_testkit::rigs::armature;

use crate::work::{Document, Work};

const TRIANGLE: [f32; 9] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0];
const CITY: Uuid = Uuid::from_u128(50);
const STAMP: Uuid = Uuid::from_u128(1);

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn moved(x: f64) -> Option<Transform> {
    Some(Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    })
}

/// Adds an object that is in collections alone.
fn member(work: &mut Work, number: u128, collections: &[Uuid]) -> Uuid {
    let uuid = work.add(object(id(number), &format!("Object {number}"), None));
    work.components(uuid).collections = Some(Box::new(Collections {
        names: collections.to_vec(),
        root: false,
    }));
    uuid
}

fn instance(work: &mut Work, object: Uuid, of: Uuid) {
    work.components(object).instance = Some(Instance { of: Some(of) });
}

/// A city outside of the scene with a house of one triangle at x 3, and a stamp at x 5 that shows it. The offset is x 1.
fn city() -> Work {
    let mut work = Work::default();
    work.add(collection(CITY, &[]));
    let city = work.components(CITY).collection.as_mut().unwrap();
    (city.root, city.offset) = (false, [1.0, 0.0, 0.0]);
    work.add(object(STAMP, "Stamp", None));
    work.components(STAMP).transform = moved(5.0);
    instance(&mut work, STAMP, CITY);
    let mesh = work.mesh(9, 3, &[0, 1, 2], &[("position", &TRIANGLE)]);
    let house = member(&mut work, 2, &[CITY]);
    work.change(showing(house, Some(mesh)));
    work.components(house).transform = moved(3.0);
    work
}

fn node(document: &Document, number: usize) -> &Value {
    &document.json["nodes"][number]
}

/// The nodes below another one.
fn below<'a>(document: &'a Document, node: &Value) -> Vec<&'a Value> {
    let children = node["children"].as_array().cloned().unwrap_or_default();
    let numbers = children.iter().map(|it| it.as_u64().unwrap() as usize);
    numbers.map(|it| &document.json["nodes"][it]).collect()
}

#[test]
fn instance_shows_what_its_collection_has() {
    let document = city().export();
    assert_eq!(document.json["scenes"][0]["nodes"], json!([0]));
    assert_eq!(document.json["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(document.export.objects, 1);
    let city = below(&document, node(&document, 0))[0];
    assert_eq!(city["translation"], json!([-1.0, 0.0, 0.0]));
    let house = below(&document, city)[0];
    assert_eq!(house["translation"], json!([3.0, 0.0, 0.0]));
    assert_eq!(house["mesh"], json!(0));
    assert_eq!(house["extras"], json!({"vibesync": {"instanced": id(2)}}));
    assert!(document.export.notes.is_empty());
}

#[test]
fn instance_shows_an_object_of_the_scene_again() {
    let mut work = city();
    work.components(CITY).collection.as_mut().unwrap().root = true;
    let document = work.export();
    assert_eq!(document.json["scenes"][0]["nodes"], json!([0, 1]));
    let (house, city) = (node(&document, 1), below(&document, node(&document, 0))[0]);
    let copy = below(&document, city)[0];
    assert_eq!(
        (&house["mesh"], &copy["mesh"]),
        (&json!(0), &json!(0)),
        "one mesh"
    );
    assert_eq!(document.export.objects, 2);
}

#[test]
fn instance_has_collections_of_its_collection() {
    let mut work = city();
    work.add(collection(id(51), &[CITY]));
    work.components(id(51)).collection.as_mut().unwrap().root = false;
    let lamp = work.add(light(id(10), 100.0));
    let street = member(&mut work, 3, &[id(51)]);
    work.change(showing(street, Some(lamp)));
    work.components(street).visibility = Some(Visibility { visible: false });
    let document = work.export();
    let city = below(&document, node(&document, 0))[0];
    let shown = below(&document, city);
    assert_eq!(shown.len(), 2);
    let extensions = &shown[1]["extensions"];
    assert_eq!(extensions["KHR_lights_punctual"], json!({"light": 0}));
    assert_eq!(extensions["KHR_node_visibility"], json!({"visible": false}));
}

#[test]
fn object_above_a_member_gives_its_place_alone() {
    let mut work = city();
    let mesh = id(9);
    let hill = work.add(object(id(4), "Hill", None));
    work.change(showing(hill, Some(mesh)));
    work.components(hill).transform = moved(7.0);
    work.components(id(2)).parent = Some(Parent { uuid: Some(hill) });
    let document = work.export();
    let city = below(&document, node(&document, 0))[0];
    let above = below(&document, city)[0];
    assert_eq!(above["translation"], json!([7.0, 0.0, 0.0]));
    assert!(above.get("mesh").is_none());
    assert_eq!(below(&document, above)[0]["mesh"], json!(0));
    assert_eq!(node(&document, 1)["mesh"], json!(0), "the hill itself");
}

#[test]
fn object_outside_of_the_scene_is_a_place_for_those_below() {
    let mut work = city();
    let child = work.add(object(id(4), "Child", Some(id(2))));
    let document = work.export();
    let house = node(&document, 1);
    assert_eq!(house["translation"], json!([3.0, 0.0, 0.0]));
    assert!(house.get("mesh").is_none());
    assert_eq!(
        below(&document, house)[0]["extras"],
        json!({"vibesync": {"uuid": child}})
    );
    assert_eq!(document.export.objects, 2);
}

#[test]
fn objects_that_nothing_shows_are_left_out_and_noted() {
    let mut work = city();
    work.components(STAMP).instance = None;
    let document = work.export();
    assert_eq!(document.json["nodes"].as_array().unwrap().len(), 1);
    assert!(document.json.get("meshes").is_none());
    assert_eq!(document.noted(Note::Unused), ["Object 2", "Mesh 9"]);
}

#[test]
fn instances_in_instances_are_shown() {
    let mut work = city();
    work.add(collection(id(51), &[]));
    let stamp = member(&mut work, 3, &[id(51)]);
    instance(&mut work, stamp, CITY);
    instance(&mut work, STAMP, id(51));
    let document = work.export();
    let outer = below(&document, node(&document, 0))[0];
    let stamp = below(&document, outer)[0];
    let city = below(&document, stamp)[0];
    assert_eq!(city["translation"], json!([-1.0, 0.0, 0.0]));
    assert_eq!(below(&document, city)[0]["mesh"], json!(0));
}

#[test]
fn instances_that_multiply_are_limited() {
    let mut work = city();
    // Each of 40 collections shows the next one twice.
    for level in 0..40 {
        let city = work.add(collection(id(100 + level), &[]));
        work.components(city).collection.as_mut().unwrap().root = false;
        for twin in 0..2 {
            let stamp = member(&mut work, 1_000 + 2 * level + twin, &[id(100 + level)]);
            let next = if level == 39 { CITY } else { id(101 + level) };
            instance(&mut work, stamp, next);
        }
    }
    instance(&mut work, STAMP, id(100));
    let document = work.export();
    assert_eq!(document.noted(Note::Instances), ["Stamp"]);
    assert!(document.json["nodes"].as_array().unwrap().len() <= 100_100);
}

#[test]
fn skinned_member_is_left_out_and_noted() {
    let mut work = city();
    let bones = work.add(armature(id(8), 1.0));
    let rig = work.add(object(id(5), "Rig", None));
    work.change(showing(rig, Some(bones)));
    work.change(vertex_groups(id(9), &["Hip"], 3, b"x"));
    let weights = work.components(id(9)).weights.as_mut().unwrap();
    weights.buffers.clear();
    let words = |words: &[u32]| {
        words
            .iter()
            .flat_map(|it| it.to_le_bytes())
            .collect::<Vec<_>>()
    };
    let contents = [
        ("group", vec![]),
        ("offset", words(&[0; 4])),
        ("vertex", words(&[0, 1, 2])),
        ("weight", vec![]),
    ];
    for (name, bytes) in contents {
        let buffer = work.store(bytes);
        let weights = work.components(id(9)).weights.as_mut().unwrap();
        weights.buffers.insert(name.to_owned(), buffer);
    }
    let skin = Skin {
        armature: Some(rig),
    };
    work.components(id(2)).skin = Some(skin);
    let document = work.export();
    assert_eq!(document.noted(Note::Instances), ["Stamp"]);
    let city = below(&document, node(&document, 0))[0];
    assert!(below(&document, city)[0].get("mesh").is_none());
    assert!(
        document.json.get("skins").is_none(),
        "the member is not in the scene"
    );
}
