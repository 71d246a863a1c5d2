//! What is accepted, what is refused and with which code, and what is answered again.

use serde_json::json;
use vibesync_engine::Action;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, Intent, MAX_CHANGES, SCHEMA_VERSION,
};
use vibesync_scene::{
    Change, Components, DataRef, EntityKind, MAX_TEXT_CHARS, Nodes, OperationId, Phase, Role,
    Transform, Uuid,
};

use crate::world::{PROJECT, World, moved, object, parented, renamed, triangle, update};

fn graph(uuid: Uuid, graph: serde_json::Value) -> Change {
    let nodes = Some(Box::new(Nodes { graph: Some(graph) }));
    let components = Components {
        nodes,
        ..Components::default()
    };
    update(uuid, components)
}

/// Sends an intent past the fake editor and returns the answer.
fn ask(world: &mut World, intent: Intent) -> (AckStatus, Option<Code>) {
    let session = world.wires[&Role::Blender].session.unwrap();
    let before = world.wires[&Role::Blender].to_editor.len();
    world.step(vibesync_engine::Input::Message {
        session,
        message: Box::new(ClientMessage::Intent(intent)),
    });
    let answers = world.wires[&Role::Blender].to_editor.iter().skip(before);
    let mut acks = answers.filter_map(|message| match message {
        DaemonMessage::Ack { status, error, .. } => {
            Some((*status, error.as_ref().map(|error| error.code)))
        }
        _ => None,
    });
    if let Some(answer) = acks.next() {
        return answer;
    }
    world.now = world
        .engine
        .next_deadline()
        .expect("it waits for something");
    world.step(vibesync_engine::Input::Tick);
    let mut late = world.wires[&Role::Blender].to_editor.iter().skip(before);
    let Some(DaemonMessage::Ack { status, error, .. }) = late.next() else {
        panic!("an intent is always answered")
    };
    (*status, error.as_ref().map(|error| error.code))
}

fn intent(world: &mut World, changes: Vec<Change>) -> Intent {
    Intent {
        operation_id: OperationId(world.id()),
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION,
        base_seq: world.engine.head_seq(),
        label: "Edit".into(),
        changes,
    }
}

fn refusal(world: &mut World, changes: Vec<Change>) -> Code {
    let intent = intent(world, changes);
    let (status, code) = ask(world, intent);
    assert_eq!(status, AckStatus::Refused);
    code.unwrap()
}

fn world_with(parents: &[(u128, Option<u128>)]) -> World {
    let mut world = World::connected();
    let create = |(id, parent): &(u128, Option<u128>)| {
        object(Uuid::from_u128(*id), "O", parent.map(Uuid::from_u128))
    };
    world.edit(Role::Blender, parents.iter().map(create).collect());
    world.settle();
    world
}

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const MESH: Uuid = Uuid::from_u128(10);
const NOBODY: Uuid = Uuid::from_u128(99);

#[test]
fn a_fast_change_is_logged_in_four_records() {
    let mut world = world_with(&[(1, None)]);
    let id = world.edit(Role::Blender, vec![moved(A, 2.0)]);
    world.settle();
    assert_eq!(
        world.phases(id),
        [Phase::Begin, Phase::Step, Phase::Provisional, Phase::Final]
    );
    assert_eq!(
        world.editor(Role::Blender).outcomes.last(),
        Some(&(id, Phase::Final))
    );
}

#[test]
fn the_path_follows_from_the_change() {
    let mut world = world_with(&[(1, None), (2, None)]);
    let id = world.edit(Role::Blender, vec![moved(A, 1.0), parented(B, Some(A))]);
    world.settle();
    assert_eq!(
        world.phases(id).last(),
        Some(&Phase::Commit),
        "one structural change makes the whole intent slow"
    );
    assert!(!world.phases(id).contains(&Phase::Provisional));
}

#[test]
fn nothing_is_sent_before_it_is_logged() {
    let mut world = world_with(&[(1, None)]);
    let session = world.wires[&Role::Blender].session.unwrap();
    let message = Box::new(ClientMessage::Intent(intent(
        &mut world,
        vec![moved(A, 3.0)],
    )));
    let actions = world
        .engine
        .step(vibesync_engine::Input::Message { session, message }, 1_000);
    let first_send = actions
        .iter()
        .position(|action| matches!(action, vibesync_engine::Action::Send { .. }));
    let last_append = actions
        .iter()
        .rposition(|action| matches!(action, vibesync_engine::Action::Append(_)));
    assert!(last_append < first_send, "{actions:?}");
}

#[test]
fn bad_intents_are_refused_with_their_code() {
    let mut world = world_with(&[(1, None), (2, Some(1))]);
    world.edit(Role::Blender, vec![triangle(MESH, b"mesh")]);
    world.settle();
    let infinite = Transform {
        translation: [f64::INFINITY, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    let crooked = Transform {
        rotation: [0.0, 0.0, 0.0, 0.5],
        ..Transform::IDENTITY
    };
    let transform = |value| Components {
        transform: Some(value),
        ..Default::default()
    };
    let shows_an_object = Components {
        data: Some(DataRef { uuid: Some(B) }),
        ..Default::default()
    };
    let cases = [
        (vec![], Code::IntentShape),
        (vec![moved(A, 1.0), moved(A, 2.0)], Code::IntentShape),
        (vec![moved(NOBODY, 1.0)], Code::UuidUnknown),
        (vec![parented(A, Some(NOBODY))], Code::UuidUnknown),
        (vec![parented(A, Some(B))], Code::ParentCycle),
        (vec![parented(A, Some(A))], Code::ParentCycle),
        (vec![parented(B, Some(MESH))], Code::UuidOtherKind),
        (vec![update(A, shows_an_object)], Code::UuidOtherKind),
        (vec![Change::Delete { uuid: A }], Code::ChildrenLeft),
        (vec![update(A, transform(infinite))], Code::NumberInvalid),
        (vec![update(A, transform(crooked))], Code::NumberInvalid),
        (vec![renamed(A, "")], Code::ComponentInvalid),
        (vec![renamed(A, "line\nbreak")], Code::ComponentInvalid),
        (vec![update(A, Default::default())], Code::ComponentInvalid),
        (vec![graph(A, json!([]))], Code::ComponentInvalid),
        (vec![graph(MESH, json!({}))], Code::ComponentInvalid),
    ];
    let before = world.engine.scene().clone();
    for (changes, code) in cases {
        assert_eq!(refusal(&mut world, changes.clone()), code, "{changes:?}");
    }
    let other_kind = Change::Create {
        uuid: A,
        kind: EntityKind::Material,
        components: Components::default(),
    };
    assert_eq!(refusal(&mut world, vec![other_kind]), Code::UuidOtherKind);
    assert_eq!(
        world.engine.scene(),
        &before,
        "a refused intent changes nothing"
    );
}

#[test]
fn a_refusal_says_which_change_is_wrong() {
    let mut world = world_with(&[(1, None), (2, None)]);
    world.edit(Role::Blender, vec![moved(A, 1.0), renamed(B, "")]);
    world.daemon_hears_all(Role::Blender);
    let mut sent = world.wires[&Role::Blender].to_editor.iter();
    let location = sent.find_map(|message| match message {
        DaemonMessage::Ack { error, .. } => error.as_ref().map(|error| error.location.as_str()),
        _ => None,
    });
    assert_eq!(location, Some("changes[1].components.name"));
}

#[test]
fn an_intent_has_no_more_changes_than_were_agreed() {
    let mut world = World::connected();
    let objects = |n: usize| {
        let uuids = (1..=n as u128).map(Uuid::from_u128);
        uuids.map(|uuid| object(uuid, "O", None)).collect()
    };
    let code = refusal(&mut world, objects(MAX_CHANGES + 1));
    assert_eq!(code, Code::IntentShape);
    let most = intent(&mut world, objects(MAX_CHANGES));
    assert_eq!(ask(&mut world, most).0, AckStatus::Accepted);
}

#[test]
fn who_edits_gets_an_answer_and_not_their_own_edit() {
    let mut world = world_with(&[(1, None)]);
    world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    world.settle();
    world.disconnect(Role::Blender);
    world.connect(Role::Blender);
    world.daemon_hears_all(Role::Blender);
    world.editor_hears(Role::Blender);
    // The first is an undo by who has seen the deletion, and nothing since.
    for change in [object(A, "A", None), moved(A, 1.0), renamed(A, "B")] {
        world.edit(Role::Blender, vec![change]);
        world.daemon_hears_all(Role::Blender);
        let sent: Vec<_> = world.wires[&Role::Blender].to_editor.iter().collect();
        let [DaemonMessage::Ack { status, behind, .. }] = sent[..] else {
            panic!("{sent:?}")
        };
        assert_eq!((*status, &behind[..]), (AckStatus::Accepted, &[][..]));
        world.settle();
    }
}

#[test]
fn foreign_projects_schemas_and_futures_are_refused() {
    let mut world = world_with(&[(1, None)]);
    let good = intent(&mut world, vec![moved(A, 1.0)]);
    let other = Intent {
        project_id: vibesync_scene::ProjectId(NOBODY),
        ..good.clone()
    };
    assert_eq!(ask(&mut world, other).1, Some(Code::OtherProject));
    let newer = Intent {
        schema_version: 2,
        ..good.clone()
    };
    assert_eq!(ask(&mut world, newer).1, Some(Code::VersionUnsupported));
    let ahead = Intent {
        base_seq: good.base_seq + 1,
        ..good
    };
    assert_eq!(ask(&mut world, ahead).1, Some(Code::SequenceAhead));
}

#[test]
fn a_label_is_as_long_as_it_may_be_and_no_longer() {
    let mut world = world_with(&[(1, None)]);
    let good = intent(&mut world, vec![moved(A, 1.0)]);
    // Letters that are two bytes each.
    let called = |length| Intent {
        label: "é".repeat(length),
        ..good.clone()
    };
    let endless = ask(&mut world, called(MAX_TEXT_CHARS + 1));
    assert_eq!(endless.1, Some(Code::IntentShape));
    let long = ask(&mut world, called(MAX_TEXT_CHARS));
    assert_eq!(long.0, AckStatus::Accepted);
}

#[test]
fn a_repeated_intent_is_answered_again_and_a_reused_id_refused() {
    let mut world = world_with(&[(1, None)]);
    let first = intent(&mut world, vec![moved(A, 1.0)]);
    assert_eq!(ask(&mut world, first.clone()).0, AckStatus::Accepted);
    let records = world.log.len();
    assert_eq!(ask(&mut world, first.clone()).0, AckStatus::Duplicate);
    let reused = Intent {
        changes: vec![moved(A, 5.0)],
        ..first.clone()
    };
    assert_eq!(
        ask(&mut world, reused),
        (AckStatus::Refused, Some(Code::OperationReused))
    );
    assert_eq!(world.log.len(), records, "neither adds to the log");
    world.crash();
    world.connect(Role::Blender);
    world.settle();
    assert_eq!(
        ask(&mut world, first).0,
        AckStatus::Duplicate,
        "also after a restart"
    );
}

#[test]
fn what_is_so_already_is_no_transaction() {
    let mut world = world_with(&[(1, None)]);
    let rounding = intent(&mut world, vec![moved(A, 0.9e-5)]);
    assert_eq!(ask(&mut world, rounding).0, AckStatus::Unchanged);
    let change = intent(&mut world, vec![moved(A, 1.1e-5)]);
    assert_eq!(ask(&mut world, change).0, AckStatus::Accepted);
}

#[test]
fn nothing_comes_under_what_was_deleted() {
    let mut world = World::connected();
    let (above, below) = (world.id(), world.id());
    let both = vec![object(above, "Above", None), object(below, "Below", None)];
    world.edit(Role::Blender, both);
    world.settle();
    world.edit(Role::Blender, vec![Change::Delete { uuid: above }]);
    world.settle();
    let code = refusal(&mut world, vec![parented(below, Some(above))]);
    assert_eq!(code, Code::UuidUnknown);
}

#[test]
fn a_deleted_uuid_stays_taken_unless_the_delete_itself_is_undone() {
    let mut world = world_with(&[(1, None)]);
    world.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    world.settle();
    assert!(!world.editor(Role::Blender).entities.contains_key(&A));
    assert_eq!(refusal(&mut world, vec![moved(A, 1.0)]), Code::Tombstoned);
    let mut late = intent(&mut world, vec![object(A, "late", None)]);
    late.base_seq = 1;
    let refused = (AckStatus::Refused, Some(Code::Conflict));
    assert_eq!(
        ask(&mut world, late),
        refused,
        "made before the deletion was known"
    );
    world.edit(Role::Unity, vec![object(A, "undone", None)]);
    world.settle();
    assert_eq!(
        world
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .name
            .as_deref(),
        Some("undone")
    );
    assert!(world.editor(Role::Blender).entities.contains_key(&A));
}

#[test]
fn a_second_editor_of_a_role_is_refused_but_a_reconnect_replaces() {
    let mut world = World::connected();
    let mut other = world.editor(Role::Blender).clone();
    other.instance = vibesync_scene::InstanceId(NOBODY);
    let session = vibesync_scene::SessionId(NOBODY);
    let hello = Box::new(other.hello(String::new(), String::new()));
    let actions = world
        .engine
        .step(vibesync_engine::Input::Connected { session, hello }, 0);
    let refused = actions.iter().any(|action| {
        matches!(action, vibesync_engine::Action::Close { error, .. } if error.code == Code::RoleTaken)
    });
    let is_accept = |action: &Action| matches!(action, Action::Accept { .. });
    assert!(refused && !actions.iter().any(is_accept), "{actions:?}");
    let hello = Box::new(
        world
            .wires
            .get_mut(&Role::Blender)
            .unwrap()
            .editor
            .hello(String::new(), String::new()),
    );
    let actions = world
        .engine
        .step(vibesync_engine::Input::Connected { session, hello }, 0);
    assert!(actions.iter().any(is_accept), "{actions:?}");
}

#[test]
fn an_endless_inventory_ends_the_connection() {
    let mut world = World::new();
    world.connect(Role::Blender);
    let session = world.wires[&Role::Blender].session.unwrap();
    let part: Vec<_> = (0..100_000)
        .map(|n| vibesync_protocol::InventoryEntry {
            uuid: Uuid::from_u128(n),
            version: 1,
        })
        .collect();
    for _ in 0..10 {
        let message = Box::new(ClientMessage::Inventory {
            entities: part.clone(),
            last: false,
        });
        world.step(vibesync_engine::Input::Message { session, message });
    }
    assert!(
        world.wires[&Role::Blender].session.is_some(),
        "a million is allowed"
    );
    assert!(world.engine.status().sessions[0].comparing);
    let message = Box::new(ClientMessage::Inventory {
        entities: part,
        last: false,
    });
    world.step(vibesync_engine::Input::Message { session, message });
    assert!(world.wires[&Role::Blender].session.is_none());
    assert!(world.engine.status().sessions.is_empty());
}
