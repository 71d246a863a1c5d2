//! Meshes of which only what differs travels: from an editor to the daemon, and on to the other editor.

use std::sync::Arc;

use serde_json::{Value, json};
use vibesync_protocol::feature;
use vibesync_scene::{BlobId, Role, Uuid, apply_patch};
use vibesync_store::blobs::BlobStore;
use vibesync_store::disk::RealDisk;
use vibesync_testkit::{Client, Daemon, EditorSession};

use crate::harness::{TIMEOUT, editor, frame};
use crate::project::TestProject;

const MESH: Uuid = Uuid::from_u128(0x3E54);

/// So many that the positions are stored as a patch.
const CORNERS: u32 = 90_000;

/// A patch that sets the third word to 0.5.
const PATCH: [u8; 16] = *b"\x01\0\0\0\x02\0\0\0\x01\0\0\0\0\0\0\x3F";

struct Editors {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
    unity: EditorSession,
}

impl Editors {
    /// Connects two editors with these features. Blender has made the mesh.
    fn new(features: [Option<&str>; 2]) -> Self {
        let project = TestProject::new();
        let daemon = project.start();
        let [blender, unity] = features;
        let mut editors = Self {
            blender: join(&daemon, Role::Blender, blender),
            unity: join(&daemon, Role::Unity, unity),
            project,
            daemon,
        };
        let position = json!({"attachment": 1, "bytes": positions().len()});
        editors.send("create", position, &[&indices(), &positions()]);
        editors
    }

    /// Sends the mesh with these positions.
    fn send(&mut self, op: &str, position: Value, attachments: &[&[u8]]) {
        let index = json!({"attachment": 0, "bytes": indices().len()});
        let mesh = mesh(index, position);
        let mut change = json!({"op": op, "uuid": MESH, "components": {"mesh": mesh}});
        if op == "create" {
            change["kind"] = json!("mesh");
            change["components"]["name"] = json!("Gear");
        }
        let lengths: Vec<usize> = attachments.iter().map(|it| it.len()).collect();
        let intent = json!({
            "type": "intent", "operation_id": Uuid::now_v7(), "project_id": self.daemon.discovery().project_id,
            "schema_version": 1, "base_seq": 0, "label": "Edit", "changes": [change], "attachments": lengths,
        });
        let bytes = frame(intent.to_string(), attachments);
        self.blender.client().send_bytes(&bytes).unwrap();
    }

    /// Sends a patch of the positions and returns the answer.
    fn send_patch(&mut self, base: BlobId, bytes: usize, patch: &[u8]) -> Value {
        let position = json!({"base": base, "attachment": 1, "bytes": bytes});
        self.send("update", position, &[&indices(), patch]);
        receive(self.blender.client(), "ack").0
    }

    /// Receives a batch in Unity, and returns it with its attachments.
    fn receive(&mut self) -> (Value, Vec<Vec<u8>>) {
        receive(self.unity.client(), "apply")
    }

    /// Answers a batch: the mesh came back exactly.
    fn confirm(&mut self, batch: &Value) {
        let mut mesh = batch["changes"][0]["components"]["mesh"].clone();
        for buffer in mesh["buffers"].as_object_mut().unwrap().values_mut() {
            *buffer = json!({"blob": buffer["blob"], "bytes": buffer["bytes"]});
        }
        let state =
            json!({"uuid": MESH, "kind": "mesh", "components": {"name": "Gear", "mesh": mesh}});
        let result = json!({"uuid": MESH, "status": "applied", "state": state});
        say(
            &mut self.unity,
            &json!({"type": "applied", "batch_id": batch["batch_id"], "results": [result]}),
        );
    }

    /// Takes the first batch, which has the whole mesh.
    fn take_first(&mut self) {
        let (batch, attachments) = self.receive();
        assert_eq!(attachments, [indices(), positions()]);
        self.confirm(&batch);
        receive(self.blender.client(), "outcome");
    }
}

fn join(daemon: &Daemon, role: Role, feature: Option<&str>) -> EditorSession {
    let mut editor = editor(daemon, role);
    editor.features = feature.into_iter().map(str::to_owned).collect();
    EditorSession::join(daemon, editor, TIMEOUT).unwrap()
}

fn mesh(index: Value, position: Value) -> Value {
    json!({
        "vertex_count": CORNERS, "corner_count": CORNERS,
        "submeshes": [{"slot": 0, "start": 0, "count": CORNERS}],
        "buffers": {"index": index, "position": position},
    })
}

fn indices() -> Vec<u8> {
    (0..CORNERS).flat_map(u32::to_le_bytes).collect()
}

fn positions() -> Vec<u8> {
    let numbers = (0..CORNERS * 3).map(|number| number as f32);
    numbers.flat_map(f32::to_le_bytes).collect()
}

fn patched() -> Vec<u8> {
    let mut patched = positions();
    apply_patch(&mut patched, &PATCH).unwrap();
    patched
}

fn say(session: &mut EditorSession, header: &Value) {
    let bytes = frame(header.to_string(), &[]);
    session.client().send_bytes(&bytes).unwrap();
}

/// Receives the next message of a type, with its attachments.
fn receive(client: &mut Client, kind: &str) -> (Value, Vec<Vec<u8>>) {
    loop {
        let (frame, _) = client.frame().unwrap();
        let header: Value = serde_json::from_slice(&frame.header).unwrap();
        assert!(kind == "error" || header["type"] != "error", "{header}");
        if header["type"] == kind {
            let attachments = frame.attachments().unwrap();
            return (header, attachments.iter().map(|it| it.to_vec()).collect());
        }
    }
}

fn position_of(batch: &Value) -> &Value {
    &batch["changes"][0]["components"]["mesh"]["buffers"]["position"]
}

#[test]
fn patch_is_stored_and_sent_on() {
    let mut editors = Editors::new([Some(feature::UPLOAD_PATCHES), Some(feature::APPLY_PATCHES)]);
    let (stored, _) = receive(editors.blender.client(), "stored");
    let (base, made) = (BlobId::hash(&positions()), BlobId::hash(&patched()));
    assert_eq!(stored["meshes"][0]["uuid"], json!(MESH));
    assert_eq!(stored["meshes"][0]["buffers"]["position"], json!(base));
    editors.take_first();

    let answer = editors.send_patch(base, positions().len(), &PATCH);
    assert_eq!(answer["status"], "accepted", "{answer}");
    let name = made.to_string();
    let folder = editors.project.root().join(".vibesync/blobs");
    let stored = BlobStore::read_only(Arc::new(RealDisk), &folder);
    assert_eq!(stored.get(made).unwrap(), patched());
    assert!(!folder.join(&name[..2]).join(&name).exists(), "it is whole");
    let (batch, attachments) = editors.receive();
    let bytes = positions().len();
    let expected = json!({"base": base, "blob": made, "attachment": 0, "bytes": bytes});
    assert_eq!(position_of(&batch), &expected);
    assert_eq!(attachments, [PATCH]);
    editors.confirm(&batch);
    let (outcome, _) = receive(editors.blender.client(), "outcome");
    assert_eq!(outcome["outcome"], "verified");
}

#[test]
fn unchanged_buffer_is_named_in_both_directions() {
    let mut editors = Editors::new([Some(feature::UPLOAD_PATCHES), Some(feature::APPLY_PATCHES)]);
    editors.take_first();
    let base = BlobId::hash(&positions());
    let position = json!({"blob": base, "bytes": positions().len()});
    // The corners come in another order.
    let index: Vec<u8> = (0..CORNERS).rev().flat_map(u32::to_le_bytes).collect();
    editors.send("update", position.clone(), &[&index]);
    let (batch, attachments) = editors.receive();
    assert_eq!(position_of(&batch), &position);
    assert_eq!(attachments, [index]);
}

#[test]
fn editor_that_forgot_a_mesh_gets_it_whole() {
    let mut editors = Editors::new([Some(feature::UPLOAD_PATCHES), Some(feature::APPLY_PATCHES)]);
    editors.take_first();
    let base = BlobId::hash(&positions());
    editors.send_patch(base, positions().len(), &PATCH);
    let (batch, _) = editors.receive();
    let whole = json!({"type": "whole", "batch_id": batch["batch_id"]});
    say(&mut editors.unity, &whole);
    let (again, attachments) = editors.receive();
    assert_eq!(again["batch_id"], batch["batch_id"]);
    assert_eq!(attachments, [indices(), patched()]);
    // A batch travels a second time once only.
    say(&mut editors.unity, &whole);
    editors.confirm(&again);
    let (outcome, _) = receive(editors.blender.client(), "outcome");
    assert_eq!(outcome["outcome"], "verified");
}

#[test]
fn editors_without_the_features_get_whole_buffers() {
    let mut editors = Editors::new([None, None]);
    let (answer, _) = receive(editors.blender.client(), "ack");
    assert_eq!(answer["status"], "accepted");
    editors.take_first();
    let position = json!({"attachment": 1, "bytes": positions().len()});
    editors.send("update", position, &[&indices(), &patched()]);
    let (batch, attachments) = editors.receive();
    assert!(position_of(&batch).get("base").is_none());
    assert_eq!(attachments, [indices(), patched()]);
}

#[test]
fn patch_builds_on_what_a_killed_daemon_stored() {
    let mut editors = Editors::new([Some(feature::UPLOAD_PATCHES), None]);
    receive(editors.blender.client(), "ack");
    let Editors {
        project, daemon, ..
    } = editors;
    daemon.kill();
    let daemon = project.start();
    let mut editors = Editors {
        blender: join(&daemon, Role::Blender, Some(feature::UPLOAD_PATCHES)),
        unity: join(&daemon, Role::Unity, Some(feature::APPLY_PATCHES)),
        project,
        daemon,
    };
    let (batch, _) = editors.receive();
    editors.confirm(&batch);
    let base = BlobId::hash(&positions());
    let answer = editors.send_patch(base, positions().len(), &PATCH);
    assert_eq!(answer["status"], "accepted", "{answer}");

    let Editors {
        project, daemon, ..
    } = editors;
    daemon.kill();
    let daemon = project.start();
    let mut unity = join(&daemon, Role::Unity, None);
    let (_, attachments) = receive(unity.client(), "apply");
    assert!(attachments.contains(&patched()), "what the patch made");
}

#[test]
fn patch_that_does_not_fit_is_refused() {
    let mut editors = Editors::new([Some(feature::UPLOAD_PATCHES), None]);
    receive(editors.blender.client(), "ack");
    let base = BlobId::hash(&positions());
    let bytes = positions().len();
    let infinite = b"\x01\0\0\0\x02\0\0\0\x01\0\0\0\0\0\x80\x7F";
    let cases: [(BlobId, usize, &[u8], &str); 5] = [
        (BlobId::hash(b"lost"), bytes, &PATCH, "VS-3010"),
        (base, bytes, b"\x01\0\0\0", "VS-3005"),
        (base, bytes, infinite, "VS-3003"),
        (BlobId::hash(&indices()), bytes, &PATCH, "VS-3005"),
        (base, 1 << 40, &PATCH, "VS-3005"),
    ];
    for (base, bytes, patch, code) in cases {
        let answer = editors.send_patch(base, bytes, patch);
        assert_eq!(answer["status"], "refused");
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
}
