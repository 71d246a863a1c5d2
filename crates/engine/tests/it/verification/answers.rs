//! What an editor may answer to a batch, and what is no proof that it holds what it was sent.

use vibesync_engine::{Action, Input};
use vibesync_protocol::{AppliedResult, ApplyStatus, ClientMessage, DaemonMessage};
use vibesync_scene::{Change, Code, OperationId, Phase, Role, Uuid};

use super::{A, world_with_one};
use crate::world::{World, moved, triangle};

type Results = Vec<AppliedResult>;

/// Blender does something, and Unity's answer, altered, is on the wire.
fn answered(change: Change, alter: impl FnOnce(&mut Results)) -> (World, OperationId) {
    let mut world = world_with_one();
    world.now += 1_000;
    let id = world.edit(Role::Blender, vec![change]);
    world.daemon_hears_all(Role::Blender);
    world.editor_hears(Role::Unity);
    let wire = world.wires.get_mut(&Role::Unity).unwrap();
    match wire.to_daemon.front_mut() {
        Some(ClientMessage::Applied { results, .. }) => alter(results),
        other => panic!("no answer but {other:?}"),
    }
    (world, id)
}

#[test]
fn what_is_not_said_or_is_said_of_another_entity_proves_nothing() {
    let alter: [fn(&mut Results); 4] = [
        |results| results.clear(),
        |results| results[0].state = None,
        |results| results[0].uuid = Uuid::from_u128(99),
        |results| results[0].state.as_mut().unwrap().uuid = Uuid::from_u128(99),
    ];
    for alter in alter {
        let (mut world, id) = answered(moved(A, 1.0), alter);
        world.settle();
        assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
        world.assert_converged();
    }
}

#[test]
fn what_is_still_there_is_not_deleted_whatever_is_said_of_it() {
    let unity = world_with_one().editor(Role::Unity).clone();
    let (mut world, id) = answered(Change::Delete { uuid: A }, |results| {
        assert_eq!(results[0].status, ApplyStatus::Applied);
        results[0].state = unity.entities.get(&A).cloned();
    });
    world.wires.get_mut(&Role::Unity).unwrap().editor.entities = unity.entities;
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    world.assert_converged();
}

/// What the daemon does when Unity says this.
fn heard(world: &mut World, message: ClientMessage) -> Vec<Action> {
    let session = world.wires[&Role::Unity].session.unwrap();
    let message = Box::new(message);
    let input = Input::Message { session, message };
    world.engine.step(input, world.now)
}

#[test]
fn meshes_are_compared_once_and_for_as_long_as_it_takes() {
    let mesh = Uuid::from_u128(2);
    let (mut world, id) = answered(triangle(mesh, b"sent"), |results| {
        let Change::Create { components, .. } = triangle(mesh, b"held") else {
            panic!("no create")
        };
        results[0].state.as_mut().unwrap().components = components;
    });
    let wire = world.wires.get_mut(&Role::Unity).unwrap();
    let answer = wire.to_daemon.pop_front().unwrap();
    let first = heard(&mut world, answer.clone());
    let [Action::CompareMeshes { batch, .. }] = first[..] else {
        panic!("{first:?}")
    };
    let again = heard(&mut world, answer);
    world.run(again);
    let told = world.wires[&Role::Unity].to_editor.back();
    let Some(DaemonMessage::Error { error, .. }) = told else {
        panic!("{told:?}")
    };
    assert_eq!(error.code, Code::BatchUnknown);
    world.now += 3_600_000;
    world.step(Input::Tick);
    let differing = Vec::new();
    world.step(Input::MeshesCompared { batch, differing });
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Commit));
    world.assert_converged();
}
