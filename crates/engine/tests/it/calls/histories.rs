//! Any history of calls: each call that began has one end, and each end one beginning.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;
use vibesync_protocol::{ClientMessage, EditorCommand};
use vibesync_scene::Role;

use super::stage::Stage;
use crate::agent::Agent;
use crate::harness::object;

/// One event of a history.
#[derive(Clone, Debug)]
enum Event {
    Call,
    Repeat,
    Change,
    Respond,
    Fail,
    Cancel,
    Wait(u64),
    LoseBlender,
    RestartBlender,
    CrashDaemon,
    LeaveAgent,
    ChangeAddon,
    Revoke,
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        6 => Just(Event::Call),
        2 => Just(Event::Repeat),
        4 => Just(Event::Change),
        4 => Just(Event::Respond),
        2 => Just(Event::Fail),
        1 => Just(Event::Cancel),
        2 => (1_u64..20_000).prop_map(Event::Wait),
        1 => Just(Event::LoseBlender),
        1 => Just(Event::RestartBlender),
        1 => Just(Event::CrashDaemon),
        1 => Just(Event::LeaveAgent),
        1 => Just(Event::ChangeAddon),
        1 => Just(Event::Revoke),
    ]
}

/// The commands that Blender has, whether they are over or not.
struct Run {
    stage: Stage,
    commands: Vec<EditorCommand>,
    asked: Vec<Uuid>,
    next: u128,
}

impl Run {
    fn happen(&mut self, event: &Event) {
        let newest = self.commands.last().cloned();
        match event {
            Event::Call => {
                let id = self.stage.call(json!({}));
                self.asked.push(id);
            }
            Event::Repeat => {
                if let Some(id) = self.asked.last() {
                    let mut command = self.stage.command(&json!({}));
                    command.request_id = Some(*id);
                    self.stage.ask(command);
                }
            }
            Event::Change => {
                if let Some(command) = newest {
                    self.next += 1;
                    let stone = object(Uuid::from_u128(self.next), "Stone", None);
                    self.stage.change(command.request_id, vec![stone]);
                }
            }
            Event::Respond => {
                if let Some(command) = newest {
                    self.stage.respond(&command, None);
                }
            }
            Event::Fail => {
                if let Some(command) = newest {
                    self.stage.fail(&command, "broken");
                }
            }
            Event::Cancel => {
                if let Some(request_id) = self.asked.last().copied() {
                    let agent = self.stage.agent.0;
                    self.stage
                        .send(agent, ClientMessage::CommandCancel { request_id });
                }
            }
            Event::Wait(ms) => self.stage.wait(*ms),
            Event::LoseBlender => {
                self.stage.harness.disconnect(Role::Blender);
                self.stage.harness.connect(Role::Blender);
            }
            Event::RestartBlender => self.stage.restart_blender(),
            Event::CrashDaemon => self.stage.crash(),
            Event::LeaveAgent => self.stage.agent = Agent::connect(&mut self.stage.harness),
            Event::ChangeAddon => {
                self.stage.addon.code.push('.');
                self.stage.list_own();
                let _ = self.stage.allow(|_| {});
            }
            Event::Revoke => {
                self.stage.revoke();
                let _ = self.stage.allow(|_| {});
            }
        }
        self.commands.extend(self.stage.commands());
    }

    fn check(&mut self) {
        // More than the deadline of any call.
        self.stage.wait(31 * 60_000);
        self.stage.harness.settle();
        let begun: Vec<Uuid> = self.stage.begun().iter().map(|it| it.request_id).collect();
        let mut ends: BTreeMap<Uuid, usize> = BTreeMap::new();
        for logged in self.stage.ended() {
            *ends.entry(logged.end.request_id).or_default() += 1;
        }
        assert_eq!(
            begun.len(),
            ends.len(),
            "calls without end, or ends without call"
        );
        for id in begun {
            assert_eq!(ends.get(&id), Some(&1), "{id}");
        }
        let replay = self.stage.harness.replay();
        assert_eq!(replay.calls.open().count(), 0);
        for logged in self.stage.ended() {
            if let Some(operation) = logged.operation {
                let phases = self.stage.harness.phases(operation);
                assert!(phases.contains(&vibesync_scene::Phase::Begin));
            }
        }
        self.stage.harness.assert_converged();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn each_call_has_one_end(events in prop::collection::vec(event(), 1..60)) {
        let mut run = Run {
            stage: Stage::allowed(),
            commands: Vec::new(),
            asked: Vec::new(),
            next: 5_000,
        };
        events.iter().for_each(|event| run.happen(event));
        run.check();
    }
}
