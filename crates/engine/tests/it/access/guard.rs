//! Entities that people keep from agents.

use vibesync_scene::Change;

use super::*;
use crate::harness::{guarded, parented, renamed, showing, triangle};

/// Below [`A`].
const CHILD: Uuid = Uuid::from_u128(11);
/// Shown by [`CHILD`] alone.
const MESH: Uuid = Uuid::from_u128(12);
/// Shown by [`CHILD`] and [`B`].
const SHARED: Uuid = Uuid::from_u128(13);
/// An object of a person beside [`ABOVE`].
const OTHER: Uuid = Uuid::from_u128(16);
/// A free object above [`KEPT_BELOW`], which is kept.
const ABOVE: Uuid = Uuid::from_u128(14);
const KEPT_BELOW: Uuid = Uuid::from_u128(15);

/// Returns editors with the kept objects [`A`], [`CHILD`] and [`KEPT_BELOW`] among free ones.
fn kept() -> Harness {
    let mut harness = working();
    let made = vec![
        triangle(MESH, b"mesh"),
        triangle(SHARED, b"shared"),
        object(B, "B", None),
        object(CHILD, "Child", Some(A)),
        object(ABOVE, "Above", None),
        object(KEPT_BELOW, "Below", Some(ABOVE)),
    ];
    harness.edit(Role::Blender, made);
    harness.settle();
    let shown = vec![showing(CHILD, Some(MESH)), showing(B, Some(SHARED))];
    harness.edit(Role::Blender, shown);
    harness.settle();
    harness.edit(
        Role::Blender,
        vec![guarded(A, true), guarded(KEPT_BELOW, true)],
    );
    harness.settle();
    harness
}

/// Sends an agent's changes. Returns the answer with the error's location.
fn ask(harness: &mut Harness, changes: Vec<Change>) -> (Answer, String) {
    let agent = connect(harness);
    let head = harness.engine.head_seq();
    let id = agent.ask(harness, head, changes);
    let heard = harness.received.iter().rev();
    let found = heard.into_iter().find_map(|message| match message {
        DaemonMessage::Ack {
            operation_id,
            status,
            error,
            ..
        } if *operation_id == id => Some(((*status, error.as_ref().map(|it| it.code)), error)),
        _ => None,
    });
    let (answer, error) = found.expect("an answer at once");
    let location = error.as_ref().map_or("", |error| &error.location);
    (answer, location.to_owned())
}

#[track_caller]
fn expect_refusal(changes: Vec<Change>, location: &str) {
    let mut harness = kept();
    let before = harness.engine.scene().clone();
    let answer = ask(&mut harness, changes);
    let expected = (refused(Code::KeptForPeople), location.to_owned());
    assert_eq!(answer, expected);
    assert_eq!(*harness.engine.scene(), before);
}

#[test]
fn change_that_names_a_kept_entity_is_refused() {
    expect_refusal(vec![moved(B, 1.0), moved(A, 1.0)], "changes[1].uuid");
    expect_refusal(vec![moved(CHILD, 1.0)], "changes[0].uuid");
    expect_refusal(vec![triangle(MESH, b"other")], "changes[0].uuid");
    expect_refusal(vec![Change::Delete { uuid: A }], "changes[0].uuid");
    expect_refusal(
        vec![object(C, "C", Some(CHILD))],
        "changes[0].components.parent.uuid",
    );
    expect_refusal(
        vec![parented(B, Some(A))],
        "changes[0].components.parent.uuid",
    );
    expect_refusal(
        vec![showing(B, Some(MESH))],
        "changes[0].components.data.uuid",
    );
}

#[test]
fn agent_never_sets_a_guard() {
    let location = "changes[0].components.guard";
    expect_refusal(vec![guarded(B, true)], location);
    expect_refusal(vec![guarded(A, false)], "changes[0].uuid");
}

#[test]
fn refused_deletion_does_not_name_what_is_kept_below() {
    expect_refusal(vec![Change::Delete { uuid: ABOVE }], "changes[0].uuid");
    let mut harness = kept();
    harness.edit(Role::Unity, vec![showing(KEPT_BELOW, Some(SHARED))]);
    harness.settle();
    let delete = Change::Delete { uuid: SHARED };
    let answer = ask(&mut harness, vec![showing(B, None), delete]);
    let expected = (refused(Code::KeptForPeople), "changes[1].uuid".to_owned());
    assert_eq!(answer, expected);
    let mut texts = harness.received.iter().map(|it| format!("{it:?}"));
    let ack = texts.rfind(|it| it.starts_with("Ack"));
    assert!(!ack.unwrap().contains(&KEPT_BELOW.to_string()));
}

#[test]
fn deleted_entity_stays_kept() {
    let mut harness = kept();
    let deleted = [CHILD, MESH, A].map(|uuid| Change::Delete { uuid });
    harness.edit(Role::Blender, deleted.into());
    harness.settle();
    for revived in [
        object(A, "A", None),
        object(CHILD, "C", None),
        triangle(MESH, b"m"),
    ] {
        let (answer, _) = ask(&mut harness, vec![revived]);
        assert_eq!(answer, refused(Code::KeptForPeople));
    }
}

#[test]
fn free_entities_and_people_are_not_affected() {
    let mut harness = kept();
    let free = vec![
        moved(B, 1.0),
        triangle(SHARED, b"new"),
        object(C, "C", Some(ABOVE)),
    ];
    assert_eq!(ask(&mut harness, free).0, ACCEPTED);
    harness.settle();
    let made = vec![moved(A, 2.0), object(Uuid::from_u128(20), "New", Some(A))];
    let id = harness.edit(Role::Unity, made);
    harness.settle();
    assert!(harness.phases(id).contains(&Phase::Commit));
    harness.edit(Role::Unity, vec![guarded(A, false)]);
    harness.settle();
    assert_eq!(ask(&mut harness, vec![moved(CHILD, 1.0)]).0, ACCEPTED);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn guard_reaches_the_other_editor_and_outlives_a_restart() {
    let mut harness = kept();
    harness.assert_converged();
    let held = &harness.editor(Role::Unity).entities[&A];
    assert!(held.components.guard.is_some_and(|guard| guard.human_only));
    harness.crash();
    harness.connect_all();
    let (answer, _) = ask(&mut harness, vec![moved(CHILD, 1.0)]);
    assert_eq!(answer, refused(Code::KeptForPeople));
}

#[test]
fn intent_that_waited_is_refused_once_its_object_is_kept() {
    let mut harness = kept();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let unknown = Uuid::from_u128(21);
    let waits = vec![moved(B, 1.0), object(C, "C", Some(unknown))];
    let id = agent.ask(&mut harness, head, waits);
    assert_eq!(answer(&harness, id), None);
    harness.edit(Role::Blender, vec![guarded(B, true)]);
    harness.edit(Role::Blender, vec![object(unknown, "Late", None)]);
    harness.settle();
    assert_eq!(answer(&harness, id), Some(refused(Code::KeptForPeople)));
}

fn query(harness: &mut Harness, session: SessionId, what: Query) -> QueryResult {
    let query = ClientMessage::Query {
        request_id: harness.id(),
        what,
        after: None,
        limit: None,
    };
    say(harness, session, query).unwrap()
}

#[test]
fn agent_is_told_nothing_of_what_is_kept() {
    let mut harness = kept();
    let agent = connect(&mut harness).0;
    let cli = person(&mut harness, Role::Cli);
    let mut rows = |session| match query(&mut harness, session, Query::Entities) {
        QueryResult::Entities { entities, .. } => {
            let uuids = entities.iter().map(|row| row.entity.uuid);
            uuids.collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(rows(agent), [B, SHARED, ABOVE]);
    assert_eq!(rows(cli).len(), 7);
    let mut entities = |session| match query(&mut harness, session, Query::Status) {
        QueryResult::Status { status } => status.entities,
        other => panic!("{other:?}"),
    };
    assert_eq!((entities(agent), entities(cli)), (3, 7));
}

#[test]
fn deleted_object_does_not_name_the_mesh_of_a_kept_one() {
    let mut harness = kept();
    harness.edit(Role::Blender, vec![showing(ABOVE, Some(MESH))]);
    harness.settle();
    let below = Change::Delete { uuid: KEPT_BELOW };
    harness.edit(Role::Blender, vec![below, Change::Delete { uuid: ABOVE }]);
    harness.settle();
    let agent = connect(&mut harness).0;
    let cli = person(&mut harness, Role::Cli);
    let mut shown = |session| match query(&mut harness, session, Query::Entities) {
        QueryResult::Entities { entities, .. } => {
            let row = entities.into_iter().find(|row| row.entity.uuid == ABOVE);
            row.unwrap().entity.components.data
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(shown(agent), None);
    assert_eq!(shown(cli).unwrap().uuid, Some(MESH));
}

#[test]
fn agent_hears_nothing_of_a_change_that_keeps_the_object() {
    for is_kept in [false, true] {
        let mut harness = working();
        let agent = connect(&mut harness);
        let head = harness.engine.head_seq();
        agent.ask(&mut harness, head, vec![renamed(A, "X")]);
        let mut change = renamed(A, "Secret");
        change.components_mut().unwrap().guard = Some(vibesync_scene::Guard {
            human_only: is_kept,
        });
        harness.edit(Role::Unity, vec![change]);
        harness.deliver_to_daemon(Role::Unity);
        let is_notice =
            |it: &DaemonMessage| matches!(it, DaemonMessage::Notice { uuids, .. } if uuids == &[A]);
        assert_eq!(harness.received.iter().any(is_notice), !is_kept);
    }
}

/// Returns editors with the open transaction of a person that makes [`OTHER`] and [`ABOVE`]. Unity will not hold [`OTHER`].
fn with_failing_transaction() -> Harness {
    let mut harness = working();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.lies_about.insert(OTHER);
    let made = vec![object(OTHER, "Secret", None), object(ABOVE, "Above", None)];
    harness.edit(Role::Blender, made);
    harness.deliver_to_daemon(Role::Blender);
    harness
}

#[test]
fn rolled_back_agent_hears_of_no_entity() {
    let mut harness = with_failing_transaction();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let below = object(CHILD, "Child", Some(ABOVE));
    let id = agent.ask(&mut harness, head, vec![below]);
    harness.settle();
    let told = harness.received.iter().find_map(|message| match message {
        DaemonMessage::Outcome {
            operation_id,
            error: Some(error),
            ..
        } if *operation_id == id => Some(error.clone()),
        _ => None,
    });
    let told = told.expect("it is rolled back");
    assert_eq!(
        (told.code, told.location.as_str(), told.message.as_str()),
        (
            Code::VerificationFailed,
            "",
            Code::VerificationFailed.title()
        )
    );
}

#[test]
fn waiting_intent_is_refused_without_a_word_on_others() {
    let mut harness = with_failing_transaction();
    let agent = connect(&mut harness);
    let head = harness.engine.head_seq();
    let unknown = Uuid::from_u128(21);
    let waits = vec![moved(ABOVE, 1.0), object(C, "C", Some(unknown))];
    let id = agent.ask(&mut harness, head, waits);
    harness.settle();
    assert_eq!(
        answer(&harness, id),
        Some(refused(Code::VerificationFailed))
    );
    let is_about_other = |message: &DaemonMessage| match message {
        DaemonMessage::Ack { error, .. } => format!("{error:?}").contains(&OTHER.to_string()),
        _ => false,
    };
    assert!(!harness.received.iter().any(is_about_other));
}
