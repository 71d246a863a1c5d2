//! Previews: which are passed on, to whom, and that nothing but previews comes of them.

mod components;
mod meshes;

use vibesync_engine::{Action, Input, PreviewUpdate};
use vibesync_protocol::{
    ClientMessage, DaemonMessage, MAX_PREVIEWED, MAX_SHOWN, PreviewChange, PreviewCounts, feature,
};
use vibesync_scene::{
    Change, Code, Components, InstanceId, Role, SessionId, Transform, Uuid, Visibility,
};
use vibesync_testkit::FakeEditor;

use crate::harness::{A, Harness, PROJECT, guarded, moved, object, renamed};

const B: Uuid = Uuid::from_u128(2);

/// Returns a value that moves an entity along x.
fn value(uuid: Uuid, x: f64) -> PreviewChange {
    let transform = Transform {
        translation: [x, 0.0, 0.0],
        ..Transform::IDENTITY
    };
    PreviewChange {
        uuid,
        components: Components {
            transform: Some(transform),
            ..Components::default()
        },
        positions: None,
    }
}

fn send(harness: &mut Harness, session: SessionId, message: ClientMessage) -> Vec<Action> {
    let message = Box::new(message);
    let input = Input::Message { session, message };
    harness.engine.step(input, harness.now)
}

/// Lets Blender send a preview. Returns what Unity gets.
fn preview(harness: &mut Harness, seq: u64, changes: Vec<PreviewChange>) -> Vec<PreviewChange> {
    let blender = harness.session_of(Role::Blender);
    let actions = send(harness, blender, ClientMessage::Preview { seq, changes });
    let unity = harness.wires[&Role::Unity].session;
    let passed = actions.into_iter().flat_map(|action| match action {
        Action::Preview {
            session,
            update:
                PreviewUpdate::Show {
                    from: Role::Blender,
                    changes,
                },
        } if Some(session) == unity => changes,
        other => panic!("{other:?}"),
    });
    passed.collect()
}

/// Lets Blender end previews. Returns what Unity is to put back.
fn end(harness: &mut Harness, uuids: Vec<Uuid>) -> Vec<Uuid> {
    let blender = harness.session_of(Role::Blender);
    let actions = send(harness, blender, ClientMessage::PreviewEnd { uuids });
    ends(actions)
}

fn ends(actions: Vec<Action>) -> Vec<Uuid> {
    let ended = actions.into_iter().flat_map(|action| match action {
        Action::Preview {
            update: PreviewUpdate::End { uuids },
            ..
        } => uuids,
        _ => Vec::new(),
    });
    ended.collect()
}

fn counts(harness: &Harness) -> PreviewCounts {
    harness.engine.status().previews
}

#[test]
fn preview_reaches_the_other_editor_and_leaves_no_trace() {
    let mut harness = Harness::with_object();
    let (records, scene) = (harness.log.len(), harness.engine.scene().clone());
    let deadline = harness.engine.next_deadline();
    assert_eq!(
        preview(&mut harness, 1, vec![value(A, 5.0)]),
        [value(A, 5.0)]
    );
    assert_eq!(end(&mut harness, vec![A]), [A]);
    assert_eq!(harness.log.len(), records);
    assert_eq!(harness.engine.scene(), &scene);
    assert_eq!(harness.engine.next_deadline(), deadline);
    assert_eq!(counts(&harness), PreviewCounts::default());
}

#[test]
fn preview_is_refused_like_an_intent_and_without_an_answer() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![object(B, "B", None)]);
    harness.settle();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: B }]);
    harness.settle();
    let other = |components| PreviewChange {
        uuid: A,
        components,
        positions: None,
    };
    let named = Components {
        visibility: Some(Visibility { visible: false }),
        ..value(A, 1.0).components
    };
    let unsound = [
        value(Uuid::from_u128(77), 1.0),
        value(B, 1.0),
        value(A, f64::NAN),
        value(A, 1e10),
        other(named),
        other(Components::default()),
    ];
    for (seq, change) in (1..).zip(unsound) {
        let passed = preview(&mut harness, seq, vec![change.clone()]);
        assert_eq!(passed, [], "{change:?}");
        assert_eq!(counts(&harness).refused, seq, "{change:?}");
    }
    let twice = vec![value(A, 1.0), value(A, 2.0)];
    assert_eq!(preview(&mut harness, 7, twice), [value(A, 1.0)]);
    assert_eq!(counts(&harness).refused, 7);
}

#[test]
fn quarantined_entity_is_not_previewed() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.edit(Role::Unity, vec![moved(A, 3.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(harness.engine.scene().quarantined().contains(&A));
    assert_eq!(preview(&mut harness, 1, vec![value(A, 5.0)]), []);
    assert_eq!(counts(&harness).refused, 1);
}

#[test]
fn whole_message_is_refused_if_it_is_old_or_too_large() {
    let mut harness = Harness::with_object();
    preview(&mut harness, 4, vec![value(A, 5.0)]);
    for seq in [4, 3] {
        assert_eq!(preview(&mut harness, seq, vec![value(A, 6.0)]), []);
    }
    assert_eq!(counts(&harness).refused, 2);
    let many = (0..=MAX_PREVIEWED as u128).map(|id| value(Uuid::from_u128(id + 1), 1.0));
    assert_eq!(preview(&mut harness, 5, many.collect()), []);
    assert!(end(&mut harness, vec![A; MAX_PREVIEWED + 1]).is_empty());
    let refused = 2 + 2 * (MAX_PREVIEWED as u64 + 1);
    assert_eq!(counts(&harness).refused, refused);
}

/// Connects an agent that accepts the feature, though agents never take part.
fn connect_agent(harness: &mut Harness) -> SessionId {
    let (session, instance) = (SessionId(harness.id()), InstanceId(harness.id()));
    let mut agent = FakeEditor::new(Role::Agent, instance, PROJECT);
    agent.features = vec![feature::PREVIEWS.to_owned()];
    let hello = Box::new(agent.hello(String::new(), String::new()));
    harness.step(Input::Connected { session, hello });
    session
}

#[test]
fn clients_without_the_feature_neither_send_nor_receive() {
    let mut harness = Harness::with_object();
    let agent = connect_agent(&mut harness);
    let told = harness.received.len();
    let refused = |actions: &[Action]| match actions {
        [Action::Send { message, .. }] => match &**message {
            DaemonMessage::Error { error, .. } => Some(error.code),
            _ => None,
        },
        _ => None,
    };
    let message = ClientMessage::Preview {
        seq: 1,
        changes: vec![value(A, 1.0)],
    };
    let actions = send(&mut harness, agent, message.clone());
    assert_eq!(refused(&actions), Some(Code::MessageUnknown));

    preview(&mut harness, 1, vec![value(A, 1.0)]);
    assert_eq!(harness.received.len(), told, "no agent gets one");

    harness.disconnect(Role::Unity);
    let unity = &mut harness.wires.get_mut(&Role::Unity).unwrap().editor;
    unity.features = vec![feature::AGENTS.to_owned()];
    harness.connect(Role::Unity);
    harness.settle();
    assert_eq!(preview(&mut harness, 2, vec![value(A, 2.0)]), []);
    let unity = harness.session_of(Role::Unity);
    let actions = send(&mut harness, unity, message);
    assert_eq!(refused(&actions), Some(Code::MessageUnknown));
}

#[test]
fn editor_takes_part_once_its_inventory_is_answered() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    assert_eq!(preview(&mut harness, 1, vec![value(A, 5.0)]), []);
    let unity = harness.session_of(Role::Unity);
    let early = ClientMessage::Preview {
        seq: 1,
        changes: vec![value(A, 1.0)],
    };
    assert!(send(&mut harness, unity, early).is_empty());
    assert_eq!(counts(&harness).refused, 1);
    harness.settle();
    let to_unity = &harness.wires[&Role::Unity].previews;
    assert!(to_unity.is_empty(), "no old preview is repeated");
    assert_eq!(preview(&mut harness, 2, vec![value(A, 6.0)]).len(), 1);
}

#[test]
fn receiver_gets_only_components_that_it_knows() {
    let mut harness = Harness::with_object();
    harness.disconnect(Role::Unity);
    let session = SessionId(harness.id());
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let mut hello = wire.editor.hello(String::new(), String::new());
    hello.components.retain(|name| name != "transform");
    wire.session = Some(session);
    let hello = Box::new(hello);
    harness.step(Input::Connected { session, hello });
    harness.settle();
    assert_eq!(preview(&mut harness, 1, vec![value(A, 5.0)]), []);
    assert_eq!(counts(&harness).refused, 0);
}

#[test]
fn flood_is_dropped_and_delays_no_durable_change() {
    let mut harness = Harness::with_object();
    let passed: usize = (1..=1_000)
        .map(|seq| preview(&mut harness, seq, vec![value(A, 1.0)]).len())
        .sum();
    assert_eq!(passed, 60);
    assert_eq!(counts(&harness).dropped, 940);
    assert!(end(&mut harness, vec![A]).is_empty());
    let id = harness.edit(Role::Blender, vec![moved(A, 3.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert!(!harness.phases(id).is_empty());
    assert_eq!(harness.closed, []);
    harness.now += 1_000;
    let passed: usize = (1_001..=2_000)
        .map(|seq| preview(&mut harness, seq, vec![value(A, 1.0)]).len())
        .sum();
    assert_eq!(passed, 60, "the burst is the most that is saved up");
}

#[test]
fn end_of_the_connection_ends_what_it_shows() {
    let mut harness = Harness::with_object();
    harness.edit(
        Role::Blender,
        vec![object(B, "B", None), object(Uuid::from_u128(3), "C", None)],
    );
    harness.settle();
    preview(&mut harness, 1, vec![value(Uuid::from_u128(3), 1.0)]);
    harness.now += 6_000;
    preview(&mut harness, 2, vec![value(A, 1.0), value(B, 1.0)]);
    end(&mut harness, vec![B]);
    let blender = harness.session_of(Role::Blender);
    let lost = |session| Input::Disconnected {
        session,
        reason: "test".into(),
    };
    let actions = harness.engine.step(lost(blender), harness.now);
    let unity = harness.session_of(Role::Unity);
    assert!(actions.iter().any(|action| matches!(
        action,
        Action::Preview { session, .. } if *session == unity
    )));
    assert_eq!(ends(actions), [A], "B was ended, and C is long over");
    let again = harness.engine.step(lost(blender), harness.now);
    assert!(ends(again).is_empty());
}

#[test]
fn one_editor_shows_a_bounded_number_of_entities() {
    let mut harness = Harness::connected();
    let uuids: Vec<Uuid> = (1..=MAX_SHOWN as u128 + 512).map(Uuid::from_u128).collect();
    let objects = uuids.iter().map(|uuid| object(*uuid, "O", None));
    harness.edit(Role::Blender, objects.collect());
    harness.settle();
    let mut passed = 0;
    for (seq, some) in (1..).zip(uuids.chunks(MAX_PREVIEWED)) {
        let changes = some.iter().map(|uuid| value(*uuid, 1.0));
        passed += preview(&mut harness, seq, changes.collect()).len();
    }
    assert_eq!(passed, MAX_SHOWN);
    assert_eq!(counts(&harness).dropped, 512);
    let known = vec![value(uuids[0], 2.0)];
    assert_eq!(preview(&mut harness, 100, known.clone()), known);
}

#[test]
fn preview_passes_an_open_transaction_and_a_guard() {
    let mut harness = Harness::with_object();
    harness.edit(Role::Unity, vec![guarded(A, true)]);
    harness.deliver_all_to_daemon(Role::Unity);
    assert_eq!(harness.engine.status().open_transactions, 1);
    assert_eq!(preview(&mut harness, 1, vec![value(A, 5.0)]).len(), 1);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn shown_values_are_put_back_before_the_read_back() {
    let mut harness = Harness::with_object();
    let blender = harness.session_of(Role::Blender);
    let show = |harness: &mut Harness, seq, x| {
        let message = ClientMessage::Preview {
            seq,
            changes: vec![value(A, x)],
        };
        let actions = send(harness, blender, message);
        harness.run(actions);
        harness.deliver_preview(Role::Unity, 0);
    };
    let x = |harness: &Harness| {
        let held = &harness.editor(Role::Unity).entities[&A].components;
        held.transform.unwrap().translation[0]
    };
    show(&mut harness, 1, 5.0);
    show(&mut harness, 2, 6.0);
    assert_eq!(x(&harness), 6.0);
    harness.edit(Role::Blender, vec![renamed(A, "Named")]);
    harness.settle();
    assert_eq!(x(&harness), 0.0, "the batch ends the preview");
    assert_eq!(harness.editor(Role::Unity).shown().count(), 0);
    harness.assert_converged();
}
