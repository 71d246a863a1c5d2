//! The state that an editor had seen: the daemon knows it for each entity and does not rely on `base_seq` alone.

use serde_json::json;
use vibesync_engine::{Action, Input};
use vibesync_protocol::{ClientMessage, Code, DaemonMessage, InventoryEntry};
use vibesync_scene::{Change, Components, InstanceId, Nodes, Phase, Role, Uuid};
use vibesync_testkit::fakes::BaseSeq;

use super::*;
use crate::harness::object;

const RULES: [BaseSeq; 3] = [BaseSeq::Applied, BaseSeq::Answered, BaseSeq::Named];

/// Returns the harness, with editors that compute `base_seq` by this rule.
fn harness_by(rule: BaseSeq) -> Harness {
    let mut harness = harness();
    for wire in harness.wires.values_mut() {
        wire.editor.base_seq = rule;
    }
    harness
}

fn hear_all(harness: &mut Harness, role: Role) {
    while !harness.wires[&role].to_editor.is_empty() {
        harness.deliver_to_editor(role);
    }
}

/// Blender's change waits for the batch window while Unity's next edit is acknowledged. The batch is in flight then, below
/// the sequence of that acknowledgment.
fn with_batch_below_an_ack(harness: &mut Harness, changes: Vec<Change>) {
    harness.edit(Role::Blender, vec![moved(C, 1.0)]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.edit(Role::Blender, changes);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.edit(Role::Unity, vec![moved(B, 2.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    hear_all(harness, Role::Unity);
    harness.deliver_all_to_daemon(Role::Unity);
    hear_all(harness, Role::Unity);
    harness.now += 300;
    harness.step(Input::Tick);
    assert_eq!(harness.batch_count(Role::Unity), 1);
}

#[test]
fn change_in_flight_is_not_seen_whatever_base_seq_says() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        with_batch_below_an_ack(&mut harness, vec![renamed(A, "Blender")]);
        harness.edit(Role::Unity, vec![renamed(A, "Unity")]);
        harness.deliver_all_to_daemon(Role::Unity);
        harness.settle();
        assert_eq!(components(&harness, A).name.as_deref(), Some("Unity"));
        assert_eq!(
            harness.editor(Role::Blender).notices,
            [(Code::Superseded, vec![A])],
            "{rule:?}: never overwritten in silence"
        );
        harness.assert_converged();
    }
}

#[test]
fn mesh_in_flight_is_not_overwritten_whatever_base_seq_says() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        with_batch_below_an_ack(&mut harness, vec![mesh(b"blender")]);
        harness.edit(Role::Unity, vec![mesh(b"unity")]);
        harness.deliver_all_to_daemon(Role::Unity);
        harness.settle();
        let held = components(&harness, MESH).mesh;
        let expected = mesh(b"blender").components().unwrap().mesh.clone();
        assert_eq!(held, expected, "{rule:?}");
        assert_eq!(harness.editor(Role::Unity).refusals, [Code::Conflict]);
        harness.assert_converged();
    }
}

#[test]
fn own_deletion_is_undone_whatever_base_seq_says() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        harness.edit(Role::Blender, vec![Change::Delete { uuid: A }]);
        // The second is undone before the deletion is even acknowledged.
        harness.settle();
        harness.edit(Role::Blender, vec![object(A, "Undone", None)]);
        harness.edit(Role::Blender, vec![Change::Delete { uuid: B }]);
        harness.edit(Role::Blender, vec![object(B, "At once", None)]);
        harness.settle();
        assert_eq!(harness.editor(Role::Blender).refusals, [], "{rule:?}");
        assert!(harness.engine.scene().live(A).is_some());
        assert!(harness.engine.scene().live(B).is_some());
        harness.assert_converged();
    }
}

#[test]
fn own_deletion_is_undone_after_a_lost_acknowledgment() {
    let mut harness = harness();
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.disconnect(Role::Unity);
    harness.connect(Role::Unity);
    // An editor lists what it deleted until the deletion is acknowledged.
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let Some(ClientMessage::Inventory { entities, .. }) = wire.to_daemon.front_mut() else {
        panic!("no inventory")
    };
    entities.push(InventoryEntry {
        uuid: A,
        version: wire.editor.versions[&A],
    });
    harness.deliver_all_to_daemon(Role::Unity);
    harness.deliver_to_editor(Role::Unity);
    harness.edit(Role::Unity, vec![object(A, "Undone", None)]);
    harness.settle();
    assert_eq!(harness.editor(Role::Unity).refusals, []);
    let held = components(&harness, A);
    assert_eq!(held.name.as_deref(), Some("Undone"));
    harness.assert_converged();
}

#[test]
fn deletion_by_another_on_its_way_is_not_undone() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        with_batch_below_an_ack(&mut harness, vec![Change::Delete { uuid: A }]);
        harness.edit(Role::Unity, vec![object(A, "Copy", None)]);
        harness.deliver_all_to_daemon(Role::Unity);
        harness.settle();
        assert_eq!(
            harness.editor(Role::Unity).refusals,
            [Code::Conflict],
            "{rule:?}"
        );
        assert!(harness.engine.scene().live(A).is_none());
        harness.assert_converged();
    }
}

#[test]
fn reopened_file_with_its_own_last_changes_is_not_older() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        harness.edit(Role::Blender, vec![moved(A, 1.0)]);
        harness.settle();
        harness.disconnect(Role::Blender);
        let wire = harness.wires.get_mut(&Role::Blender).unwrap();
        wire.editor.instance = InstanceId(Uuid::from_u128(77));
        harness.connect(Role::Blender);
        let edited = harness.edit(Role::Blender, vec![moved(A, 2.0)]);
        harness.settle();
        assert_eq!(x(&harness, A), 2.0, "{rule:?}");
        assert_eq!(harness.phases(edited).last(), Some(&Phase::Final));
        assert!(notices(&harness, Role::Blender).is_empty());
    }
}

/// The content of an older file is captured, but sent only after the newer state was delivered.
#[test]
fn late_intent_of_an_older_file_does_not_undo_later_work() {
    let mut harness = harness();
    let saved = harness.editor(Role::Blender).clone();
    harness.edit(Role::Blender, vec![renamed(A, "Later")]);
    harness.settle();
    harness.disconnect(Role::Blender);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.editor = saved;
    wire.editor.instance = InstanceId(Uuid::from_u128(77));
    harness.connect(Role::Blender);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Blender);
    harness.edit(Role::Blender, vec![renamed(A, "Older")]);
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    let captured = wire.to_daemon.pop_back().unwrap();
    harness.settle();
    let wire = harness.wires.get_mut(&Role::Blender).unwrap();
    wire.to_daemon.push_back(captured);
    harness.settle();
    assert_eq!(components(&harness, A).name.as_deref(), Some("Later"));
    assert_eq!(notices(&harness, Role::Blender), [Code::Superseded]);
}

#[test]
fn editor_without_a_component_may_delete_what_has_it() {
    let mut harness = harness();
    let nodes = Components {
        nodes: Some(Box::new(Nodes {
            graph: Some(json!({"nodes": []})),
        })),
        ..Components::default()
    };
    harness.edit(Role::Blender, vec![update(A, nodes)]);
    harness.settle();
    harness.edit(Role::Unity, vec![Change::Delete { uuid: A }]);
    harness.settle();
    assert_eq!(harness.editor(Role::Unity).refusals, []);
    assert!(harness.engine.scene().live(A).is_none());
}

#[test]
fn answered_batch_is_seen_while_its_meshes_are_compared() {
    let mut harness = harness();
    harness.edit(Role::Blender, vec![mesh(b"sent"), renamed(A, "Blender")]);
    harness.deliver_all_to_daemon(Role::Blender);
    harness.deliver_to_editor(Role::Unity);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let (session, answer) = (wire.session.unwrap(), wire.to_daemon.pop_front());
    let Some(ClientMessage::Applied {
        batch_id,
        mut results,
    }) = answer
    else {
        panic!("no answer")
    };
    for entity in results.iter_mut().filter_map(|it| it.state.as_mut()) {
        if entity.uuid == MESH {
            entity.components = triangle(MESH, b"held").components().unwrap().clone();
        }
    }
    let message = Box::new(ClientMessage::Applied { batch_id, results });
    let input = Input::Message { session, message };
    let actions = harness.engine.step(input, harness.now);
    let is_asked = |action: &Action| matches!(action, Action::CompareMeshes { .. });
    assert!(actions.iter().any(is_asked));
    harness.edit(Role::Unity, vec![renamed(A, "Unity")]);
    harness.deliver_all_to_daemon(Role::Unity);
    let compared = Input::MeshesCompared {
        batch: batch_id,
        differing: Vec::new(),
        lost: Default::default(),
    };
    harness.step(compared);
    harness.settle();
    assert!(notices(&harness, Role::Blender).is_empty(), "it was seen");
    assert_eq!(components(&harness, A).name.as_deref(), Some("Unity"));
}

#[test]
fn edit_before_the_restore_of_a_quarantine_is_quarantined() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        deliver_in_turn(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
        let is_ack = |it: &DaemonMessage| matches!(it, DaemonMessage::Ack { .. });
        while harness.wires[&Role::Unity].to_editor.iter().any(is_ack) {
            harness.deliver_to_editor(Role::Unity);
        }
        harness
            .wires
            .get_mut(&Role::Unity)
            .unwrap()
            .to_daemon
            .clear();
        harness.edit(Role::Unity, vec![moved(B, 1.0)]);
        harness.deliver_all_to_daemon(Role::Unity);
        hear_all(&mut harness, Role::Unity);
        harness
            .wires
            .get_mut(&Role::Unity)
            .unwrap()
            .to_daemon
            .clear();
        let again = harness.edit(Role::Unity, vec![renamed(MESH, "More")]);
        harness.deliver_all_to_daemon(Role::Unity);
        assert_eq!(
            harness.phases(again).first(),
            Some(&Phase::Quarantine),
            "{rule:?}: it builds on the quarantined mesh"
        );
    }
}

#[test]
fn batch_behind_a_pending_intent_is_not_seen_by_it() {
    for rule in RULES {
        let mut harness = harness_by(rule);
        with_batch_below_an_ack(&mut harness, vec![renamed(A, "Blender")]);
        let missing = Uuid::from_u128(20);
        let child = object(Uuid::from_u128(21), "Child", Some(missing));
        harness.edit(Role::Unity, vec![renamed(A, "Unity"), child]);
        harness.deliver_all_to_daemon(Role::Unity);
        hear_all(&mut harness, Role::Unity);
        harness.edit(Role::Unity, vec![object(missing, "Parent", None)]);
        harness.settle();
        assert_eq!(components(&harness, A).name.as_deref(), Some("Unity"));
        assert_eq!(
            harness.editor(Role::Blender).notices,
            [(Code::Superseded, vec![A])],
            "{rule:?}"
        );
        harness.assert_converged();
    }
}
