//! Agents act on what they have seen, and not at all where people disagree.

use vibesync_protocol::{AckStatus, ClientMessage, Code, DaemonMessage, Intent, SCHEMA_VERSION};
use vibesync_scene::{Change, EntityKind, InstanceId, OperationId, Role, SessionId};
use vibesync_testkit::FakeEditor;

use super::{A, B, MESH, at_once, components, mesh, world};
use crate::world::{PROJECT, World, moved, parented, renamed, update};

/// An agent, and how its intents are answered.
struct Agent(SessionId);

impl Agent {
    fn connect(world: &mut World) -> Self {
        let instance = InstanceId(world.id());
        let session = SessionId(world.id());
        let mut editor = FakeEditor::new(Role::Agent, instance, PROJECT);
        editor.head_seq = world.engine.head_seq();
        let hello = Box::new(editor.hello(String::new(), String::new()));
        world.step(vibesync_engine::Input::Connected { session, hello });
        Self(session)
    }

    fn ask(
        &self,
        world: &mut World,
        base_seq: u64,
        changes: Vec<Change>,
    ) -> (AckStatus, Option<Code>) {
        let intent = Intent {
            operation_id: OperationId(world.id()),
            project_id: PROJECT,
            schema_version: SCHEMA_VERSION,
            base_seq,
            label: "Agent".into(),
            changes,
        };
        let message = Box::new(ClientMessage::Intent(intent));
        let input = vibesync_engine::Input::Message {
            session: self.0,
            message,
        };
        let (now, mut answer) = (world.now, None);
        let actions = world.engine.step(input, now);
        for action in &actions {
            if let vibesync_engine::Action::Send { session, message } = action
                && let (true, DaemonMessage::Ack { status, error, .. }) =
                    (*session == self.0, &**message)
            {
                answer = Some((*status, error.as_ref().map(|error| error.code)));
            }
        }
        world.run(actions);
        answer.unwrap()
    }
}

#[test]
fn automation_that_acts_on_an_old_scene_is_refused() {
    let mut world = world();
    let agent = Agent::connect(&mut world);
    let base = world.engine.head_seq();
    world.edit(Role::Blender, vec![moved(A, 1.0)]);
    world.settle();
    let refused = |code| (AckStatus::Refused, Some(code));
    let asked = agent.ask(&mut world, base, vec![renamed(A, "Agent")]);
    assert_eq!(asked, refused(Code::Stale));
    let asked = agent.ask(&mut world, base, vec![parented(B, Some(A))]);
    assert_eq!(
        asked,
        refused(Code::Stale),
        "also where it only refers to it"
    );
    let asked = agent.ask(&mut world, base, vec![renamed(B, "Agent")]);
    assert_eq!(
        asked,
        (AckStatus::Accepted, None),
        "what nobody touched is as it was"
    );
    world.settle();
    let head = world.engine.head_seq();
    let asked = agent.ask(&mut world, head, vec![renamed(A, "Agent")]);
    assert_eq!(asked, (AckStatus::Accepted, None));
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
    agent.ask(&mut world, base, vec![mesh(b"agent")]);
    agent.ask(&mut world, base, vec![moved(A, 1.0)]);
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
    let asked = agent.ask(&mut world, head, rename("Agent"));
    assert_eq!(asked, (AckStatus::Refused, Some(Code::Quarantined)));
    world.edit(Role::Blender, rename("Person"));
    world.settle();
    let head = world.engine.head_seq();
    assert_eq!(
        agent.ask(&mut world, head, rename("Agent")).0,
        AckStatus::Accepted
    );
    assert_eq!(
        world.engine.scene().live(MESH).unwrap().kind,
        EntityKind::Mesh
    );
}
