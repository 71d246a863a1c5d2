//! An editor opens a file from before what it sent later.

use uuid::Uuid;
use vibesync_scene::{Change, Code, InstanceId, Phase, Role};
use vibesync_testkit::FakeEditor;

use super::{A, B, C, components, told, world, x};
use crate::world::{World, moved, object, renamed, triangle, update};

const D: Uuid = Uuid::from_u128(4);
const MESH_OF_D: Uuid = Uuid::from_u128(11);

/// Blender ends, and a new process opens what the file held at `saved`; it differs from what the file says to have sent.
fn reopened(world: &mut World, saved: FakeEditor, instance: u128) {
    world.disconnect(Role::Blender);
    let wire = world.wires.get_mut(&Role::Blender).unwrap();
    wire.editor = saved;
    wire.editor.instance = InstanceId(Uuid::from_u128(instance));
    world.connect(Role::Blender);
    world.daemon_hears_all(Role::Blender);
}

#[test]
fn an_older_file_does_not_undo_what_the_same_editor_did_later() {
    let mut world = world();
    let saved = world.editor(Role::Blender).clone();
    for changes in [vec![moved(A, 1.0)], vec![moved(A, 2.0)]] {
        world.edit(Role::Blender, changes);
        world.settle();
    }
    world.edit(Role::Blender, vec![Change::Delete { uuid: B }]);
    world.settle();
    reopened(&mut world, saved, 77);
    // The move was in the file but had not been sent when it was saved; what comes with it is new.
    let stale = vec![moved(A, 1.0), renamed(B, "old"), renamed(C, "new")];
    let id = world.edit(Role::Blender, stale);
    world.settle();
    assert_eq!(x(&world, A), 2.0);
    assert!(world.engine.scene().live(B).is_none());
    assert_eq!(components(&world, C).name.as_deref(), Some("new"));
    assert_eq!(world.phases(id).last(), Some(&Phase::Final));
    assert_eq!(
        told(&world, Role::Blender),
        [Code::Overruled, Code::Overruled]
    );
    world.edit(Role::Blender, vec![moved(A, 3.0)]);
    world.settle();
    assert_eq!(x(&world, A), 3.0, "what is done after that counts");
    world.assert_converged();
}

#[test]
fn an_older_file_does_not_delete_what_the_same_editor_changed_later() {
    let mut world = world();
    let saved = world.editor(Role::Blender).clone();
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.settle();
    reopened(&mut world, saved, 77);
    // Both were deleted in the file but not sent when it was saved; only A has been touched since.
    let stale = [A, B].map(|uuid| Change::Delete { uuid });
    world.edit(Role::Blender, stale.into());
    world.settle();
    assert_eq!(x(&world, A), 1.0);
    assert!(world.engine.scene().live(B).is_none());
    assert_eq!(told(&world, Role::Blender), [Code::Overruled]);
    world.assert_converged();
}

#[test]
fn a_file_that_does_not_know_what_it_sent_does_not_undo_what_others_made_of_it() {
    let mut world = world();
    let mut recovered = world.editor(Role::Blender).clone();
    let made = vec![object(D, "D", None), triangle(MESH_OF_D, b"D")];
    world.edit(Role::Blender, made.clone());
    world.settle();
    let bent = triangle(MESH_OF_D, b"bent").components().unwrap().clone();
    let bent = update(MESH_OF_D, bent);
    world.edit(Role::Unity, vec![renamed(D, "Unity"), bent.clone()]);
    world.settle();
    for uuid in [D, MESH_OF_D] {
        let entity = world.editor(Role::Blender).entities[&uuid].clone();
        recovered.entities.insert(uuid, entity);
    }
    reopened(&mut world, recovered, 77);
    world.edit(Role::Blender, made);
    world.settle();
    assert_eq!(components(&world, D).name.as_deref(), Some("Unity"));
    assert_eq!(
        components(&world, MESH_OF_D).mesh,
        bent.components().unwrap().mesh
    );
    assert!(world.engine.scene().quarantined().is_empty());
    let overruled = [Code::Overruled, Code::Overruled];
    assert_eq!(told(&world, Role::Blender), overruled);
    assert_eq!(told(&world, Role::Unity), []);
    world.assert_converged();
}

#[test]
fn an_editor_that_only_lost_its_connection_goes_on_where_it_was() {
    let mut world = world();
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Blender);
    world.disconnect(Role::Blender); // before it hears that its change was taken
    world.edit(Role::Blender, vec![moved(A, 2.0)]);
    world.connect(Role::Blender);
    world.settle();
    assert_eq!(x(&world, A), 2.0);
    world.assert_converged();
}
