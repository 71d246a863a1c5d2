//! The admission of looks and selections.

use uuid::Uuid;
use vibesync_protocol::{ClientMessage, Code, DaemonMessage, SelectRequest, feature};
use vibesync_scene::{AgentMode, Change, Components, EntityKind, Role, Visibility};

use super::stage::{Stage, claude};
use crate::harness::{A, guarded, object, update};

const B: Uuid = Uuid::from_u128(2);
const DATA: Uuid = Uuid::from_u128(3);
const MINUTE_MS: u64 = 60_000;

fn shown(uuid: Uuid, visible: bool) -> Change {
    let components = Components {
        visibility: Some(Visibility { visible }),
        ..Components::default()
    };
    update(uuid, components)
}

fn edit(stage: &mut Stage, change: Change) {
    stage.harness.edit(Role::Blender, vec![change]);
    stage.harness.settle();
}

#[test]
fn agent_that_may_only_read_looks_but_does_not_select() {
    for mode in [AgentMode::Ask, AgentMode::Read] {
        let mut stage = Stage::with_mode(mode);
        let look = stage.look();
        stage.draw(look);
        assert_eq!(stage.answer(look).error, None);
        let select = stage.select(vec![A]);
        assert_eq!(stage.selection_code(select), Code::ScopeNotGranted);
        assert!(stage.selects().is_empty());
    }
}

#[test]
fn agent_gets_six_pictures_a_minute() {
    let mut stage = Stage::new();
    for _ in 0..6 {
        let look = stage.look();
        stage.draw(look);
        assert_eq!(stage.answer(look).error, None);
    }
    let late = stage.look();
    let error = stage.error(late);
    assert_eq!(error.code, Code::BudgetUsedUp);
    assert!(error.message.contains("60000 ms"), "{}", error.message);
    assert_eq!(stage.refused(), [Code::BudgetUsedUp]);
    let select = stage.select(vec![A]);
    stage.selected(select, vec![A]);
    assert_eq!(stage.selection(select).error, None, "no picture");
    stage.agent = stage.other_agent("other");
    let other = stage.look();
    stage.draw(other);
    assert_eq!(stage.answer(other).error, None, "each has its own");
    stage.agent = stage.other_agent("claude");
    stage.wait(MINUTE_MS);
    let next = stage.look();
    stage.draw(next);
    assert_eq!(stage.answer(next).error, None);
}

#[test]
fn selections_of_an_agent_are_bounded() {
    let mut stage = Stage::new();
    for _ in 0..60 {
        let select = stage.select(Vec::new());
        stage.selected(select, Vec::new());
        assert_eq!(stage.selection(select).error, None);
    }
    let late = stage.select(Vec::new());
    assert_eq!(stage.selection_code(late), Code::BudgetUsedUp);
}

#[test]
fn nothing_is_drawn_while_a_kept_object_is_visible() {
    let mut stage = Stage::new();
    edit(&mut stage, object(B, "Below", Some(A)));
    edit(&mut stage, guarded(A, true));
    let look = stage.look();
    assert_eq!(stage.code(look), Code::KeptForPeople);
    assert!(stage.views().is_empty(), "the editor hears nothing");
    edit(&mut stage, shown(A, false));
    let below = stage.look();
    assert_eq!(
        stage.code(below),
        Code::KeptForPeople,
        "Blender shows what is below"
    );
    let unity = stage.look_with(|request| request.editor = Role::Unity);
    assert_eq!(stage.views_of(Role::Unity).len(), 1, "Unity does not");
    assert!(stage.answers(unity).is_empty());
    edit(&mut stage, shown(B, false));
    let hidden = stage.look();
    stage.draw(hidden);
    assert_eq!(stage.answer(hidden).error, None);
    edit(&mut stage, shown(A, true));
    edit(&mut stage, guarded(A, false));
    let free = stage.look();
    stage.draw(free);
    assert_eq!(stage.answer(free).error, None);
}

#[test]
fn picture_is_kept_back_if_something_was_kept_meanwhile() {
    let mut stage = Stage::new();
    let look = stage.look();
    edit(&mut stage, guarded(A, true));
    stage.draw(look);
    assert_eq!(stage.code(look), Code::KeptForPeople);
    assert!(stage.logged().is_empty());
    assert_eq!(stage.refused(), [Code::KeptForPeople]);
}

#[test]
fn kept_objects_are_neither_framed_nor_selected() {
    let mut stage = Stage::new();
    edit(&mut stage, object(B, "B", None));
    edit(&mut stage, guarded(A, true));
    edit(&mut stage, shown(A, false));
    let look = stage.look_with(|request| request.frame = vec![B, A]);
    let error = stage.error(look);
    assert_eq!(
        (error.code, error.location.as_str()),
        (Code::KeptForPeople, "frame[1]")
    );
    let select = stage.select(vec![A]);
    let error = stage.selection(select).error.unwrap();
    assert_eq!(
        (error.code, error.location.as_str()),
        (Code::KeptForPeople, "uuids[0]")
    );
    let select = stage.select(vec![B]);
    stage.selected(select, vec![B, A]);
    assert_eq!(stage.selection(select).selected, [B], "A is not told");
}

#[test]
fn only_objects_that_exist_are_framed_or_selected() {
    let mut stage = Stage::new();
    edit(&mut stage, object(B, "B", None));
    edit(&mut stage, Change::Delete { uuid: B });
    let data = Change::Create {
        uuid: DATA,
        kind: EntityKind::Mesh,
        components: Components {
            name: Some("Data".into()),
            ..Components::default()
        },
    };
    edit(&mut stage, data);
    for (uuid, code) in [
        (B, Code::Tombstoned),
        (DATA, Code::UuidUnknown),
        (Uuid::from_u128(99), Code::UuidUnknown),
    ] {
        let look = stage.look_with(|request| request.frame = vec![uuid]);
        assert_eq!(stage.code(look), code);
        let select = stage.select(vec![A, uuid]);
        assert_eq!(stage.selection_code(select), code);
    }
    let look = stage.look_with(|request| request.frame = vec![A]);
    assert_eq!(stage.views()[0].frame, [A]);
    assert!(stage.answers(look).is_empty());
}

#[test]
fn malformed_requests_are_refused_with_the_field() {
    let mut stage = Stage::new();
    let refused = |stage: &Stage, id| {
        let error = stage.error(id);
        (error.code, error.location)
    };
    let malformed = |field: &str| (Code::MessageMalformed, field.to_owned());
    for size in [0, 255, 1_281, u32::MAX] {
        let look = stage.look_with(|request| request.size = size);
        assert_eq!(refused(&stage, look), malformed("size"));
    }
    for role in [Role::Agent, Role::Cli] {
        let look = stage.look_with(|request| request.editor = role);
        assert_eq!(refused(&stage, look), malformed("editor"));
    }
    let look = stage.look_with(|request| request.frame = vec![A; 201]);
    assert_eq!(refused(&stage, look), malformed("frame"));
    let first = stage.look();
    let other = stage.other_agent("other");
    let mut repeated = stage.request();
    repeated.request_id = first;
    stage.send(other, ClientMessage::View(repeated));
    assert_eq!(stage.code(first), Code::OperationReused);
    stage.draw(first);
    let answers = stage.answers(first);
    assert!(
        answers.len() == 2 && answers[1].error.is_none(),
        "{answers:?}"
    );
}

#[test]
fn editor_must_be_connected_and_able() {
    let mut stage = Stage::new();
    let wire = stage.harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.features.clear();
    stage.harness.disconnect(Role::Unity);
    let away = stage.look_with(|request| request.editor = Role::Unity);
    assert!(stage.error(away).message.contains("not connected"));
    assert_eq!(stage.code(away), Code::EditorUnable);
    stage.harness.connect(Role::Unity);
    stage.harness.settle();
    let old = stage.look_with(|request| request.editor = Role::Unity);
    assert!(stage.error(old).message.contains("this version"));
    assert_eq!(stage.code(old), Code::EditorUnable);
    let wire = stage.harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.features = vec![feature::VIEW.to_owned()];
    stage.harness.disconnect(Role::Unity);
    stage.harness.connect(Role::Unity);
    stage.look_with(|request| request.editor = Role::Unity);
    assert_eq!(stage.views_of(Role::Unity).len(), 1);
}

#[test]
fn person_looks_without_limits_but_editors_do_not_ask() {
    let mut stage = Stage::new();
    edit(&mut stage, guarded(A, true));
    let person = stage.person();
    for _ in 0..8 {
        let request = stage.request();
        let id = request.request_id;
        stage.send(person, ClientMessage::View(request));
        stage.draw(id);
        assert_eq!(stage.answer(id).error, None);
    }
    assert_eq!(stage.logged()[0].1.agent, None);
    let heard = |stage: &Stage| {
        let mut heard = stage.harness.received.iter().rev();
        heard.find_map(|message| match message {
            DaemonMessage::Error { error, .. } => Some(error.code),
            _ => None,
        })
    };
    let select = SelectRequest {
        request_id: stage.harness.id(),
        editor: Role::Blender,
        uuids: Vec::new(),
    };
    stage.send(person, ClientMessage::Select(select));
    assert_eq!(heard(&stage), Some(Code::MessageUnknown));
    let request = stage.request();
    stage.blender_sends(ClientMessage::View(request));
    assert!(stage.views_of(Role::Unity).is_empty());
}

#[test]
fn refusals_are_logged_with_the_agent() {
    let mut stage = Stage::with_mode(AgentMode::Read);
    stage.select(vec![A]);
    stage.select(vec![A]);
    assert_eq!(stage.refused(), [Code::ScopeNotGranted], "once a minute");
    let refusal = stage
        .harness
        .log
        .iter()
        .rev()
        .find_map(|it| match &it.payload {
            vibesync_scene::Payload::Refusal { agent, label, .. } => {
                Some((agent.clone(), label.clone()))
            }
            _ => None,
        });
    assert_eq!(
        refusal,
        Some((Some(claude()), "selection_set blender".to_owned()))
    );
}
