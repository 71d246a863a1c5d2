//! What is set aside with what conflicts, what is not, and until when.

use vibesync_scene::{Change, Code, Phase, Role, Uuid};

use super::{A, B, at_once, components, heard_in_turn, mesh, world, x};
use crate::world::{moved, object, parented, renamed};

#[test]
fn what_is_made_where_something_was_deleted_meanwhile_is_set_aside_with_all_that_came_with_it() {
    let mut world = world();
    let new = Uuid::from_u128(20);
    let unity = vec![object(new, "New", Some(A)), moved(B, 3.0)];
    at_once(&mut world, vec![Change::Delete { uuid: A }], unity);
    assert!(world.engine.scene().live(new).is_none());
    assert_eq!(x(&world, B), 0.0);
    assert_eq!(world.editor(Role::Unity).refusals, [Code::Conflict]);
}

#[test]
fn a_name_stands_though_a_delete_beside_it_is_set_aside() {
    let mut world = world();
    let unity = vec![renamed(B, "Crate"), Change::Delete { uuid: A }];
    at_once(&mut world, vec![parented(B, Some(A))], unity);
    assert!(world.engine.scene().live(A).is_some());
    assert_eq!(components(&world, B).name.as_deref(), Some("Crate"));
    assert_eq!(world.editor(Role::Unity).refusals, []);
}

#[test]
fn what_could_never_be_is_refused_whatever_others_did_meanwhile() {
    let mut world = world();
    at_once(
        &mut world,
        vec![renamed(A, "Crate")],
        vec![parented(A, Some(A))],
    );
    assert_eq!(world.editor(Role::Unity).refusals, [Code::ParentCycle]);
    assert!(world.engine.scene().quarantined().is_empty());
}

#[test]
fn who_has_heard_that_a_change_was_set_aside_may_make_it_again_at_once() {
    let mut world = world();
    heard_in_turn(&mut world, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    while world.editor(Role::Unity).refusals.is_empty() {
        world.editor_hears(Role::Unity);
    }
    world.wires.get_mut(&Role::Unity).unwrap().to_daemon.clear();
    let again = world.edit(Role::Unity, vec![mesh(b"unity")]);
    world.daemon_hears_all(Role::Unity);
    assert_eq!(world.phases(again).first(), Some(&Phase::Begin));
}
