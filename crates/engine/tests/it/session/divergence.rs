//! Editors that know records which the log lacks: they bring them back, and nothing is overwritten silently.

use std::collections::BTreeMap;

use vibesync_engine::Input;
use vibesync_scene::{Change, Code, Entity, Epoch, EpochId, Payload, Role, SessionId, Uuid};

use crate::agent::Agent;
use crate::harness::{A, Harness, moved, object, parented, renamed};

const B: Uuid = Uuid::from_u128(2);
const C: Uuid = Uuid::from_u128(3);

/// Returns what the log says about the last connections of the editors: their common ends.
fn divergences(harness: &Harness) -> Vec<(Role, Option<u64>, Option<Code>)> {
    let sessions = harness
        .log
        .iter()
        .filter_map(|record| match record.payload {
            Payload::Session {
                role,
                connected: true,
                diverged_after,
                ..
            } => Some((role, diverged_after, record.error_code)),
            _ => None,
        });
    let sessions: Vec<_> = sessions.collect();
    sessions[sessions.len() - 2..].to_vec()
}

fn held(harness: &Harness, role: Role) -> BTreeMap<Uuid, Entity> {
    harness.editor(role).entities.clone()
}

fn x(harness: &Harness, uuid: Uuid) -> f64 {
    let entity = harness.engine.scene().live(uuid).unwrap();
    entity.components.transform.unwrap().translation[0]
}

/// A and B exist, seen by both editors. Returns the log's end.
fn two_objects() -> (Harness, usize) {
    let mut harness = Harness::with_object();
    harness.edit(Role::Unity, vec![object(B, "B", None)]);
    harness.settle();
    let end = harness.log.len();
    (harness, end)
}

#[test]
fn editor_ahead_of_the_log_brings_its_changes_back() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![moved(A, 5.0)]);
    harness.edit(Role::Unity, vec![renamed(B, "Bee"), object(C, "C", None)]);
    harness.settle();
    harness.edit(Role::Blender, vec![parented(C, Some(B))]);
    harness.settle();
    let before = held(&harness, Role::Blender);
    assert_eq!(before, held(&harness, Role::Unity));

    harness.lose_log_after(end);
    harness.connect_all();
    assert_eq!(held(&harness, Role::Blender), before, "nothing is lost");
    harness.assert_converged();
    let end = Some(end as u64);
    let code = Some(Code::LogDiverged);
    let expected = [(Role::Blender, end, code), (Role::Unity, end, code)];
    assert_eq!(divergences(&harness), expected);
    let editors = harness.engine.status().editors;
    assert!(editors.iter().all(|editor| editor.diverged_after == end));
    for role in Role::EDITORS {
        let notices = &harness.editor(role).notices;
        assert!(
            notices.contains(&(Code::LogDiverged, Vec::new())),
            "{role:?}"
        );
    }

    // The histories are the same again.
    for role in Role::EDITORS {
        harness.disconnect(role);
        harness.connect(role);
    }
    harness.settle();
    let none = |role| (role, None, None);
    assert_eq!(divergences(&harness), Role::EDITORS.map(none));
}

#[test]
fn one_editor_alone_brings_everything_back() {
    for role in Role::EDITORS {
        let (mut harness, end) = two_objects();
        harness.edit(Role::Blender, vec![moved(A, 5.0), parented(B, Some(A))]);
        harness.settle();
        harness.edit(Role::Unity, vec![object(C, "C", Some(B))]);
        harness.settle();
        let before = held(&harness, role);
        harness.lose_log_after(end);
        harness.connect(role);
        harness.settle();
        assert_eq!(held(&harness, role), before, "{role:?}");
        harness.connect_all();
        harness.assert_converged();
        assert_eq!(held(&harness, role), before, "{role:?}");
    }
}

#[test]
fn deletion_that_the_log_lacks_is_made_again() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![object(C, "C", None)]);
    harness.settle();
    let lost = vec![Change::Delete { uuid: B }, Change::Delete { uuid: C }];
    harness.edit(Role::Blender, lost);
    harness.settle();
    harness.lose_log_after(end);
    harness.connect(Role::Blender);
    harness.settle();
    assert!(harness.engine.scene().live(B).is_none());
    assert!(harness.engine.scene().row(C).is_none(), "it came and went");
    assert!(harness.editor(Role::Blender).refusals.is_empty());
    harness.connect_all();
    harness.assert_converged();
}

/// The log goes on beyond what the editors have seen, before they return.
#[test]
fn two_epochs_with_same_sequence_are_told_apart() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![moved(A, 5.0)]);
    harness.settle();
    let seen = harness.editor(Role::Blender).head_seq;
    harness.lose_log_after(end);
    let agent = Agent::connect(&mut harness);
    for at in 0..8 {
        let head = harness.engine.head_seq();
        agent.ask(&mut harness, head, vec![moved(B, f64::from(at))]);
    }
    assert!(harness.engine.head_seq() > seen);
    harness.connect_all();
    let end = Some(end as u64);
    let expected = Role::EDITORS.map(|role| (role, end, Some(Code::LogDiverged)));
    assert_eq!(divergences(&harness), expected);
    assert_eq!((x(&harness, A), x(&harness, B)), (5.0, 7.0));
    harness.assert_converged();
}

#[test]
fn conflict_with_the_new_history_follows_the_rules() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![parented(A, Some(B)), moved(B, 5.0)]);
    harness.settle();
    // Unity has never seen the lost records.
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.entities.get_mut(&A).unwrap().components.parent =
        object(A, "A", None).components().unwrap().parent;
    for uuid in [A, B] {
        unity.editor.versions.insert(uuid, 1);
    }
    unity.editor.head_seq = end as u64;
    harness.lose_log_after(end);
    harness.connect(Role::Unity);
    harness.settle();
    harness.edit(Role::Unity, vec![moved(A, 9.0)]);
    harness.settle();
    harness.connect(Role::Blender);
    harness.settle();
    // Unity's move in the new history is concurrent with what Blender brings back; a move gives way to nothing here.
    assert_eq!(x(&harness, B), 5.0);
    harness.assert_converged();
    let told = &harness.editor(Role::Unity).notices;
    assert!(
        told.iter().any(|(code, _)| *code == Code::Superseded),
        "{told:?}"
    );
}

#[test]
fn rows_of_the_log_wait_for_what_it_lacks() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![moved(A, 5.0)]);
    harness.settle();
    harness.lose_log_after(end);
    harness.connect(Role::Blender);
    harness.deliver_to_daemon(Role::Blender);
    assert_eq!(
        harness.batch_count(Role::Blender),
        0,
        "not before its intent"
    );
    harness.settle();
    assert_eq!(x(&harness, A), 5.0);
    // An editor that sends nothing gets the rows all the same, later.
    harness.lose_log_after(end);
    harness.connect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.editor.outbox.clear();
    harness.settle();
    assert_eq!(x(&harness, A), 0.0);
}

#[test]
fn inventory_version_above_the_row_is_synced() {
    let (mut harness, _) = two_objects();
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let name = &mut wire.editor.entities.get_mut(&A).unwrap().components.name;
    *name = Some("from another history".into());
    let head = harness.log.len() as u64;
    wire.editor.versions.insert(A, head);
    wire.editor.head_seq = head;
    harness.connect(Role::Blender);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn client_without_epochs_ahead_of_the_log_is_refused() {
    for role in [Role::Blender, Role::Agent] {
        let mut harness = Harness::connected();
        harness.disconnect(Role::Blender);
        let session = SessionId(harness.id());
        let wire = harness.wires.get_mut(&Role::Blender).unwrap();
        let mut hello = wire.editor.hello(String::new(), String::new());
        (hello.role, hello.last_seq) = (role, 1_000);
        hello.epochs = (role == Role::Agent).then(Vec::new);
        let actions = harness.engine.step(
            Input::Connected {
                session,
                hello: Box::new(hello),
            },
            0,
        );
        let text = format!("{actions:?}");
        assert!(text.contains("SequenceAhead"), "{text}");
    }
}

#[test]
fn list_of_too_many_epochs_is_refused() {
    let mut harness = Harness::connected();
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let id = EpochId(Uuid::nil());
    wire.editor.epochs = (0..65).map(|first_seq| Epoch { id, first_seq }).collect();
    harness.connect(Role::Blender);
    assert!(harness.wires[&Role::Blender].session.is_none());
}

#[test]
fn connection_that_breaks_does_not_end_the_divergence() {
    let (mut harness, end) = two_objects();
    harness.edit(Role::Blender, vec![object(C, "C", None)]);
    harness.settle();
    let lost = vec![Change::Delete { uuid: B }, Change::Delete { uuid: C }];
    harness.edit(Role::Blender, lost);
    harness.edit(Role::Blender, vec![moved(A, 5.0)]);
    harness.settle();
    harness.lose_log_after(end);
    harness.connect(Role::Blender);
    // The editor has forgotten, but not sent anything yet.
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.deliver_to_daemon(Role::Blender);
    assert_eq!(harness.batch_count(Role::Blender), 0);
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.settle();
    assert!(harness.engine.scene().live(B).is_none());
    assert!(harness.editor(Role::Blender).refusals.is_empty());
    harness.connect_all();
    harness.assert_converged();
}

/// The daemon ends, or loses its log again, after it has told an editor and before the editor has sent anything.
#[test]
fn restart_of_the_daemon_does_not_end_the_divergence() {
    for is_lost_again in [false, true] {
        let (mut harness, end) = two_objects();
        harness.edit(Role::Blender, vec![moved(A, 5.0), moved(B, 6.0)]);
        harness.settle();
        harness.lose_log_after(end);
        harness.connect(Role::Blender);
        for _ in 0..2 {
            match is_lost_again {
                true => harness.lose_log_after(end),
                false => harness.crash(),
            }
            harness.connect(Role::Blender);
            harness.deliver_to_daemon(Role::Blender);
            let batches = harness.batch_count(Role::Blender);
            assert_eq!(batches, 0, "not before its intents");
        }
        harness.settle();
        assert_eq!((x(&harness, A), x(&harness, B)), (5.0, 6.0));

        harness.crash();
        harness.connect_all();
        let told = divergences(&harness);
        let blender = told.iter().rev().find(|(role, ..)| *role == Role::Blender);
        assert_eq!(blender, Some(&(Role::Blender, None, None)));
        harness.assert_converged();
    }
}

/// The log ends within a transaction, whose version is that of its first record.
#[test]
fn transaction_that_the_log_has_in_part_comes_back() {
    for kept in [1, 2] {
        let (mut harness, end) = two_objects();
        harness.edit(Role::Blender, vec![moved(A, 5.0), moved(B, 6.0)]);
        harness.settle();
        harness.lose_log_after(end + kept);
        harness.connect(Role::Unity);
        harness.settle();
        assert_eq!((x(&harness, A), x(&harness, B)), (5.0, 6.0), "{kept}");
        harness.connect_all();
        harness.assert_converged();
        let end = Some(end as u64);
        assert!(divergences(&harness).iter().all(|(_, at, _)| *at == end));
    }
}

/// Batches of the lost log have overwritten an edit in the editor that made it; the edit follows after the entity.
#[test]
fn edit_that_the_lost_log_overwrote_is_delivered_again() {
    for edit in [moved(C, 5.0), Change::Delete { uuid: C }] {
        let mut harness = Harness::connected();
        let end = harness.log.len();
        harness.edit(Role::Unity, vec![object(C, "C", None)]);
        harness.settle();
        let entity = held(&harness, Role::Blender)[&C].clone();
        harness.edit(Role::Blender, vec![edit]);
        let wire = harness.wires.get_mut(&Role::Blender).unwrap();
        wire.to_daemon.clear();
        wire.editor.entities.insert(C, entity);
        harness.lose_log_after(end);
        harness.connect(Role::Blender);
        harness.settle();
        let live = harness.engine.scene().live(C);
        let expected = live.map(|entity| (C, entity.clone()));
        let expected: BTreeMap<_, _> = expected.into_iter().collect();
        assert_eq!(held(&harness, Role::Blender), expected);
        assert!(live.is_none_or(|_| x(&harness, C) == 5.0));
    }
}

/// A batch of the lost log has deleted an entity in the editor that had created it, and was not answered.
#[test]
fn creation_that_the_lost_log_undid_is_delivered_again() {
    let mut harness = Harness::connected();
    let end = harness.log.len();
    harness.edit(Role::Blender, vec![object(C, "C", None)]);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.to_daemon.clear();
    wire.editor.entities.remove(&C);
    wire.editor.versions.insert(C, end as u64 + 9);
    wire.editor.head_seq = end as u64 + 9;
    harness.lose_log_after(end);
    harness.connect(Role::Blender);
    harness.settle();
    assert!(harness.engine.scene().live(C).is_some());
    assert!(held(&harness, Role::Blender).contains_key(&C));
}
