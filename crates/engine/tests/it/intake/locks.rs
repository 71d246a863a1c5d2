//! Fields that an editor shows and cannot write: nobody else changes them.

use vibesync_protocol::{AckStatus, DaemonMessage};
use vibesync_scene::{Change, Code, Locks, Role, Transform};
use vibesync_testkit::change::locked;

use crate::harness::{A, Harness, moved, renamed};

/// Blender shows the translation of A, 3 m along x, and cannot write it.
fn with_lock() -> Harness {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![moved(A, 3.0)]);
    harness.settle();
    harness.edit(Role::Blender, vec![locked(A, true)]);
    harness.settle();
    harness.now += 1_000;
    harness
}

/// Lets an editor make a change. Returns the answer, with the code and the field of a refusal.
fn answer_to(
    harness: &mut Harness,
    role: Role,
    change: Change,
) -> (AckStatus, Option<(Code, String)>) {
    let id = harness.edit(role, vec![change]);
    harness.deliver_all_to_daemon(role);
    let messages = &harness.wires[&role].to_editor;
    let answer = messages.iter().find_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => {
            let error = error.as_ref().map(|it| (it.code, it.location.clone()));
            Some((*status, error))
        }
        _ => None,
    });
    harness.settle();
    answer.unwrap()
}

fn x_of_a(harness: &Harness, role: Role) -> f64 {
    let entity = &harness.editor(role).entities[&A];
    entity.components.transform.unwrap().translation[0]
}

#[test]
fn locked_field_is_refused_and_its_value_comes_back() {
    let mut harness = with_lock();
    let (status, error) = answer_to(&mut harness, Role::Unity, moved(A, 5.0));
    let field = "changes[0].components.transform.translation".to_owned();
    assert_eq!(status, AckStatus::Refused);
    assert_eq!(error, Some((Code::FieldLocked, field)));
    for role in Role::EDITORS {
        assert!((x_of_a(&harness, role) - 3.0).abs() < 1e-9, "{role:?}");
    }
    harness.assert_converged();
}

#[test]
fn other_fields_of_a_locked_component_may_change() {
    let mut harness = with_lock();
    let mut turned = moved(A, 3.000_001);
    let components = turned.components_mut().unwrap();
    components.transform = Some(Transform {
        rotation: [0.0, 1.0, 0.0, 0.0],
        ..components.transform.unwrap()
    });
    let (status, _) = answer_to(&mut harness, Role::Unity, turned);
    assert_eq!(status, AckStatus::Accepted);
    let (status, _) = answer_to(&mut harness, Role::Unity, renamed(A, "B"));
    assert_eq!(status, AckStatus::Accepted);
    harness.assert_converged();
}

#[test]
fn owner_of_a_lock_changes_the_value_and_ends_the_lock() {
    let mut harness = with_lock();
    let (status, _) = answer_to(&mut harness, Role::Blender, moved(A, 4.0));
    assert_eq!(status, AckStatus::Accepted);
    answer_to(&mut harness, Role::Blender, locked(A, false));
    let (status, _) = answer_to(&mut harness, Role::Unity, moved(A, 5.0));
    assert_eq!(status, AckStatus::Accepted);
    assert!((x_of_a(&harness, Role::Blender) - 5.0).abs() < 1e-9);
    harness.assert_converged();
}

#[test]
fn locks_of_an_editor_are_its_own() {
    let mut harness = with_lock();
    let (status, _) = answer_to(&mut harness, Role::Unity, locked(A, false));
    assert_eq!(status, AckStatus::Unchanged, "Blender's lock stays");
    let (status, _) = answer_to(&mut harness, Role::Unity, moved(A, 5.0));
    assert_eq!(status, AckStatus::Refused);
}

#[test]
fn lock_survives_a_restart_of_the_daemon() {
    let mut harness = with_lock();
    harness.crash();
    harness.connect_all();
    let (status, error) = answer_to(&mut harness, Role::Unity, moved(A, 5.0));
    assert_eq!(status, AckStatus::Refused);
    assert_eq!(error.unwrap().0, Code::FieldLocked);
}

#[test]
fn only_fields_that_can_be_locked_are_accepted() {
    let mut harness = with_lock();
    for (component, field) in [("parent", "uuid"), ("transform", "color"), ("aura", "size")] {
        let mut wrong = locked(A, true);
        let mut locks = Locks::default();
        let fields = [field.to_owned()].into();
        locks.blender.insert(component.to_owned(), fields);
        wrong.components_mut().unwrap().locks = Some(Box::new(locks));
        let (_, error) = answer_to(&mut harness, Role::Blender, wrong);
        let place = "changes[0].components.locks".to_owned();
        assert_eq!(error, Some((Code::ComponentInvalid, place)), "{component}");
    }
}
