//! Previews in a random history: of anything, on any connection, at any moment; lost, late and in another order.

use std::collections::BTreeMap;

use proptest::prelude::*;
use vibesync_engine::{Action, Input};
use vibesync_protocol::{ClientMessage, PreviewChange};
use vibesync_scene::{ComponentSet, Components, Role, SessionId, Transform, Uuid};
use vibesync_testkit::change::{camera, light, material};
use vibesync_testkit::edit::{CAMERA, LIGHT, MATERIAL, data_of, uuid_of};
use vibesync_testkit::fakes::PREVIEW_MS;

use super::role;
use crate::harness::Harness;

#[derive(Clone, Debug)]
pub enum PreviewEvent {
    /// An editor shows values: of which entities, of which kinds, along which number.
    Send(Role, Vec<(u8, u8, i8)>),
    /// An editor ends some.
    End(Role, [u8; 2]),
    /// One of those on their way arrives, not always the oldest.
    Arrive(Role, u8),
    /// One of them is lost.
    Lose(Role, u8),
    /// A message of this kind comes on a connection that is closed.
    Late(Role, u8),
}

/// Number of the entities that previews may name: six objects, five that show data or are data, and an unknown one.
const ENTITIES: u8 = 12;

pub fn preview_event() -> impl Strategy<Value = PreviewEvent> {
    let entity = || 0..ENTITIES;
    // Most values are of the kind that the entity has.
    let value = prop_oneof![
        6 => (entity(), any::<i8>()).prop_map(|(which, x)| (which, which, x)),
        1 => (entity(), entity(), any::<i8>()),
    ];
    prop_oneof![
        4 => (role(), proptest::collection::vec(value, 0..4)).prop_map(|(r, it)| PreviewEvent::Send(r, it)),
        1 => (role(), entity(), entity()).prop_map(|(r, a, b)| PreviewEvent::End(r, [a, b])),
        4 => (role(), any::<u8>()).prop_map(|(r, at)| PreviewEvent::Arrive(r, at)),
        1 => (role(), any::<u8>()).prop_map(|(r, at)| PreviewEvent::Lose(r, at)),
        1 => (role(), entity()).prop_map(|(r, which)| PreviewEvent::Late(r, which)),
    ]
}

/// The senders of previews.
#[derive(Default)]
pub struct Previewing {
    seq: u64,
    /// The last connection of each editor.
    sessions: BTreeMap<Role, SessionId>,
    /// Numbers of previews that were passed on, and that an editor has shown.
    pub passed: u64,
    pub shown: u64,
}

impl Previewing {
    pub fn happen(&mut self, harness: &mut Harness, event: PreviewEvent) {
        match event {
            PreviewEvent::Send(role, values) => {
                // One of some is not newer than the last.
                self.seq += u64::from(!values.is_empty());
                let changes = values.iter().map(|it| value(*it)).collect();
                let seq = self.seq;
                self.send(harness, role, ClientMessage::Preview { seq, changes });
            }
            PreviewEvent::End(role, which) => {
                let uuids = which.map(entity).to_vec();
                self.send(harness, role, ClientMessage::PreviewEnd { uuids });
            }
            PreviewEvent::Arrive(role, at) => {
                harness.deliver_preview(role, at.into());
                self.shown += u64::from(harness.editor(role).shown().next().is_some());
            }
            PreviewEvent::Lose(role, at) => drop(harness.take_preview(role, at.into())),
            PreviewEvent::Late(role, which) => {
                if let Some(session) = self.sessions.get(&role).copied() {
                    let changes = vec![value((which, which, 1))];
                    let seq = self.seq + 1;
                    self.step(harness, session, ClientMessage::Preview { seq, changes });
                }
            }
        }
    }

    fn send(&mut self, harness: &mut Harness, role: Role, message: ClientMessage) {
        if let Some(session) = harness.wires[&role].session {
            self.sessions.insert(role, session);
            self.step(harness, session, message);
        }
    }

    /// Lets the daemon handle a preview, past all messages that wait. Nothing but previews may come of it.
    fn step(&mut self, harness: &mut Harness, session: SessionId, message: ClientMessage) {
        let (scene, deadline) = (
            harness.engine.scene().clone(),
            harness.engine.next_deadline(),
        );
        let message = Box::new(message);
        let input = Input::Message { session, message };
        let actions = harness.engine.step(input, harness.now);
        for action in &actions {
            let is_preview = matches!(action, Action::Preview { .. });
            assert!(is_preview, "a preview causes nothing else: {action:?}");
        }
        assert_eq!(harness.engine.scene(), &scene);
        assert_eq!(harness.engine.next_deadline(), deadline);
        self.passed += actions.len() as u64;
        harness.run(actions);
    }
}

/// Lets the editors put back what is as old, now or so many milliseconds later.
pub fn put_back_old(harness: &mut Harness, later: u64) {
    let now = harness.now + later;
    for wire in harness.wires.values_mut() {
        wire.editor.now = now;
        wire.editor.put_back_old();
    }
}

/// Lets the last previews arrive, and the second pass after which no editor shows one.
pub fn end(harness: &mut Harness) {
    for role in Role::EDITORS {
        while !harness.wires[&role].previews.is_empty() {
            harness.deliver_preview(role, 0);
        }
    }
    put_back_old(harness, PREVIEW_MS);
    for role in Role::EDITORS {
        assert_eq!(harness.editor(role).shown().count(), 0, "{role:?}");
    }
}

fn entity(which: u8) -> Uuid {
    match which {
        0..=5 => uuid_of(which),
        6..=10 => data_of(which - 6),
        _ => Uuid::from_u128(77),
    }
}

/// Returns a value of the kind that `like` has, for an entity.
fn value((which, like, x): (u8, u8, i8)) -> PreviewChange {
    let uuid = entity(which);
    let number = f64::from(x);
    let data = [
        (LIGHT, light(uuid, number)),
        (CAMERA, camera(uuid, number)),
        (MATERIAL, material(uuid, number.abs() / 128.0)),
    ];
    let drawn = data.iter().find(|(kind, _)| data_of(*kind) == entity(like));
    let created = drawn.and_then(|(_, create)| create.components());
    let mut components = created.map_or_else(
        || Components {
            transform: Some(Transform {
                translation: [number, 0.0, 0.0],
                ..Transform::IDENTITY
            }),
            ..Components::default()
        },
        |created| created.only(ComponentSet::previewed()),
    );
    if x % 16 == 7 {
        // That may not be shown.
        components.name = Some("shown".to_owned());
    }
    PreviewChange {
        uuid,
        components,
        positions: None,
    }
}
