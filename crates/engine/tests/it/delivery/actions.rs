//! Actions: what plays them, locked channels, editors that know none, and reading them back.

use vibesync_engine::{Action, Input};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{Animation, BlobId, Change, Code, Role, Uuid};
use vibesync_testkit::actions::{action, playing};

use super::materials::{refusal, refusal_to};
use crate::harness::{A, Harness, renamed, update};

const ACTION: Uuid = Uuid::from_u128(0xAC);

/// Returns a scene with object [`A`], which plays an action with a locked channel. Unity knows no actions if
/// `is_unknown`.
fn scene(is_unknown: bool) -> Harness {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = match is_unknown {
        true => &["nodes", "action"],
        false => &["nodes"],
    };
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    let made = action(ACTION, b"keys", Some(b"samples"));
    harness.edit(Role::Blender, vec![made, playing(A, Some(ACTION))]);
    harness.settle();
    harness
}

fn played(harness: &Harness, role: Role) -> Option<Animation> {
    harness.editor(role).entities[&A]
        .components
        .animation
        .as_deref()
        .copied()
}

/// Returns the update that gives the action this content.
fn content(keys: &[u8], samples: Option<&[u8]>) -> Change {
    let components = action(ACTION, keys, samples).components().cloned();
    update(ACTION, components.unwrap())
}

#[test]
fn action_comes_before_what_plays_it_and_is_not_deleted() {
    let mut harness = scene(false);
    harness.assert_converged();
    assert_eq!(played(&harness, Role::Unity).unwrap().action, Some(ACTION));
    let delete = Change::Delete { uuid: ACTION };
    let refused = (Code::ChildrenLeft, "changes[0].uuid".to_owned());
    assert_eq!(refusal(&mut harness, delete.clone()), refused);
    let location = "changes[0].components.animation.action".to_owned();
    let refused = (Code::UuidOtherKind, location);
    assert_eq!(refusal(&mut harness, playing(A, Some(A))), refused);
    harness.edit(Role::Blender, vec![playing(A, None), delete]);
    harness.settle();
    harness.assert_converged();
    assert!(harness.engine.scene().live(ACTION).is_none());
}

#[test]
fn locked_channel_is_changed_by_blender_alone() {
    let mut harness = scene(false);
    let refused = (
        Code::FieldLocked,
        "changes[0].components.action.slots".to_owned(),
    );
    for wrong in [content(b"keys", Some(b"other")), content(b"keys", None)] {
        harness.now += 10_000;
        assert_eq!(refusal_to(&mut harness, Role::Unity, wrong), refused);
    }
    harness.edit(Role::Unity, vec![content(b"more", Some(b"samples"))]);
    harness.settle();
    harness.edit(Role::Blender, vec![content(b"more", Some(b"other"))]);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn editor_without_actions_gets_none_and_loses_none() {
    let mut harness = scene(true);
    assert!(played(&harness, Role::Unity).is_none());
    assert!(!harness.editor(Role::Unity).entities.contains_key(&ACTION));
    harness.edit(Role::Unity, vec![renamed(A, "Fan")]);
    harness.settle();
    let entity = harness.engine.scene().live(A).unwrap();
    assert_eq!(entity.components.name.as_deref(), Some("Fan"));
    assert_eq!(
        entity.components.animation.as_ref().unwrap().action,
        Some(ACTION)
    );
}

#[test]
fn action_with_other_bytes_is_compared() {
    let mut harness = scene(false);
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![content(b"sent", Some(b"samples"))]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let mut answer = wire.to_daemon.pop_back().unwrap();
    let ClientMessage::Applied { results, .. } = &mut answer else {
        panic!("{answer:?}")
    };
    let held = content(b"held", Some(b"samples")).components().cloned();
    results[0].state.as_mut().unwrap().components.action = held.unwrap().action;
    let session = wire.session.unwrap();
    let message = Box::new(answer);
    let now = harness.now;
    let actions = harness
        .engine
        .step(Input::Message { session, message }, now);
    let pairs = actions.into_iter().find_map(|action| match action {
        Action::CompareMeshes { pairs, .. } => Some(pairs),
        _ => None,
    });
    let pairs = pairs.unwrap();
    assert!(pairs[0].meshes.is_none() && pairs[0].actions.is_some());
    let blobs = |content| vec![BlobId::hash(content), BlobId::hash(b"samples")];
    assert_eq!(pairs[0].expected().collect::<Vec<_>>(), blobs(b"sent"));
    assert_eq!(pairs[0].held().collect::<Vec<_>>(), blobs(b"held"));
}
