//! Changes of an agent that are refused: each mistake is told with its place in the call.

use serde_json::{Value, json};
use vibesync_scene::{Change, Components, EntityKind, Uuid};

use crate::change::{refused, scene};
use crate::fake::object;

/// A material, which has no place and no copies.
const MATERIAL: Uuid = Uuid::from_u128(50);

/// A wrong change, and the place of the mistake.
type Case = (Value, &'static str);

fn wrong_names() -> Vec<Case> {
    vec![
        (json!({"uuid": object(1)}), "changes[1].op"),
        (json!({"op": "move", "uuid": object(1)}), "changes[1].op"),
        (
            json!({"op": "update", "translation": [1, 2, 3]}),
            "changes[1].uuid",
        ),
        (
            json!({"op": "update", "uuid": "Cube", "visible": true}),
            "changes[1].uuid",
        ),
        (
            json!({"op": "update", "uuid": object(99), "visible": true}),
            "changes[1].uuid",
        ),
        (
            json!({"op": "update", "uuid": object(3), "visible": true}),
            "changes[1].uuid",
        ),
        (json!({"op": "update", "uuid": object(1)}), "changes[1]"),
        (
            json!({"op": "update", "uuid": object(1), "color": "red"}),
            "changes[1].color",
        ),
        (
            json!({"op": "update", "uuid": object(1), "primitive": "cube"}),
            "changes[1].primitive",
        ),
    ]
}

fn wrong_values() -> Vec<Case> {
    vec![
        (
            json!({"op": "update", "uuid": object(1), "translation": [1, 2]}),
            "changes[1].translation",
        ),
        (
            json!({"op": "update", "uuid": object(1), "rotation": [1, 1, 1, 1]}),
            "changes[1].rotation",
        ),
        (
            json!({"op": "update", "uuid": object(1), "rotation": [0, 0, 0, 1], "euler_deg": [0, 0, 0]}),
            "changes[1].euler_deg",
        ),
        (
            json!({"op": "update", "uuid": object(1), "parent": "nobody"}),
            "changes[1].parent",
        ),
        (
            json!({"op": "update", "uuid": object(1), "parent": object(98)}),
            "changes[1].parent",
        ),
        (
            json!({"op": "update", "uuid": object(1), "parent": MATERIAL}),
            "changes[1].parent",
        ),
        (
            json!({"op": "update", "uuid": object(1), "mesh": object(2)}),
            "changes[1].mesh",
        ),
        (
            json!({"op": "update", "uuid": MATERIAL, "translation": [1, 2, 3]}),
            "changes[1]",
        ),
        (
            json!({"op": "delete", "uuid": object(1), "name": "x"}),
            "changes[1].name",
        ),
        (
            json!({"op": "delete", "uuid": object(1), "with_children": 1}),
            "changes[1].with_children",
        ),
        (
            json!({"op": "duplicate", "uuid": MATERIAL}),
            "changes[1].uuid",
        ),
    ]
}

fn wrong_creations() -> Vec<Case> {
    vec![
        (
            json!({"op": "create", "uuid": object(1)}),
            "changes[1].uuid",
        ),
        (
            json!({"op": "create", "key": "", "primitive": "cube"}),
            "changes[1].key",
        ),
        (json!({"op": "create", "key": "three"}), "changes[1].key"),
        (json!({"op": "create", "mesh": "three"}), "changes[1].mesh"),
        (
            json!({"op": "create", "primitive": "teapot"}),
            "changes[1].primitive",
        ),
        (
            json!({"op": "create", "primitive": "cube", "size": [1, 0, 1]}),
            "changes[1].size",
        ),
        (
            json!({"op": "create", "primitive": "cube", "segments": 8}),
            "changes[1].segments",
        ),
        (
            json!({"op": "create", "primitive": "cone", "segments": 2}),
            "changes[1].segments",
        ),
        (
            json!({"op": "create", "primitive": "ico_sphere", "segments": 9}),
            "changes[1].segments",
        ),
    ]
}

fn wrong_meshes() -> Vec<Case> {
    vec![
        (
            json!({"op": "create", "size": [1, 1, 1]}),
            "changes[1].size",
        ),
        (
            json!({"op": "create", "positions": [0, 0, 0]}),
            "changes[1].positions",
        ),
        (
            json!({"op": "create", "positions": [0, 0], "triangles": [0, 0, 0]}),
            "changes[1].positions",
        ),
        (
            json!({"op": "create", "positions": [0, 0, 0], "triangles": [0, 0]}),
            "changes[1].triangles",
        ),
        (
            json!({"op": "create", "positions": [0, 0, 0], "triangles": [0, 0, 1]}),
            "changes[1].triangles[0]",
        ),
        (
            json!({"op": "create", "positions": [0, 0, 0], "triangles": [0, 0, 0]}),
            "changes[1].triangles[0]",
        ),
        (
            json!({"op": "create", "positions": [1e200, 0, 0], "triangles": [0, 0, 0]}),
            "changes[1].positions[0]",
        ),
    ]
}

#[tokio::test]
async fn wrong_change_is_refused_with_its_place() {
    let cases = [
        wrong_names(),
        wrong_values(),
        wrong_creations(),
        wrong_meshes(),
    ];
    for (change, place) in cases.into_iter().flatten() {
        let scene = scene();
        let kind = EntityKind::Material;
        let components = Components {
            name: Some("Red".into()),
            ..Components::default()
        };
        scene.edit(&Change::Create {
            uuid: MATERIAL,
            kind,
            components,
        });
        let first = match change["key"] == "three" || change["mesh"] == "three" {
            true => json!({"op": "create", "key": "three"}),
            false => json!({"op": "update", "uuid": object(3), "visible": true}),
        };
        let error = refused(&scene, json!([first, change])).await;
        assert_eq!(error["place"], place, "{change}: {error}");
        assert!(error["help"].is_string() && error["code"].is_string());
    }
}
