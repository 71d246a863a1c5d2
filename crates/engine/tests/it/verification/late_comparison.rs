//! A comparison of meshes whose editor is gone when it is done.

use vibesync_engine::{Action, Input};
use vibesync_protocol::ClientMessage;
use vibesync_scene::{BatchId, Change, Phase, Role};

use super::{A, batches};
use crate::world::{World, renamed, triangle};

/// Unity leaves while its mesh is being compared, and comes back.
#[test]
fn a_comparison_that_comes_too_late_says_nothing() {
    let mut world = World::connected();
    world.edit(Role::Blender, vec![triangle(A, b"sent")]);
    world.daemon_hears(Role::Blender);
    let compared = unity_answers_another_mesh(&mut world);
    world.disconnect(Role::Unity);
    world.connect(Role::Unity);
    world.daemon_hears_all(Role::Unity);
    let id = world.edit(Role::Blender, vec![renamed(A, "B")]);
    world.daemon_hears_all(Role::Blender);
    assert_eq!(batches(&world, Role::Unity), 1);
    let differing = vec![(A, "position differs at corner 1".into())];
    world.step(Input::MeshesCompared {
        batch: compared,
        differing,
    });
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Final));
    world.assert_converged();
}

/// Unity applies a mesh, and holds other bytes then; gives the batch, whose comparison is under way.
fn unity_answers_another_mesh(world: &mut World) -> BatchId {
    world.editor_hears(Role::Unity);
    let wire = world.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied {
        batch_id,
        mut results,
    }) = wire.to_daemon.pop_front()
    else {
        panic!("no answer")
    };
    let Change::Create { components, .. } = triangle(A, b"held") else {
        panic!("no create")
    };
    results[0].state.as_mut().unwrap().components = components;
    let session = wire.session.unwrap();
    let message = Box::new(ClientMessage::Applied { batch_id, results });
    let now = world.now;
    let actions = world.engine.step(Input::Message { session, message }, now);
    let is_asked = |action: &Action| matches!(action, Action::CompareMeshes { .. });
    assert!(actions.iter().any(is_asked), "{actions:?}");
    batch_id
}
