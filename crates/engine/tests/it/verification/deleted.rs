//! Read-backs of what is deleted, or was deleted since it was sent.

use vibesync_scene::{Change, Outcome, Phase, Role};

use super::{A, world_with_one};
use crate::agent::Agent;
use crate::world::moved;

#[test]
fn a_deletion_that_an_editor_cannot_do_is_rolled_back() {
    let mut world = world_with_one();
    let unity = world.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(A);
    let id = world.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    world.settle();
    assert_eq!(world.phases(id).last(), Some(&Phase::Rollback));
    assert!(world.engine.scene().live(A).is_some());
    world.assert_converged();
}

/// Unity's user deletes what an agent's change is on its way to: there is nothing left to change.
#[test]
fn what_its_own_user_deleted_meanwhile_an_editor_need_not_hold() {
    let mut world = world_with_one();
    world.now += 1_000;
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    let asked = agent.ask(&mut world, head, vec![moved(A, 1.0)]);
    let deleted = world.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    world.daemon_hears_all(Role::Unity);
    world.settle();
    let end = |id| {
        let end = world.log.iter().rfind(|it| it.operation_id == Some(id));
        end.map(|record| (record.phase, record.outcome))
    };
    assert_eq!(end(asked), Some((Phase::Final, Outcome::Verified)));
    assert_eq!(end(deleted), Some((Phase::Commit, Outcome::Verified)));
    assert!(world.engine.scene().live(A).is_none());
    world.assert_converged();
}
