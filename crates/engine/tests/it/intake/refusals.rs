//! The state of an editor whose intent was refused: it gets the scene's state, unless that would cost a person's work.

use vibesync_engine::Input;
use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{Code, Invalid, Role, Uuid};

use crate::harness::{A, Harness, moved, parented};

/// Refuses Blender's move of A with this code, before it reaches the engine's own checks. Returns the entities that the
/// answer says are on their way, and whether a batch is.
fn refused_with(code: Code) -> (Vec<Uuid>, bool) {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let session = wire.session.unwrap();
    let Some(ClientMessage::Intent(intent)) = wire.to_daemon.pop_front() else {
        panic!("no intent")
    };
    let invalid = Invalid::new(code, "changes[0]", "refused");
    harness.step(Input::Unsound {
        session,
        intent: Box::new(intent),
        invalid,
    });
    told(&harness)
}

fn told(harness: &Harness) -> (Vec<Uuid>, bool) {
    let messages = &harness.wires[&Role::Blender].to_editor;
    let behind = messages.iter().find_map(|message| match message {
        DaemonMessage::Ack { behind, .. } => Some(behind.clone()),
        _ => None,
    });
    (behind.unwrap(), harness.batch_count(Role::Blender) > 0)
}

#[test]
fn wrong_content_is_replaced_by_the_scenes_state() {
    for code in [Code::MeshInvalid, Code::GraphInvalid] {
        assert_eq!(refused_with(code), (vec![A], true), "{code}");
    }
}

#[test]
fn sound_content_that_cannot_be_kept_stays_in_its_editor() {
    for code in [
        Code::CatalogueUnusable,
        Code::DiskFull,
        Code::BlobDamaged,
        Code::QueueFull,
    ] {
        assert_eq!(refused_with(code), (Vec::new(), false), "{code}");
    }
}

#[test]
fn refusal_lists_what_its_restore_brings() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    harness.edit(Role::Blender, vec![parented(A, Some(A))]);
    harness.deliver_all_to_daemon(Role::Blender);
    assert_eq!(told(&harness), (vec![A], true));
    harness.settle();
    harness.assert_converged();
}
