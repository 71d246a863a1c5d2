//! Read-backs of deletions, and of entities deleted since they were sent.

use vibesync_scene::{Change, Outcome, Phase, Role};

use crate::agent::Agent;
use crate::harness::{A, Harness, moved};

#[test]
fn failed_deletion_is_rolled_back() {
    let mut harness = Harness::with_object();
    let unity = harness.wires.get_mut(&Role::Unity).unwrap();
    unity.editor.fails_on.insert(A);
    let id = harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Rollback));
    assert!(harness.engine.scene().live(A).is_some());
    harness.assert_converged();
}

/// Unity's user deletes an entity while an agent's change of it is on its way: nothing is left to change.
#[test]
fn entity_deleted_meanwhile_is_not_compared() {
    let mut harness = Harness::with_object();
    harness.now += 1_000;
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    let asked = agent.ask(&mut harness, head, vec![moved(A, 1.0)]);
    let deleted = harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.settle();
    let end = |id| {
        let end = harness.log.iter().rfind(|it| it.operation_id == Some(id));
        end.map(|record| (record.phase, record.outcome))
    };
    assert_eq!(end(asked), Some((Phase::Final, Outcome::Verified)));
    assert_eq!(end(deleted), Some((Phase::Commit, Outcome::Verified)));
    assert!(harness.engine.scene().live(A).is_none());
    harness.assert_converged();
}
