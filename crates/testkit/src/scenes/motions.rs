//! Actions at random: curves of every form, for the objects, the joints and the meshes of a scene.

use std::collections::BTreeMap;

use vibesync_scene::{
    ActionChannel, ActionSlot, Animation, Components, CurveRun, EntityKind, Extrapolation,
    FrameRate, KeyedAction, Uuid,
};

use super::Artist;

/// The last frame of each action.
const LAST: f64 = 12.0;

/// A key: time, value, both handles, and the interpolation.
type Key = ([f64; 6], u32);

/// The forms of the curves of one value.
#[derive(Clone, Copy, PartialEq)]
enum Form {
    Constant,
    Linear,
    /// With handles at thirds.
    Cubic,
    /// With any handles, and keys at other times than the other numbers of the value.
    Free,
    /// Values at whole frames.
    Locked,
}

/// The channels of an action in work, with the numbers of their curves.
#[derive(Default)]
struct Draft {
    channels: Vec<(ActionChannel, Vec<Key>, Vec<f64>)>,
}

impl Artist {
    /// Adds an action for each object and each mesh with keys, and has them play it. All have one rate: readers have one.
    pub(super) fn add_actions(&mut self) {
        let (num, den) = self.random.one_of([(24, 1), (30_000, 1_001), (60, 1)]);
        let fps = FrameRate { num, den };
        let entities = self.scene.entities.iter();
        let players = entities.filter(|entity| {
            let shapes = entity.components.shapes.is_some();
            entity.kind == EntityKind::Object || shapes
        });
        let players: Vec<(Uuid, EntityKind)> = players.map(|it| (it.uuid, it.kind)).collect();
        for (uuid, kind) in players {
            if self.random.once_in(4) {
                continue;
            }
            let mut draft = Draft::default();
            match kind {
                EntityKind::Mesh => self.move_keys(&mut draft, uuid),
                _ => self.move_object(&mut draft, uuid),
            }
            if !draft.channels.is_empty() {
                let action = self.action(kind, draft, fps);
                let played = Animation {
                    action: Some(action),
                    slot: Some(3),
                };
                let animation = Some(Box::new(played));
                let components = Components {
                    animation,
                    ..Components::default()
                };
                self.add_components(uuid, &components);
            }
        }
    }

    fn move_object(&mut self, draft: &mut Draft, object: Uuid) {
        self.move_place(draft, None);
        let pose = self.components(object).pose;
        for joint in pose.map(|it| it.joints).unwrap_or_default().into_keys() {
            if self.random.once_in(2) {
                self.move_place(draft, Some(joint));
            }
        }
    }

    fn move_place(&mut self, draft: &mut Draft, joint: Option<Uuid>) {
        let distance = if joint.is_some() { 0.5 } else { 5.0 };
        self.move_numbers(draft, "translation", joint, 3, distance);
        if !self.is_plain && self.random.once_in(3) {
            self.move_numbers(draft, "scale", joint, 3, 0.2);
        }
        match self.random.up_to(2) {
            0 => self.turn(draft, joint),
            1 if joint.is_none() => self.move_numbers(draft, "euler", joint, 3, 3.0),
            _ => {}
        }
    }

    /// Adds channels for some numbers of a value. All have one form; a missing one does not move.
    fn move_numbers(
        &mut self,
        draft: &mut Draft,
        path: &str,
        joint: Option<Uuid>,
        count: u8,
        most: f64,
    ) {
        let form = self.form();
        let times = self.times(form);
        for component in 0..count {
            if self.random.once_in(5) {
                continue;
            }
            let own = match form {
                Form::Free => self.times(form),
                _ => times.clone(),
            };
            let middle = if path == "scale" { 1.0 } else { 0.0 };
            let values = own.iter().map(|_| middle + self.between(-most, most));
            let values = values.collect();
            self.add_channel(draft, (path, joint, None, component), form, (&own, values));
        }
    }

    /// Adds the channels of a quaternion whose keys are units.
    fn turn(&mut self, draft: &mut Draft, joint: Option<Uuid>) {
        let form = match self.form() {
            Form::Linear | Form::Free if self.is_plain => Form::Constant,
            Form::Free => Form::Cubic,
            form => form,
        };
        let times = self.times(form);
        let turns: Vec<[f64; 4]> = times.iter().map(|_| self.transform().rotation).collect();
        for component in 0..4_u8 {
            let numbers = turns
                .iter()
                .map(|it| it.get(usize::from(component)).copied());
            let values = numbers.map(Option::unwrap_or_default).collect();
            let address = ("rotation", joint, None, component);
            self.add_channel(draft, address, form, (&times, values));
        }
    }

    fn move_keys(&mut self, draft: &mut Draft, mesh: Uuid) {
        let shapes = self.components(mesh).shapes;
        let form = self.form();
        let times = self.times(form);
        for key in shapes.map(|it| it.keys).unwrap_or_default() {
            if !self.random.once_in(3) {
                let values = times.iter().map(|_| self.between(0.2, 0.8)).collect();
                let address = ("shape", None, Some(key.name), 0);
                self.add_channel(draft, address, form, (&times, values));
            }
        }
    }

    fn form(&mut self) -> Form {
        let all = [
            Form::Constant,
            Form::Linear,
            Form::Cubic,
            Form::Free,
            Form::Locked,
        ];
        match self.random.one_of(all) {
            Form::Cubic if self.is_plain => Form::Free,
            form => form,
        }
    }

    /// Returns rising times. Those of constant keys are between frames, where readers cannot disagree about the value.
    fn times(&mut self, form: Form) -> Vec<f64> {
        if form == Form::Locked {
            return (0..=LAST as u8).map(f64::from).collect();
        }
        let mut frames: Vec<f64> = (1..LAST as u8).map(f64::from).collect();
        frames.retain(|_| self.random.once_in(3));
        frames.push(LAST);
        let shift = match form {
            Form::Constant => 0.5,
            Form::Free => self.between(0.0, 0.9),
            _ => 0.0,
        };
        frames.into_iter().map(|frame| frame - shift).collect()
    }

    fn add_channel(
        &mut self,
        draft: &mut Draft,
        (path, joint, key, component): (&str, Option<Uuid>, Option<String>, u8),
        form: Form,
        (times, values): (&[f64], Vec<f64>),
    ) {
        let channel = ActionChannel {
            path: path.to_owned(),
            joint,
            key,
            component,
            extrapolation: [Extrapolation::Constant; 2],
            curve: CurveRun {
                start: 0,
                count: values.len() as u32,
            },
            locked: form == Form::Locked,
        };
        if form == Form::Locked {
            draft.channels.push((channel, Vec::new(), values));
            return;
        }
        let mut keys = Vec::new();
        for (at, (time, value)) in times.iter().zip(&values).enumerate() {
            let before = at.checked_sub(1).and_then(|at| times.get(at));
            let gaps = [before, times.get(at + 1)].map(|it| it.map_or(1.0, |it| (it - time).abs()));
            let mut handle = |gap: f64| {
                let part = if form == Form::Free {
                    self.between(0.0, 1.4)
                } else {
                    1.0 / 3.0
                };
                (gap * part, self.between(-0.05, 0.05))
            };
            let ([to_before, to_behind], interpolation) = match form {
                Form::Constant => ([(0.0, 0.0); 2], 0),
                Form::Linear => ([(0.0, 0.0); 2], 1),
                _ => (gaps.map(&mut handle), 2),
            };
            let numbers = [
                *time,
                *value,
                time - to_before.0,
                value + to_before.1,
                time + to_behind.0,
                value + to_behind.1,
            ];
            keys.push((numbers, interpolation));
        }
        draft.channels.push((channel, keys, Vec::new()));
    }

    fn action(&mut self, kind: EntityKind, draft: Draft, fps: FrameRate) -> Uuid {
        let mut channels = draft.channels;
        channels.sort_by(|(a, ..), (b, ..)| {
            let address =
                |it: &ActionChannel| (it.path.clone(), it.joint, it.key.clone(), it.component);
            address(a).cmp(&address(b))
        });
        let (mut keys, mut samples, mut starts) = (Vec::new(), Vec::new(), [0, 0]);
        let mut placed = Vec::new();
        for (mut channel, own_keys, own_samples) in channels {
            let [key, sample] = &mut starts;
            let start = if channel.locked { sample } else { key };
            channel.curve.start = *start;
            *start += channel.curve.count;
            for (numbers, interpolation) in own_keys {
                keys.extend(numbers.iter().flat_map(|it| (*it as f32).to_le_bytes()));
                keys.extend(interpolation.to_le_bytes());
            }
            samples.extend(own_samples.iter().flat_map(|it| (*it as f32).to_le_bytes()));
            placed.push(channel);
        }
        let mut buffers = BTreeMap::new();
        for (name, bytes) in [("keys", keys), ("samples", samples)] {
            if !bytes.is_empty() {
                buffers.insert(name.to_owned(), self.store(bytes));
            }
        }
        let action = KeyedAction {
            fps,
            range: [0.0, LAST],
            is_loop: false,
            slots: vec![ActionSlot {
                id: 3,
                kind,
                channels: placed,
            }],
            buffers,
        };
        let components = Components {
            action: Some(Box::new(action)),
            ..Components::default()
        };
        self.add(EntityKind::Action, "Action", components)
    }
}
