//! Agents may change only what they have seen, and nothing that is quarantined.

use vibesync_engine::{Action, Input};
use vibesync_protocol::{AckStatus, Code, DaemonMessage};
use vibesync_scene::{Change, Components, DataRef, EntityKind, Role};

use super::{A, B, MESH, components, harness, make_concurrent, mesh};
use crate::agent::{ACCEPTED, Agent, Answer, answer, refused};
use crate::harness::{Harness, moved, parented, renamed, update};

/// Returns the immediate answer to an agent's intent.
fn ask(harness: &mut Harness, agent: &Agent, base_seq: u64, changes: Vec<Change>) -> Answer {
    let id = agent.ask(harness, base_seq, changes);
    answer(harness, id).unwrap()
}

#[test]
fn automation_with_a_stale_sequence_is_refused() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let base = harness.engine.head_seq();
    harness.edit(Role::Blender, vec![moved(A, 1.0)]);
    harness.settle();
    let asked = ask(&mut harness, &agent, base, vec![renamed(A, "Agent")]);
    assert_eq!(asked, refused(Code::Stale));
    let asked = ask(&mut harness, &agent, base, vec![parented(B, Some(A))]);
    assert_eq!(
        asked,
        refused(Code::Stale),
        "also where it only refers to it"
    );
    harness.edit(Role::Blender, vec![mesh(b"newer")]);
    harness.settle();
    let shows = |uuid| {
        let data = Some(DataRef { uuid: Some(uuid) });
        let components = Components {
            data,
            ..Components::default()
        };
        vec![update(B, components)]
    };
    let asked = ask(&mut harness, &agent, base, shows(MESH));
    assert_eq!(asked, refused(Code::Stale), "or shows it");
    let asked = ask(&mut harness, &agent, base, vec![renamed(B, "Agent")]);
    assert_eq!(asked, ACCEPTED, "what nobody touched is as it was");
    harness.settle();
    let head = harness.engine.head_seq();
    let asked = ask(&mut harness, &agent, head, vec![renamed(A, "Agent")]);
    assert_eq!(asked, ACCEPTED);
    harness.settle();
    harness.assert_converged();
}

#[test]
fn change_of_a_person_overwrites_automation() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let base = harness.engine.head_seq();
    harness.edit(
        Role::Unity,
        vec![mesh(b"unity"), Change::Delete { uuid: A }],
    );
    ask(&mut harness, &agent, base, vec![mesh(b"agent")]);
    ask(&mut harness, &agent, base, vec![moved(A, 1.0)]);
    harness.deliver_all_to_daemon(Role::Unity);
    harness.settle();
    harness.assert_converged();
    assert_eq!(
        components(&harness, MESH).mesh,
        mesh(b"unity").components().unwrap().mesh
    );
    assert!(harness.engine.scene().live(A).is_none());
    assert!(harness.engine.scene().quarantined().is_empty());
}

#[test]
fn automation_is_refused_on_quarantined_entities() {
    let mut harness = harness();
    make_concurrent(&mut harness, vec![mesh(b"blender")], vec![mesh(b"unity")]);
    let agent = Agent::connect(&mut harness);
    let head = harness.engine.head_seq();
    let rename = |name| {
        let Change::Update { components, .. } = renamed(MESH, name) else {
            panic!("no update")
        };
        vec![update(MESH, components)]
    };
    let asked = ask(&mut harness, &agent, head, rename("Agent"));
    assert_eq!(asked, refused(Code::Quarantined));
    harness.edit(Role::Blender, rename("Person"));
    harness.settle();
    let head = harness.engine.head_seq();
    assert_eq!(
        ask(&mut harness, &agent, head, rename("Agent")).0,
        AckStatus::Accepted
    );
    assert_eq!(
        harness.engine.scene().live(MESH).unwrap().kind,
        EntityKind::Mesh
    );
}

#[test]
fn agents_do_not_overwrite_each_other() {
    let mut harness = harness();
    let (first, second) = (Agent::connect(&mut harness), Agent::connect(&mut harness));
    let base = harness.engine.head_seq();
    let asked = ask(&mut harness, &first, base, vec![renamed(A, "First")]);
    assert_eq!(asked, ACCEPTED);
    let asked = ask(&mut harness, &second, base, vec![renamed(A, "Second")]);
    assert_eq!(
        asked,
        refused(Code::Stale),
        "each agent is a client of its own"
    );
    let asked = ask(&mut harness, &first, base, vec![renamed(A, "Again")]);
    assert_eq!(asked, ACCEPTED, "its own change is not stale");
    let head = harness.engine.head_seq();
    let asked = ask(&mut harness, &second, head, vec![renamed(A, "Second")]);
    assert_eq!(asked, ACCEPTED, "it has read the first");
    harness.settle();
    harness.assert_converged();
}

#[test]
fn change_of_an_agent_is_of_another_after_a_restart() {
    let mut harness = harness();
    let agent = Agent::connect(&mut harness);
    let base = harness.engine.head_seq();
    ask(&mut harness, &agent, base, vec![renamed(A, "Agent")]);
    harness.crash();
    harness.connect_all();
    let agent = Agent::connect(&mut harness);
    let asked = ask(&mut harness, &agent, base, vec![renamed(A, "Again")]);
    assert_eq!(asked, refused(Code::Stale));
}

#[test]
fn agent_that_lost_is_told_and_no_other() {
    let mut harness = harness();
    let (loser, other) = (Agent::connect(&mut harness), Agent::connect(&mut harness));
    let base = harness.engine.head_seq();
    ask(&mut harness, &other, base, vec![renamed(B, "Other")]);
    harness.edit(Role::Unity, vec![renamed(A, "Unity")]);
    ask(&mut harness, &loser, base, vec![renamed(A, "Agent")]);
    let wire = harness.wires.get_mut(&Role::Unity).unwrap();
    let message = Box::new(wire.to_daemon.pop_back().unwrap());
    let session = wire.session.unwrap();
    let input = Input::Message { session, message };
    let actions = harness.engine.step(input, harness.now);
    let told = actions.iter().filter_map(|action| match action {
        Action::Send { session, message } => match **message {
            DaemonMessage::Notice { code, .. } => Some((*session, code)),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [(loser.0, Code::Superseded)]);
}
