//! Previews of the vertices of meshes: only against the positions that the scene has, and within their bounds.

use vibesync_engine::Input;
use vibesync_protocol::{
    ClientMessage, MAX_POSITION_BYTES, Patch, PositionPatch, PreviewChange, PreviewCounts, feature,
};
use vibesync_scene::{BlobId, Change, ComponentSet, Components, Role, Uuid};
use vibesync_testkit::change::{triangle, update};

use super::{counts, ends, preview, send, value};
use crate::harness::{A, Harness};

const MESH: Uuid = Uuid::from_u128(13);

/// Two editors that hold an object and a triangle.
fn with_mesh() -> Harness {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![triangle(MESH, b"mesh")]);
    harness.settle();
    harness
}

/// Returns a patch of these words.
fn patch(words: &[u32]) -> Patch {
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    Patch(bytes.into())
}

/// Returns a preview that moves the last vertex of the triangle to this x.
fn moved_to(x: f32) -> PreviewChange {
    with_patch(patch(&[1, 6, 1, x.to_bits()]))
}

fn with_patch(patch: Patch) -> PreviewChange {
    let positions = PositionPatch {
        base: BlobId::hash(b"mesh"),
        bytes: 36,
        attachment: 0,
        patch,
    };
    PreviewChange {
        uuid: MESH,
        components: Components::default(),
        positions: Some(positions),
    }
}

/// Returns the change to a triangle with other positions.
fn changed(content: &[u8]) -> Change {
    let created = triangle(MESH, content);
    let mesh: ComponentSet = ["mesh"].into_iter().collect();
    update(MESH, created.components().unwrap().only(mesh))
}

/// Returns the address of the positions that an editor has.
fn held(harness: &Harness, role: Role) -> BlobId {
    let mesh = harness.editor(role).entities[&MESH]
        .components
        .mesh
        .as_ref();
    mesh.unwrap().buffers["position"].blob.unwrap()
}

fn edit(change: &PreviewChange, edit: impl FnOnce(&mut PositionPatch)) -> PreviewChange {
    let mut change = change.clone();
    edit(change.positions.as_mut().unwrap());
    change
}

#[test]
fn vertices_reach_the_other_editor_and_leave_no_trace() {
    let mut harness = with_mesh();
    let (records, scene) = (harness.log.len(), harness.engine.scene().clone());
    let shown = vec![moved_to(2.5), value(A, 1.0)];
    assert_eq!(preview(&mut harness, 1, shown.clone()), shown);
    assert_eq!(
        preview(&mut harness, 2, vec![with_patch(patch(&[0]))]).len(),
        1
    );
    assert_eq!(harness.log.len(), records);
    assert_eq!(harness.engine.scene(), &scene);
    assert_eq!(counts(&harness), PreviewCounts::default());
}

#[test]
fn unsound_vertices_are_refused_without_an_answer() {
    let mut harness = with_mesh();
    let sound = moved_to(2.5);
    let unsound = [
        moved_to(f32::NAN),
        moved_to(f32::INFINITY),
        with_patch(Patch::default()),
        with_patch(patch(&[1, 9, 1, 0])),
        with_patch(patch(&[2, 4, 1, 3, 1, 0, 0])),
        with_patch(patch(&[1, 6, 2, 0])),
        edit(&sound, |it| it.base = BlobId::hash(b"other")),
        edit(&sound, |it| it.bytes = 48),
        PreviewChange {
            uuid: A,
            ..sound.clone()
        },
        PreviewChange {
            uuid: Uuid::from_u128(99),
            ..sound.clone()
        },
        PreviewChange {
            components: value(A, 1.0).components,
            ..sound
        },
    ];
    for (seq, change) in (1..).zip(unsound) {
        let passed = preview(&mut harness, seq, vec![change.clone()]);
        assert_eq!(passed, [], "{change:?}");
        assert_eq!(counts(&harness).refused, seq, "{change:?}");
    }
}

#[test]
fn vertices_of_an_older_mesh_are_refused() {
    let mut harness = with_mesh();
    assert_eq!(preview(&mut harness, 1, vec![moved_to(1.0)]).len(), 1);
    harness.edit(Role::Unity, vec![changed(b"newer")]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(preview(&mut harness, 2, vec![moved_to(2.0)]), []);
    assert_eq!(counts(&harness).refused, 1);
    let newer = edit(&moved_to(3.0), |it| it.base = BlobId::hash(b"newer"));
    assert_eq!(preview(&mut harness, 3, vec![newer.clone()]), [newer]);
}

#[test]
fn editors_without_the_feature_take_no_part() {
    for role in Role::EDITORS {
        let mut harness = with_mesh();
        let wire = harness.wires.get_mut(&role).unwrap();
        wire.editor.features = vec![feature::PREVIEWS.to_owned()];
        harness.disconnect(role);
        harness.connect(role);
        harness.settle();
        let passed = preview(&mut harness, 1, vec![moved_to(1.0), value(A, 1.0)]);
        assert_eq!(passed, [value(A, 1.0)]);
        let is_sender = role == Role::Blender;
        assert_eq!(counts(&harness).refused, u64::from(is_sender));
    }
}

#[test]
fn receiver_without_meshes_gets_no_vertices() {
    let mut harness = with_mesh();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = &["mesh"];
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(preview(&mut harness, 1, vec![moved_to(1.0)]), []);
}

#[test]
fn patches_of_a_message_are_bounded_together() {
    let mut harness = with_mesh();
    let large = with_patch(Patch(vec![0; MAX_POSITION_BYTES].into()));
    let changes = vec![moved_to(1.0), PreviewChange { uuid: A, ..large }];
    assert_eq!(preview(&mut harness, 1, changes), []);
    assert_eq!(counts(&harness).refused, 2);
}

#[test]
fn lost_sender_ends_its_vertices() {
    let mut harness = with_mesh();
    assert_eq!(preview(&mut harness, 1, vec![moved_to(1.0)]).len(), 1);
    let session = harness.session_of(Role::Blender);
    let reason = "test".into();
    let lost = Input::Disconnected { session, reason };
    let actions = harness.engine.step(lost, harness.now);
    assert_eq!(ends(actions), [MESH]);
}

#[test]
fn batch_and_read_back_never_see_shown_vertices() {
    let mut harness = with_mesh();
    let blender = harness.session_of(Role::Blender);
    let message = ClientMessage::Preview {
        seq: 1,
        changes: vec![moved_to(1.0)],
    };
    let actions = send(&mut harness, blender, message);
    harness.run(actions);
    harness.deliver_preview(Role::Unity, 0);
    assert_ne!(held(&harness, Role::Unity), BlobId::hash(b"mesh"));
    harness.edit(Role::Blender, vec![changed(b"newer")]);
    harness.settle();
    assert_eq!(held(&harness, Role::Unity), BlobId::hash(b"newer"));
    harness.assert_converged();
}
