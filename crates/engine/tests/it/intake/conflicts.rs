//! Concurrent changes in both editors.

mod automation;
mod base_seq;
mod deletions;
mod offline;
mod older_file;
mod quarantine;

use vibesync_protocol::{Code, DaemonMessage};
use vibesync_scene::{
    Change, Components, DataRef, OperationId, Outcome, Payload, Phase, Role, Uuid,
};

use crate::harness::{Harness, moved, object, parented, renamed, triangle, update};

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);
const MESH: Uuid = Uuid::from_u128(10);

/// Returns three objects and a mesh, known to both editors.
fn harness() -> Harness {
    let mut harness = Harness::connected();
    let changes = vec![
        object(A, "A", None),
        object(B, "B", None),
        object(C, "C", None),
        triangle(MESH, b"base"),
    ];
    harness.edit(Role::Blender, changes);
    harness.settle();
    harness.now += 60_000;
    harness
}

/// Delivers Blender's change first, and Unity's before Unity gets Blender's.
fn deliver_in_turn(harness: &mut Harness, blender: Vec<Change>, unity: Vec<Change>) -> OperationId {
    harness.edit(Role::Blender, blender);
    let id = harness.edit(Role::Unity, unity);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_all_to_daemon(Role::Unity);
    id
}

/// Does the same, and settles.
fn make_concurrent(harness: &mut Harness, blender: Vec<Change>, unity: Vec<Change>) -> OperationId {
    let id = deliver_in_turn(harness, blender, unity);
    harness.settle();
    harness.assert_converged();
    id
}

fn components(harness: &Harness, uuid: Uuid) -> Components {
    harness
        .engine
        .scene()
        .live(uuid)
        .unwrap()
        .components
        .clone()
}

fn x(harness: &Harness, uuid: Uuid) -> f64 {
    components(harness, uuid).transform.unwrap().translation[0]
}

fn is_quarantined(harness: &Harness, uuid: Uuid) -> bool {
    harness.engine.scene().quarantined().contains(&uuid)
}

fn notices(harness: &Harness, role: Role) -> Vec<Code> {
    let notices = harness.editor(role).notices.iter();
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
fn disjoint_components_merge_without_a_notice() {
    let mut harness = harness();
    make_concurrent(&mut harness, vec![moved(A, 4.0)], vec![renamed(A, "Crate")]);
    assert_eq!(x(&harness, A), 4.0);
    assert_eq!(components(&harness, A).name.as_deref(), Some("Crate"));
    assert!(
        notices(&harness, Role::Blender).is_empty() && notices(&harness, Role::Unity).is_empty()
    );
}

#[test]
fn disjoint_structural_components_merge() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![parented(A, Some(B))],
        vec![shown(A, MESH)],
    );
    let held = components(&harness, A);
    assert_eq!(held.parent.unwrap().uuid, Some(B));
    assert_eq!(held.data.unwrap().uuid, Some(MESH));
    assert!(harness.engine.scene().quarantined().is_empty());
}

#[test]
fn later_cosmetic_value_stands_and_the_loser_is_told() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![renamed(A, "First")],
        vec![renamed(A, "Second")],
    );
    assert_eq!(components(&harness, A).name.as_deref(), Some("Second"));
    assert_eq!(
        harness.editor(Role::Blender).notices,
        [(Code::Superseded, vec![A])]
    );
    assert!(notices(&harness, Role::Unity).is_empty());
    assert!(!is_quarantined(&harness, A));
}

#[test]
fn repeated_overwrites_of_one_object_send_one_notice() {
    let mut harness = harness();
    let start = harness.now;
    for step in 1..=20 {
        let step = f64::from(step);
        make_concurrent(&mut harness, vec![moved(A, step)], vec![moved(A, -step)]);
    }
    assert_eq!(notices(&harness, Role::Blender), [Code::Superseded]);
    harness.now = start + 10_000;
    make_concurrent(&mut harness, vec![moved(A, 50.0)], vec![moved(A, -50.0)]);
    assert_eq!(
        notices(&harness, Role::Blender).len(),
        2,
        "later it is news again"
    );
}

#[test]
fn notice_times_are_kept_for_a_thousand_entities() {
    let mut harness = harness();
    let uuids: Vec<Uuid> = (1_001..).map(Uuid::from_u128).take(1_001).collect();
    let objects = uuids.iter().map(|uuid| object(*uuid, "O", None));
    harness.edit(Role::Blender, objects.collect());
    harness.settle();
    let all = |uuids: &[Uuid], x| uuids.iter().map(|uuid| moved(*uuid, x)).collect();
    for x in [1.0, 3.0] {
        let (blender, unity) = (all(&uuids[1..], x), all(&uuids[1..], x + 1.0));
        make_concurrent(&mut harness, blender, unity);
        assert_eq!(notices(&harness, Role::Blender).len(), 1_000);
    }
    // One more entity evicts all others.
    for (uuid, count) in [(0, 1_001), (1, 1_002), (0, 1_002)] {
        let uuid = &uuids[uuid..=uuid];
        let x = 4.0 + f64::from(count);
        make_concurrent(&mut harness, all(uuid, x), all(uuid, -x));
        assert_eq!(notices(&harness, Role::Blender).len(), count as usize);
    }
}

#[test]
fn sequential_changes_do_not_conflict() {
    let mut harness = harness();
    harness.edit(
        Role::Blender,
        vec![renamed(A, "First"), parented(B, Some(A))],
    );
    harness.settle();
    harness.edit(Role::Unity, vec![renamed(A, "Second"), parented(B, None)]);
    harness.settle();
    assert!(notices(&harness, Role::Blender).is_empty());
    assert!(harness.engine.scene().quarantined().is_empty());
    assert_eq!(components(&harness, B).parent.unwrap().uuid, None);
}

#[test]
fn new_parent_supersedes_a_move_under_the_old_parent() {
    let mut harness = harness();
    make_concurrent(
        &mut harness,
        vec![parented(A, Some(B))],
        vec![moved(A, 9.0)],
    );
    assert_eq!(components(&harness, A).parent.unwrap().uuid, Some(B));
    assert_eq!(x(&harness, A), 0.0, "it was a place under the old parent");
    assert_eq!(notices(&harness, Role::Unity), [Code::Superseded]);
    assert!(!is_quarantined(&harness, A));
}

#[test]
fn superseded_move_leaves_the_rename_of_the_same_edit() {
    let mut harness = harness();
    let Change::Update { mut components, .. } = moved(A, 9.0) else {
        panic!("no update")
    };
    components.name = Some("Crate".into());
    make_concurrent(
        &mut harness,
        vec![parented(A, Some(B))],
        vec![update(A, components)],
    );
    assert_eq!(x(&harness, A), 0.0);
    let held = self::components(&harness, A);
    assert_eq!(held.name.as_deref(), Some("Crate"));
}

#[test]
fn concurrent_structural_changes_are_quarantined() {
    let mut harness = harness();
    let id = make_concurrent(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    let standing = mesh(b"blender").components().unwrap().mesh.clone();
    assert_eq!(
        components(&harness, MESH).mesh,
        standing,
        "what was acknowledged stands"
    );
    assert!(is_quarantined(&harness, MESH));
    assert_eq!(harness.phases(id), [Phase::Quarantine]);
    let record = harness
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
        harness.editor(Role::Unity).refusals,
        [Code::Conflict],
        "both are told"
    );
    assert_eq!(notices(&harness, Role::Blender), [Code::Conflict]);
}

#[test]
fn cross_parenting_stays_consistent_and_both_are_told() {
    for (first, second) in [(Role::Blender, Role::Unity), (Role::Unity, Role::Blender)] {
        let mut harness = harness();
        harness.edit(first, vec![parented(A, Some(B))]);
        harness.edit(second, vec![parented(B, Some(A))]);
        harness.deliver_all_to_daemon(first);
        harness.deliver_all_to_daemon(second);
        harness.settle();
        harness.assert_converged();
        assert_eq!(components(&harness, A).parent.unwrap().uuid, Some(B));
        assert_eq!(components(&harness, B).parent.unwrap().uuid, None);
        assert!(is_quarantined(&harness, A) && is_quarantined(&harness, B));
        assert_eq!(harness.editor(second).refusals, [Code::Conflict]);
        assert_eq!(notices(&harness, first), [Code::Conflict]);
    }
}

#[test]
fn rest_of_a_conflicting_intent_is_accepted() {
    let mut harness = harness();
    let new = Uuid::from_u128(20);
    let unity = vec![object(new, "New", None), mesh(b"unity"), moved(B, 3.0)];
    let id = make_concurrent(&mut harness, vec![mesh(b"blender")], unity);
    assert!(harness.engine.scene().live(new).is_some());
    assert_eq!(x(&harness, B), 3.0);
    assert_eq!(harness.phases(id).first(), Some(&Phase::Quarantine));
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    assert_eq!(notices(&harness, Role::Unity), [Code::Conflict]);
}

#[test]
fn change_that_builds_on_a_quarantined_one_is_quarantined() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![parented(A, Some(B))]);
    harness.edit(Role::Unity, vec![parented(B, Some(A))]);
    harness.edit(Role::Unity, vec![moved(B, 7.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.settle();
    harness.assert_converged();
    assert_eq!(
        x(&harness, B),
        0.0,
        "a place under A means nothing at the root"
    );
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict; 2]);
}

#[test]
fn status_does_not_count_a_deleted_entity_as_quarantined() {
    let mut harness = harness();
    let delete = vec![Change::Delete { uuid: A }];
    make_concurrent(&mut harness, delete, vec![moved(A, 3.0)]);
    assert!(is_quarantined(&harness, A), "the mark stays on the row");
    assert!(harness.engine.scene().live(A).is_none());
    assert_eq!(harness.engine.status().quarantined, 0);
}

#[test]
fn edit_by_an_informed_person_ends_the_quarantine() {
    let mut harness = harness();
    make_concurrent(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    harness.crash();
    assert!(is_quarantined(&harness, MESH), "it survives a restart");
    for role in Role::EDITORS {
        harness.connect(role);
    }
    harness.settle();
    harness.edit(Role::Unity, vec![mesh(b"unity")]);
    harness.settle();
    harness.assert_converged();
    assert!(!is_quarantined(&harness, MESH));
    assert_eq!(
        components(&harness, MESH).mesh,
        mesh(b"unity").components().unwrap().mesh
    );
}

#[test]
fn repeated_quarantined_intent_gets_the_same_answer() {
    let mut harness = harness();
    deliver_in_turn(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    harness.crash();
    for role in Role::EDITORS {
        harness.connect(role);
    }
    harness.settle();
    harness.assert_converged();
    assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
    let set_aside = harness
        .log
        .iter()
        .filter(|record| record.phase == Phase::Quarantine);
    assert_eq!(set_aside.count(), 1);
}

#[test]
fn notice_of_an_overwrite_names_the_entity() {
    let mut harness = harness();
    deliver_in_turn(&mut harness, vec![moved(A, 1.0)], vec![moved(A, 2.0)]);
    let sent = harness.wires[&Role::Blender].to_editor.iter();
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
