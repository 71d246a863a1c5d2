//! `scene_change` in memory: each operation, each place of an error, the spaces.

use serde_json::{Value, json};
use vibesync_scene::{Transform, Uuid};

use crate::client::{Client, Era};
use crate::fake::object;
use crate::fake_scene::FakeScene;

const HALF: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// A scene with the object 1, the object 2 below it, and the object 3.
pub fn scene() -> FakeScene {
    let scene = FakeScene::default();
    let above = Transform {
        translation: [10.0, 0.0, 0.0],
        rotation: [0.0, HALF, 0.0, HALF],
        scale: [2.0; 3],
    };
    scene.create(object(1), None, above);
    scene.create(object(2), Some(object(1)), Transform::IDENTITY);
    scene.create(object(3), None, Transform::IDENTITY);
    scene
}

pub async fn client(scene: &FakeScene) -> Client {
    Client::open(scene.clone(), Era::Legacy).await.0
}

/// Makes changes. Returns the answer, which must not be an error.
async fn change(scene: &FakeScene, changes: Value, space: &str) -> Value {
    let arguments = json!({"changes": changes, "base_seq": scene.seq(), "space": space});
    let mut client = client(scene).await;
    let (answer, is_error) = client.call("scene_change", arguments).await;
    assert!(!is_error, "{answer}");
    answer
}

/// Makes changes that must be refused. Returns the error.
pub async fn refused(scene: &FakeScene, changes: Value) -> Value {
    let arguments = json!({"changes": changes, "base_seq": scene.seq()});
    let mut client = client(scene).await;
    let (answer, is_error) = client.call("scene_change", arguments).await;
    assert!(is_error, "{answer}");
    assert!(scene.requests().is_empty(), "{answer}");
    answer["error"].clone()
}

pub fn transform(scene: &FakeScene, uuid: Uuid) -> Transform {
    scene.components(uuid).unwrap().transform.unwrap()
}

#[track_caller]
pub fn assert_near<const N: usize>(actual: [f64; N], expected: [f64; N]) {
    let is_near = actual
        .iter()
        .zip(expected)
        .all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(is_near, "{actual:?} is not {expected:?}");
}

#[tokio::test]
async fn update_sets_what_it_names_and_keeps_the_rest() {
    let scene = scene();
    let update = json!({"op": "update", "uuid": object(1), "translation": [1, 2, 3], "visible": false,
        "name": "Stone"});
    let answer = change(&scene, json!([update]), "gltf").await;
    assert_eq!(answer["state"], "verified");
    let row = &answer["changes"][0];
    assert_eq!(row["op"], "update");
    assert_eq!(
        row["components"],
        json!(["name", "transform", "visibility"])
    );
    let components = scene.components(object(1)).unwrap();
    assert_eq!(components.name.as_deref(), Some("Stone"));
    assert!(!components.visibility.unwrap().visible);
    let moved = transform(&scene, object(1));
    assert_near(moved.translation, [1.0, 2.0, 3.0]);
    assert_near(moved.rotation, [0.0, HALF, 0.0, HALF]);
    assert_near(moved.scale, [2.0; 3]);
}

#[tokio::test]
async fn relative_values_are_added_turned_and_multiplied() {
    let scene = scene();
    let update = json!({"op": "update", "uuid": object(1), "relative": true, "translation": [1, 0, 0],
        "rotation": [0, HALF, 0, HALF], "scale": [1, 2, 1]});
    change(&scene, json!([update]), "gltf").await;
    let moved = transform(&scene, object(1));
    assert_near(moved.translation, [11.0, 0.0, 0.0]);
    assert_near(moved.rotation, [0.0, 1.0, 0.0, 0.0]);
    assert_near(moved.scale, [2.0, 4.0, 2.0]);
}

#[tokio::test]
async fn place_of_the_scene_becomes_a_transform_below_the_parent() {
    let scene = scene();
    let update =
        json!({"op": "update", "uuid": object(2), "world": true, "translation": [10, 0, -4]});
    change(&scene, json!([update]), "gltf").await;
    // The object above stands at x = 10, is turned by a quarter about Y, and twice as large.
    assert_near(transform(&scene, object(2)).translation, [2.0, 0.0, 0.0]);
    assert_near(transform(&scene, object(2)).rotation, [0.0, 0.0, 0.0, 1.0]);
}

#[tokio::test]
async fn new_parent_keeps_the_place_in_the_scene_if_asked() {
    let scene = scene();
    let update = json!({"op": "update", "uuid": object(2), "world": true, "parent": ""});
    change(&scene, json!([update]), "gltf").await;
    let moved = transform(&scene, object(2));
    assert_near(moved.translation, [10.0, 0.0, 0.0]);
    assert_near(moved.scale, [2.0; 3]);
    assert_eq!(
        scene.components(object(2)).unwrap().parent.unwrap().uuid,
        None
    );
    let update = json!({"op": "update", "uuid": object(2), "parent": object(1)});
    change(&scene, json!([update]), "gltf").await;
    assert_near(transform(&scene, object(2)).translation, [10.0, 0.0, 0.0]);
}

#[tokio::test]
async fn place_counts_the_other_changes_of_the_call() {
    let scene = scene();
    let changes = json!([
        {"op": "update", "uuid": object(2), "world": true, "translation": [0, 0, 0]},
        {"op": "update", "uuid": object(1), "translation": [0, 0, 6]},
        {"op": "create", "key": "post", "world": true, "parent": "arm", "translation": [1, 1, 1]},
        {"op": "create", "key": "arm", "parent": object(1), "translation": [1, 0, 0]},
    ]);
    let answer = change(&scene, changes, "gltf").await;
    assert_near(transform(&scene, object(2)).translation, [3.0, 0.0, 0.0]);
    // The arm is at (0, 0, 4) and turned as the object above.
    let post: Uuid = answer["keys"]["post"].as_str().unwrap().parse().unwrap();
    assert_near(transform(&scene, post).translation, [1.5, 0.5, 0.5]);
    assert_near(transform(&scene, post).scale, [0.5; 3]);
}

#[tokio::test]
async fn values_are_converted_from_the_space_as_the_golden_vectors_are() {
    let golden = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/coordinates.json"
    ));
    let golden: Value = serde_json::from_str(&golden.unwrap()).unwrap();
    for space in ["blender", "unity"] {
        let vectors = golden[space].as_array().unwrap();
        let vectors = vectors.iter().filter(|it| it["unit_scale"] == 1.0);
        for vector in vectors {
            let scene = scene();
            let mut update = json!({"op": "update", "uuid": object(3)});
            for part in ["translation", "rotation", "scale"] {
                update[part] = vector["native"][part].clone();
            }
            change(&scene, json!([update]), space).await;
            let numbers = |part: &str| -> Vec<f64> {
                serde_json::from_value(vector["canonical"][part].clone()).unwrap()
            };
            let moved = transform(&scene, object(3));
            assert_near(
                moved.translation,
                numbers("translation").try_into().unwrap(),
            );
            assert_near(moved.scale, numbers("scale").try_into().unwrap());
            let rotation: [f64; 4] = numbers("rotation").try_into().unwrap();
            let dot: f64 = rotation
                .iter()
                .zip(moved.rotation)
                .map(|(a, b)| a * b)
                .sum();
            assert!(dot.abs() > 1.0 - 1e-6, "{space}: {moved:?} {rotation:?}");
        }
    }
}

#[tokio::test]
async fn angles_turn_in_the_order_of_the_space() {
    // A quarter about X, then about the third axis of the order.
    for (space, angles, expected) in [
        ("gltf", [90, 90, 0], [0.5, 0.5, -0.5, 0.5]),
        ("blender", [90, 0, 0], [HALF, 0.0, 0.0, HALF]),
        ("blender", [0, 0, 90], [0.0, HALF, 0.0, HALF]),
        // In Unity a positive angle about Y turns clockwise seen from above.
        ("unity", [0, 90, 0], [0.0, -HALF, 0.0, HALF]),
        ("unity", [90, 90, 0], [0.5, -0.5, 0.5, 0.5]),
    ] {
        let scene = scene();
        let update = json!({"op": "update", "uuid": object(3), "euler_deg": angles});
        change(&scene, json!([update]), space).await;
        let rotation = transform(&scene, object(3)).rotation;
        let dot: f64 = rotation.iter().zip(expected).map(|(a, b)| a * b).sum();
        assert!(dot.abs() > 1.0 - 1e-9, "{space} {angles:?}: {rotation:?}");
    }
}

#[tokio::test]
async fn created_object_has_the_mesh_and_the_parent_that_it_names() {
    let scene = scene();
    let changes = json!([
        {"op": "create", "key": "lid", "parent": "box", "mesh": "box", "translation": [0, 1, 0]},
        {"op": "create", "key": "box", "primitive": "cube", "size": [1, 2, 3], "name": "Box"},
    ]);
    let answer = change(&scene, changes, "blender").await;
    let [lid, made] = ["lid", "box"].map(|key| answer["keys"][key].as_str().unwrap());
    let [lid, made]: [Uuid; 2] = [lid, made].map(|uuid| uuid.parse().unwrap());
    let (lid, made) = (
        scene.components(lid).unwrap(),
        scene.components(made).unwrap(),
    );
    assert_eq!(made.name.as_deref(), Some("Box"));
    assert_eq!(
        lid.parent,
        Some(vibesync_scene::Parent {
            uuid: Some(answer["keys"]["box"].as_str().unwrap().parse().unwrap())
        })
    );
    assert_eq!(lid.data, made.data);
    let mesh = scene
        .components(made.data.unwrap().uuid.unwrap())
        .unwrap()
        .mesh
        .unwrap();
    assert_eq!((mesh.vertex_count, mesh.corner_count), (8, 36));
    let request = &scene.requests()[0];
    let at = mesh.buffers["position"].attachment.unwrap() as usize;
    let words = request.attachments[at].as_chunks::<4>().0;
    let [x, y, z] = [words[0], words[1], words[2]].map(|it| f32::from_le_bytes(it).abs());
    // Blender's third axis points up.
    assert_eq!([x, y, z], [0.5, 1.5, 1.0]);
}

#[tokio::test]
async fn own_mesh_keeps_its_front_in_every_space() {
    // Counter-clockwise seen from +Z; in Unity clockwise seen from -Z, where the front of a triangle is.
    let seen_from_z = json!([0, 0, 0, 1, 0, 0, 0, 1, 0]);
    let seen_from_behind = json!([0, 0, 0, 0, 1, 0, 1, 0, 0]);
    for (space, positions, expected) in [
        ("gltf", &seen_from_z, [0.0, 0.0, 1.0]),
        ("blender", &seen_from_z, [0.0, 1.0, 0.0]),
        ("unity", &seen_from_behind, [0.0, 0.0, -1.0]),
    ] {
        let scene = scene();
        let create = json!({"op": "create", "positions": positions, "triangles": [0, 1, 2]});
        change(&scene, json!([create]), space).await;
        let request = &scene.requests()[0];
        let normal = &request.attachments[2].as_chunks::<4>().0[..3];
        let normal: Vec<f64> = normal
            .iter()
            .map(|it| f64::from(f32::from_le_bytes(*it)))
            .collect();
        assert_near(normal.try_into().unwrap(), expected);
    }
}

#[tokio::test]
async fn deletion_takes_the_objects_below_if_asked() {
    let scene = scene();
    let delete = json!({"op": "delete", "uuid": object(1), "with_children": true});
    let answer = change(&scene, json!([delete]), "gltf").await;
    assert_eq!(answer["changes"].as_array().unwrap().len(), 2);
    assert!(scene.components(object(2)).is_none());
    let scene = self::scene();
    let delete = json!({"op": "delete", "uuid": object(3)});
    change(&scene, json!([delete]), "gltf").await;
    assert!(scene.components(object(3)).is_none());
}

#[tokio::test]
async fn duplicate_takes_the_objects_below_under_itself() {
    let scene = scene();
    let duplicate = json!({"op": "duplicate", "uuid": object(1), "key": "copy", "with_children": true,
        "relative": true, "translation": [0, 5, 0]});
    let answer = change(&scene, json!([duplicate]), "gltf").await;
    let copy: Uuid = answer["keys"]["copy"].as_str().unwrap().parse().unwrap();
    assert_near(transform(&scene, copy).translation, [10.0, 5.0, 0.0]);
    let below = scene.requests()[0].changes[1].components().unwrap().clone();
    assert_eq!(below.parent.unwrap().uuid, Some(copy));
    assert_eq!(below.name.as_deref(), Some("Object 2"));
    assert_near(transform(&scene, object(1)).translation, [10.0, 0.0, 0.0]);
}

#[tokio::test]
async fn place_below_an_uneven_or_flat_object_is_refused() {
    for (scale, part, code) in [
        ([1.0, 2.0, 1.0], "rotation", "VS-7004"),
        ([1.0, 0.0, 1.0], "translation", "VS-3003"),
    ] {
        let scene = scene();
        let flat = Transform {
            scale,
            ..Transform::IDENTITY
        };
        scene.create(object(4), Some(object(3)), flat);
        scene.create(object(5), Some(object(4)), Transform::IDENTITY);
        let value = match part {
            "rotation" => json!([0, 0, 0, 1]),
            _ => json!([0, 0, 0]),
        };
        let update = json!({"op": "update", "uuid": object(5), "world": true, part: value});
        let error = refused(&scene, json!([update])).await;
        assert_eq!(error["code"], code, "{error}");
        assert_eq!(error["place"], "changes[0].world");
    }
}

#[tokio::test]
async fn change_of_what_exists_must_say_what_was_read() {
    let scene = scene();
    let mut client = client(&scene).await;
    for change in [
        json!({"op": "update", "uuid": object(1), "visible": false}),
        json!({"op": "create", "parent": object(1)}),
    ] {
        let arguments = json!({"changes": [change]});
        let (answer, is_error) = client.call("scene_change", arguments).await;
        assert!(is_error, "{answer}");
        assert_eq!(answer["error"]["place"], "base_seq");
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(
            message.contains(&format!("the newest is {}", scene.seq())),
            "{message}"
        );
    }
    assert!(scene.requests().is_empty());
    let arguments = json!({"changes": [{"op": "create", "primitive": "cube"}]});
    let (answer, is_error) = client.call("scene_change", arguments).await;
    assert!(!is_error, "{answer}");
}
