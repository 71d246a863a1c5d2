//! Armatures and poses: both ways, editors that know none, and the locks of an editor that decides a pose itself.

use std::collections::BTreeSet;

use vibesync_protocol::{ClientMessage, DaemonMessage};
use vibesync_scene::{Change, Code, Components, Locks, Phase, Role, Uuid};
use vibesync_testkit::change::showing;
use vibesync_testkit::rigs::{HIP, armature, posed};

use super::materials::with;
use crate::harness::{A, Harness, moved, update};

const RIG: Uuid = Uuid::from_u128(0xA12);

/// Returns a scene in which A shows and poses an armature, which Blender sent. Unity knows none if `is_unknown`.
fn scene(is_unknown: bool) -> Harness {
    let mut harness = Harness::with_object();
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    wire.editor.unknown = match is_unknown {
        true => &["nodes", "armature", "pose"],
        false => &["nodes"],
    };
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    harness.settle();
    let shown = vec![
        armature(RIG, 1.0),
        with(showing(A, Some(RIG)), posed(A, 0.5)),
    ];
    harness.edit(Role::Blender, shown);
    harness.settle();
    harness.now += 1_000;
    harness
}

fn place_of_hip(components: &Components) -> f64 {
    components.pose.as_ref().unwrap().joints[&HIP].translation[0]
}

#[test]
fn pose_reaches_the_other_editor_both_ways() {
    let mut harness = scene(false);
    let held = |harness: &Harness, role| harness.editor(role).entities[&A].components.clone();
    assert!((place_of_hip(&held(&harness, Role::Unity)) - 0.5).abs() < 1e-9);
    assert!(harness.editor(Role::Unity).entities.contains_key(&RIG));
    let id = harness.edit(Role::Unity, vec![posed(A, 0.75), armature_of(2.0)]);
    harness.settle();
    assert_eq!(harness.phases(id).last(), Some(&Phase::Commit));
    assert!((place_of_hip(&held(&harness, Role::Blender)) - 0.75).abs() < 1e-9);
    harness.assert_converged();
}

/// Gives the armature another length.
fn armature_of(length: f64) -> Change {
    update(RIG, armature(RIG, length).components().cloned().unwrap())
}

#[test]
fn editor_without_armatures_gets_an_empty_and_loses_none() {
    let mut harness = scene(true);
    let unity = &harness.editor(Role::Unity).entities;
    assert!(!unity.contains_key(&RIG));
    let shown = &unity[&A].components;
    assert!(shown.pose.is_none() && shown.data.is_some_and(|data| data.uuid.is_none()));
    harness.edit(Role::Unity, vec![moved(A, 4.0), showing(A, None)]);
    harness.settle();
    let held = &harness.engine.scene().live(A).unwrap().components;
    assert_eq!(held.data.unwrap().uuid, Some(RIG));
    assert!((place_of_hip(held) - 0.5).abs() < 1e-9);
}

fn locked_pose(role: Role) -> Components {
    let fields = BTreeSet::from(["joints".to_owned()]);
    let mut locks = Locks::default();
    let own = match role {
        Role::Blender => &mut locks.blender,
        _ => &mut locks.unity,
    };
    own.insert("pose".into(), fields);
    Components {
        locks: Some(Box::new(locks)),
        ..Components::default()
    }
}

#[test]
fn pose_that_blender_decides_is_refused_from_others() {
    let mut harness = scene(false);
    harness.edit(Role::Blender, vec![update(A, locked_pose(Role::Blender))]);
    harness.settle();
    harness.edit(Role::Unity, vec![posed(A, 0.75)]);
    harness.deliver_all_to_daemon(Role::Unity);
    let mut sent = harness.wires[&Role::Unity].to_editor.iter();
    let error = sent.find_map(|message| match message {
        DaemonMessage::Ack { error, .. } => error.clone(),
        _ => None,
    });
    let error = error.unwrap();
    assert_eq!(error.code, Code::FieldLocked);
    assert_eq!(error.location, "changes[0].components.pose.joints");
    harness.settle();
    let held = &harness.editor(Role::Unity).entities[&A].components;
    assert!((place_of_hip(held) - 0.5).abs() < 1e-9);
}

/// Delivers Blender's change to Unity, which holds something else then; returns the end of the change.
fn end_with_read_back(changes: Vec<Change>, hold: impl FnOnce(&mut Components)) -> Phase {
    let mut harness = scene(false);
    let id = harness.edit(Role::Blender, changes);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.now += 1_000;
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Applied { results, .. }) = wire.to_daemon.back_mut() else {
        panic!("no answer")
    };
    hold(&mut results[0].state.as_mut().unwrap().components);
    harness.settle();
    *harness.phases(id).last().unwrap()
}

/// Lets Unity read back these locks after Blender has locked the pose; returns the end of Blender's edit.
fn end_with(read: Role) -> Phase {
    let locking = vec![update(A, locked_pose(Role::Blender))];
    end_with_read_back(locking, |held| {
        let mut locks = held.locks.take().unwrap();
        match read {
            Role::Unity => locks.unity = locked_pose(read).locks.unwrap().unity,
            _ => locks.blender.clear(),
        }
        held.locks = Some(locks);
    })
}

#[test]
fn editor_reads_back_other_locks_of_its_own() {
    assert_eq!(end_with(Role::Unity), Phase::Final);
    assert_eq!(end_with(Role::Blender), Phase::Rollback);
}

/// Lets Unity read back another pose than Blender's, with a lock of this editor's; returns the end of Blender's edit.
fn end_with_another_pose(locked_by: Role) -> Phase {
    end_with_read_back(vec![posed(A, 0.75)], |held| {
        held.merge(posed(A, 0.25).components().unwrap());
        held.merge(&locked_pose(locked_by));
    })
}

#[test]
fn value_that_its_editor_has_locked_is_not_compared() {
    assert_eq!(end_with_another_pose(Role::Unity), Phase::Final);
    assert_eq!(end_with_another_pose(Role::Blender), Phase::Rollback);
}
