//! Restores of a commit.

use std::collections::BTreeMap;

use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, MAX_CHANGES, PlannedChange, QueryResult,
    RestoreRequest,
};
use vibesync_scene::{
    BlobId, Change, Components, DataRef, Entity, InstanceId, Nodes, OperationId, Outcome, Payload,
    Phase, Role, SessionId, Transform, Uuid,
};
use vibesync_testkit::change::locked;
use vibesync_testkit::{FakeEditor, evaluated};

use crate::harness::{Harness, PROJECT, moved, object, parented, renamed, triangle};

const ABOVE: Uuid = Uuid::from_u128(1);
const CUBE: Uuid = Uuid::from_u128(2);
const MESH: Uuid = Uuid::from_u128(3);
const LATER: Uuid = Uuid::from_u128(4);

/// A person at the command line.
const PERSON: SessionId = SessionId(Uuid::from_u128(77));

fn shown(mesh: Uuid) -> Change {
    let mut cube = object(CUBE, "Cube", Some(ABOVE));
    if let Some(components) = cube.components_mut() {
        components.data = Some(DataRef { uuid: Some(mesh) });
    }
    cube
}

fn live(harness: &Harness) -> BTreeMap<Uuid, Entity> {
    let rows = harness.engine.scene().rows().filter(|row| !row.tombstone);
    rows.map(|row| (row.entity.uuid, row.entity.clone()))
        .collect()
}

/// Commits a cube with its mesh below an empty. Then deletes the cube and its mesh, renames the empty, and creates
/// another object below it. A command line is connected.
fn changed_since() -> Harness {
    let mut harness = Harness::connected();
    let made = vec![
        object(ABOVE, "Above", None),
        triangle(MESH, b"mesh"),
        shown(MESH),
    ];
    harness.edit(Role::Blender, made);
    harness.settle();
    harness.commit = live(&harness);
    let deleted = [CUBE, MESH].map(|uuid| Change::Delete { uuid });
    harness.edit(Role::Unity, deleted.into());
    harness.settle();
    harness.edit(
        Role::Blender,
        vec![
            renamed(ABOVE, "Renamed"),
            object(LATER, "Later", Some(ABOVE)),
        ],
    );
    harness.settle();
    arrive(&mut harness, PERSON, Role::Cli);
    harness
}

fn arrive(harness: &mut Harness, session: SessionId, role: Role) {
    let mut person = FakeEditor::new(role, InstanceId(session.0), PROJECT);
    let hello = Box::new(person.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
}

fn request(harness: &mut Harness, uuids: &[Uuid]) -> RestoreRequest {
    RestoreRequest {
        request_id: harness.id(),
        commit: "c0ffee".into(),
        uuids: uuids.to_vec(),
        dry_run: false,
        label: "Restore c0ffee (ada): it was better".into(),
    }
}

/// Returns the answers to a request, once the harness has settled.
fn ask(harness: &mut Harness, request: RestoreRequest) -> Vec<DaemonMessage> {
    harness.received.clear();
    let message = Box::new(ClientMessage::Restore(request));
    harness.step(Input::Message {
        session: PERSON,
        message,
    });
    harness.settle();
    std::mem::take(&mut harness.received)
}

fn refusal(heard: &[DaemonMessage]) -> Code {
    match heard {
        [DaemonMessage::Error { error, .. }] => error.code,
        other => panic!("one error was expected, not {other:?}"),
    }
}

fn plan(heard: &[DaemonMessage]) -> (Vec<PlannedChange>, Option<OperationId>) {
    match heard.first() {
        Some(DaemonMessage::Result {
            result:
                QueryResult::Restore {
                    changes,
                    total,
                    operation_id,
                    ..
                },
            ..
        }) => {
            assert_eq!(changes.len() as u64, *total);
            (changes.clone(), *operation_id)
        }
        other => panic!("a plan was expected, not {other:?}"),
    }
}

#[test]
fn restore_is_one_transaction_for_both_editors() {
    let mut harness = changed_since();
    let wanted = request(&mut harness, &[]);
    let heard = ask(&mut harness, wanted.clone());
    let (changes, operation) = plan(&heard);
    let ops: Vec<_> = changes.iter().map(|it| (it.uuid, it.op.as_str())).collect();
    assert_eq!(
        ops,
        [
            (ABOVE, "update"),
            (CUBE, "create"),
            (MESH, "create"),
            (LATER, "delete")
        ]
    );
    assert_eq!(changes[0].components, ["name"]);
    let id = operation.unwrap();
    assert_eq!(id, OperationId(wanted.request_id));
    assert!(matches!(
        &heard[1],
        DaemonMessage::Ack {
            status: AckStatus::Accepted,
            ..
        }
    ));
    assert!(matches!(
        &heard[2],
        DaemonMessage::Outcome {
            outcome: Outcome::Verified,
            ..
        }
    ));

    assert_eq!(live(&harness), harness.commit);
    for role in Role::EDITORS {
        assert_eq!(harness.editor(role).entities, harness.commit, "{role:?}");
    }
    use Phase::{Begin, Commit, Step};
    assert_eq!(harness.phases(id), [Begin, Step, Step, Step, Step, Commit]);
    let begin = harness
        .log
        .iter()
        .find(|it| it.operation_id == Some(id))
        .unwrap();
    assert!(
        matches!(&begin.payload, Payload::Begin { origin: Role::Cli, label, .. } if *label == wanted.label)
    );

    let again = request(&mut harness, &[]);
    let (changes, operation) = plan(&ask(&mut harness, again));
    assert!(changes.is_empty() && operation.is_none(), "{changes:?}");
}

#[test]
fn restore_leaves_locked_fields_as_they_are() {
    let mut harness = changed_since();
    let components = &mut harness.commit.get_mut(&ABOVE).unwrap().components;
    components.transform.as_mut().unwrap().translation = [9.0, 0.0, 0.0];
    harness.edit(Role::Blender, vec![locked(ABOVE, true)]);
    harness.settle();
    let wanted = request(&mut harness, &[ABOVE]);
    let (changes, _) = plan(&ask(&mut harness, wanted));
    assert_eq!(changes[0].components, ["name"]);
    let above = &live(&harness)[&ABOVE].components;
    assert!(above.locks.is_some() && above.transform == Some(Transform::IDENTITY));
}

#[test]
fn restore_leaves_evaluated_meshes_as_they_are() {
    let mut harness = changed_since();
    let shown = |content| {
        let change = evaluated(ABOVE, Some(content), None);
        change.components().unwrap().shown.clone()
    };
    let components = &mut harness.commit.get_mut(&ABOVE).unwrap().components;
    components.shown = shown(b"then");
    harness.edit(Role::Blender, vec![evaluated(ABOVE, Some(b"now"), None)]);
    harness.settle();
    let wanted = request(&mut harness, &[ABOVE]);
    let (changes, _) = plan(&ask(&mut harness, wanted));
    assert_eq!(changes[0].components, ["name"]);
    assert_eq!(live(&harness)[&ABOVE].components.shown, shown(b"now"));
}

#[test]
fn restore_can_be_undone_by_a_restore() {
    let mut harness = changed_since();
    let before = live(&harness);
    let there = request(&mut harness, &[]);
    ask(&mut harness, there);
    assert_ne!(live(&harness), before);
    harness.commit = before.clone();
    let back = request(&mut harness, &[]);
    ask(&mut harness, back);
    assert_eq!(live(&harness), before);
    for role in Role::EDITORS {
        assert_eq!(harness.editor(role).entities, before, "{role:?}");
    }
}

#[test]
fn dry_run_lists_changes_and_changes_nothing() {
    let mut harness = changed_since();
    let (before, records) = (live(&harness), harness.log.len());
    let mut wanted = request(&mut harness, &[]);
    wanted.dry_run = true;
    let (changes, operation) = plan(&ask(&mut harness, wanted));
    assert_eq!((changes.len(), operation), (4, None));
    assert_eq!((live(&harness), harness.log.len()), (before, records));
}

#[test]
fn restored_entity_returns_with_its_dependencies_only() {
    let mut harness = changed_since();
    let only = request(&mut harness, &[CUBE]);
    let (changes, _) = plan(&ask(&mut harness, only));
    let uuids: Vec<_> = changes.iter().map(|it| it.uuid).collect();
    assert_eq!(
        uuids,
        [CUBE, MESH],
        "the empty is there, under whatever name"
    );
    let name = |uuid| live(&harness)[&uuid].components.name.clone().unwrap();
    assert_eq!(
        (name(ABOVE), name(LATER)),
        ("Renamed".to_owned(), "Later".to_owned())
    );
}

#[test]
fn impossible_restore_is_refused_before_any_change() {
    let mut harness = changed_since();
    harness.edit(
        Role::Blender,
        vec![object(CUBE_CHILD, "Child", Some(LATER))],
    );
    harness.settle();
    let (before, records) = (live(&harness), harness.log.len());

    let unknown = request(&mut harness, &[Uuid::from_u128(99)]);
    assert_eq!(refusal(&ask(&mut harness, unknown)), Code::UuidUnknown);
    let with_child = request(&mut harness, &[LATER]);
    assert_eq!(refusal(&ask(&mut harness, with_child)), Code::ChildrenLeft);
    harness.missing_blobs.insert(BlobId::hash(b"mesh"));
    let without_mesh = request(&mut harness, &[]);
    assert_eq!(refusal(&ask(&mut harness, without_mesh)), Code::BlobDamaged);

    assert_eq!((live(&harness), harness.log.len()), (before, records));
    let error = harness.engine.status().last_error;
    assert!(error.is_none(), "no editor's user is concerned: {error:?}");
}

const CUBE_CHILD: Uuid = Uuid::from_u128(5);

#[test]
fn object_is_moved_out_of_a_parent_that_is_removed() {
    let mut harness = changed_since();
    let restore = request(&mut harness, &[]);
    ask(&mut harness, restore);
    let made = vec![
        object(LATER, "Later", None),
        parented(ABOVE, Some(LATER)),
        moved(CUBE, 3.0),
    ];
    harness.edit(Role::Unity, made);
    harness.settle();
    let restore = request(&mut harness, &[]);
    let (changes, _) = plan(&ask(&mut harness, restore));
    assert_eq!(changes.len(), 3);
    assert_eq!(live(&harness), harness.commit);
    assert_eq!(harness.editor(Role::Blender).entities, harness.commit);
}

#[test]
fn large_restore_may_wait_for_a_blocker() {
    let mut harness = Harness::connected();
    let both = vec![object(ABOVE, "Above", None), object(CUBE, "Cube", None)];
    harness.edit(Role::Blender, both);
    harness.settle();
    arrive(&mut harness, PERSON, Role::Cli);
    harness.commit = live(&harness);
    let cube = harness.commit[&CUBE].clone();
    let more = (1_000..).map(Uuid::from_u128).take(MAX_CHANGES);
    let more = more.map(|uuid| {
        (
            uuid,
            Entity {
                uuid,
                ..cube.clone()
            },
        )
    });
    harness.commit.extend(more);
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![parented(CUBE, Some(ABOVE))]);
    harness.deliver_to_daemon(Role::Blender);
    let message = Box::new(ClientMessage::Restore(request(&mut harness, &[])));
    harness.step(Input::Message {
        session: PERSON,
        message,
    });
    assert_eq!(harness.engine.status().waiting_intents, 1, "for the parent");
    harness.settle();
    assert_eq!(live(&harness), harness.commit);
}

#[test]
fn restore_is_refused_if_an_editor_asks() {
    let mut harness = changed_since();
    let wanted = request(&mut harness, &[]);
    harness.step(Input::Message {
        session: harness.wires[&Role::Blender].session.unwrap(),
        message: Box::new(ClientMessage::Restore(wanted)),
    });
    let told = harness.wires[&Role::Blender].to_editor.iter().cloned();
    let told: Vec<DaemonMessage> = told.collect();
    assert_eq!(refusal(&told), Code::MessageUnknown);
}

#[test]
fn second_restore_is_refused_while_one_is_prepared() {
    let mut harness = changed_since();
    let ask = |harness: &mut Harness| {
        let message = Box::new(ClientMessage::Restore(request(harness, &[])));
        let input = Input::Message {
            session: PERSON,
            message,
        };
        harness.engine.step(input, harness.now)
    };
    let reads = |actions: &[vibesync_engine::Action]| {
        let read = |it: &&vibesync_engine::Action| {
            matches!(it, vibesync_engine::Action::ReadCommit { .. })
        };
        actions.iter().filter(read).count()
    };
    let (first, second) = (ask(&mut harness), ask(&mut harness));
    assert_eq!((reads(&first), reads(&second)), (1, 0));
    let is_full = |it: &vibesync_engine::Action| {
        matches!(it, vibesync_engine::Action::Send { message, .. }
            if matches!(&**message, DaemonMessage::Error { error, .. } if error.code == Code::QueueFull))
    };
    assert!(second.iter().any(is_full), "{second:?}");
    let invalid = vibesync_scene::Invalid::new(Code::CommitUnknown, "", "no such commit");
    harness.step(Input::Unrestorable {
        session: PERSON,
        invalid,
    });
    assert_eq!(reads(&ask(&mut harness)), 1, "the next one may come");
}

#[test]
fn graph_missing_in_the_commit_is_removed() {
    let mut harness = changed_since();
    let graph = Some(serde_json::json!({"nodes": []}));
    let components = Components {
        nodes: Some(Box::new(Nodes { graph })),
        ..Components::default()
    };
    let change = Change::Update {
        uuid: ABOVE,
        components,
    };
    harness.edit(Role::Blender, vec![change]);
    harness.settle();
    let request = request(&mut harness, &[ABOVE]);
    let (changes, _) = plan(&ask(&mut harness, request));
    assert_eq!(changes[0].components, ["name", "nodes"]);
    let held = harness.engine.scene().live(ABOVE).unwrap();
    assert_eq!(held.components.nodes, Some(Box::default()));
    harness.assert_converged();
}
