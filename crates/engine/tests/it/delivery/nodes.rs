//! Geometry nodes: a component that one editor supports and the other does not.

use serde_json::json;
use vibesync_protocol::VersionedChange;
use vibesync_scene::{Change, Components, Nodes, OperationId, Payload, Phase, Role, Uuid};

use crate::harness::{Harness, moved, object};

const CUBE: Uuid = Uuid::from_u128(1);
const OTHER: Uuid = Uuid::from_u128(2);

fn nodes(vertices: u32) -> Change {
    let graph =
        Some(json!({"nodes": [], "links": [], "node_settings": {"n1": {"Vertices": vertices}}}));
    graph_of(CUBE, Nodes { graph })
}

fn graph_of(uuid: Uuid, nodes: Nodes) -> Change {
    let components = Components {
        nodes: Some(Box::new(nodes)),
        ..Components::default()
    };
    Change::Update { uuid, components }
}

fn scene() -> Harness {
    let mut harness = Harness::connected();
    let made = vec![object(CUBE, "Cube", None), object(OTHER, "Other", None)];
    harness.edit(Role::Unity, made);
    harness.settle();
    harness
}

/// Returns the editors that verified a transaction, and those that it is undelivered to.
fn end_of(harness: &Harness, id: OperationId) -> (Vec<Role>, Vec<Role>) {
    let mut records = harness.log.iter().rev();
    let end = records.find_map(|record| match &record.payload {
        Payload::End {
            verified_by,
            undelivered_to,
            ..
        } if record.operation_id == Some(id) => Some((verified_by.clone(), undelivered_to.clone())),
        _ => None,
    });
    end.expect("an end")
}

#[test]
fn editor_without_nodes_gets_none_and_is_not_awaited() {
    let mut harness = scene();
    let before = harness.editor(Role::Unity).versions[&CUBE];
    let id = harness.edit(Role::Blender, vec![nodes(7)]);
    harness.settle();
    assert_eq!(end_of(&harness, id), (Vec::new(), Vec::new()));
    assert_eq!(harness.editor(Role::Unity).versions[&CUBE], before);
    // It is up to date, so its change is not stale.
    let next = harness.edit(Role::Unity, vec![moved(CUBE, 3.0)]);
    harness.settle();
    assert!(harness.phases(next).contains(&Phase::Begin));
    harness.assert_converged();
}

#[test]
fn editor_without_nodes_gets_the_other_changes() {
    let mut harness = scene();
    let id = harness.edit(Role::Blender, vec![nodes(7), moved(OTHER, 2.0)]);
    harness.settle();
    assert_eq!(end_of(&harness, id), (vec![Role::Unity], Vec::new()));
    harness.assert_converged();
}

#[test]
fn editor_without_nodes_gets_none_after_a_reconnect() {
    let mut harness = scene();
    harness.disconnect(Role::Unity);
    harness.edit(Role::Blender, vec![nodes(7), moved(CUBE, 2.0)]);
    harness.settle();
    harness.connect(Role::Unity);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn undo_of_a_first_graph_removes_it() {
    let harness = scene();
    let change = nodes(7);
    let before = harness.engine.scene().before(&change);
    let back = change.inverse(before.as_ref());
    assert_eq!(back, graph_of(CUBE, Nodes::default()));
    let sent = VersionedChange {
        change: back,
        version: 1,
    };
    let said = serde_json::to_value(&sent).unwrap();
    assert_eq!(said["components"], json!({"nodes": {"graph": null}}));
}
