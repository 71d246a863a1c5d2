//! Collections: what names them, the order of batches, and editors that know none.

use vibesync_scene::{Change, Code, Phase, Role, Uuid};
use vibesync_testkit::change::{collection, grouped, instancing, rendered};

use super::batch::{batch, edit, id};
use super::materials::{refusal, with};
use crate::harness::{A, Harness, moved, object, renamed, triangle, update};

const CITY: Uuid = Uuid::from_u128(0xC1);
const STREET: Uuid = Uuid::from_u128(0xC2);
const HOUSE: Uuid = Uuid::from_u128(0xC3);
const SHED: Uuid = Uuid::from_u128(0xC4);
const B: Uuid = Uuid::from_u128(2);

/// Returns a scene in which object [`A`] is in a house, and that in a city and in a street, which is in the city.
fn scene() -> Harness {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = &["nodes"];
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Blender, town());
    harness.settle();
    harness
}

fn town() -> Vec<Change> {
    vec![
        collection(CITY, &[]),
        collection(STREET, &[CITY]),
        collection(HOUSE, &[CITY, STREET]),
        grouped(A, &[HOUSE]),
    ]
}

fn moved_to(uuid: Uuid, parents: &[Uuid]) -> Change {
    let components = collection(uuid, parents).components().cloned();
    update(uuid, components.unwrap())
}

fn collections_of(harness: &Harness, role: Role, uuid: Uuid) -> Vec<Uuid> {
    let components = &harness.editor(role).entities[&uuid].components;
    components.links().collect()
}

#[test]
fn collections_and_their_members_reach_the_other_editor() {
    let mut harness = scene();
    harness.assert_converged();
    assert_eq!(collections_of(&harness, Role::Unity, A), [HOUSE]);
    harness.edit(Role::Unity, vec![grouped(A, &[CITY, STREET])]);
    harness.edit(Role::Unity, vec![moved_to(HOUSE, &[])]);
    harness.settle();
    harness.assert_converged();
    assert_eq!(collections_of(&harness, Role::Blender, A), [CITY, STREET]);
    assert!(collections_of(&harness, Role::Blender, HOUSE).is_empty());
}

#[test]
fn collections_come_before_their_members_and_go_after_them() {
    let mut harness = scene();
    harness.now += 1_000;
    // The uuids descend from the top, so their order is not the right one.
    let (top, left, right, member) = (id(9), id(8), id(7), id(1));
    let made = vec![
        with(object(member, "B", None), grouped(member, &[right])),
        collection(right, &[left, top]),
        collection(left, &[top]),
        collection(top, &[]),
    ];
    edit(&mut harness, made);
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [top, left, right, member]);
    harness.settle();
    harness.now += 1_000;
    let all = [top, left, right, member].map(|uuid| Change::Delete { uuid });
    edit(&mut harness, all.to_vec());
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [member, right, left, top]);
}

#[test]
fn member_names_a_live_collection() {
    let mut harness = scene();
    let missing = Uuid::from_u128(0xDEAD);
    let faults = [
        (
            grouped(A, &[A]),
            Code::UuidOtherKind,
            "components.collections.in[0]",
        ),
        (
            moved_to(STREET, &[A]),
            Code::UuidOtherKind,
            "components.collection.parents[0]",
        ),
        (
            moved_to(CITY, &[HOUSE]),
            Code::ParentCycle,
            "components.collection",
        ),
        (
            moved_to(CITY, &[CITY]),
            Code::ParentCycle,
            "components.collection",
        ),
        (Change::Delete { uuid: HOUSE }, Code::ChildrenLeft, "uuid"),
        (Change::Delete { uuid: STREET }, Code::ChildrenLeft, "uuid"),
    ];
    for (change, code, location) in faults {
        let location = format!("changes[0].{location}");
        assert_eq!(refusal(&mut harness, change), (code, location));
        harness.assert_converged();
    }
    for change in [collection(missing, &[]), Change::Delete { uuid: missing }] {
        harness.edit(Role::Blender, vec![change]);
        harness.settle();
    }
    let (code, _) = refusal(&mut harness, grouped(A, &[missing]));
    assert_eq!(code, Code::UuidUnknown);
}

/// Adds object [`B`], which shows an instance of the house, and takes [`A`] out of the house.
fn scene_with_instance() -> Harness {
    let mut harness = scene();
    let made = with(object(B, "B", None), instancing(B, Some(HOUSE)));
    harness.edit(Role::Blender, vec![made, grouped(A, &[])]);
    harness.settle();
    harness.assert_converged();
    assert_eq!(collections_of(&harness, Role::Unity, B), [HOUSE]);
    harness
}

#[test]
fn collection_that_an_object_shows_is_not_deleted() {
    let mut harness = scene_with_instance();
    let delete = Change::Delete { uuid: HOUSE };
    let refused = (Code::ChildrenLeft, "changes[0].uuid".to_owned());
    assert_eq!(refusal(&mut harness, delete.clone()), refused);
    let location = "changes[0].components.instance.of".to_owned();
    let refused = (Code::UuidOtherKind, location);
    assert_eq!(refusal(&mut harness, instancing(B, Some(A))), refused);
    harness.edit(Role::Blender, vec![delete, instancing(B, None)]);
    harness.settle();
    harness.assert_converged();
    assert!(harness.engine.scene().live(HOUSE).is_none());
    assert!(collections_of(&harness, Role::Unity, B).is_empty());
}

#[test]
fn object_is_in_no_instance_that_shows_it() {
    let mut harness = scene_with_instance();
    let circles = [
        (grouped(B, &[HOUSE]), "collections"),
        // The street is in the city, and the house in both.
        (instancing(B, Some(STREET)), ""),
        (grouped(A, &[STREET]), ""),
        (grouped(B, &[STREET]), "collections"),
        (instancing(A, Some(STREET)), "instance"),
        (instancing(A, Some(CITY)), "instance"),
    ];
    for (change, component) in circles {
        if component.is_empty() {
            harness.edit(Role::Blender, vec![change]);
            harness.settle();
            harness.assert_converged();
            continue;
        }
        let location = format!("changes[0].components.{component}");
        let refused = (Code::ParentCycle, location);
        assert_eq!(refusal(&mut harness, change), refused);
        harness.assert_converged();
    }
    // By way of two instances: B, in the new collection, would show the street with A, which shows that collection.
    let shed = collection(SHED, &[]);
    harness.edit(Role::Blender, vec![shed, instancing(A, Some(SHED))]);
    harness.settle();
    let refused = (
        Code::ParentCycle,
        "changes[0].components.collections".into(),
    );
    assert_eq!(refusal(&mut harness, grouped(B, &[SHED])), refused);
    let parents = (Code::ParentCycle, "changes[0].components.collection".into());
    harness.edit(Role::Blender, vec![grouped(B, &[CITY])]);
    harness.settle();
    assert_eq!(refusal(&mut harness, moved_to(CITY, &[SHED])), parents);
    let freed = vec![instancing(A, None), grouped(B, &[SHED])];
    harness.edit(Role::Blender, freed);
    harness.settle();
    harness.assert_converged();
    assert_eq!(collections_of(&harness, Role::Unity, B), [SHED, STREET]);
}

#[test]
fn many_instances_are_looked_at_once() {
    let mut harness = scene();
    // Each object of a level shows the collection of the level below: 8^12 ways lead to the top.
    let mut made = Vec::new();
    for level in 0..12_u128 {
        made.push(collection(id(1_000 + level), &[]));
        for member in 0..8 {
            let uuid = id(2_000 + 8 * level + member);
            let object = with(object(uuid, "B", None), grouped(uuid, &[id(1_000 + level)]));
            let shown = level.checked_sub(1).map(|below| id(1_000 + below));
            made.push(with(object, instancing(uuid, shown)));
        }
    }
    harness.edit(Role::Blender, made);
    harness.settle();
    harness.assert_converged();
    let (code, _) = refusal(&mut harness, instancing(id(2_000), Some(id(1_011))));
    assert_eq!(code, Code::ParentCycle);
}

#[test]
fn hidden_in_renders_reaches_the_other_editor() {
    let mut harness = scene();
    harness.edit(
        Role::Blender,
        vec![rendered(A, false), rendered(CITY, false)],
    );
    harness.settle();
    harness.assert_converged();
    let unity = &harness.editor(Role::Unity).entities;
    for uuid in [A, CITY] {
        let components = &unity[&uuid].components;
        assert!(!components.render_visibility.unwrap().visible);
    }
    harness.edit(Role::Blender, vec![triangle(B, b"mesh")]);
    harness.settle();
    let (code, _) = refusal(&mut harness, rendered(B, false));
    assert_eq!(code, Code::ComponentInvalid);
}

#[test]
fn many_ways_between_collections_take_no_longer() {
    let mut harness = scene();
    // Each level is in both collections of the one above: 2^40 ways lead to the top.
    let (mut above, mut made) = (Vec::new(), Vec::new());
    for level in 0..40 {
        let pair = [id(1_000 + 2 * level), id(1_001 + 2 * level)];
        made.extend(pair.map(|uuid| collection(uuid, &above)));
        above = pair.to_vec();
    }
    made.push(grouped(A, &above));
    harness.edit(Role::Blender, made);
    harness.settle();
    harness.assert_converged();
    let (code, _) = refusal(&mut harness, moved_to(id(1_000), &above));
    assert_eq!(code, Code::ParentCycle);
}

#[test]
fn undone_deletion_keeps_what_its_editor_does_not_know() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, town());
    harness.settle();
    for is_house_gone in [false, true] {
        harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
        harness.settle();
        if is_house_gone {
            harness.edit(Role::Blender, vec![Change::Delete { uuid: HOUSE }]);
            harness.settle();
        }
        harness.edit(Role::Unity, vec![object(A, "Undone", None)]);
        harness.settle();
        let expected: &[Uuid] = if is_house_gone { &[] } else { &[HOUSE] };
        assert_eq!(collections_of(&harness, Role::Blender, A), expected);
        harness.assert_converged();
    }
}

#[test]
fn editor_without_collections_keeps_those_of_its_objects() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, town());
    harness.settle();
    let shown = with(rendered(A, false), instancing(A, Some(SHED)));
    let shed = collection(SHED, &[]);
    harness.edit(Role::Blender, vec![renamed(CITY, "Town"), moved(A, 2.0)]);
    harness.edit(Role::Blender, vec![shed, shown]);
    harness.settle();
    harness.assert_converged();
    let unity = harness.editor(Role::Unity);
    assert!(!unity.entities.contains_key(&CITY));
    let components = &unity.entities[&A].components;
    assert!(components.collections.is_none() && components.instance.is_none());
    assert!(components.render_visibility.is_none());
    let id = harness.edit(Role::Unity, vec![moved(A, 3.0)]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    assert_eq!(collections_of(&harness, Role::Blender, A), [HOUSE, SHED]);
    let kept = &harness.editor(Role::Blender).entities[&A].components;
    assert!(!kept.render_visibility.unwrap().visible);
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.settle();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: HOUSE }]);
    harness.settle();
    harness.assert_converged();
    assert!(!harness.editor(Role::Blender).entities.contains_key(&HOUSE));
}
