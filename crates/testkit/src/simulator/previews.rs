//! Previews in a run: they come at any moment, get lost, arrive late and in another order, and change nothing that is true.
//!
//! They have chances of their own, so that the same seed gives the same log with and without them.

use vibesync_engine::{Action, Input, PreviewUpdate};
use vibesync_protocol::{ClientMessage, DaemonMessage, Patch, PositionPatch, PreviewChange};
use vibesync_scene::{
    BlobId, ComponentSet, Components, Role, SessionId, Transform, Uuid, find_locked_change,
};

use super::draw::OBJECTS;
use super::plan::Plan;
use super::violation::{Check, must};
use super::world::World;
use crate::fakes::PREVIEW_MS;
use crate::fakes::change::{camera, light, material};
use crate::fakes::edit::{CAMERA, LIGHT, MATERIAL, data_of, uuid_of};
use crate::random::Random;

/// Most messages on their way to an editor; the oldest gives way.
const ON_THE_WAY: usize = 20;

/// The chances of previews.
pub struct SimPreviews {
    random: Random,
    /// Whether there are any.
    is_on: bool,
    /// The number of the newest preview.
    seq: u64,
}

impl SimPreviews {
    /// Returns the chances of a run.
    pub fn new(plan: &Plan) -> Self {
        Self {
            random: Random::new(!plan.seed),
            is_on: plan.previews,
            seq: 0,
        }
    }

    /// Lets some previews be sent, arrive, or get lost.
    pub fn happen(&mut self, world: &mut World) -> Check {
        if !self.is_on {
            return Ok(());
        }
        world.let_editors_put_back(0);
        for _ in 0..self.random.up_to(5) {
            let role = self.random.one_of(Role::EDITORS);
            match self.random.up_to(9) {
                0..=3 => {
                    let message = self.preview(world);
                    world.send_preview(role, message)?;
                }
                4 => {
                    let uuids = vec![self.uuid(), self.uuid()];
                    world.send_preview(role, ClientMessage::PreviewEnd { uuids })?;
                }
                5 => world.lose_preview(role, self.random.up_to(ON_THE_WAY)),
                _ => world.show_preview(role, self.random.up_to(ON_THE_WAY)),
            }
        }
        Ok(())
    }

    /// Draws a preview; one of some is not newer than the last.
    fn preview(&mut self, world: &World) -> ClientMessage {
        self.seq += u64::from(!self.random.once_in(8));
        let count = 1 + self.random.up_to(3);
        ClientMessage::Preview {
            seq: self.seq,
            changes: (0..count).map(|_| self.change(world)).collect(),
        }
    }

    /// Draws a value. Some are about nothing that may be shown.
    fn change(&mut self, world: &World) -> PreviewChange {
        let uuid = self.uuid();
        if uuid == data_of(0) {
            return self.moved_vertex(uuid, world);
        }
        let of = match self.random.once_in(10) {
            true => self.uuid(),
            false => uuid,
        };
        let mut components = self.value(of);
        if self.random.once_in(10) {
            components.name = Some("shown".to_owned());
        }
        PreviewChange {
            uuid,
            components,
            positions: None,
        }
    }

    /// Draws a moved vertex of a mesh. Some have an older base, are no patch, or no number.
    fn moved_vertex(&mut self, uuid: Uuid, world: &World) -> PreviewChange {
        let role = self.random.one_of(Role::EDITORS);
        let held = world.ends.get(&role).map(|end| &end.person.editor.entities);
        let mesh = held.and_then(|held| held.get(&uuid)?.components.mesh.as_ref());
        let base = mesh.and_then(|mesh| mesh.buffers.get("position")?.blob);
        let x = self.random.one_of([0.5, 7.25, -3.0, f32::NAN]);
        let first = self.random.up_to(10) as u32;
        let words = [1, first, 1, x.to_bits()];
        let patch: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let positions = PositionPatch {
            base: base.unwrap_or_else(|| BlobId::hash(b"unknown")),
            bytes: 36,
            attachment: 0,
            patch: Patch(patch.into()),
        };
        PreviewChange {
            uuid,
            positions: Some(positions),
            ..PreviewChange::default()
        }
    }

    /// Draws a value for an entity of the kind that this one has.
    fn value(&mut self, of: Uuid) -> Components {
        let x = self.random.one_of([0.5, 7.25, -3.0, 1e8, 1e12, f64::NAN]);
        let data = [
            (LIGHT, light(of, x)),
            (CAMERA, camera(of, x)),
            (MATERIAL, material(of, x.abs() / 16.0)),
        ];
        let drawn = data.iter().find(|(which, _)| data_of(*which) == of);
        let created = drawn.and_then(|(_, create)| create.components());
        created.map_or_else(
            || Components {
                transform: Some(Transform {
                    translation: [x, 0.0, 0.0],
                    ..Transform::IDENTITY
                }),
                ..Components::default()
            },
            |created| created.only(ComponentSet::previewed()),
        )
    }

    /// Draws an object, a mesh, the light, the camera or the material.
    fn uuid(&mut self) -> Uuid {
        let data = [0, LIGHT, CAMERA, MATERIAL];
        let number = self.random.up_to(OBJECTS + data.len());
        match number.checked_sub(OBJECTS + 1).and_then(|at| data.get(at)) {
            Some(which) => data_of(*which),
            None => uuid_of(number as u8),
        }
    }
}

impl World {
    /// Lets an editor send a preview past all other messages.
    fn send_preview(&mut self, role: Role, message: ClientMessage) -> Check {
        let session = self.ends.get(&role).and_then(|end| end.session);
        let (Some(session), Some(daemon)) = (session, &mut self.daemon) else {
            return Ok(());
        };
        self.counts.one("previews sent");
        let message = Box::new(message);
        let actions = daemon.decide(Input::Message { session, message }, self.now);
        let strange = |it: &&Action| !matches!(it, Action::Preview { .. });
        let found = actions.iter().find(strange);
        must(
            found.is_none(),
            "a preview causes nothing but previews",
            || format!("{found:?}"),
        )?;
        for action in actions {
            self.check_shown(role, &action)?;
            self.put_on_the_way(action);
        }
        Ok(())
    }

    /// Checks that a receiver gets what it supports, and no field that another editor than the sender has locked.
    fn check_shown(&mut self, sender: Role, action: &Action) -> Check {
        let (Action::Preview { session, update }, Some(daemon)) = (action, &self.daemon) else {
            return Ok(());
        };
        let PreviewUpdate::Show { changes, .. } = update else {
            return Ok(());
        };
        let receiver = self.ends.values().find(|end| end.session == Some(*session));
        let supported = receiver.map(|end| end.person.editor.components().collect());
        let supported: ComponentSet = supported.unwrap_or_default();
        let (mut has_data, mut has_vertices) = (false, false);
        for change in changes {
            has_vertices |= change.positions.is_some();
            let shown = change.components.set();
            has_data |= !shown.contains("transform") && change.positions.is_none();
            let entity = daemon.engine.scene().live(change.uuid);
            let locked = entity
                .and_then(|it| find_locked_change(&change.components, &it.components, sender));
            let mesh = entity.and_then(|it| it.components.mesh.as_ref());
            let base = mesh.and_then(|mesh| mesh.buffers.get("position")?.blob);
            let is_of_base = change
                .positions
                .as_ref()
                .is_none_or(|it| Some(it.base) == base);
            let is_allowed = shown.without(supported).is_empty() && locked.is_none() && is_of_base;
            must(
                is_allowed && entity.is_some(),
                "a receiver may show what it gets",
                || format!("{change:?}"),
            )?;
        }
        if has_data {
            self.counts.one("previews of lights, cameras or materials");
        }
        if has_vertices {
            self.counts.one("previews of meshes");
        }
        Ok(())
    }

    /// Puts a preview of the daemon on its way to the editor. Any other action is none of its concern.
    pub fn put_on_the_way(&mut self, action: Action) {
        let Action::Preview { session, update } = action else {
            return;
        };
        let message = match update {
            PreviewUpdate::Show { from, changes } => DaemonMessage::Preview { from, changes },
            PreviewUpdate::End { uuids } => DaemonMessage::PreviewEnd { uuids },
        };
        self.queue_preview(session, message);
    }

    fn queue_preview(&mut self, session: SessionId, message: DaemonMessage) {
        let mut ends = self.ends.values_mut();
        if let Some(end) = ends.find(|end| end.session == Some(session)) {
            end.previews.push(message);
            if end.previews.len() > ON_THE_WAY {
                end.previews.remove(0);
            }
        }
    }

    fn take_preview(&mut self, role: Role, at: usize) -> Option<DaemonMessage> {
        let previews = &mut self.ends.get_mut(&role)?.previews;
        (!previews.is_empty()).then(|| previews.remove(at % previews.len()))
    }

    fn lose_preview(&mut self, role: Role, at: usize) {
        if self.take_preview(role, at).is_some() {
            self.counts.one("previews lost");
        }
    }

    fn show_preview(&mut self, role: Role, at: usize) {
        if let Some(message) = self.take_preview(role, at)
            && let Some(end) = self.ends.get_mut(&role)
        {
            end.person.editor.hear(message);
            if end.person.editor.shown().next().is_some() {
                self.counts.one("previews shown");
            }
        }
    }

    /// Lets the editors put back what is older than a second, so many milliseconds from now.
    fn let_editors_put_back(&mut self, later: u64) {
        for end in self.ends.values_mut() {
            let editor = &mut end.person.editor;
            editor.now = self.now + later;
            let before = editor.shown().count();
            editor.put_back_old();
            if editor.shown().count() < before {
                self.counts.one("previews put back after a second");
            }
        }
    }

    /// Lets the last previews arrive, and a second pass: then no editor shows one.
    pub fn end_previews(&mut self) -> Check {
        for role in Role::EDITORS {
            while self
                .ends
                .get(&role)
                .is_some_and(|end| !end.previews.is_empty())
            {
                self.show_preview(role, 0);
            }
        }
        self.let_editors_put_back(PREVIEW_MS);
        let mut ends = self.ends.values();
        let shows = ends.find(|end| end.person.editor.shown().next().is_some());
        must(shows.is_none(), "at rest no editor shows a preview", || {
            let shown = shows.map(|end| end.person.editor.shown().collect::<Vec<_>>());
            format!("{shown:?}")
        })
    }
}
