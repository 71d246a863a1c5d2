//! Random events of people and an agent. No agent transaction begins on edited objects, all intents are answered, all converges.

use std::collections::BTreeMap;

use proptest::prelude::*;
use uuid::Uuid;
use vibesync_protocol::EditorState;
use vibesync_scene::{OperationId, Phase, Role};
use vibesync_testkit::edit::{Edit, Entities, uuid_of};

use super::{IDLE_MS, advance, report_state};
use crate::agent::{Agent, answer};
use crate::harness::Harness;

#[derive(Clone, Debug)]
enum Event {
    Person(Role, Edit),
    /// Age of the agent's `base_seq`, in records.
    Agent(u64, Edit),
    /// None: the editor does not list objects. Empty: no object is edited.
    Hands(Role, Option<Vec<u8>>),
    EditorHears(Role),
    DaemonHears(Role),
    Disconnect(Role),
    Connect(Role),
    Time(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let role = || prop_oneof![Just(Role::Blender), Just(Role::Unity)];
    let who = || 0..5_u8;
    let edit = || {
        prop_oneof![
            4 => who().prop_map(Edit::Create),
            4 => (who(), any::<i8>()).prop_map(|(w, x)| Edit::Move(w, x)),
            2 => (who(), 0..9_u8).prop_map(|(w, n)| Edit::Rename(w, n)),
            2 => (who(), proptest::option::of(who())).prop_map(|(w, p)| Edit::Parent(w, p)),
            1 => who().prop_map(Edit::Delete),
            2 => (0..2_u8, 0..3_u8).prop_map(|(m, content)| Edit::Mesh(m, content)),
            1 => (who(), proptest::option::of(0..2_u8)).prop_map(|(w, m)| Edit::Show(w, m)),
        ]
    };
    let held = proptest::option::weighted(0.9, proptest::collection::vec(who(), 0..3));
    prop_oneof![
        6 => (role(), edit()).prop_map(|(r, e)| Event::Person(r, e)),
        8 => (0..4_u64, edit()).prop_map(|(age, e)| Event::Agent(age, e)),
        6 => (role(), held).prop_map(|(r, on)| Event::Hands(r, on)),
        8 => role().prop_map(Event::EditorHears),
        8 => role().prop_map(Event::DaemonHears),
        1 => role().prop_map(Event::Disconnect),
        2 => role().prop_map(Event::Connect),
        3 => (0..900_u64).prop_map(Event::Time),
    ]
}

/// The edited objects of each editor, and their history.
#[derive(Default)]
struct Hands {
    now: Vec<u8>,
    are_anywhere: bool,
    left: Vec<(Vec<u8>, bool, u64)>,
}

impl Hands {
    fn go(&mut self, on: Option<Vec<u8>>, now: u64) {
        let were = (self.now.clone(), self.are_anywhere, now);
        self.are_anywhere = on.is_none();
        self.now = on.unwrap_or_default();
        self.left.push(were);
    }

    fn are_on(&self, uuid: Uuid, now: u64) -> bool {
        let names = |all: &[u8]| all.iter().any(|who| uuid_of(*who) == uuid);
        let lately = self
            .left
            .iter()
            .any(|(on, anywhere, at)| now < at + IDLE_MS && (*anywhere || names(on)));
        self.are_anywhere || names(&self.now) || lately
    }
}

struct Play {
    harness: Harness,
    agent: Agent,
    hands: BTreeMap<Role, Hands>,
    asked: Vec<OperationId>,
}

impl Play {
    fn new() -> Self {
        let mut harness = Harness::connected();
        let agent = Agent::connect(&mut harness);
        Self {
            harness,
            agent,
            hands: BTreeMap::new(),
            asked: Vec::new(),
        }
    }

    fn happen(&mut self, event: Event) {
        let now = self.harness.now;
        let harness = &mut self.harness;
        match event {
            Event::Person(role, edit) => {
                let changes = edit.changes(&harness.editor(role).entities);
                if !changes.is_empty() {
                    harness.edit(role, changes);
                }
            }
            Event::Agent(age, edit) => {
                let rows = harness.engine.scene().rows().filter(|row| !row.tombstone);
                let scene: Entities = rows
                    .map(|row| (row.entity.uuid, row.entity.clone()))
                    .collect();
                let changes = edit.changes(&scene);
                if !changes.is_empty() {
                    let base = harness.engine.head_seq().saturating_sub(age);
                    self.asked.push(self.agent.ask(harness, base, changes));
                }
            }
            Event::Hands(role, on) if harness.wires[&role].session.is_some() => {
                let state = match on.as_deref() {
                    Some([]) => EditorState::Ready,
                    _ => EditorState::Modal,
                };
                let objects = on.iter().flatten().map(|who| uuid_of(*who)).collect();
                let objects = on.is_some().then_some(objects);
                report_state(harness, role, state, objects);
                self.hands.entry(role).or_default().go(on, now);
            }
            Event::Hands(..) => {}
            Event::EditorHears(role) => harness.deliver_to_editor(role),
            Event::DaemonHears(role) => harness.deliver_to_daemon(role),
            Event::Disconnect(role) => {
                harness.disconnect(role);
                self.hands.remove(&role);
            }
            Event::Connect(role) => harness.connect(role),
            Event::Time(ms) => advance(harness, ms),
        }
    }

    /// Returns the agent's transactions since the log had so many records.
    fn begun(&self, since: usize) -> impl Iterator<Item = Uuid> {
        let records = self.harness.log[since..].iter();
        let begun = records.filter(|record| {
            record.phase == Phase::Begin && record.session_id == Some(self.agent.0)
        });
        begun.flat_map(|record| record.uuids.iter().copied())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_agent_transaction_begins_on_edited_objects(events in proptest::collection::vec(event(), 1..150)) {
        let mut play = Play::new();
        for event in events {
            let logged = play.harness.log.len();
            play.happen(event.clone());
            let now = play.harness.now;
            for uuid in play.begun(logged) {
                let held = play.hands.values().any(|hands| hands.are_on(uuid, now));
                prop_assert!(!held, "{:?} at {}: {}", event, now, uuid);
            }
        }
        for role in Role::EDITORS {
            play.harness.disconnect(role);
            play.harness.connect(role);
        }
        play.harness.settle();
        play.harness.assert_converged();
        prop_assert_eq!(play.harness.engine.status().waiting_intents, 0);
        for id in &play.asked {
            prop_assert!(answer(&play.harness, *id).is_some(), "every intent is answered");
        }
    }
}
