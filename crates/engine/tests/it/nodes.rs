//! Geometry nodes: a component that one editor has and the other has not.

use serde_json::json;
use vibesync_protocol::VersionedChange;
use vibesync_scene::{Change, Components, Nodes, OperationId, Payload, Phase, Role, Uuid};

use crate::world::{World, moved, object};

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

fn scene() -> World {
    let mut world = World::connected();
    let made = vec![object(CUBE, "Cube", None), object(OTHER, "Other", None)];
    world.edit(Role::Unity, made);
    world.settle();
    world
}

/// Who has verified a transaction, and to whom it is owed.
fn end_of(world: &World, id: OperationId) -> (Vec<Role>, Vec<Role>) {
    let mut records = world.log.iter().rev();
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
fn an_editor_that_has_none_hears_nothing_of_them_and_is_not_waited_for() {
    let mut world = scene();
    let before = world.editor(Role::Unity).versions[&CUBE];
    let id = world.edit(Role::Blender, vec![nodes(7)]);
    world.settle();
    assert_eq!(end_of(&world, id), (Vec::new(), Vec::new()));
    assert_eq!(world.editor(Role::Unity).versions[&CUBE], before);
    // It has missed nothing: what it does now is not stale.
    let next = world.edit(Role::Unity, vec![moved(CUBE, 3.0)]);
    world.settle();
    assert!(world.phases(next).contains(&Phase::Begin));
    world.assert_converged();
}

#[test]
fn with_something_else_in_the_intent_it_gets_what_is_for_it() {
    let mut world = scene();
    let id = world.edit(Role::Blender, vec![nodes(7), moved(OTHER, 2.0)]);
    world.settle();
    assert_eq!(end_of(&world, id), (vec![Role::Unity], Vec::new()));
    world.assert_converged();
}

#[test]
fn an_editor_that_comes_back_gets_no_graphs() {
    let mut world = scene();
    world.disconnect(Role::Unity);
    world.edit(Role::Blender, vec![nodes(7), moved(CUBE, 2.0)]);
    world.settle();
    world.connect(Role::Unity);
    world.settle();
    world.assert_converged();
}

#[test]
fn what_was_none_before_is_none_again_once_it_is_undone() {
    let world = scene();
    let change = nodes(7);
    let before = world.engine.scene().before(&change);
    let back = change.inverse(before.as_ref());
    assert_eq!(back, graph_of(CUBE, Nodes::default()));
    let sent = VersionedChange {
        change: back,
        version: 1,
    };
    let said = serde_json::to_value(&sent).unwrap();
    assert_eq!(said["components"], json!({"nodes": {"graph": null}}));
}
