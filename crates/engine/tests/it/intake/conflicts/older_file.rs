//! An editor reopens a file that is older than its last changes.

use uuid::Uuid;
use vibesync_scene::{Change, Code, InstanceId, Phase, Role};
use vibesync_testkit::FakeEditor;

use super::{A, B, C, components, harness, notices, x};
use crate::harness::{Harness, moved, object, parented, renamed, triangle, update};

const D: Uuid = Uuid::from_u128(4);
const MESH_OF_D: Uuid = Uuid::from_u128(11);

/// Ends Blender and opens the file saved at `saved` in a new process. `differs` are the file's unsent changes.
fn reopened(harness: &mut Harness, saved: FakeEditor, instance: u128) {
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.editor = saved;
    wire.editor.instance = InstanceId(Uuid::from_u128(instance));
    harness.connect(Role::Blender);
    harness.deliver_all_to_daemon(Role::Blender);
}

#[test]
fn older_file_does_not_undo_later_changes_of_its_editor() {
    let mut harness = harness();
    let saved = harness.editor(Role::Blender).clone();
    for changes in [vec![moved(A, 1.0)], vec![moved(A, 2.0)]] {
        harness.edit(Role::Blender, changes);
        harness.settle();
    }
    harness.edit(Role::Blender, vec![Change::Delete { uuid: B }]);
    harness.settle();
    reopened(&mut harness, saved, 77);
    // The move was in the file but not sent when it was saved. The rest of the intent is new.
    let stale = vec![moved(A, 1.0), renamed(B, "old"), renamed(C, "new")];
    let id = harness.edit(Role::Blender, stale);
    harness.settle();
    assert_eq!(x(&harness, A), 2.0);
    assert!(harness.engine.scene().live(B).is_none());
    assert_eq!(components(&harness, C).name.as_deref(), Some("new"));
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    assert_eq!(
        notices(&harness, Role::Blender),
        [Code::Superseded, Code::Superseded]
    );
    harness.edit(Role::Blender, vec![moved(A, 3.0)]);
    harness.settle();
    assert_eq!(x(&harness, A), 3.0, "what is done after that counts");
    harness.assert_converged();
}

#[test]
fn older_file_does_not_delete_entities_changed_later() {
    let mut harness = harness();
    let saved = harness.editor(Role::Blender).clone();
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.settle();
    reopened(&mut harness, saved, 77);
    // Both were deleted in the file, but the deletions were not sent. Only A has changed since.
    let stale = [A, B].map(|uuid| Change::Delete { uuid });
    harness.edit(Role::Blender, stale.into());
    harness.settle();
    assert_eq!(x(&harness, A), 1.0);
    assert!(harness.engine.scene().live(B).is_none());
    assert_eq!(notices(&harness, Role::Blender), [Code::Superseded]);
    harness.assert_converged();
}

#[test]
fn file_unaware_of_a_sent_entity_keeps_changes_of_others() {
    let mut harness = harness();
    let mut recovered = harness.editor(Role::Blender).clone();
    let made = vec![object(D, "D", None), triangle(MESH_OF_D, b"D")];
    harness.edit(Role::Blender, made.clone());
    harness.settle();
    let bent = triangle(MESH_OF_D, b"bent").components().unwrap().clone();
    let bent = update(MESH_OF_D, bent);
    harness.edit(Role::Unity, vec![renamed(D, "Unity"), bent.clone()]);
    harness.settle();
    for uuid in [D, MESH_OF_D] {
        let entity = harness.editor(Role::Blender).entities[&uuid].clone();
        recovered.entities.insert(uuid, entity);
    }
    reopened(&mut harness, recovered, 77);
    harness.edit(Role::Blender, made);
    harness.settle();
    assert_eq!(components(&harness, D).name.as_deref(), Some("Unity"));
    assert_eq!(
        components(&harness, MESH_OF_D).mesh,
        bent.components().unwrap().mesh
    );
    assert!(harness.engine.scene().quarantined().is_empty());
    let overruled = [Code::Superseded, Code::Superseded];
    assert_eq!(notices(&harness, Role::Blender), overruled);
    assert_eq!(notices(&harness, Role::Unity), []);
    harness.assert_converged();
}

#[test]
fn place_of_an_older_file_yields_as_a_whole() {
    let below = parented(A, Some(B));
    let mut below_elsewhere = below.clone();
    let place = moved(A, 5.0).components().unwrap().transform;
    below_elsewhere.components_mut().unwrap().transform = place;
    // The editor's change after the save, the unsent change in the file, and the place and parent that stand.
    let cases = [
        (moved(A, 1.0), below_elsewhere, (1.0, None)),
        (below.clone(), moved(A, 5.0), (0.0, Some(B))),
        (moved(A, 1.0), below, (1.0, Some(B))),
    ];
    for (later, stale, stands) in cases {
        let mut harness = harness();
        let saved = harness.editor(Role::Blender).clone();
        harness.edit(Role::Blender, vec![later]);
        harness.settle();
        reopened(&mut harness, saved, 77);
        harness.edit(Role::Blender, vec![stale]);
        harness.settle();
        let parent = components(&harness, A).parent.unwrap().uuid;
        assert_eq!((x(&harness, A), parent), stands);
        harness.assert_converged();
    }
}

#[test]
fn quick_edits_after_the_newer_state_arrived_count() {
    let mut harness = harness();
    let saved = harness.editor(Role::Blender).clone();
    harness.edit(Role::Blender, vec![renamed(A, "later")]);
    harness.settle();
    reopened(&mut harness, saved, 77);
    harness.settle();
    assert_eq!(
        harness.editor(Role::Blender).entities[&A].components.name,
        Some("later".into())
    );
    // The second one is made before the first is answered, so both name the same `base_seq`.
    harness.edit(Role::Blender, vec![moved(A, 3.0)]);
    harness.edit(Role::Blender, vec![renamed(A, "newest")]);
    harness.settle();
    assert_eq!(components(&harness, A).name.as_deref(), Some("newest"));
    assert_eq!(notices(&harness, Role::Blender), []);
    harness.assert_converged();
}

#[test]
fn reconnected_process_continues_where_it_was() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.disconnect(Role::Blender); // before it hears that its change was taken
    harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.connect(Role::Blender);
    harness.settle();
    assert_eq!(x(&harness, A), 2.0);
    harness.assert_converged();
}
