//! Agents act on what they have seen, and not at all where people disagree.

use vibesync_protocol::{AckStatus, Code};
use vibesync_scene::{Change, EntityKind, Role};

use super::{A, B, MESH, at_once, components, mesh, world};
use crate::agent::{ACCEPTED, Agent, Answer, answer, refused};
use crate::world::{World, moved, parented, renamed, update};

/// How an agent's intent is answered at once.
fn ask(world: &mut World, agent: &Agent, base_seq: u64, changes: Vec<Change>) -> Answer {
    let id = agent.ask(world, base_seq, changes);
    answer(world, id).unwrap()
}

#[test]
fn automation_that_acts_on_an_old_scene_is_refused() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    let base = world.engine.head_seq();
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.settle();
    let asked = ask(&mut world, &agent, base, vec![renamed(A, "Agent")]);
    assert_eq!(asked, refused(Code::Stale));
    let asked = ask(&mut world, &agent, base, vec![parented(B, Some(A))]);
    assert_eq!(
        asked,
        refused(Code::Stale),
        "also where it only refers to it"
    );
    let asked = ask(&mut world, &agent, base, vec![renamed(B, "Agent")]);
    assert_eq!(asked, ACCEPTED, "what nobody touched is as it was");
    world.settle();
    let head = world.engine.head_seq();
    let asked = ask(&mut world, &agent, head, vec![renamed(A, "Agent")]);
    assert_eq!(asked, ACCEPTED);
    world.settle();
    world.assert_converged();
}

#[test]
fn a_person_beats_automation() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    let base = world.engine.head_seq();
    world.edit(
        Role::Unity,
        vec![mesh(b"unity"), Change::Delete { uuid: A }],
    );
    ask(&mut world, &agent, base, vec![mesh(b"agent")]);
    ask(&mut world, &agent, base, vec![moved(A, 1.0)]);
    world.daemon_hears_all(Role::Unity);
    world.settle();
    world.assert_converged();
    assert_eq!(
        components(&world, MESH).mesh,
        mesh(b"unity").components().unwrap().mesh
    );
    assert!(world.engine.scene().live(A).is_none());
    assert!(world.engine.scene().quarantined().is_empty());
}

#[test]
fn automation_leaves_alone_what_is_quarantined() {
    let mut world = world();
    at_once(&mut world, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    let agent = Agent::connect(&mut world);
    let head = world.engine.head_seq();
    let rename = |name| {
        let Change::Update { components, .. } = renamed(MESH, name) else {
            panic!("no update")
        };
        vec![update(MESH, components)]
    };
    let asked = ask(&mut world, &agent, head, rename("Agent"));
    assert_eq!(asked, refused(Code::Quarantined));
    world.edit(Role::Blender, rename("Person"));
    world.settle();
    let head = world.engine.head_seq();
    assert_eq!(
        ask(&mut world, &agent, head, rename("Agent")).0,
        AckStatus::Accepted
    );
    assert_eq!(
        world.engine.scene().live(MESH).unwrap().kind,
        EntityKind::Mesh
    );
}
