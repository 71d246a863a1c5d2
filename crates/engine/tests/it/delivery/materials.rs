//! Materials: the slots that name them, the order of batches, and editors that know none.

use std::collections::BTreeMap;

use vibesync_protocol::DaemonMessage;
use vibesync_scene::{Change, Code, Phase, Role, Uuid};
use vibesync_testkit::change::{material, own_materials, slots};

use super::batch::{batch, edit, id};
use crate::harness::{A, Harness, moved, object, renamed, showing, triangle, update};

const MESH: Uuid = Uuid::from_u128(0x3E);
const WOOD: Uuid = Uuid::from_u128(0xFE);
const GLASS: Uuid = Uuid::from_u128(0xFD);

/// Returns a scene in which object [`A`] shows a mesh of wood, and glass instead in one slot.
fn scene() -> Harness {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, furniture());
    harness.settle();
    harness
}

fn furniture() -> Vec<Change> {
    let own = BTreeMap::from([(1, Some(GLASS)), (2, None)]);
    vec![
        material(WOOD, 0.5),
        material(GLASS, 0.1),
        with(triangle(MESH, b"mesh"), slots(MESH, vec![Some(WOOD), None])),
        with(showing(A, Some(MESH)), own_materials(A, own)),
    ]
}

/// Returns a change with the components of another one, too.
pub fn with(mut change: Change, other: Change) -> Change {
    let components = change.components_mut().unwrap();
    components.merge(other.components().unwrap());
    change
}

/// Returns the code and the location of the error with which a change of Blender is refused.
pub fn refusal(harness: &mut Harness, change: Change) -> (Code, String) {
    refusal_to(harness, Role::Blender, change)
}

/// Does the same for a change of any editor.
pub fn refusal_to(harness: &mut Harness, role: Role, change: Change) -> (Code, String) {
    harness.edit(role, vec![change]);
    harness.deliver_all_to_daemon(role);
    let mut sent = harness.wires[&role].to_editor.iter();
    let error = sent.find_map(|message| match message {
        DaemonMessage::Ack { error, .. } => error.clone(),
        _ => None,
    });
    harness.settle();
    let error = error.unwrap();
    (error.code, error.location)
}

#[test]
fn materials_reach_the_other_editor_with_their_slots() {
    let mut harness = scene();
    harness.assert_converged();
    let rough = material(WOOD, 0.9).components().cloned().unwrap();
    harness.edit(Role::Unity, vec![update(WOOD, rough)]);
    harness.edit(Role::Unity, vec![slots(MESH, vec![None, Some(WOOD)])]);
    harness.settle();
    harness.assert_converged();
    let mesh = &harness.editor(Role::Blender).entities[&MESH];
    assert!(mesh.components.links().eq([WOOD]));
}

#[test]
fn materials_come_before_their_users_and_go_after_them() {
    let mut harness = Harness::connected();
    harness.now += 1_000;
    let (shown, wood) = (id(1), id(9));
    let made = vec![
        with(object(shown, "A", None), showing(shown, Some(id(2)))),
        with(triangle(id(2), b"mesh"), slots(id(2), vec![Some(wood)])),
        material(wood, 0.5),
    ];
    edit(&mut harness, made);
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [wood, id(2), shown]);
    harness.settle();
    // Without bulk data, the mesh does not come later for its size.
    harness.now += 1_000;
    let iron = id(8);
    let changed = vec![
        moved(shown, 1.0),
        slots(id(2), vec![Some(iron)]),
        material(iron, 0.2),
    ];
    edit(&mut harness, changed);
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [iron, id(2), shown]);
    harness.settle();
    harness.now += 1_000;
    let all = [shown, id(2), wood].map(|uuid| Change::Delete { uuid });
    edit(&mut harness, all.to_vec());
    let order: Vec<Uuid> = batch(&harness).into_iter().map(|it| it.1).collect();
    assert_eq!(order, [shown, id(2), wood]);
}

#[test]
fn slot_names_a_live_material() {
    let mut harness = scene();
    let missing = Uuid::from_u128(0xDEAD);
    let own = |uuid| own_materials(A, BTreeMap::from([(7, Some(uuid))]));
    let faults = [
        (
            slots(MESH, vec![None, Some(A)]),
            Code::UuidOtherKind,
            "slots.materials[1]",
        ),
        (own(MESH), Code::UuidOtherKind, "materials.own[7]"),
        (showing(A, Some(WOOD)), Code::UuidOtherKind, "data.uuid"),
    ];
    for (change, code, location) in faults {
        let location = format!("changes[0].components.{location}");
        assert_eq!(refusal(&mut harness, change), (code, location));
        harness.assert_converged();
    }
    let gone = vec![material(missing, 0.5), Change::Delete { uuid: missing }];
    for change in gone {
        harness.edit(Role::Blender, vec![change]);
        harness.settle();
    }
    assert_eq!(refusal(&mut harness, own(missing)).0, Code::UuidUnknown);
}

#[test]
fn material_in_a_slot_cannot_be_deleted() {
    let mut harness = scene();
    for uuid in [WOOD, GLASS] {
        let (code, location) = refusal(&mut harness, Change::Delete { uuid });
        assert_eq!((code, &*location), (Code::ChildrenLeft, "changes[0].uuid"));
        harness.assert_converged();
    }
    let emptied = vec![
        slots(MESH, vec![None]),
        own_materials(A, BTreeMap::new()),
        Change::Delete { uuid: GLASS },
        Change::Delete { uuid: WOOD },
    ];
    let id = harness.edit(Role::Blender, emptied);
    harness.settle();
    assert!(harness.phases(id).contains(&Phase::Commit));
    harness.assert_converged();
}

#[test]
fn editor_without_materials_gets_no_slots() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = &["nodes", "camera", "locks", "emission"];
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Blender, furniture());
    harness.edit(Role::Blender, vec![renamed(WOOD, "Oak"), moved(A, 2.0)]);
    harness.settle();
    harness.assert_converged();
    let unity = harness.editor(Role::Unity);
    assert!(!unity.entities.contains_key(&WOOD));
    assert!(unity.entities[&MESH].components.slots.is_none());
    assert!(unity.entities[&A].components.materials.is_none());
    // A mesh that this editor sends anew keeps its slots.
    harness.edit(Role::Unity, vec![triangle(MESH, b"other")]);
    harness.settle();
    let mesh = harness.engine.scene().live(MESH).unwrap();
    assert!(mesh.components.links().eq([WOOD]));
}
