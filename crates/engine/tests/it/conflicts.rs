//! Changes made at the same time in both editors: neither has seen the other's.

mod apart;
mod automation;
mod older_file;
mod set_aside;

use vibesync_protocol::{Code, DaemonMessage};
use vibesync_scene::{
    Change, Components, DataRef, OperationId, Outcome, Payload, Phase, Role, Uuid,
};

use crate::world::{World, moved, object, parented, renamed, triangle, update};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const MESH: Uuid = Uuid::from_u128(10);

/// Three objects and a mesh, known to both editors.
fn world() -> World {
    let mut world = World::connected();
    let changes = vec![
        object(A, "A", None),
        object(B, "B", None),
        object(C, "C", None),
        triangle(MESH, b"base"),
    ];
    world.edit(Role::Blender, changes);
    world.settle();
    world.now += 60_000;
    world
}

/// Blender's change reaches the daemon first, Unity's before it has heard of the other.
fn heard_in_turn(world: &mut World, blender: Vec<Change>, unity: Vec<Change>) -> OperationId {
    world.edit(Role::Blender, blender);
    let id = world.edit(Role::Unity, unity);
    world.daemon_hears_all(Role::Blender);
    world.daemon_hears_all(Role::Unity);
    id
}

/// The same, and then all is settled.
fn at_once(world: &mut World, blender: Vec<Change>, unity: Vec<Change>) -> OperationId {
    let id = heard_in_turn(world, blender, unity);
    world.settle();
    world.assert_converged();
    id
}

fn components(world: &World, uuid: Uuid) -> Components {
    world.engine.scene().live(uuid).unwrap().components.clone()
}

fn x(world: &World, uuid: Uuid) -> f64 {
    components(world, uuid).transform.unwrap().translation[0]
}

fn is_quarantined(world: &World, uuid: Uuid) -> bool {
    world.engine.scene().quarantined().contains(&uuid)
}

fn told(world: &World, role: Role) -> Vec<Code> {
    let notices = world.editor(role).notices.iter();
    notices.map(|(code, _)| *code).collect()
}

fn mesh(content: &[u8]) -> Change {
    let Change::Create { components, .. } = triangle(MESH, content) else {
        panic!("no create")
    };
    let mesh = components.mesh;
    update(
        MESH,
        Components {
            mesh,
            ..Components::default()
        },
    )
}

fn shown(uuid: Uuid, data: Uuid) -> Change {
    let data = Some(DataRef { uuid: Some(data) });
    update(
        uuid,
        Components {
            data,
            ..Components::default()
        },
    )
}

#[test]
fn disjoint_properties_merge_and_nobody_is_told() {
    let mut world = world();
    at_once(&mut world, vec![moved(A, 4.0)], vec![renamed(A, "Crate")]);
    assert_eq!(x(&world, A), 4.0);
    assert_eq!(components(&world, A).name.as_deref(), Some("Crate"));
    assert!(told(&world, Role::Blender).is_empty() && told(&world, Role::Unity).is_empty());
}

#[test]
fn structural_properties_that_are_disjoint_merge_too() {
    let mut world = world();
    at_once(&mut world, vec![parented(A, Some(B))], vec![shown(A, MESH)]);
    let held = components(&world, A);
    assert_eq!(held.parent.unwrap().uuid, Some(B));
    assert_eq!(held.data.unwrap().uuid, Some(MESH));
    assert!(world.engine.scene().quarantined().is_empty());
}

#[test]
fn of_two_values_of_one_cosmetic_property_the_later_stands_and_the_loser_is_told() {
    let mut world = world();
    at_once(
        &mut world,
        vec![renamed(A, "First")],
        vec![renamed(A, "Second")],
    );
    assert_eq!(components(&world, A).name.as_deref(), Some("Second"));
    assert_eq!(
        world.editor(Role::Blender).notices,
        [(Code::Overruled, vec![A])]
    );
    assert!(told(&world, Role::Unity).is_empty());
    assert!(!is_quarantined(&world, A));
}

#[test]
fn two_who_drag_the_same_object_are_not_told_again_and_again() {
    let mut world = world();
    let start = world.now;
    for step in 1..=20 {
        let step = f64::from(step);
        at_once(&mut world, vec![moved(A, step)], vec![moved(A, -step)]);
    }
    assert_eq!(told(&world, Role::Blender), [Code::Overruled]);
    world.now = start + 10_000;
    at_once(&mut world, vec![moved(A, 50.0)], vec![moved(A, -50.0)]);
    assert_eq!(
        told(&world, Role::Blender).len(),
        2,
        "later it is news again"
    );
}

#[test]
fn of_a_thousand_things_it_is_remembered_who_was_told_and_of_no_more() {
    let mut world = world();
    let uuids: Vec<Uuid> = (1_001..).map(Uuid::from_u128).take(1_001).collect();
    let objects = uuids.iter().map(|uuid| object(*uuid, "O", None));
    world.edit(Role::Blender, objects.collect());
    world.settle();
    let all = |uuids: &[Uuid], x| uuids.iter().map(|uuid| moved(*uuid, x)).collect();
    for x in [1.0, 3.0] {
        let (blender, unity) = (all(&uuids[1..], x), all(&uuids[1..], x + 1.0));
        at_once(&mut world, blender, unity);
        assert_eq!(told(&world, Role::Blender).len(), 1_000);
    }
    // One more takes the place of all others.
    for (uuid, count) in [(0, 1_001), (1, 1_002), (0, 1_002)] {
        let uuid = &uuids[uuid..=uuid];
        let x = 4.0 + f64::from(count);
        at_once(&mut world, all(uuid, x), all(uuid, -x));
        assert_eq!(told(&world, Role::Blender).len(), count as usize);
    }
}

#[test]
fn one_after_the_other_is_no_conflict() {
    let mut world = world();
    world.edit(
        Role::Blender,
        vec![renamed(A, "First"), parented(B, Some(A))],
    );
    world.settle();
    world.edit(Role::Unity, vec![renamed(A, "Second"), parented(B, None)]);
    world.settle();
    assert!(told(&world, Role::Blender).is_empty());
    assert!(world.engine.scene().quarantined().is_empty());
    assert_eq!(components(&world, B).parent.unwrap().uuid, None);
}

#[test]
fn a_new_parent_beats_a_move_under_the_old_one() {
    let mut world = world();
    at_once(&mut world, vec![parented(A, Some(B))], vec![moved(A, 9.0)]);
    assert_eq!(components(&world, A).parent.unwrap().uuid, Some(B));
    assert_eq!(x(&world, A), 0.0, "it was a place under the old parent");
    assert_eq!(told(&world, Role::Unity), [Code::Overruled]);
    assert!(!is_quarantined(&world, A));
}

#[test]
fn of_an_edit_that_moves_and_renames_only_the_move_gives_way() {
    let mut world = world();
    let Change::Update { mut components, .. } = moved(A, 9.0) else {
        panic!("no update")
    };
    components.name = Some("Crate".into());
    at_once(
        &mut world,
        vec![parented(A, Some(B))],
        vec![update(A, components)],
    );
    assert_eq!(x(&world, A), 0.0);
    let held = self::components(&world, A);
    assert_eq!(held.name.as_deref(), Some("Crate"));
}

#[test]
fn two_structural_changes_of_one_property_are_quarantined() {
    let mut world = world();
    let id = at_once(&mut world, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    let standing = mesh(b"blender").components().unwrap().mesh.clone();
    assert_eq!(
        components(&world, MESH).mesh,
        standing,
        "what was acknowledged stands"
    );
    assert!(is_quarantined(&world, MESH));
    assert_eq!(world.phases(id), [Phase::Quarantine]);
    let record = world
        .log
        .iter()
        .find(|record| record.phase == Phase::Quarantine)
        .unwrap();
    assert_eq!(
        (record.outcome, record.error_code),
        (Outcome::Quarantined, Some(Code::Conflict))
    );
    let Payload::Quarantine {
        change,
        conflicts,
        is_whole_intent,
        ..
    } = &record.payload
    else {
        panic!("no payload")
    };
    assert_eq!(change, &mesh(b"unity"), "the other version is in the log");
    assert_eq!(
        conflicts
            .iter()
            .map(|stands| stands.uuid)
            .collect::<Vec<_>>(),
        [MESH]
    );
    assert!(is_whole_intent);
    assert_eq!(
        world.editor(Role::Unity).refusals,
        [Code::Conflict],
        "both are told"
    );
    assert_eq!(told(&world, Role::Blender), [Code::Conflict]);
}

#[test]
fn a_delete_against_any_change_is_quarantined() {
    let mut world = world();
    at_once(
        &mut world,
        vec![renamed(A, "Kept")],
        vec![Change::Delete { uuid: A }],
    );
    assert_eq!(components(&world, A).name.as_deref(), Some("Kept"));
    assert!(is_quarantined(&world, A));
    assert_eq!(world.editor(Role::Unity).refusals, [Code::Conflict]);
    assert_eq!(told(&world, Role::Blender), [Code::Conflict]);
}

#[test]
fn a_change_of_what_was_deleted_meanwhile_is_quarantined_and_an_undo_of_the_delete_ends_it() {
    let mut world = world();
    at_once(
        &mut world,
        vec![Change::Delete { uuid: A }],
        vec![renamed(A, "Late")],
    );
    assert!(
        world.engine.scene().live(A).is_none(),
        "what was acknowledged stands"
    );
    assert!(is_quarantined(&world, A));
    world.edit(Role::Blender, vec![object(A, "Back", None)]);
    world.settle();
    world.assert_converged();
    assert_eq!(components(&world, A).name.as_deref(), Some("Back"));
    assert!(!is_quarantined(&world, A));
}

#[test]
fn deleting_on_both_sides_is_agreement() {
    let mut world = world();
    let delete = || vec![Change::Delete { uuid: A }];
    at_once(&mut world, delete(), delete());
    assert!(world.engine.scene().live(A).is_none());
    assert!(world.engine.scene().quarantined().is_empty());
}

#[test]
fn a_delete_of_a_parent_under_which_something_was_put_meanwhile_is_quarantined() {
    let mut world = world();
    at_once(
        &mut world,
        vec![parented(B, Some(A))],
        vec![Change::Delete { uuid: A }],
    );
    assert!(world.engine.scene().live(A).is_some());
    assert_eq!(components(&world, B).parent.unwrap().uuid, Some(A));
    assert!(is_quarantined(&world, A) && is_quarantined(&world, B));
}

#[test]
fn a_delete_of_a_mesh_that_something_shows_meanwhile_is_quarantined() {
    let mut world = world();
    let delete = vec![Change::Delete { uuid: MESH }];
    at_once(&mut world, vec![shown(A, MESH)], delete.clone());
    assert!(world.engine.scene().live(MESH).is_some());
    assert!(is_quarantined(&world, MESH) && is_quarantined(&world, A));
    world.edit(Role::Blender, delete.clone());
    world.settle();
    let refused = &world.editor(Role::Blender).refusals;
    assert_eq!(
        refused,
        &[Code::ChildrenLeft],
        "nobody may be left without what it shows"
    );
    let both = vec![Change::Delete { uuid: A }, delete[0].clone()];
    world.edit(Role::Blender, both);
    world.settle();
    assert!(world.engine.scene().live(MESH).is_none());
    world.assert_converged();
}

#[test]
fn a_delete_with_its_children_is_set_aside_as_a_whole() {
    let mut world = world();
    world.edit(
        Role::Blender,
        vec![parented(B, Some(A)), parented(C, Some(B))],
    );
    world.settle();
    let closure = [A, B, C].map(|uuid| Change::Delete { uuid }).to_vec();
    at_once(&mut world, vec![moved(C, 5.0)], closure);
    assert_eq!(
        world.engine.scene().live_count(),
        4,
        "C was moved, and B and A are above it"
    );
    assert_eq!(x(&world, C), 5.0);
}

#[test]
fn cross_parenting_ends_in_one_sane_state_with_both_told() {
    for (first, second) in [(Role::Blender, Role::Unity), (Role::Unity, Role::Blender)] {
        let mut world = world();
        world.edit(first, vec![parented(A, Some(B))]);
        world.edit(second, vec![parented(B, Some(A))]);
        world.daemon_hears_all(first);
        world.daemon_hears_all(second);
        world.settle();
        world.assert_converged();
        assert_eq!(components(&world, A).parent.unwrap().uuid, Some(B));
        assert_eq!(components(&world, B).parent.unwrap().uuid, None);
        assert!(is_quarantined(&world, A) && is_quarantined(&world, B));
        assert_eq!(world.editor(second).refusals, [Code::Conflict]);
        assert_eq!(told(&world, first), [Code::Conflict]);
    }
}

#[test]
fn what_does_not_conflict_in_the_same_intent_is_done() {
    let mut world = world();
    let new = Uuid::from_u128(20);
    let unity = vec![object(new, "New", None), mesh(b"unity"), moved(B, 3.0)];
    let id = at_once(&mut world, vec![mesh(b"blender")], unity);
    assert!(world.engine.scene().live(new).is_some());
    assert_eq!(x(&world, B), 3.0);
    assert_eq!(world.phases(id).first(), Some(&Phase::Quarantine));
    assert_eq!(world.phases(id).last(), Some(&Phase::Commit));
    assert_eq!(told(&world, Role::Unity), [Code::Conflict]);
}

#[test]
fn what_builds_on_what_was_set_aside_is_set_aside_too() {
    let mut world = world();
    world.edit(Role::Blender, vec![parented(A, Some(B))]);
    world.edit(Role::Unity, vec![parented(B, Some(A))]);
    world.edit(Role::Unity, vec![moved(B, 7.0)]);
    world.daemon_hears_all(Role::Blender);
    world.daemon_hears_all(Role::Unity);
    world.settle();
    world.assert_converged();
    assert_eq!(
        x(&world, B),
        0.0,
        "a place under A means nothing at the root"
    );
    assert_eq!(world.editor(Role::Unity).refusals, [Code::Conflict; 2]);
}

#[test]
fn the_next_edit_by_a_person_who_was_told_ends_the_quarantine() {
    let mut world = world();
    at_once(&mut world, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    world.crash();
    assert!(is_quarantined(&world, MESH), "it survives a restart");
    for role in Role::EDITORS {
        world.connect(role);
    }
    world.settle();
    world.edit(Role::Unity, vec![mesh(b"unity")]);
    world.settle();
    world.assert_converged();
    assert!(!is_quarantined(&world, MESH));
    assert_eq!(
        components(&world, MESH).mesh,
        mesh(b"unity").components().unwrap().mesh
    );
}

#[test]
fn a_change_that_was_set_aside_is_answered_again_the_same_way() {
    let mut world = world();
    heard_in_turn(&mut world, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    world.crash();
    for role in Role::EDITORS {
        world.connect(role);
    }
    world.settle();
    world.assert_converged();
    assert_eq!(world.editor(Role::Unity).refusals, [Code::Conflict]);
    let set_aside = world
        .log
        .iter()
        .filter(|record| record.phase == Phase::Quarantine);
    assert_eq!(set_aside.count(), 1);
}

#[test]
fn who_is_overruled_hears_of_it_by_the_name_of_the_thing() {
    let mut world = world();
    heard_in_turn(&mut world, vec![moved(A, 1.0)], vec![moved(A, 2.0)]);
    let sent = world.wires[&Role::Blender].to_editor.iter();
    let said: Vec<&str> = sent
        .filter_map(|message| match message {
            DaemonMessage::Notice { message, .. } => Some(message.as_str()),
            _ => None,
        })
        .collect();
    let [sentence] = said[..] else {
        panic!("{said:?}")
    };
    assert!(sentence.starts_with("\"A\": another change"), "{sentence}");
}
