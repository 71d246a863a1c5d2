//! Entities of a kind that one editor does not know: cameras, which the fake Unity has none of.

use vibesync_scene::{Change, Code, Phase, Role, Uuid};
use vibesync_testkit::change::{camera, light};

use crate::harness::{A, Harness, moved, object, renamed, showing, update};

const FILM: Uuid = Uuid::from_u128(0xCA);
const LAMP: Uuid = Uuid::from_u128(0x11);

/// Returns a scene in which Blender's object [`A`] shows a camera.
fn scene() -> Harness {
    let mut harness = Harness::with_object();
    let made = vec![camera(FILM, 50.0), showing(A, Some(FILM))];
    let id = harness.edit(Role::Blender, made);
    harness.settle();
    // The transaction waits for nothing that Unity never gets.
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    harness
}

fn data(harness: &Harness) -> Option<Uuid> {
    let object = harness.engine.scene().live(A).unwrap();
    object.components.data.unwrap().uuid
}

#[test]
fn unknown_kind_is_withheld_and_its_object_shows_none() {
    let harness = scene();
    let unity = harness.editor(Role::Unity);
    assert!(!unity.entities.contains_key(&FILM));
    let shown = unity.entities[&A].components.data.unwrap();
    assert_eq!(shown.uuid, None);
    assert_eq!(data(&harness), Some(FILM));
    harness.assert_converged();
}

#[test]
fn change_of_withheld_data_waits_for_nobody() {
    let mut harness = scene();
    let before = harness.editor(Role::Unity).versions.clone();
    for change in [renamed(FILM, "Main"), other_lens()] {
        let id = harness.edit(Role::Blender, vec![change]);
        harness.settle();
        assert_eq!(harness.editor(Role::Unity).versions, before);
        assert_eq!(harness.phases(id).last(), Some(&Phase::Final));
    }
    let end = vec![showing(A, None), Change::Delete { uuid: FILM }];
    harness.edit(Role::Blender, end);
    harness.settle();
    harness.assert_converged();
}

fn other_lens() -> Change {
    let components = camera(FILM, 35.0).components().cloned();
    update(FILM, components.unwrap())
}

#[test]
fn none_of_an_editor_keeps_the_data_it_does_not_know() {
    let mut harness = scene();
    let Change::Create {
        uuid,
        kind,
        components,
    } = object(A, "Renamed", None)
    else {
        unreachable!()
    };
    let create = Change::Create {
        uuid,
        kind,
        components,
    };
    for change in [create, showing(A, None), moved(A, 3.0)] {
        harness.edit(Role::Unity, vec![change]);
        harness.settle();
        assert_eq!(data(&harness), Some(FILM));
        harness.assert_converged();
    }
    // Blender knows cameras: its "none" is one.
    harness.edit(Role::Blender, vec![showing(A, None)]);
    harness.settle();
    assert_eq!(data(&harness), None);
}

#[test]
fn withheld_entity_does_not_come_after_a_reconnect() {
    let mut harness = scene();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![renamed(A, "While away")]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn roll_back_takes_nothing_to_an_editor_that_never_got_it() {
    let mut harness = Harness::with_object();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(A);
    let id = harness.edit(Role::Blender, vec![camera(FILM, 50.0), moved(A, 5.0)]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    assert!(!harness.editor(Role::Blender).entities.contains_key(&FILM));
    assert!(!harness.editor(Role::Unity).applied.contains_key(&FILM));
}

#[test]
fn light_reaches_both_editors_and_the_later_edit_stands() {
    let mut harness = Harness::with_object();
    let made = vec![light(LAMP, 100.0), showing(A, Some(LAMP))];
    harness.edit(Role::Unity, made);
    harness.settle();
    harness.assert_converged();
    let brighter = |intensity| update(LAMP, light(LAMP, intensity).components().cloned().unwrap());
    harness.edit(Role::Blender, vec![brighter(200.0)]);
    harness.edit(Role::Unity, vec![brighter(300.0)]);
    harness.settle();
    harness.assert_converged();
    let told = harness
        .log
        .iter()
        .any(|it| it.error_code == Some(Code::Conflict));
    assert!(!told, "values give way, nothing is quarantined");
}
