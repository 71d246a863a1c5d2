//! Intents with wrong content are refused as a whole, with error code and location, and leave nothing behind.

use serde_json::{Value, json};
use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Transform, Uuid};
use vibesync_testkit::{Client, Daemon};

use crate::harness::{CUBE, EditorsHarness, agent, create, frame, hear, status};

/// Positions of a valid mesh with one triangle; the tests derive invalid meshes from it.
const POSITION: [f32; 9] = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0];
const INDEX: [u32; 3] = [0, 1, 2];

fn intent(daemon: &Daemon, changes: Value) -> Value {
    json!({
        "type": "intent", "operation_id": Uuid::new_v4(), "project_id": daemon.discovery().project_id,
        "schema_version": 1, "base_seq": 0, "label": "Spoil", "changes": changes,
    })
}

fn send(client: &mut Client, mut intent: Value, attachments: &[&[u8]]) {
    intent["attachments"] = attachments.iter().map(|bytes| bytes.len()).collect();
    client
        .send_bytes(&frame(intent.to_string(), attachments))
        .unwrap();
}

/// Receives the answer to the open intent: its status, and code and location of the error.
fn answer(client: &mut Client) -> (AckStatus, Option<(String, String)>) {
    loop {
        if let DaemonMessage::Ack { status, error, .. } = hear(client) {
            return (
                status,
                error.map(|error| (error.code.to_string(), error.location)),
            );
        }
    }
}

#[track_caller]
fn refused(client: &mut Client, code: &str, location: &str) {
    let expected = Some((code.to_owned(), location.to_owned()));
    assert_eq!(answer(client), (AckStatus::Refused, expected));
}

fn mesh(position: &[f32], index: &[u32]) -> (Value, Vec<u8>, Vec<u8>) {
    let position: Vec<u8> = position.iter().flat_map(|it| it.to_le_bytes()).collect();
    let index: Vec<u8> = index.iter().flat_map(|it| it.to_le_bytes()).collect();
    let mesh = json!({
        "vertex_count": 3, "corner_count": 3, "submeshes": [{"slot": 0, "start": 0, "count": 3}],
        "buffers": {
            "position": {"attachment": 0, "bytes": position.len()},
            "index": {"attachment": 1, "bytes": index.len()},
        },
    });
    (mesh, position, index)
}

fn create_mesh(mesh: &Value) -> Value {
    let components = json!({"name": "Triangle", "mesh": mesh});
    json!([{"op": "create", "uuid": Uuid::new_v4(), "kind": "mesh", "components": components}])
}

#[test]
fn inconsistent_mesh_is_refused() {
    let with = |at: usize, value: f32| {
        let mut position = POSITION;
        position[at] = value;
        position.to_vec()
    };
    let position = "changes[0].components.mesh.buffers.position";
    let index = "changes[0].components.mesh.buffers.index";
    let spoiled = [
        (
            with(4, f32::NAN),
            INDEX.to_vec(),
            "VS-3003",
            format!("{position}[4]"),
        ),
        (
            with(0, f32::INFINITY),
            INDEX.to_vec(),
            "VS-3003",
            format!("{position}[0]"),
        ),
        (
            with(8, f32::NEG_INFINITY),
            INDEX.to_vec(),
            "VS-3003",
            format!("{position}[8]"),
        ),
        (
            POSITION.to_vec(),
            vec![0, 1, 3],
            "VS-3005",
            index.to_owned(),
        ),
        (
            POSITION.to_vec(),
            vec![0, 1, u32::MAX],
            "VS-3005",
            index.to_owned(),
        ),
        (
            POSITION[..6].to_vec(),
            INDEX.to_vec(),
            "VS-3005",
            position.to_owned(),
        ),
        (vec![], INDEX.to_vec(), "VS-3005", position.to_owned()),
        (
            POSITION.to_vec(),
            vec![0, 1, 2, 0, 1, 2],
            "VS-3005",
            index.to_owned(),
        ),
    ];
    // High limits, so that the many refusals do not open a circuit breaker.
    EditorsHarness::new("[governance]\noperation = 100\nautomation = 100\n").disturb(|daemon| {
        let mut client = agent(daemon);
        for (position, index, code, location) in spoiled {
            let (mesh, position, index) = mesh(&position, &index);
            let intent = intent(daemon, create_mesh(&mesh));
            send(&mut client, intent, &[&position, &index]);
            refused(&mut client, code, &location);
        }
        assert_eq!(status(&mut client).entities, 1, "only the editors' cube");
        let (mesh, position, index) = mesh(&POSITION, &INDEX);
        let intent = intent(daemon, create_mesh(&mesh));
        send(&mut client, intent, &[&position, &index]);
        assert_eq!(
            answer(&mut client),
            (AckStatus::Accepted, None),
            "the unspoiled one"
        );
    });
}

#[test]
fn mesh_with_false_description_is_refused() {
    let at = |rest: &str| format!("changes[0].components.mesh{rest}");
    let lies = [
        (
            "/vertex_count",
            json!(4),
            "VS-3005",
            at(".buffers.position"),
        ),
        (
            "/vertex_count",
            json!(u32::MAX),
            "VS-3005",
            at(".buffers.position"),
        ),
        ("/corner_count", json!(2), "VS-3005", at(".corner_count")),
        ("/corner_count", json!(6), "VS-3005", at(".buffers.index")),
        (
            "/submeshes/0/count",
            json!(6),
            "VS-3005",
            at(".submeshes[1]"),
        ),
        (
            "/submeshes/0/start",
            json!(u32::MAX),
            "VS-3005",
            at(".submeshes[0]"),
        ),
        (
            "/buffers/index/attachment",
            json!(2),
            "VS-3005",
            at(".buffers.index"),
        ),
        (
            "/buffers/index/bytes",
            json!(1_u64 << 40),
            "VS-3005",
            at(".buffers.index"),
        ),
        (
            "/buffers/index",
            json!({"bytes": 12}),
            "VS-3005",
            at(".buffers.index"),
        ),
        (
            "/buffers/index",
            json!({"bytes": 12, "blob": "0".repeat(64)}),
            "VS-3010",
            at(".buffers.index"),
        ),
        ("/buffers", json!({}), "VS-3005", at(".buffers")),
    ];
    EditorsHarness::new("").disturb(|daemon| {
        let mut client = agent(daemon);
        for (pointer, lie, code, location) in lies {
            let (mut mesh, position, index) = mesh(&POSITION, &INDEX);
            *mesh.pointer_mut(pointer).unwrap() = lie;
            let intent = intent(daemon, create_mesh(&mesh));
            send(&mut client, intent, &[&position, &index]);
            refused(&mut client, code, &location);
        }
        assert_eq!(status(&mut client).entities, 1, "only the editors' cube");
    });
}

fn create_image(width: u32, format: &str, buffers: Value) -> Value {
    let image = json!({
        "width": width, "height": 2, "color_space": "srgb", "alpha": "straight", "format": format, "buffers": buffers,
    });
    let components = json!({"name": "Grain", "image": image});
    json!([{"op": "create", "uuid": Uuid::new_v4(), "kind": "image", "components": components}])
}

#[test]
fn inconsistent_image_is_refused() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and what follows";
    let file = |bytes: usize| json!({"file": {"attachment": 0, "bytes": bytes}});
    let whole = file(PNG.len());
    let at = |rest: &str| format!("changes[0].components.image{rest}");
    let unknown = json!({"file": {"blob": "0".repeat(64), "bytes": PNG.len()}});
    let patch = json!({"file": {"attachment": 0, "base": "0".repeat(64), "bytes": PNG.len()}});
    let faults = [
        (
            create_image(0, "png", whole.clone()),
            "VS-3016",
            at(".width"),
        ),
        (
            create_image(4, "jpeg", whole.clone()),
            "VS-3016",
            at(".buffers.file"),
        ),
        (
            create_image(4, "png", file(9)),
            "VS-3016",
            at(".buffers.file"),
        ),
        (create_image(4, "png", json!({})), "VS-3016", at(".buffers")),
        (
            create_image(4, "png", json!({"file": {"attachment": 1, "bytes": 9}})),
            "VS-3016",
            at(".buffers.file"),
        ),
        (
            create_image(4, "png", unknown),
            "VS-3010",
            at(".buffers.file"),
        ),
        (create_image(4, "png", patch), "VS-3016", at("")),
    ];
    // High limits, so that the many refusals do not open a circuit breaker.
    EditorsHarness::new("[governance]\noperation = 100\nautomation = 100\n").disturb(|daemon| {
        let mut client = agent(daemon);
        for (changes, code, location) in faults {
            send(&mut client, intent(daemon, changes), &[PNG]);
            refused(&mut client, code, &location);
        }
        assert_eq!(status(&mut client).entities, 1, "only the editors' cube");
        let changes = create_image(4, "png", whole);
        send(&mut client, intent(daemon, changes), &[PNG]);
        assert_eq!(answer(&mut client), (AckStatus::Accepted, None));
    });
}

#[test]
fn impossible_change_is_refused() {
    let nobody = Uuid::from_u128(0xBAD);
    let update =
        |components: Value| json!([{"op": "update", "uuid": CUBE, "components": components}]);
    let transform = |part: &str, value: Value| {
        let mut transform = json!(Transform::IDENTITY);
        transform[part] = value;
        update(json!({ "transform": transform }))
    };
    let name = json!({"name": "Nobody"});
    let mut own_parent = json!([create(nobody, Transform::IDENTITY)]);
    own_parent[0]["components"]["parent"] = json!({"uuid": nobody});
    let mut orphan = own_parent.clone();
    orphan[0]["components"]["parent"] = json!({"uuid": Uuid::new_v4()});
    let wrong = [
        (
            transform("translation", json!([1e300, 0, 0])),
            "VS-3003",
            ".components.transform.translation[0]",
        ),
        (
            transform("scale", json!([1, 1, -1.1e9])),
            "VS-3003",
            ".components.transform.scale[2]",
        ),
        (
            transform("rotation", json!([0, 0, 0, 2])),
            "VS-3003",
            ".components.transform.rotation",
        ),
        (
            transform("rotation", json!([0, 0, 0, 0])),
            "VS-3003",
            ".components.transform.rotation",
        ),
        (own_parent, "VS-3008", ".components.parent"),
        (update(json!({"name": "Sphere"})), "VS-4009", ".uuid"),
        (orphan, "VS-3001", ".components.parent.uuid"),
        (
            json!([{"op": "update", "uuid": nobody, "components": name}]),
            "VS-3001",
            ".uuid",
        ),
        (
            json!([{"op": "delete", "uuid": nobody}]),
            "VS-3001",
            ".uuid",
        ),
        (
            json!([{"op": "create", "uuid": CUBE, "kind": "mesh", "components": name}]),
            "VS-3002",
            ".uuid",
        ),
        (
            json!([{"op": "create", "uuid": nobody, "kind": "object", "components": name}]),
            "VS-3004",
            ".components.transform",
        ),
    ];
    EditorsHarness::new("").disturb(|daemon| {
        let mut client = agent(daemon);
        for (changes, code, location) in wrong {
            send(&mut client, intent(daemon, changes), &[]);
            refused(&mut client, code, &format!("changes[0]{location}"));
        }
        send(&mut client, intent(daemon, json!([])), &[]);
        refused(&mut client, "VS-3007", "changes");
        let many = vec![json!({"op": "delete", "uuid": nobody}); 10_001];
        send(&mut client, intent(daemon, json!(many)), &[]);
        refused(&mut client, "VS-3007", "changes");
        for (field, value, code) in [
            ("project_id", json!(nobody), "VS-2003"),
            ("schema_version", json!(2), "VS-2001"),
            ("base_seq", json!(1_u64 << 52), "VS-4007"),
        ] {
            let mut intent = intent(daemon, update(json!({"name": "Sphere"})));
            intent[field] = value;
            send(&mut client, intent, &[]);
            refused(&mut client, code, field);
        }
    });
}

#[test]
fn operation_id_is_used_once() {
    EditorsHarness::new("").disturb(|daemon| {
        let mut client = agent(daemon);
        let own = Uuid::new_v4();
        let named = |label: &str| {
            let mut change = json!(create(own, Transform::IDENTITY));
            change["components"]["name"] = json!(label);
            json!([change])
        };
        let first = intent(daemon, named("First"));
        send(&mut client, first.clone(), &[]);
        assert_eq!(answer(&mut client), (AckStatus::Accepted, None));
        send(&mut client, first.clone(), &[]);
        assert_eq!(answer(&mut client), (AckStatus::Duplicate, None));
        let mut other = first.clone();
        other["changes"] = named("Second");
        send(&mut client, other, &[]);
        refused(&mut client, "VS-4003", "operation_id");
        let mut other = first;
        other["label"] = json!("Another label");
        send(&mut client, other, &[]);
        refused(&mut client, "VS-4003", "operation_id");
    });
}
