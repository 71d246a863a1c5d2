//! Previews of the vertices of meshes through the real daemon: what is passed on, and that nothing of them is stored.

use serde_json::{Value, json};
use vibesync_protocol::feature;
use vibesync_scene::{BlobId, Role, Uuid};
use vibesync_testkit::{Client, Daemon, EditorSession};

use crate::harness::{TIMEOUT, editor, expect_error, frame, status};
use crate::project::TestProject;

const MESH: Uuid = Uuid::from_u128(0x3E55);

/// A patch that sets the third word to 123456.75.
const PATCH: [u8; 16] = *b"\x01\0\0\0\x02\0\0\0\x01\0\0\0\x60\x20\xF1\x47";

struct Edit {
    project: TestProject,
    daemon: Daemon,
    blender: EditorSession,
    unity: EditorSession,
    seq: u64,
}

impl Edit {
    /// Connects two editors. Blender has made a triangle.
    fn begin() -> Self {
        let project = TestProject::new();
        let daemon = project.start();
        let join = |role| {
            let mut editor = editor(&daemon, role);
            editor.features = vec![feature::PREVIEWS.into(), feature::MESH_PREVIEWS.into()];
            EditorSession::join(&daemon, editor, TIMEOUT).unwrap()
        };
        let (blender, unity) = (join(Role::Blender), join(Role::Unity));
        let mut edit = Self {
            project,
            daemon,
            blender,
            unity,
            seq: 0,
        };
        edit.create();
        receive(edit.unity.client(), "apply");
        receive(edit.blender.client(), "ack");
        edit
    }

    fn create(&mut self) {
        let mesh = json!({
            "vertex_count": 3, "corner_count": 3,
            "submeshes": [{"slot": 0, "start": 0, "count": 3}],
            "buffers": {"index": {"attachment": 0, "bytes": 12}, "position": {"attachment": 1, "bytes": 36}},
        });
        let components = json!({"name": "Gear", "mesh": mesh});
        let change =
            json!({"op": "create", "uuid": MESH, "kind": "mesh", "components": components});
        let intent = json!({
            "type": "intent", "operation_id": Uuid::now_v7(), "project_id": self.daemon.discovery().project_id,
            "schema_version": 1, "base_seq": 0, "label": "Edit", "changes": [change], "attachments": [12, 36],
        });
        let index: Vec<u8> = (0..3_u32).flat_map(u32::to_le_bytes).collect();
        let bytes = frame(intent.to_string(), &[&index, &positions()]);
        self.blender.client().send_bytes(&bytes).unwrap();
    }

    /// Lets Blender show a patch.
    fn show(&mut self, patch: &[u8]) {
        self.seq += 1;
        let position = json!({"base": BlobId::hash(&positions()), "bytes": 36, "attachment": 0});
        let change = json!({"uuid": MESH, "components": {}, "positions": position});
        let preview = json!({
            "type": "preview", "seq": self.seq, "changes": [change], "attachments": [patch.len()],
        });
        let bytes = frame(preview.to_string(), &[patch]);
        self.blender.client().send_bytes(&bytes).unwrap();
    }

    /// Waits until the daemon has handled all that Blender has sent. Returns the number of refused previews.
    fn refused(&mut self) -> u64 {
        status(self.blender.client()).previews.refused
    }
}

fn positions() -> Vec<u8> {
    [0.0_f32, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        .into_iter()
        .flat_map(f32::to_le_bytes)
        .collect()
}

/// Receives the next message of a type, with its attachments.
fn receive(client: &mut Client, kind: &str) -> (Value, Vec<Vec<u8>>) {
    loop {
        let (frame, _) = client.frame().unwrap();
        let header: Value = serde_json::from_slice(&frame.header).unwrap();
        assert!(header["type"] != "error", "{header}");
        if header["type"] == kind {
            let attachments = frame.attachments().unwrap();
            return (header, attachments.iter().map(|it| it.to_vec()).collect());
        }
    }
}

#[test]
fn vertices_are_passed_on_and_nothing_is_stored() {
    let mut edit = Edit::begin();
    edit.show(&PATCH);
    let (preview, attachments) = receive(edit.unity.client(), "preview");
    let base = BlobId::hash(&positions());
    let positions = json!({"base": base, "bytes": 36, "attachment": 0});
    let change = json!({"uuid": MESH, "components": {}, "positions": positions});
    assert_eq!(preview["changes"], json!([change]));
    assert_eq!(attachments, [PATCH]);
    assert_eq!(edit.refused(), 0);
    let blob = BlobId::hash(&PATCH).to_string();
    let folder = edit.project.root().join(".vibesync/blobs");
    assert!(!folder.join(&blob[..2]).join(&blob).exists());
    let wal = edit.project.root().join(".vibesync/wal");
    for file in std::fs::read_dir(wal).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        assert!(!text.contains("positions"), "{text}");
    }
    drop(edit.blender);
    let (end, _) = receive(edit.unity.client(), "preview_end");
    assert_eq!(end["uuids"], json!([MESH]));
}

#[test]
fn patch_that_is_too_large_is_refused_unread() {
    let mut edit = Edit::begin();
    let large = vec![0; vibesync_protocol::MAX_POSITION_BYTES + 1];
    edit.show(&large);
    assert_eq!(edit.refused(), 1);
    edit.show(&PATCH);
    let (_, attachments) = receive(edit.unity.client(), "preview");
    assert_eq!(attachments, [PATCH], "the connection goes on");
}

#[test]
fn attachment_that_is_missing_is_refused() {
    let mut edit = Edit::begin();
    let position = json!({"base": BlobId::hash(&positions()), "bytes": 36, "attachment": 7});
    let change = json!({"uuid": MESH, "components": {}, "positions": position});
    let preview = json!({"type": "preview", "seq": 1, "changes": [change]});
    let bytes = frame(preview.to_string(), &[]);
    edit.blender.client().send_bytes(&bytes).unwrap();
    assert_eq!(edit.refused(), 1);
    let unknown = json!({"base": "short", "bytes": 36, "attachment": 0});
    let change = json!({"uuid": MESH, "components": {}, "positions": unknown});
    let preview = json!({"type": "preview", "seq": 2, "changes": [change]});
    let bytes = frame(preview.to_string(), &[]);
    edit.blender.client().send_bytes(&bytes).unwrap();
    expect_error(edit.blender.client(), "VS-1006");
}
