//! Bringing back what a commit holds.

use std::collections::BTreeMap;

use vibesync_engine::Input;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, MAX_CHANGES, PlannedChange, QueryResult,
    RestoreRequest,
};
use vibesync_scene::{
    BlobId, Change, Components, DataRef, Entity, InstanceId, Nodes, OperationId, Outcome, Payload,
    Phase, Role, SessionId, Uuid,
};
use vibesync_testkit::FakeEditor;

use crate::world::{PROJECT, World, moved, object, parented, renamed, triangle};

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

fn live(world: &World) -> BTreeMap<Uuid, Entity> {
    let rows = world.engine.scene().rows().filter(|row| !row.tombstone);
    rows.map(|row| (row.entity.uuid, row.entity.clone()))
        .collect()
}

/// A cube with its mesh below an empty, committed; then the cube and its mesh are deleted, the empty is renamed, and
/// something else is made below it. A person has come.
fn changed_since() -> World {
    let mut world = World::connected();
    let made = vec![
        object(ABOVE, "Above", None),
        triangle(MESH, b"mesh"),
        shown(MESH),
    ];
    world.edit(Role::Blender, made);
    world.settle();
    world.commit = live(&world);
    let deleted = [CUBE, MESH].map(|uuid| Change::Delete { uuid });
    world.edit(Role::Unity, deleted.into());
    world.settle();
    world.edit(
        Role::Blender,
        vec![
            renamed(ABOVE, "Renamed"),
            object(LATER, "Later", Some(ABOVE)),
        ],
    );
    world.settle();
    arrive(&mut world, PERSON, Role::Cli);
    world
}

fn arrive(world: &mut World, session: SessionId, role: Role) {
    let mut person = FakeEditor::new(role, InstanceId(session.0), PROJECT);
    let hello = Box::new(person.hello(String::new(), String::new()));
    world.step(Input::Connected { session, hello });
}

fn request(world: &mut World, uuids: &[Uuid]) -> RestoreRequest {
    RestoreRequest {
        request_id: world.id(),
        commit: "c0ffee".into(),
        uuids: uuids.to_vec(),
        dry_run: false,
        label: "Restore c0ffee (ada): it was better".into(),
    }
}

/// What the person hears of a request once everything has come to rest.
fn ask(world: &mut World, request: RestoreRequest) -> Vec<DaemonMessage> {
    world.heard.clear();
    let message = Box::new(ClientMessage::Restore(request));
    world.step(Input::Message {
        session: PERSON,
        message,
    });
    world.settle();
    std::mem::take(&mut world.heard)
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
fn a_restore_is_one_transaction_that_both_editors_follow() {
    let mut world = changed_since();
    let wanted = request(&mut world, &[]);
    let heard = ask(&mut world, wanted.clone());
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

    assert_eq!(live(&world), world.commit);
    for role in Role::EDITORS {
        assert_eq!(world.editor(role).entities, world.commit, "{role:?}");
    }
    use Phase::{Begin, Commit, Step};
    assert_eq!(world.phases(id), [Begin, Step, Step, Step, Step, Commit]);
    let begin = world
        .log
        .iter()
        .find(|it| it.operation_id == Some(id))
        .unwrap();
    assert!(
        matches!(&begin.payload, Payload::Begin { origin: Role::Cli, label, .. } if *label == wanted.label)
    );

    let again = request(&mut world, &[]);
    let (changes, operation) = plan(&ask(&mut world, again));
    assert!(changes.is_empty() && operation.is_none(), "{changes:?}");
}

#[test]
fn a_restore_can_be_taken_back_by_another() {
    let mut world = changed_since();
    let before = live(&world);
    let there = request(&mut world, &[]);
    ask(&mut world, there);
    assert_ne!(live(&world), before);
    world.commit = before.clone();
    let back = request(&mut world, &[]);
    ask(&mut world, back);
    assert_eq!(live(&world), before);
    for role in Role::EDITORS {
        assert_eq!(world.editor(role).entities, before, "{role:?}");
    }
}

#[test]
fn a_dry_run_says_what_would_be_and_does_nothing() {
    let mut world = changed_since();
    let (before, records) = (live(&world), world.log.len());
    let mut wanted = request(&mut world, &[]);
    wanted.dry_run = true;
    let (changes, operation) = plan(&ask(&mut world, wanted));
    assert_eq!((changes.len(), operation), (4, None));
    assert_eq!((live(&world), world.log.len()), (before, records));
}

#[test]
fn one_entity_comes_back_with_what_it_needs_and_nothing_else() {
    let mut world = changed_since();
    let only = request(&mut world, &[CUBE]);
    let (changes, _) = plan(&ask(&mut world, only));
    let uuids: Vec<_> = changes.iter().map(|it| it.uuid).collect();
    assert_eq!(
        uuids,
        [CUBE, MESH],
        "the empty is there, under whatever name"
    );
    let name = |uuid| live(&world)[&uuid].components.name.clone().unwrap();
    assert_eq!(
        (name(ABOVE), name(LATER)),
        ("Renamed".to_owned(), "Later".to_owned())
    );
}

#[test]
fn what_cannot_be_is_refused_before_anything_changes() {
    let mut world = changed_since();
    world.edit(
        Role::Blender,
        vec![object(CUBE_CHILD, "Child", Some(LATER))],
    );
    world.settle();
    let (before, records) = (live(&world), world.log.len());

    let unknown = request(&mut world, &[Uuid::from_u128(99)]);
    assert_eq!(refusal(&ask(&mut world, unknown)), Code::UuidUnknown);
    let with_child = request(&mut world, &[LATER]);
    assert_eq!(refusal(&ask(&mut world, with_child)), Code::ChildrenLeft);
    world.gone.insert(BlobId::hash(b"mesh"));
    let without_mesh = request(&mut world, &[]);
    assert_eq!(refusal(&ask(&mut world, without_mesh)), Code::BlobDamaged);

    assert_eq!((live(&world), world.log.len()), (before, records));
    let error = world.engine.status().last_error;
    assert!(error.is_none(), "no editor's user is concerned: {error:?}");
}

const CUBE_CHILD: Uuid = Uuid::from_u128(5);

#[test]
fn an_object_is_moved_out_of_one_that_goes() {
    let mut world = changed_since();
    let restore = request(&mut world, &[]);
    ask(&mut world, restore);
    let made = vec![
        object(LATER, "Later", None),
        parented(ABOVE, Some(LATER)),
        moved(CUBE, 3.0),
    ];
    world.edit(Role::Unity, made);
    world.settle();
    let restore = request(&mut world, &[]);
    let (changes, _) = plan(&ask(&mut world, restore));
    assert_eq!(changes.len(), 3);
    assert_eq!(live(&world), world.commit);
    assert_eq!(world.editor(Role::Blender).entities, world.commit);
}

#[test]
fn a_restore_may_wait_for_its_turn_however_large_it_is() {
    let mut world = World::connected();
    let both = vec![object(ABOVE, "Above", None), object(CUBE, "Cube", None)];
    world.edit(Role::Blender, both);
    world.settle();
    arrive(&mut world, PERSON, Role::Cli);
    world.commit = live(&world);
    let cube = world.commit[&CUBE].clone();
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
    world.commit.extend(more);
    world.now += 1_000;
    world.edit(Role::Blender, vec![parented(CUBE, Some(ABOVE))]);
    world.daemon_hears(Role::Blender);
    let message = Box::new(ClientMessage::Restore(request(&mut world, &[])));
    world.step(Input::Message {
        session: PERSON,
        message,
    });
    assert_eq!(world.engine.status().waiting_intents, 1, "for the parent");
    world.settle();
    assert_eq!(live(&world), world.commit);
}

#[test]
fn only_a_person_at_the_command_line_restores() {
    let mut world = changed_since();
    let agent = SessionId(Uuid::from_u128(78));
    arrive(&mut world, agent, Role::Agent);
    let wanted = request(&mut world, &[]);
    world.heard.clear();
    world.step(Input::Message {
        session: agent,
        message: Box::new(ClientMessage::Restore(wanted)),
    });
    assert_eq!(refusal(&world.heard), Code::MessageUnknown);
}

#[test]
fn one_restore_is_prepared_at_a_time() {
    let mut world = changed_since();
    let ask = |world: &mut World| {
        let message = Box::new(ClientMessage::Restore(request(world, &[])));
        let input = Input::Message {
            session: PERSON,
            message,
        };
        world.engine.step(input, world.now)
    };
    let reads = |actions: &[vibesync_engine::Action]| {
        let read = |it: &&vibesync_engine::Action| {
            matches!(it, vibesync_engine::Action::ReadCommit { .. })
        };
        actions.iter().filter(read).count()
    };
    let (first, second) = (ask(&mut world), ask(&mut world));
    assert_eq!((reads(&first), reads(&second)), (1, 0));
    let is_full = |it: &vibesync_engine::Action| {
        matches!(it, vibesync_engine::Action::Send { message, .. }
            if matches!(&**message, DaemonMessage::Error { error, .. } if error.code == Code::QueueFull))
    };
    assert!(second.iter().any(is_full), "{second:?}");
    let invalid = vibesync_scene::Invalid::new(Code::CommitUnknown, "", "no such commit");
    world.step(Input::Unrestorable {
        session: PERSON,
        invalid,
    });
    assert_eq!(reads(&ask(&mut world)), 1, "the next one may come");
}

#[test]
fn a_graph_that_the_commit_does_not_have_is_taken_away() {
    let mut world = changed_since();
    let graph = Some(serde_json::json!({"nodes": []}));
    let components = Components {
        nodes: Some(Box::new(Nodes { graph })),
        ..Components::default()
    };
    let change = Change::Update {
        uuid: ABOVE,
        components,
    };
    world.edit(Role::Blender, vec![change]);
    world.settle();
    let request = request(&mut world, &[ABOVE]);
    let (changes, _) = plan(&ask(&mut world, request));
    assert_eq!(changes[0].components, ["name", "nodes"]);
    let held = world.engine.scene().live(ABOVE).unwrap();
    assert_eq!(held.components.nodes, Some(Box::default()));
    world.assert_converged();
}
