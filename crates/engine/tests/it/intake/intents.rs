//! Intents that are accepted, refused with a code, or answered again.

use serde_json::json;
use vibesync_engine::Action;
use vibesync_protocol::{
    AckStatus, ClientMessage, Code, DaemonMessage, Intent, MAX_CHANGES, SCHEMA_VERSION,
};
use vibesync_scene::{
    Change, Components, DataRef, EntityKind, MAX_TEXT_CHARS, Nodes, OperationId, Phase, Role,
    Transform, Uuid, Visibility,
};

use crate::harness::{Harness, PROJECT, moved, object, parented, renamed, triangle, update};

fn graph(uuid: Uuid, graph: serde_json::Value) -> Change {
    let nodes = Some(Box::new(Nodes { graph: Some(graph) }));
    let components = Components {
        nodes,
        ..Components::default()
    };
    update(uuid, components)
}

/// Sends an intent past the fake editor and returns the answer.
fn ask(harness: &mut Harness, intent: Intent) -> (AckStatus, Option<Code>) {
    let session = harness.wires[&Role::Blender].session.unwrap();
    let before = harness.wires[&Role::Blender].to_editor.len();
    harness.step(vibesync_engine::Input::Message {
        session,
        message: Box::new(ClientMessage::Intent(intent)),
    });
    let answers = harness.wires[&Role::Blender].to_editor.iter().skip(before);
    let mut acks = answers.filter_map(|message| match message {
        DaemonMessage::Ack { status, error, .. } => {
            Some((*status, error.as_ref().map(|error| error.code)))
        }
        _ => None,
    });
    if let Some(answer) = acks.next() {
        return answer;
    }
    harness.now = harness
        .engine
        .next_deadline()
        .expect("it waits for something");
    harness.step(vibesync_engine::Input::Tick);
    let mut late = harness.wires[&Role::Blender].to_editor.iter().skip(before);
    let Some(DaemonMessage::Ack { status, error, .. }) = late.next() else {
        panic!("an intent is always answered")
    };
    (*status, error.as_ref().map(|error| error.code))
}

fn intent(harness: &mut Harness, changes: Vec<Change>) -> Intent {
    Intent {
        operation_id: OperationId(harness.id()),
        project_id: PROJECT,
        schema_version: SCHEMA_VERSION,
        base_seq: harness.engine.head_seq(),
        label: "Edit".into(),
        dry_run: false,
        changes,
        request_id: None,
    }
}

fn refusal(harness: &mut Harness, changes: Vec<Change>) -> Code {
    let intent = intent(harness, changes);
    let (status, code) = ask(harness, intent);
    assert_eq!(status, AckStatus::Refused);
    code.unwrap()
}

fn world_with(parents: &[(u128, Option<u128>)]) -> Harness {
    let mut harness = Harness::connected();
    let create = |(id, parent): &(u128, Option<u128>)| {
        object(Uuid::from_u128(*id), "O", parent.map(Uuid::from_u128))
    };
    harness.edit(Role::Blender, parents.iter().map(create).collect());
    harness.settle();
    harness
}

const A: Uuid = Uuid::from_u128(1);
const B: Uuid = Uuid::from_u128(2);
const MESH: Uuid = Uuid::from_u128(10);
const NOBODY: Uuid = Uuid::from_u128(99);

#[test]
fn fast_change_is_logged_in_four_records() {
    let mut harness = world_with(&[(1, None)]);
    let id = harness.edit(Role::Blender, vec![moved(A, 2.0)]);
    harness.settle();
    assert_eq!(
        harness.phases(id),
        [Phase::Begin, Phase::Step, Phase::Provisional, Phase::Final]
    );
    assert_eq!(
        harness.editor(Role::Blender).outcomes.last(),
        Some(&(id, Phase::Final))
    );
}

#[test]
fn path_follows_from_the_change() {
    let mut harness = world_with(&[(1, None), (2, None)]);
    let id = harness.edit(Role::Blender, vec![moved(A, 1.0), parented(B, Some(A))]);
    harness.settle();
    assert_eq!(
        harness.phases(id).last(),
        Some(&Phase::Commit),
        "one structural change makes the whole intent slow"
    );
    assert!(!harness.phases(id).contains(&Phase::Provisional));
    let component = |component: Components| update(A, component);
    let fast = [
        moved(A, 2.0),
        renamed(A, "B"),
        component(Components {
            visibility: Some(Visibility { visible: false }),
            ..Components::default()
        }),
    ];
    let slow = [
        triangle(MESH, b"mesh"),
        component(Components {
            data: Some(DataRef { uuid: Some(MESH) }),
            ..Components::default()
        }),
        graph(A, json!({"nodes": []})),
        parented(B, None),
        Change::Delete { uuid: B },
    ];
    let cases = fast.map(|change| (change, true)).into_iter();
    for (change, is_fast) in cases.chain(slow.map(|change| (change, false))) {
        let id = harness.edit(Role::Blender, vec![change.clone()]);
        harness.settle();
        let phases = harness.phases(id);
        let end = if is_fast { Phase::Final } else { Phase::Commit };
        assert_eq!(phases.last(), Some(&end), "{change:?}");
        assert_eq!(phases.contains(&Phase::Provisional), is_fast, "{change:?}");
    }
}

#[test]
fn records_come_before_messages() {
    let mut harness = world_with(&[(1, None)]);
    let session = harness.wires[&Role::Blender].session.unwrap();
    let message = Box::new(ClientMessage::Intent(intent(
        &mut harness,
        vec![moved(A, 3.0)],
    )));
    let actions = harness
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
fn invalid_intents_are_refused_with_their_code() {
    let mut harness = world_with(&[(1, None), (2, Some(1))]);
    harness.edit(Role::Blender, vec![triangle(MESH, b"mesh")]);
    harness.settle();
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
    let before = harness.engine.scene().clone();
    for (changes, code) in cases {
        assert_eq!(refusal(&mut harness, changes.clone()), code, "{changes:?}");
    }
    let other_kind = Change::Create {
        uuid: A,
        kind: EntityKind::Material,
        components: Components::default(),
    };
    assert_eq!(refusal(&mut harness, vec![other_kind]), Code::UuidOtherKind);
    assert_eq!(
        harness.engine.scene(),
        &before,
        "a refused intent changes nothing"
    );
}

#[test]
fn refusal_names_the_location_of_the_error() {
    let mut harness = world_with(&[(1, None), (2, None)]);
    harness.edit(Role::Blender, vec![moved(A, 1.0), renamed(B, "")]);
    harness.deliver_all_to_daemon(Role::Blender);
    let mut sent = harness.wires[&Role::Blender].to_editor.iter();
    let location = sent.find_map(|message| match message {
        DaemonMessage::Ack { error, .. } => error.as_ref().map(|error| error.location.as_str()),
        _ => None,
    });
    assert_eq!(location, Some("changes[1].components.name"));
}

#[test]
fn intent_with_too_many_changes_is_refused() {
    let mut harness = Harness::connected();
    let objects = |n: usize| {
        let uuids = (1..=n as u128).map(Uuid::from_u128);
        uuids.map(|uuid| object(uuid, "O", None)).collect()
    };
    let code = refusal(&mut harness, objects(MAX_CHANGES + 1));
    assert_eq!(code, Code::IntentShape);
    let most = intent(&mut harness, objects(MAX_CHANGES));
    assert_eq!(ask(&mut harness, most).0, AckStatus::Accepted);
}

#[test]
fn origin_gets_an_answer_and_not_its_own_edit() {
    let mut harness = world_with(&[(1, None)]);
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.settle();
    harness.disconnect(Role::Blender);
    harness.connect(Role::Blender);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Blender);
    // The first is an undo by a sender that has seen the deletion, and nothing since.
    for change in [object(A, "A", None), moved(A, 1.0), renamed(A, "B")] {
        harness.edit(Role::Blender, vec![change]);
        harness.deliver_all_to_daemon(Role::Blender);
        let sent: Vec<_> = harness.wires[&Role::Blender].to_editor.iter().collect();
        let [DaemonMessage::Ack { status, behind, .. }] = sent[..] else {
            panic!("{sent:?}")
        };
        assert_eq!((*status, &behind[..]), (AckStatus::Accepted, &[][..]));
        harness.settle();
    }
}

#[test]
fn other_projects_schemas_and_future_sequences_are_refused() {
    let mut harness = world_with(&[(1, None)]);
    let good = intent(&mut harness, vec![moved(A, 1.0)]);
    let other = Intent {
        project_id: vibesync_scene::ProjectId(NOBODY),
        ..good.clone()
    };
    assert_eq!(ask(&mut harness, other).1, Some(Code::WrongProject));
    let newer = Intent {
        schema_version: 2,
        ..good.clone()
    };
    assert_eq!(ask(&mut harness, newer).1, Some(Code::VersionUnsupported));
    let ahead = Intent {
        base_seq: harness.engine.head_seq() + 1,
        ..good
    };
    assert_eq!(ask(&mut harness, ahead).1, Some(Code::SequenceAhead));
}

#[test]
fn label_longer_than_the_limit_is_refused() {
    let mut harness = world_with(&[(1, None)]);
    let good = intent(&mut harness, vec![moved(A, 1.0)]);
    // Letters of two bytes each.
    let called = |length| Intent {
        label: "é".repeat(length),
        ..good.clone()
    };
    let endless = ask(&mut harness, called(MAX_TEXT_CHARS + 1));
    assert_eq!(endless.1, Some(Code::IntentShape));
    let long = ask(&mut harness, called(MAX_TEXT_CHARS));
    assert_eq!(long.0, AckStatus::Accepted);
}

#[test]
fn repeated_intent_is_answered_again_and_reused_id_refused() {
    let mut harness = world_with(&[(1, None)]);
    let first = intent(&mut harness, vec![moved(A, 1.0)]);
    assert_eq!(ask(&mut harness, first.clone()).0, AckStatus::Accepted);
    let records = harness.log.len();
    assert_eq!(ask(&mut harness, first.clone()).0, AckStatus::Duplicate);
    let reused = Intent {
        changes: vec![moved(A, 5.0)],
        ..first.clone()
    };
    assert_eq!(
        ask(&mut harness, reused),
        (AckStatus::Refused, Some(Code::OperationReused))
    );
    let added: Vec<_> = harness.log[records..].iter().map(|it| it.phase).collect();
    assert_eq!(added, [Phase::Refused], "the repeated one adds nothing");
    harness.crash();
    harness.connect(Role::Blender);
    harness.settle();
    assert_eq!(
        ask(&mut harness, first).0,
        AckStatus::Duplicate,
        "also after a restart"
    );
}

#[test]
fn unchanged_values_begin_no_transaction() {
    let mut harness = world_with(&[(1, None)]);
    let rounding = intent(&mut harness, vec![moved(A, 0.9e-5)]);
    assert_eq!(ask(&mut harness, rounding).0, AckStatus::Unchanged);
    let change = intent(&mut harness, vec![moved(A, 1.1e-5)]);
    assert_eq!(ask(&mut harness, change).0, AckStatus::Accepted);
}

#[test]
fn reference_to_a_deleted_entity_is_refused() {
    let mut harness = Harness::connected();
    let (above, below) = (harness.id(), harness.id());
    let both = vec![object(above, "Above", None), object(below, "Below", None)];
    harness.edit(Role::Blender, both);
    harness.settle();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: above }]);
    harness.settle();
    let code = refusal(&mut harness, vec![parented(below, Some(above))]);
    assert_eq!(code, Code::UuidUnknown);
}

#[test]
fn deleted_uuid_stays_taken_unless_the_delete_is_undone() {
    let mut harness = world_with(&[(1, None)]);
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.settle();
    assert!(!harness.editor(Role::Blender).entities.contains_key(&A));
    assert_eq!(refusal(&mut harness, vec![moved(A, 1.0)]), Code::Tombstoned);
    let mut late = intent(&mut harness, vec![object(A, "late", None)]);
    late.base_seq = 1;
    let refused = (AckStatus::Refused, Some(Code::Conflict));
    assert_eq!(
        ask(&mut harness, late),
        refused,
        "made before the deletion was known"
    );
    harness.edit(Role::Unity, vec![object(A, "undone", None)]);
    harness.settle();
    assert_eq!(
        harness
            .engine
            .scene()
            .live(A)
            .unwrap()
            .components
            .name
            .as_deref(),
        Some("undone")
    );
    assert!(harness.editor(Role::Blender).entities.contains_key(&A));
}

#[test]
fn second_editor_of_a_role_is_refused_a_reconnect_replaces() {
    let mut harness = Harness::connected();
    let mut other = harness.editor(Role::Blender).clone();
    other.instance = vibesync_scene::InstanceId(NOBODY);
    let session = vibesync_scene::SessionId(NOBODY);
    let hello = Box::new(other.hello(String::new(), String::new()));
    let actions = harness
        .engine
        .step(vibesync_engine::Input::Connected { session, hello }, 0);
    let refused = actions.iter().any(|action| {
        matches!(action, vibesync_engine::Action::Close { error, .. } if error.code == Code::RoleTaken)
    });
    let is_accept = |action: &Action| matches!(action, Action::Accept { .. });
    assert!(refused && !actions.iter().any(is_accept), "{actions:?}");
    let hello = Box::new(
        harness
            .wires
            .get_mut(&Role::Blender)
            .unwrap()
            .editor
            .hello(String::new(), String::new()),
    );
    let actions = harness
        .engine
        .step(vibesync_engine::Input::Connected { session, hello }, 0);
    assert!(actions.iter().any(is_accept), "{actions:?}");
}

#[test]
fn too_large_inventory_closes_the_connection() {
    let mut harness = Harness::new();
    harness.connect(Role::Blender);
    let session = harness.wires[&Role::Blender].session.unwrap();
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
        harness.step(vibesync_engine::Input::Message { session, message });
    }
    assert!(
        harness.wires[&Role::Blender].session.is_some(),
        "a million is allowed"
    );
    assert!(harness.engine.status().sessions[0].comparing);
    let message = Box::new(ClientMessage::Inventory {
        entities: part,
        last: false,
    });
    harness.step(vibesync_engine::Input::Message { session, message });
    assert!(harness.wires[&Role::Blender].session.is_none());
    assert!(harness.engine.status().sessions.is_empty());
}
